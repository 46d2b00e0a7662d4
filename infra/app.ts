import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, readConfig } from './config.ts';
import { MexcServerless } from './stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

try {
  const config = readConfig({ path: process.env.CONFIG, context: app.node.tryGetContext('mexc') });
  // No `env`: the template fits any account and region, and synthesizes without network or credentials.
  new MexcServerless(app, 'mexc-serverless', { config });
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
