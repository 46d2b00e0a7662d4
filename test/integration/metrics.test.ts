import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { METRIC_NAMESPACE, METRICS } from '../../lib/runtime/metric-names.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { alertOf, deliver } from '../support/webhook.ts';

const Line = z
  .object({
    _aws: z.object({
      Timestamp: z.number(),
      CloudWatchMetrics: z.tuple([
        z.object({
          Namespace: z.literal(METRIC_NAMESPACE),
          Dimensions: z.tuple([z.tuple([])]),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
        }),
      ]),
    }),
  })
  .catchall(z.number());

describe('what a running stack says of itself', { timeout: 120_000 }, () => {
  const parts = new AsyncDisposableStack();
  let local: Local;

  before(async () => {
    const folder = parts.adopt(temporaryFolder(), removeFolder);
    const CONFIG = join(folder, 'config.json');
    const channels = { letters: { kind: 'email', address: 'me@example.com', events: ['filled'] } };
    const strategies = { demo: { expectAlertEvery: 60 } };
    writeFileSync(CONFIG, JSON.stringify({ strategies, symbols: ['SOLUSDT'], notifications: { channels } }));
    local = await startLocal({ env: { CONFIG } });
    parts.defer(() => local.stop());
  });
  after(() => parts.disposeAsync());

  /** Values by function and metric, in order. */
  const said = (): Record<string, number[]> => {
    const values: Record<string, number[]> = {};
    for (const entry of local.logs()) {
      const [, part = '', text = ''] = /^\S+ (\S+) (\{"_aws".*)$/.exec(entry) ?? [];
      if (!text) continue;
      const { _aws, ...numbers } = Line.parse(JSON.parse(text));
      const named = _aws.CloudWatchMetrics[0].Metrics.map(({ Name }) => Name);
      assert.deepEqual(Object.keys(numbers).sort(), named.toSorted());
      for (const [name, value] of Object.entries(numbers))
        values[`${part} ${name}`] = [...(values[`${part} ${name}`] ?? []), value];
    }
    return values;
  };

  const setReadKey = async (value: string): Promise<void> => {
    const client = new SecretsManagerClient({
      endpoint: local.secretsUrl,
      region: REGION,
      credentials: CREDENTIALS,
    });
    await client.send(new PutSecretValueCommand({ SecretId: 'ReadKey', SecretString: value }));
    client.destroy();
  };

  const run = async (name: string): Promise<void> => {
    const { error, payload } = await local.invoke(name, {});
    assert.ok(!error, payload);
  };

  test('a scheduled run that fails is put aside with its error, and not run again', async () => {
    await setReadKey('not a key');
    const response = await fetch(`${local.url}/2015-03-31/functions/snapshot-balances/invocations`, {
      method: 'POST',
      headers: { 'x-amz-invocation-type': 'Event' },
      body: '{"from":"the test"}',
    });
    assert.equal(response.status, 202);

    const sqs = new SQSClient({ endpoint: local.url, region: REGION, credentials: CREDENTIALS });
    const QueueUrl = `${local.url}/000000000000/FailedRuns`;
    const message = await waitFor('the failed run is in the queue', async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages[0];
    });
    sqs.destroy();

    const { requestContext, requestPayload, responsePayload } = JSON.parse(message.Body ?? '');
    assert.match(requestContext.functionArn, /:function:snapshot-balances:\$LATEST$/);
    assert.deepEqual(
      [requestContext.condition, requestContext.approximateInvokeCount, requestPayload],
      ['RetriesExhausted', 1, { from: 'the test' }],
    );
    assert.match(responsePayload.errorMessage, /does not have the expected form/);
    await setReadKey(JSON.stringify(SIMULATOR_KEYS.read));
  });

  test('every function says its metrics, none beyond the list, and none of a strategy or a symbol', async () => {
    const filled = await deliver(local, alertOf({ quoteQuantity: '20' }));
    assert.equal(filled.json.state, 'filled', filled.text);
    assert.equal((await deliver(local, alertOf({ quantity: '0.1', stop: '1' }))).status, 422);
    assert.equal((await deliver(local, alertOf({ token: 'a wrong one' }))).status, 401);
    for (const name of ['reconcile-orders', 'snapshot-balances', 'pull-klines']) await run(name);

    const values = said();

    assert.deepEqual(values['place-order RefusedAlerts'], [1, 1]);
    assert.deepEqual(values['reconcile-orders UnknownOrderAge']?.at(-1), 0);
    assert.deepEqual(values['reconcile-orders OverdueAlerts']?.at(-1), 0);
    assert.deepEqual(values['pull-klines CandleHoles'], [0]);
    assert.deepEqual(values['snapshot-balances UnexplainedBalance'], [0]);
    assert.ok((values['snapshot-balances Equity']?.[0] ?? 0) > 0);
    for (const name of ['reconcile-orders', 'snapshot-balances', 'pull-klines'])
      assert.ok((values[`${name} WeightUsed`]?.[0] ?? 0) > 0, name);
    const names = new Set(Object.keys(values).map((each) => each.split(' ')[1] ?? ''));
    for (const name of names) assert.ok(Object.hasOwn(METRICS, name), name);
    assert.ok(names.size <= 10);
  });

  test('each key is asked for its days once, whoever runs how often', async () => {
    for (const name of ['reconcile-orders', 'snapshot-balances', 'reconcile-orders']) await run(name);

    const values = said();

    assert.equal(values['reconcile-orders KeyDaysLeft']?.length, 1);
    assert.equal(values['snapshot-balances KeyDaysLeft']?.length, 1);
  });

  test('the log has every order by the state it came into', () => {
    const states = local
      .logs()
      .filter((line) => line.includes('"orders came into a state"'))
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))).state);

    assert.ok(states.includes('filled'));
  });

  test('an order event becomes an e-mail to the address of its channel', async () => {
    const line = await waitFor('the e-mail is sent', () =>
      local.logs().find((each) => each.includes(' e-mail {')),
    );

    const { to, subject, text } = JSON.parse(line.slice(line.indexOf('{')));
    assert.equal(to, 'me@example.com');
    assert.equal(subject, 'Filled: market buy SOLUSDT');
    assert.match(text, /^Filled: market buy SOLUSDT\nstrategy: demo\n.*\nevent: m[a-z2-7]{25}\/\d+$/s);
  });
});
