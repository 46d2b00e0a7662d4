import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { type DynamoProxy, startProxy } from '../support/dynamo-proxy.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { alertOf, deliver, simulator } from '../support/webhook.ts';

describe('round trips before an order leaves, warm', () => {
  const dataDir = temporaryFolder();
  let engine: Awaited<ReturnType<typeof startEngine>>;
  let proxy: DynamoProxy;
  let local: Local;

  before(async () => {
    engine = await startEngine(readSettings({ PORT: '0', DATA_DIR: dataDir }), () => {});
    proxy = await startProxy(engine.endpoint);
    local = await startLocal({ env: { DYNAMODB_ENDPOINT: proxy.url } });
    // Warm: the runtime runs, secrets are read, the strategy's record and the symbol's rules are stored.
    await deliver(local, alertOf({ quoteQuantity: '5', id: 'warms' }));
  });
  after(async () => {
    await local.stop();
    await proxy.close();
    await engine.stop();
    removeFolder(dataDir);
  });

  test('a market buy by amount takes two to DynamoDB, none to Secrets Manager, none to the exchange', async () => {
    const secrets = local.secretReads();
    const seen = (await simulator(local.exchangeControlUrl, '/journal')).length;
    proxy.forget();
    // The read is answered once the ticket has been asked for: who asks for one after the other waits for ever.
    const ticketAsked = Promise.withResolvers<void>();
    proxy.next('BatchGetItem', { kind: 'after', done: () => ticketAsked.promise });
    proxy.next('UpdateItem', { kind: 'after', done: async () => ticketAsked.resolve() });

    const { json } = await deliver(local, alertOf({ quoteQuantity: '5', id: 'counted' }));

    assert.equal(json.state, 'filled', JSON.stringify(json));
    const journal = (await simulator(local.exchangeControlUrl, '/journal')).slice(seen);
    assert.deepEqual(
      { method: journal[0].method, path: journal[0].path },
      { method: 'POST', path: '/api/v3/order' },
    );
    assert.equal(local.secretReads(), secrets);
    const commit = proxy.calls.find(({ operation }) => operation === 'TransactWriteItems');
    const before = proxy.calls.filter(({ arrived }) => arrived < commit!.arrived);
    assert.deepEqual(before.map(({ operation }) => operation).sort(), ['BatchGetItem', 'UpdateItem']);
    const [first, second] = before;
    assert.ok(second!.arrived < first!.answered!, 'the read and the ticket are asked for side by side');
    assert.ok(before.every(({ answered }) => answered! < commit!.arrived));
  });
});
