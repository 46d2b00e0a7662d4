import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY, openBench } from './simulator-client.ts';

const POST = { method: 'POST', path: '/api/v3/order' } as const;
const ask = { symbol: 'SOLUSDT', origClientOrderId: 'x' };

test('a request dropped before was never executed', async () => {
  const { exchange, order, signed } = openBench();
  exchange.faults.add({ match: { ...POST, nth: 1 }, kind: 'drop-before' });

  const { lost } = await order({ ...BUY, newClientOrderId: 'x' });

  assert.ok(lost);
  assert.equal((await signed('GET', '/api/v3/order', ask)).parsed.code, -2013);
  const [entry] = exchange.journal();
  assert.deepEqual([entry?.executed, entry?.status, entry?.faults], [false, null, ['drop-before']]);
  assert.equal((await order({ ...BUY, newClientOrderId: 'x' })).status, 200, 'only the first one');
});

test('a reply lost after executing leaves an order behind', async () => {
  const { exchange, order, signed } = openBench();
  exchange.faults.add({ match: { clientOrderId: 'x', method: 'post' }, kind: 'drop-after' });

  const { lost } = await order({ ...BUY, newClientOrderId: 'x' });

  assert.ok(lost);
  const seen = (await signed('GET', '/api/v3/order', ask)).parsed;
  assert.equal(seen.status, 'NEW');
  const [entry] = exchange.journal({ path: POST.path });
  assert.deepEqual([entry?.executed, entry?.status, entry?.orderId], [true, null, seen.orderId]);
});

test('an answer instead does not execute, an answer afterwards does; text stays text', async () => {
  const { exchange, order } = openBench();
  exchange.faults.add({ match: { ...POST, nth: 1 }, kind: 'answer', status: 503, body: '<html>busy</html>' });
  exchange.faults.add({
    match: { ...POST, nth: 2 },
    kind: 'answer-after',
    status: 500,
    body: { code: 500, msg: 'x' },
  });

  const first = await order(BUY);
  assert.deepEqual([first.status, first.text, exchange.truth().orders.length], [503, '<html>busy</html>', 0]);
  const second = await order(BUY);
  assert.deepEqual([second.status, second.parsed.code, exchange.truth().orders.length], [500, 500, 1]);
  assert.deepEqual(
    exchange.journal().map(({ executed, code }) => [executed, code]),
    [
      [false, null],
      [true, 500],
    ],
  );
});

test('a hidden order is in none of the four sources until its time has come, and locks its money at once', async () => {
  const { exchange, order, signed, clock, balances } = openBench();
  exchange.faults.add({ match: { ...POST, times: 1 }, kind: 'visibility', ms: 3000 });
  await order({
    symbol: 'SOLUSDT',
    side: 'BUY',
    type: 'LIMIT',
    quantity: '40',
    price: '142.50',
    newClientOrderId: 'x',
  });
  const seen = async () => [
    (await signed('GET', '/api/v3/order', ask)).status,
    (await signed('GET', '/api/v3/openOrders')).parsed.length,
    (await signed('GET', '/api/v3/allOrders', { symbol: 'SOLUSDT' })).parsed.length,
    (await signed('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT' })).parsed.length,
  ];

  clock.advance(2999);
  assert.deepEqual(await seen(), [400, 0, 0, 0]);
  assert.notEqual((await balances()).USDT?.locked, '0');
  clock.advance(1);
  assert.deepEqual(await seen(), [200, 1, 1, 1]);
});

test('a delayed reply comes when the clock has moved, though the order is there at once', async () => {
  const { exchange, order, clock } = openBench();
  exchange.faults.add({ match: POST, kind: 'delay', ms: 500 });

  const pending = order(BUY);
  assert.equal(exchange.truth().orders.length, 1);
  let answered = false;
  void pending.then(() => {
    answered = true;
  });
  clock.advance(499);
  await new Promise(setImmediate);
  assert.equal(answered, false);
  clock.advance(1);
  assert.equal((await pending).status, 200);
});

test('times and probability limit a fault, clearing removes it', async () => {
  const { exchange, get } = openBench();
  const outcomes = async (count: number) => {
    let lost = 0;
    for (let i = 0; i < count; i++) lost += Number((await get('/api/v3/ping')).lost);
    return lost;
  };

  exchange.faults.add({ match: { times: 2 }, kind: 'drop-before' });
  assert.equal(await outcomes(5), 2);
  exchange.faults.add({ match: { probability: 0.5 }, kind: 'drop-before' });
  const lost = await outcomes(200);
  assert.ok(lost > 60 && lost < 140, String(lost));
  exchange.faults.clear();
  assert.equal(await outcomes(5), 0);
});
