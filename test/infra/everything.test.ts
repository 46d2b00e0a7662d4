import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Config } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const CONFIG = {
  strategies: { trend: { expectAlertEvery: 60 } },
  stream: { enabled: true, spot: true },
  budget: { monthlyUsd: 20 },
  notifications: {
    email: 'me@example.com',
    channels: { phone: { kind: 'telegram' }, letters: { kind: 'email', address: 'me@example.com' } },
  },
};

test('with everything switched on two templates are the same, byte for byte, without findings of the AWS Solutions pack', () => {
  const folders = [temporaryFolder(), temporaryFolder()];
  process.on('exit', () => folders.forEach(removeFolder));
  const [one, two] = folders.map((outdir) => {
    const app = new App({ outdir });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const functions = new URL('../support/local-functions/', import.meta.url);
    new MexcServerless(app, 'mexc-serverless', { config: Config.parse(CONFIG), functions });
    app.synth();
    return readFileSync(join(outdir, 'mexc-serverless.template.json'), 'utf8');
  });

  assert.equal(one, two);
});
