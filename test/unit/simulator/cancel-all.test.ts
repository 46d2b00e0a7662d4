import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, BUY, openBench, START } from './simulator-client.ts';

const SYMBOLS = ['SOLUSDT', 'XRPUSDT', 'MXUSDT', 'METALUSDT', 'PAUSEDUSDT', 'NOMARKETUSDT'];
const XRP = { symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT', quantity: '10', price: '2.0000' };

const open = async (bench: Bench, params: Record<string, string> = {}) =>
  (await bench.signed('GET', '/api/v3/openOrders', params)).parsed;
const cancel = (bench: Bench, symbol: string) => bench.signed('DELETE', '/api/v3/openOrders', { symbol });

test('open orders are cancelled on up to five symbols, each shown as it was before', async () => {
  const bench = openBench();
  const { orderId } = (await bench.order({ ...BUY, newClientOrderId: 'mine' })).parsed;
  await bench.order(XRP);
  await bench.order({ ...XRP, symbol: 'MXUSDT', price: '1.9000' });

  const { status, parsed } = await cancel(bench, 'SOLUSDT,XRPUSDT');

  assert.equal(status, 200);
  assert.equal(parsed.length, 2);
  assert.deepEqual(parsed[0], {
    symbol: 'SOLUSDT',
    origClientOrderId: 'mine',
    orderId,
    price: '140',
    origQty: '1',
    executedQty: '0',
    cummulativeQuoteQty: '0',
    status: 'NEW',
    type: 'LIMIT',
    side: 'BUY',
  });
  assert.deepEqual(
    (await open(bench)).map((row: { symbol: string }) => row.symbol),
    ['MXUSDT'],
  );
  assert.deepEqual((await cancel(bench, 'SOLUSDT')).parsed, []);
});

test('six symbols are too many, an unknown one spoils the list, none at all is missing', async () => {
  const bench = openBench();
  await bench.order(BUY);

  for (const [symbol, code] of [
    [SYMBOLS.join(','), 33333],
    ['SOLUSDT,NOPEUSDT', 30014],
    ['SOLUSDT,', 30014],
    ['', 44444],
  ] as const) {
    const { status, parsed } = await cancel(bench, symbol);
    assert.deepEqual([status, parsed.code], [400, code], symbol);
  }
  assert.equal((await open(bench)).length, 1);
  assert.equal((await cancel(bench, SYMBOLS.slice(0, 5).join(','))).parsed.length, 1);
});

test('open orders are read for all symbols, for one and for several', async () => {
  const bench = openBench();
  await bench.order(BUY);
  await bench.order(XRP);
  await bench.order({ ...XRP, symbol: 'MXUSDT', price: '1.9000' });

  assert.equal((await open(bench)).length, 3);
  assert.equal((await open(bench, { symbol: 'XRPUSDT' })).length, 1);
  assert.equal((await open(bench, { symbol: 'XRPUSDT,SOLUSDT' })).length, 2);
  assert.equal((await open(bench, { symbol: SYMBOLS.join(',') })).code, 33333);
});

test('cancelling everything reaches every symbol and the orders of the app, and says nothing of them', async () => {
  const bench = openBench();
  await bench.order(BUY);
  await bench.order(XRP);
  bench.exchange.apply({
    do: 'order',
    with: { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', quantity: '0.01', price: '87500.00' },
  });
  assert.equal((await open(bench)).length, 3);

  const { status, parsed } = await bench.signed('DELETE', '/api/v3/order/all');

  assert.equal(status, 200);
  assert.deepEqual(parsed, { code: 200, msg: 'success', timestamp: START });
  assert.deepEqual(await open(bench), []);
  assert.ok(bench.exchange.truth().orders.every((order) => order.status === 'CANCELED'));
  assert.deepEqual((await bench.balances()).USDT, { free: '100000', locked: '0' });
  assert.equal((await bench.signed('DELETE', '/api/v3/order/all', { symbol: 'SOLUSDT' })).parsed.code, 33333);
});

test('nobody else loses an order when an account cancels everything', async () => {
  const key = { accessKey: 'mx0otheraccount', secretKey: 'other' };
  const accounts = openBench()
    .exchange.snapshot()
    .accounts.map(({ balances: _, ...account }) => ({
      ...account,
      balances: { USDT: '1000' },
    }));
  const other = { ...accounts[0]!, uid: '2', keys: [{ ...accounts[0]!.keys[0]!, ...key }] };
  const bench = openBench({ accounts: [...accounts, other] });
  await bench.order(BUY);
  await bench.signed('POST', '/api/v3/order', BUY, key);

  await bench.signed('DELETE', '/api/v3/order/all');

  assert.deepEqual(
    bench.exchange.truth().orders.map((order) => order.status),
    ['CANCELED', 'NEW'],
  );
});
