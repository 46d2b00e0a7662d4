import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { descendants, start, survivors } from '../support/local-processes.ts';
import { type Local, refusal, standInAssembly, startLocal } from '../support/local-stack.ts';

let assembly: string;
before(() => {
  assembly = standInAssembly();
});
after(() => removeFolder(assembly));

const post = async (url: string, body: unknown) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/webhook`, { method: 'POST', headers, body: JSON.stringify(body) });
  return JSON.parse(await response.text());
};

describe('a running stack', () => {
  let local: Local;
  before(async () => {
    local = await startLocal({ assembly, env: { WEBHOOK_TOKENS: '{"trend":["new-token","old-token"]}' } });
  });
  after(() => local.stop());

  test('leads a request through route, function, secret, table and another function', async () => {
    const answer = await post(local.url, { id: 'o1', state: 'filled' });

    assert.deepEqual(JSON.parse(answer.tokens), { trend: ['new-token', 'old-token'] });
    assert.deepEqual(
      { id: answer.id, state: answer.state, invoked: answer.invoked },
      { id: 'o1', state: 'filled', invoked: 202 },
    );
    const { payload } = await local.invoke('read-state', {});
    assert.deepEqual(JSON.parse(payload), { orders: [{ id: 'o1', state: 'filled' }] });
  });

  test('gives a function the names of its resources, and no value of ours', async () => {
    const { payload } = await local.invoke('read-state', { show: 'environment' });
    const environment = JSON.parse(payload);

    assert.equal(environment.ORDERS_TABLE, 'Orders');
    assert.match(environment.READ_TOKEN_SECRET, /^arn:aws:secretsmanager:.*:secret:ReadToken-/);
    for (const secret of [local.readToken, local.adminToken, 'new-token', 'old-token'])
      assert.ok(!payload.includes(secret));
    assert.equal(environment.HOME, undefined);
    assert.equal(environment.DATA_DIR, undefined);
  });

  test('has run the reconciler once before it was ready', () => {
    assert.match(local.logs().join('\n'), /reconcile-orders .*"Scheduled Event"/);
  });

  test('keeps what functions print in the log file, with the name in front', () => {
    assert.match(readFileSync(local.logFile, 'utf8'), /^\S+ reconcile-orders \{/m);
  });

  test('refuses a second start on its data, and on its port', async () => {
    assert.match(await refusal({ assembly, env: { DATA_DIR: local.dataDir } }), /is in use by process/);
    const { port } = new URL(local.url);
    assert.match(await refusal({ assembly, env: { PORT: port } }), /^PORT \d+ is in use on 127\.0\.0\.1/);
  });
});

describe('a template that lacks something', () => {
  /** The assembly with its template changed. */
  const changed = (
    change: (resources: Record<string, { Type: string; Properties: Record<string, unknown> }>) => void,
  ): string => {
    const folder = temporaryFolder();
    cpSync(assembly, folder, { recursive: true });
    const path = join(folder, 'mexc-serverless.template.json');
    const template = JSON.parse(readFileSync(path, 'utf8'));
    change(template.Resources);
    writeFileSync(path, JSON.stringify(template));
    return folder;
  };
  const refused = async (words: RegExp, change: Parameters<typeof changed>[0]): Promise<void> => {
    const folder = changed(change);
    try {
      assert.match(await refusal({ assembly: folder }), words);
    } finally {
      removeFolder(folder);
    }
  };

  test('a table', async () => {
    for (const table of ['Orders', 'Fills']) {
      await refused(
        new RegExp(`^The template has no table ${table}\\.$`),
        (resources) => delete resources[table],
      );
    }
  });

  test('a route', () =>
    refused(/The template has no route POST \/webhook\./, (resources) => delete resources.WebhookRoute));

  test('a function', () =>
    refused(/refers to ReadState, which it does not define/, (resources) => delete resources.ReadState));

  test('a schedule', () =>
    refused(
      /The template has no schedule for reconcile-orders\./,
      (resources) => delete resources.ReconcileSchedule,
    ));

  test('the right of a route to invoke its function', () =>
    refused(/Route POST \/webhook may not invoke place-order/, (resources) => {
      for (const [id, { Type, Properties }] of Object.entries(resources)) {
        if (Type === 'AWS::Lambda::Permission' && JSON.stringify(Properties).includes('/webhook'))
          delete resources[id];
      }
    }));

  test('an understanding of one of its resources', () =>
    refused(/Alerts \(AWS::Kinesis::Stream\)/, (resources) => {
      resources.Alerts = { Type: 'AWS::Kinesis::Stream', Properties: {} };
    }));
});

test('tables grow an index on the next start, and refuse other keys', async (t) => {
  const dataDir = temporaryFolder();
  const other = temporaryFolder();
  t.after(() => [dataDir, other].forEach(removeFolder));
  cpSync(assembly, other, { recursive: true });
  const path = join(other, 'mexc-serverless.template.json');
  const rewrite = (change: (properties: Record<string, unknown[]>) => void): void => {
    const template = JSON.parse(readFileSync(join(assembly, 'mexc-serverless.template.json'), 'utf8'));
    change(template.Resources.Fills.Properties);
    writeFileSync(path, JSON.stringify(template));
  };
  const indexesAfterStart = async (folder: string): Promise<(string | undefined)[]> => {
    const { engine, stop } = await startLocal({ assembly: folder, env: { DATA_DIR: dataDir } });
    const client = new DynamoDBClient({
      endpoint: engine.endpoint,
      region: REGION,
      credentials: CREDENTIALS,
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'Fills' }));
    client.destroy();
    await stop();
    return (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  };

  rewrite((fills) => {
    fills.GlobalSecondaryIndexes = [];
    fills.AttributeDefinitions = fills.AttributeDefinitions?.slice(0, 2) ?? [];
  });
  assert.deepEqual(await indexesAfterStart(other), []);
  assert.deepEqual((await indexesAfterStart(assembly)).sort(), ['by-lane', 'by-order']);
  rewrite((fills) => {
    fills.KeySchema = [{ AttributeName: 'order', KeyType: 'HASH' }];
  });
  assert.match(
    await refusal({ assembly: other, env: { DATA_DIR: dataDir } }),
    /Table Fills has the keys HASH symbol, RANGE tradeId in the database/,
  );
});

test('kill -9 leaves no process, and the next start goes on with the data', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const dataDir = temporaryFolder();
  t.after(() => removeFolder(dataDir));
  const first = start('test/support/local-child.ts', [assembly, dataDir]);
  const [, url = ''] = await first.seen(/ready (\S+)/);
  await post(url, { id: 'kept', state: 'filled' });
  const pid = first.child.pid ?? 0;
  const family = descendants(pid);
  assert.ok(family.length >= 5, `a guard, an engine and three runtimes: ${family}`);

  first.child.kill('SIGKILL');
  assert.deepEqual(await survivors([pid, ...family], 5000), []);
  await first.ended; // until then its process id still answers

  const second = await startLocal({ assembly, env: { DATA_DIR: dataDir } });
  t.after(() => second.stop());
  assert.equal((await post(second.url, { id: 'kept', state: 'open' })).duplicate, true);
});
