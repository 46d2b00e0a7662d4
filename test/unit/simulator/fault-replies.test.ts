import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../../lib/simulator/fault-rule.ts';
import { BUY, openBench, START } from './simulator-client.ts';

const POST = { method: 'POST', path: '/api/v3/order' } as const;
const READ_ORDER = { method: 'GET', path: '/api/v3/order' } as const;
const SOL = { symbol: 'SOLUSDT' };

function placed(exchange: Exchange): number {
  return exchange.truth().orders.length;
}

const SPOILED: [string, (executed: boolean) => FaultInput][] = [
  ['garbage', (executed) => ({ kind: 'garbage', executed, match: POST })],
  ['an empty body', (executed) => ({ kind: 'empty', executed, match: POST })],
  ['half an answer', (executed) => ({ kind: 'cut', executed, form: 'short', match: POST })],
  ['a connection that ends early', (executed) => ({ kind: 'cut', executed, match: POST })],
  ['a page of the gateway', (executed) => ({ kind: 'html', executed, match: POST })],
];

for (const [what, rule] of SPOILED) {
  test(`${what} in place of the answer tells nothing, executed or not`, async () => {
    for (const executed of [true, false]) {
      const { exchange, order } = openBench();
      exchange.faults.add(rule(executed));

      const { parsed } = await order(BUY);

      assert.equal(parsed, null, 'is not JSON');
      assert.equal(placed(exchange), Number(executed));
      const [entry] = exchange.journal();
      assert.deepEqual([entry?.executed, entry?.executedAt], [executed, executed ? START : null]);
    }
  });
}

test('a cut answer is the beginning of the true one, and a short one keeps its promise of length', () => {
  const { exchange, step } = openBench();
  const whole = step('POST', POST.path, BUY).reply;
  exchange.faults.add({ kind: 'cut', executed: true, at: 40, match: { nth: 1 } });
  exchange.faults.add({ kind: 'cut', executed: true, at: 40, form: 'short', match: { nth: 2 } });

  const cut = step('GET', '/api/v3/openOrders', SOL).reply;
  const short = step('GET', '/api/v3/openOrders', SOL).reply;
  const full = step('GET', '/api/v3/openOrders', SOL).reply;

  assert.ok(whole !== 'drop' && cut !== 'drop' && short !== 'drop' && full !== 'drop');
  assert.equal(cut.body, full.body.slice(0, 40));
  assert.equal(cut.announced, full.body.length);
  assert.deepEqual([short.body, short.announced], [cut.body, undefined]);
});

test('a cut beyond the end leaves the last byte away', () => {
  const { exchange, step } = openBench();
  exchange.faults.add({ kind: 'cut', executed: true, at: 100_000, form: 'short' });

  const { reply } = step('GET', '/api/v3/selfSymbols');

  assert.ok(reply !== 'drop' && reply.body.endsWith('null'), 'the brace is missing');
});

test('a cut leaves at least one byte away, wherever the seed puts it', () => {
  const { exchange, step } = openBench();
  exchange.faults.add({ kind: 'cut', executed: true });

  for (let i = 0; i < 200; i++) {
    const { reply } = step('GET', '/api/v3/selfSymbols');
    assert.ok(reply !== 'drop' && Buffer.byteLength(reply.body, 'latin1') < (reply.announced ?? 0));
  }
});

test('a request that hangs is never answered, whether it was executed or not', () => {
  for (const executed of [true, false]) {
    const { exchange, step } = openBench();
    exchange.faults.add({ kind: 'hang', executed, match: POST });

    const { reply, delayMs } = step('POST', POST.path, BUY);

    assert.deepEqual(
      [reply, delayMs, placed(exchange)],
      ['drop', Number.POSITIVE_INFINITY, Number(executed)],
    );
    assert.equal(exchange.journal()[0]?.status, null);
  }
});

test('in process a hanging request stays open however far the clock goes', async () => {
  const { exchange, order, clock } = openBench();
  exchange.faults.add({ kind: 'hang', executed: true, match: POST });
  let answered = false;

  void order(BUY).then(() => {
    answered = true;
  });
  clock.advance(86_400_000);
  await new Promise(setImmediate);

  assert.equal(answered, false);
});

test('a false refusal for too many requests has its header or not, and executes nothing', () => {
  const { exchange, step } = openBench();
  exchange.faults.add({ kind: 'limit', retryAfter: 7, match: { nth: 1 } });
  exchange.faults.add({ kind: 'limit', code: 510, retryAfter: null, match: { nth: 2 } });
  exchange.faults.add({ kind: 'limit', code: 418, retryAfter: 120, match: { nth: 3 } });

  const replies = [1, 2, 3].map(() => step('POST', POST.path, BUY).reply);

  assert.deepEqual(
    replies.map(
      (reply) =>
        reply !== 'drop' && [reply.status, JSON.parse(reply.body).code, reply.headers['Retry-After']],
    ),
    [
      [429, 429, '7'],
      [429, 510, undefined],
      [418, 418, '120'],
    ],
  );
  assert.equal(placed(exchange), 0);
});

test('faults pick their requests by symbol, side, type and time', async () => {
  const { exchange, order, get, clock } = openBench();
  const XRP = { symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT', quantity: '10', price: '2.0000' };
  exchange.faults.add({ kind: 'drop-before', match: { symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT' } });
  exchange.faults.add({
    kind: 'drop-before',
    match: { path: '/api/v3/ping', from: START + 10, to: START + 20 },
  });

  assert.ok((await order(XRP)).lost);
  assert.equal((await order(BUY)).lost, false);
  assert.equal((await order({ ...XRP, type: 'LIMIT_MAKER' })).lost, false);
  const lost: boolean[] = [];
  for (const ms of [0, 10, 9, 1]) {
    clock.advance(ms);
    lost.push((await get('/api/v3/ping')).lost);
  }
  assert.deepEqual(lost, [false, true, true, false]);
});

test('a fault on one order of a batch hits the whole call', async () => {
  const { exchange, signed } = openBench();
  exchange.faults.add({ kind: 'partial-cancel', share: 0.5, match: { clientOrderId: 'b', side: 'BUY' } });
  const batch = (...ids: string[]) =>
    signed('POST', '/api/v3/batchOrders', {
      batchOrders: JSON.stringify(ids.map((newClientOrderId) => ({ ...BUY, newClientOrderId }))),
    });

  await batch('a', 'b');
  await batch('c');
  await signed('POST', '/api/v3/batchOrders', { batchOrders: 'no list' });

  assert.deepEqual(
    exchange.truth().orders.map(({ status }) => status),
    ['PARTIALLY_CANCELED', 'PARTIALLY_CANCELED', 'NEW'],
  );
});

test('a fault that waits for the second request counts only those that match', async () => {
  const { exchange, signed } = openBench();
  exchange.faults.add({ kind: 'code', code: 500, match: { ...READ_ORDER, nth: 2 } });
  const ask = async () => (await signed('GET', '/api/v3/order', { ...SOL, orderId: 'x' })).parsed.code;

  await signed('GET', '/api/v3/openOrders');
  assert.deepEqual([await ask(), await ask(), await ask()], [-2013, 500, -2013]);
});
