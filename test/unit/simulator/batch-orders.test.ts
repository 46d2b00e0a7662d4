import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { type Bench, BUY, openBench } from './simulator-client.ts';

const batch = (bench: Bench, orders: unknown) =>
  bench.signed('POST', '/api/v3/batchOrders', {
    batchOrders: typeof orders === 'string' ? orders : JSON.stringify(orders),
  });

test('a batch answers in its order, successes and refusals mixed, with status 200', async () => {
  const bench = openBench();

  const { status, parsed } = await batch(bench, [
    { ...BUY, newClientOrderId: 'first' },
    { ...BUY, quantity: '0.001', newClientOrderId: 'small' },
    { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '50' },
    { ...BUY, type: 'LIMIT_ORDER' },
    { ...BUY, quantity: '100000', newClientOrderId: 'poor' },
  ]);

  assert.equal(status, 200);
  const [first, small, market, wrong, poor] = parsed;
  assert.match(first.orderId, /^([0-9a-f]{32}|C02__\d+)$/);
  assert.deepEqual(first, {
    symbol: 'SOLUSDT',
    orderId: first.orderId,
    orderListId: -1,
    newClientOrderId: 'first',
  });
  assert.deepEqual(small, {
    newClientOrderId: 'small',
    code: 30002,
    msg: 'The minimum transaction volume cannot be less than：1USDT',
  });
  assert.deepEqual(Object.keys(market), ['symbol', 'orderId', 'orderListId']);
  assert.deepEqual(wrong, { code: 33333, msg: "Parameter error: 'type'" });
  assert.deepEqual([poor.newClientOrderId, poor.code], ['poor', 30003]);
  const { orders } = bench.exchange.truth();
  assert.deepEqual(
    orders.map((order) => [order.orderId, order.clientOrderId, order.status]),
    [
      [first.orderId, 'first', 'NEW'],
      [market.orderId, null, 'FILLED'],
    ],
  );
});

test('an order of a batch can use up the money of the next one', async () => {
  const bench = openBench();
  const half = { ...BUY, quantity: '500' };

  const { parsed } = await batch(bench, [half, { ...half, newClientOrderId: 'too-much' }]);

  assert.ok(parsed[0].orderId);
  assert.deepEqual([parsed[1].newClientOrderId, parsed[1].code], ['too-much', 30004]);
});

test('twenty orders are the most, and twenty-one are none', async () => {
  const bench = openBench();
  const orders = Array.from({ length: 21 }, (_, i) => ({ ...BUY, newClientOrderId: `n${i}` }));

  const { status, parsed } = await batch(bench, orders);
  assert.deepEqual([status, parsed.code], [400, 33333]);
  assert.equal(bench.exchange.truth().orders.length, 0);

  const most = (await batch(bench, orders.slice(1))).parsed;
  assert.equal(most.length, 20);
  assert.deepEqual(
    most.map((row: { newClientOrderId: string }) => row.newClientOrderId),
    orders.slice(1).map((order) => order.newClientOrderId),
  );
});

test('a batch that is no list of orders of one symbol is refused as a whole', async () => {
  const bench = openBench();
  const mixed = [BUY, { ...BUY, symbol: 'XRPUSDT', price: '2.0000', quantity: '10' }];

  for (const wrong of ['[', '{}', '[]', '"x"', '[1]', '[[]]', 'null', mixed]) {
    const { status, parsed } = await batch(bench, wrong);
    assert.deepEqual([status, parsed.code], [400, 33333], JSON.stringify(wrong));
  }
  const missing = await bench.signed('POST', '/api/v3/batchOrders');
  assert.deepEqual([missing.status, missing.parsed.code], [400, 44444]);
  assert.equal(bench.exchange.truth().orders.length, 0);
});

test('numbers must be text, names must be known, empty ids are illegal', async () => {
  const bench = openBench();

  const { parsed } = await batch(bench, [
    { ...BUY, quantity: 1 },
    { ...BUY, timeInForce: 'GTC' },
    { ...BUY, newClientOrderId: '' },
    { side: 'BUY', type: 'LIMIT', quantity: '1', price: '140' },
    { ...BUY, stpMode: '' },
  ]);

  assert.deepEqual(
    parsed.map((row: { code?: number }) => row.code),
    [33333, 33333, 700008, 44444, undefined],
  );
});

test('each order of a batch obeys the rules of the API: symbol, key, permission', async () => {
  const bench = openBench();
  const closed = await batch(bench, [{ ...BUY, symbol: 'BTCUSDT', price: '87000.00' }]);
  assert.deepEqual([closed.status, closed.parsed[0].code], [200, 10007]);

  const params = { batchOrders: JSON.stringify([BUY]) };
  const read = await bench.signed('POST', '/api/v3/batchOrders', params, SIMULATOR_KEYS.read);
  assert.deepEqual([read.status, read.parsed.code], [400, 700007]);
});
