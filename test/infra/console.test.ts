import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Config } from '../../infra/config.ts';
import { consoleFiles } from '../../infra/console.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

test('without the console there is neither its route nor its files', (t) => {
  const outdir = temporaryFolder();
  t.after(() => removeFolder(outdir));
  const app = new App({ outdir });
  const stack = new MexcServerless(app, 'mexc-serverless', { config: Config.parse({ console: false }) });
  const routes = Object.values(Template.fromStack(stack).findResources('AWS::ApiGatewayV2::Route'));
  const keys = routes.map(({ Properties }) => String(Properties.RouteKey));

  assert.ok(keys.includes('GET /overview'));
  assert.deepEqual(
    keys.filter((key) => key === 'GET /' || key.startsWith('GET /console')),
    [],
  );
  const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  assert.ok(assets.length > 0);
  assert.ok(assets.every((name) => !existsSync(join(outdir, name, 'console'))));
});

test('the same sources give the same page, byte for byte', () => {
  assert.deepEqual(consoleFiles(), consoleFiles());
});
