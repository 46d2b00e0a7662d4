import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, readConfig } from './config.ts';
import { estimate, inOneLine, regionOf, withinBudget } from './cost/estimate.ts';
import { MexcServerless } from './stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

try {
  const config = readConfig({ path: process.env.CONFIG, context: app.node.tryGetContext('mexc') });
  // No `env`: the template fits any account and region, and synthesizes without network or credentials.
  const stack = new MexcServerless(app, 'mexc-serverless', { config });
  const { template } = app.synth().getStackArtifact(stack.artifactId);
  const region = process.env.CDK_DEFAULT_REGION ?? process.env.AWS_REGION;
  // Not to standard output: that is the template's.
  console.error(inOneLine(withinBudget(config, estimate(config, template, regionOf(region)))));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
