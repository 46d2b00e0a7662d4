import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { BUY, openBench, START, signedTarget } from './simulator-client.ts';

const POST = { method: 'POST', path: '/api/v3/order' } as const;
const SOL = { symbol: 'SOLUSDT' };

test('the four reads lose sight of an order each by itself, and only of that order', async () => {
  const { exchange, order, signed } = openBench();
  await order({ ...BUY, newClientOrderId: 'seen' });
  await order({ ...BUY, quantity: '40', price: '142.50', newClientOrderId: 'x' });
  const orders = { clientOrderId: 'x' };
  const look = async () => [
    (await signed('GET', '/api/v3/order', { ...SOL, origClientOrderId: 'x' })).parsed.code ?? 200,
    (await signed('GET', '/api/v3/openOrders', SOL)).parsed.length,
    (await signed('GET', '/api/v3/allOrders', SOL)).parsed.length,
    (await signed('GET', '/api/v3/myTrades', SOL)).parsed.length,
  ];
  const there = [200, 2, 2, 1];

  assert.deepEqual(await look(), there);
  exchange.faults.add({ kind: 'flap', orders, endpoints: ['order', 'allOrders'] });
  assert.deepEqual(await look(), [-2013, 2, 1, 1]);
  exchange.faults.clear();
  exchange.faults.add({ kind: 'flap', orders, reads: [2] });
  assert.deepEqual([await look(), await look(), await look()], [there, [-2013, 1, 1, 0], there]);
  exchange.faults.clear();
  assert.equal((await signed('DELETE', '/api/v3/order', { ...SOL, origClientOrderId: 'x' })).status, 200);
});

test('a flapping order comes and goes with the seed', async () => {
  const { exchange, order, signed } = openBench();
  await order({ ...BUY, newClientOrderId: 'x' });
  exchange.faults.add({ kind: 'flap', match: { probability: 0.5 } });
  let seen = 0;

  for (let i = 0; i < 200; i++) seen += (await signed('GET', '/api/v3/openOrders', SOL)).parsed.length;

  assert.ok(seen > 60 && seen < 140, String(seen));
});

test('a clock that is off judges one request alone, and stamps it unless told not to', async () => {
  const { exchange, signed, order, get } = openBench();
  const times = () => exchange.truth().orders.map(({ time }) => time - START);
  exchange.faults.add({ kind: 'skew', ms: -1000, match: { nth: 1 } });
  assert.equal((await signed('GET', '/api/v3/account')).parsed.code, 700003, 'a second ahead of that clock');
  assert.equal((await signed('GET', '/api/v3/account')).status, 200);

  exchange.faults.add({ kind: 'skew', ms: -900, match: { ...POST, nth: 1 } });
  exchange.faults.add({ kind: 'skew', ms: 900, stamps: false, match: { ...POST, nth: 2 } });
  exchange.faults.add({ kind: 'skew', ms: 700, match: { path: '/api/v3/time' } });
  assert.equal((await order(BUY)).parsed.transactTime, START - 900);
  await order(BUY);

  assert.deepEqual(times(), [-900, 0]);
  assert.equal((await get('/api/v3/time')).parsed.serverTime, START + 700);
});

test('an order stamped by a slow clock is listed where its time belongs', async () => {
  const { exchange, signed, order } = openBench();
  await order({ ...BUY, newClientOrderId: 'first' });
  exchange.faults.add({ kind: 'skew', ms: -900, match: { ...POST, times: 1 } });
  await order({ ...BUY, newClientOrderId: 'earlier' });

  const all = (await signed('GET', '/api/v3/allOrders', SOL)).parsed;
  const late = (await signed('GET', '/api/v3/allOrders', { ...SOL, startTime: String(START - 100) })).parsed;

  const ids = (rows: { clientOrderId: string }[]) => rows.map(({ clientOrderId }) => clientOrderId);
  assert.deepEqual(ids(all), ['first', 'earlier']);
  assert.deepEqual(ids(late), ['first']);
});

test('a late order is judged at its arrival and exists when its time has come', async () => {
  const { exchange, clock, order, signed } = openBench();
  exchange.faults.add({ kind: 'late', ms: 30_000, match: { ...POST, times: 1 } });
  const pending = order({ ...BUY, newClientOrderId: 'x' });
  const ask = () => signed('GET', '/api/v3/order', { ...SOL, origClientOrderId: 'x' });

  clock.advance(29_999);
  assert.equal((await ask()).parsed.code, -2013);
  assert.deepEqual(exchange.truth().orders, []);
  clock.advance(1);
  const answer = (await pending).parsed;

  assert.equal(answer.transactTime, START + 30_000);
  assert.equal((await ask()).parsed.time, START + 30_000);
  const [entry] = exchange.journal({ path: POST.path });
  assert.deepEqual(
    [entry?.at, entry?.executedAt, entry?.status, entry?.orderId],
    [START, START + 30_000, 200, answer.orderId],
  );
});

test('what happens between the arrival of a late order and its execution comes first', () => {
  const { exchange, clock, step } = openBench();
  exchange.faults.add({ kind: 'late', ms: 1000, match: { ...POST, nth: 1 } });
  exchange.faults.add({ kind: 'late', ms: 500, match: { ...POST, nth: 2 }, reply: 'lost' });
  const first = step('POST', POST.path, { ...BUY, newClientOrderId: 'a' });
  const second = step('POST', POST.path, { ...BUY, newClientOrderId: 'b' });
  step('POST', POST.path, { ...BUY, newClientOrderId: 'c' });
  step('DELETE', '/api/v3/openOrders', SOL);

  assert.deepEqual([first.delayMs, second.reply, second.delayMs], [1000, 'drop', 0]);
  assert.equal(first.later?.(), 'drop', 'not yet');
  clock.advance(1000);

  assert.deepEqual(
    exchange.truth().orders.map(({ clientOrderId, status, time }) => [clientOrderId, status, time - START]),
    [
      ['c', 'CANCELED', 0],
      ['b', 'NEW', 500],
      ['a', 'NEW', 1000],
    ],
  );
  const reply = first.later?.();
  assert.ok(reply !== undefined && reply !== 'drop' && reply.status === 200);
});

test('a late request that is not let in is refused at once', async () => {
  const { exchange } = openBench();
  exchange.faults.add({ kind: 'late', ms: 1000 });

  const { reply, delayMs } = exchange.step({
    method: 'GET',
    target: signedTarget('/api/v3/account', {}, START + 1000),
    headers: { 'x-mexc-apikey': SIMULATOR_KEYS.trade.accessKey },
  });

  assert.ok(reply !== 'drop');
  assert.deepEqual([JSON.parse(reply.body).code, delayMs], [700003, 0]);
});

test('an exchange continued from a snapshot still executes what was put off', () => {
  const { exchange, step } = openBench();
  exchange.faults.add({ kind: 'late', ms: 1000, match: POST });
  step('POST', POST.path, BUY);

  const again = openBench({ state: JSON.parse(JSON.stringify(exchange.snapshot())) });
  again.clock.advance(1000);

  assert.deepEqual(
    again.exchange.truth().orders.map(({ time }) => time),
    [START + 1000],
  );
});

const SHARES: [string, Record<string, string>, number, string][] = [
  ['a resting limit order', { ...BUY }, 0.4, 'PARTIALLY_CANCELED 0.4'],
  ['a limit order that fills', { ...BUY, price: '143.00', quantity: '3' }, 0.5, 'PARTIALLY_CANCELED 1.5'],
  [
    'a market buy',
    { ...SOL, side: 'BUY', type: 'MARKET', quoteOrderQty: '285' },
    0.5,
    'PARTIALLY_CANCELED 1',
  ],
  ['nothing of an order', { ...BUY, price: '143.00' }, 0, 'CANCELED 0'],
  ['all of an order', { ...BUY }, 1, 'FILLED 1'],
];

for (const [what, params, share, end] of SHARES) {
  test(`the exchange fills ${what} to a share of ${share} and ends it`, async () => {
    const { exchange, order, signed, balances } = openBench();
    exchange.faults.add({ kind: 'partial-cancel', share, match: POST });

    const { orderId } = (await order(params)).parsed;
    const seen = (await signed('GET', '/api/v3/order', { ...SOL, orderId })).parsed;

    assert.equal(`${seen.status} ${seen.executedQty}`, end);
    assert.equal((await balances()).USDT?.locked, '0');
    assert.equal((await signed('GET', '/api/v3/openOrders')).parsed.length, 0);
  });
}

test('an order nobody could pay is refused, however little of it would have been filled', async () => {
  const { exchange, order } = openBench();
  exchange.faults.add({ kind: 'partial-cancel', share: 0.1, match: POST });

  assert.equal((await order({ ...BUY, quantity: '2000' })).parsed.code, 30004);
});
