import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { alertOf, deliver, ordersOnExchange, readApi } from '../support/webhook.ts';

/** Their rules are read at once, by the first run of the reconciler: one by one they would use up the exchange's budget. */
const SYMBOLS = ['SOLUSDT', 'BTCUSDT', 'PAUSEDUSDT', 'NOMARKETUSDT', '币安人生USDT'];

describe('alerts that cancel, test, repeat an id, or name what cannot be traded', () => {
  const folder = temporaryFolder();
  let local: Local;
  before(async () => {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ symbols: SYMBOLS, strategies: { demo: {} } }));
    local = await startLocal({ env: { CONFIG: config } });
    await local.invoke('reconcile-orders', {});
  });
  after(async () => {
    await local.stop();
    removeFolder(folder);
  });

  test('an order below the minimum names the nearest that would pass', async () => {
    const { json } = await deliver(local, alertOf({ quoteQuantity: '0.5', id: 'too-small' }));

    assert.deepEqual(json.error.nearest, { quoteQuantity: '1' }, JSON.stringify(json));
  });

  test('a cancel alert that is too old cancels nothing, and neither does a test of one', async () => {
    const resting = await deliver(
      local,
      alertOf({ type: 'limit', price: '139', quantity: '0.3', id: 'stays' }),
    );

    const old = await deliver(
      local,
      alertOf({ action: 'cancel', id: 'old-cancel', time: Date.now() - 120_000 }),
    );
    const tested = await deliver(local, alertOf({ action: 'cancel', id: 'test-cancel', test: true }));

    assert.deepEqual([old.status, old.json.error.code], [422, 'stale']);
    assert.deepEqual([tested.status, tested.json.state], [200, 'tested']);
    assert.equal((await readApi(local, `/orders/${resting.json.id}`)).json.state, 'open');
    await deliver(local, alertOf({ action: 'cancel', id: 'cleans-up' }));
  });

  test('a test of an exit is sized on what the strategy really holds', async () => {
    await deliver(local, alertOf({ quantity: '0.4', id: 'holds' }));
    await local.invoke('reconcile-orders', {});

    const { json } = await deliver(
      local,
      alertOf({ action: 'sell', percent: '50', id: 'test-exit', test: true }),
    );

    assert.deepEqual([json.state, json.side], ['tested', 'sell'], JSON.stringify(json));
    assert.ok(Number(json.quantity) > 0);
  });

  test('a test alert goes to the test endpoint and ends tested', async () => {
    const { json } = await deliver(local, alertOf({ quoteQuantity: '20', test: true, id: 'only-a-test' }));

    assert.equal(json.state, 'tested', JSON.stringify(json));
    assert.equal((await ordersOnExchange(local.exchangeControlUrl)).includes(json.clientOrderId), false);
  });

  test('the same id with other content is refused, kept, and sends nothing', async () => {
    const first = await deliver(local, alertOf({ quoteQuantity: '20', id: 'Long' }));
    const sent = (await ordersOnExchange(local.exchangeControlUrl)).length;

    const second = await deliver(local, alertOf({ quoteQuantity: '21', id: 'Long' }));

    assert.deepEqual(
      { status: second.status, code: second.json.error.code, id: second.json.id },
      { status: 409, code: 'id_reused', id: first.json.id },
    );
    assert.equal((await ordersOnExchange(local.exchangeControlUrl)).length, sent);
    const { orders } = (await readApi(local, '/orders?state=refused')).json;
    assert.equal(orders.filter((order: { code: string }) => order.code === 'id_reused').length, 1);
  });

  for (const [symbol, why] of [
    ['BTCUSDT', /not open to orders over the API/],
    ['PAUSEDUSDT', /paused/],
    ['NOMARKETUSDT', /no market orders/],
    ['NOSUCHUSDT', /not a symbol/],
  ] as const) {
    test(`${symbol} is refused before anything is sent`, async () => {
      const { status, json } = await deliver(
        local,
        alertOf({ symbol, quoteQuantity: '20', id: `closed-${symbol}` }),
      );

      assert.deepEqual(
        { status, code: json.error.code },
        { status: 422, code: 'rules' },
        JSON.stringify(json),
      );
      assert.match(json.error.message, why);
    });
  }

  test('a symbol with a Chinese name is bought like any other', async () => {
    const { json: answer } = await deliver(
      local,
      alertOf({ symbol: '币安人生USDT', quoteQuantity: '20', id: 'chinese' }),
    );
    // Where the budget of reads is used up by then, the fills are seen by the reconciler.
    await local.invoke('reconcile-orders', {});
    const { json } = await readApi(local, `/orders/${answer.id}`);

    assert.deepEqual(
      { state: json.state, symbol: json.symbol },
      { state: 'filled', symbol: '币安人生USDT' },
      JSON.stringify(json),
    );
  });
});
