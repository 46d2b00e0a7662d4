import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderRequest } from '../../../lib/domain/exchange.ts';
import { FatalError } from '../../../lib/domain/exchange-errors.ts';
import { signatureOf } from '../../../lib/mexc/signing.ts';
import {
  ACCESS_KEY,
  ACK,
  type Answer,
  clientFor,
  manualClock,
  ORDER_ID,
  place,
  REQUEST,
  SECRET_KEY,
  serve,
  soon,
  startRawServer,
  TERMS,
} from './support.ts';

test('the exchange receives exactly the signed bytes', async () => {
  const server = await startRawServer((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  );
  const { client } = clientFor(server.url);

  const order = await client.signOrder({ ...REQUEST, symbol: '币安 +USDT' }, TERMS);
  await client.sendOrder(order, soon());

  const query =
    'symbol=%E5%B8%81%E5%AE%89%20%2BUSDT&side=BUY&type=LIMIT&quantity=50&price=0.1&newClientOrderId=mabc-1' +
    '&recvWindow=3000&timestamp=1666676533741';
  const [line, ...headers] = (server.requests[0] ?? '').split('\r\n');
  assert.equal(line, `POST /api/v3/order?${query}&signature=${signatureOf(SECRET_KEY, query)} HTTP/1.1`);
  assert.equal(line, `POST ${order.target} HTTP/1.1`);
  const lower = headers.map((header) => header.toLowerCase());
  assert.ok(lower.includes(`x-mexc-apikey: ${ACCESS_KEY.toLowerCase()}`));
  assert.ok(lower.includes('content-type: application/json'));
  assert.ok(lower.includes('content-length: 0'));
  assert.ok(lower.includes('accept-encoding: identity'));
  assert.ok(lower.includes('user-agent: mexc-serverless'));
  await client.close();
  await server.close();
});

test('a market buy by amount is sent as quoteOrderQty, without a price', async () => {
  const { client } = clientFor('http://127.0.0.1:9');

  const order = await client.signOrder(
    { symbol: 'MXUSDT', side: 'sell', type: 'MARKET', quoteQuantity: '12.5', clientOrderId: 'a' },
    { ...TERMS, test: true },
  );

  assert.match(
    order.target,
    /^\/api\/v3\/order\/test\?symbol=MXUSDT&side=SELL&type=MARKET&quoteOrderQty=12\.5&newClientOrderId=a&recvWindow=3000&timestamp=1666676533741&signature=[0-9a-f]{64}$/,
  );
  assert.equal(order.test, true);
});

test('an order that the exchange must refuse is not signed', async () => {
  const { client } = clientFor('http://127.0.0.1:9');
  const wrong: [Partial<OrderRequest>, Partial<typeof TERMS>][] = [
    [{ quantity: '1e-7' }, {}],
    [{ price: 'NaN' }, {}],
    [{ clientOrderId: 'x'.repeat(33) }, {}],
    [{ clientOrderId: '' }, {}],
    [{}, { recvWindow: 60_001 }],
    [{}, { timestamp: 1.5 }],
  ];

  for (const [request, terms] of wrong) {
    await assert.rejects(client.signOrder({ ...REQUEST, ...request }, { ...TERMS, ...terms }), FatalError);
  }
});

test('an acknowledgement with an order id is acknowledged', async () => {
  assert.deepEqual(await place({ body: ACK }), { kind: 'acknowledged', exchangeOrderId: ORDER_ID });
});

test('an acknowledgement may carry a success code, an envelope, numbers for text, and lack the symbol', async () => {
  const acknowledged = { kind: 'acknowledged', exchangeOrderId: ORDER_ID };

  assert.deepEqual(await place({ body: { code: 0, ...ACK } }), acknowledged);
  assert.deepEqual(await place({ body: { code: '200', msg: 'success', data: ACK } }), acknowledged);
  assert.deepEqual(await place({ status: 201, body: { orderId: ORDER_ID } }), acknowledged);
  assert.deepEqual(await place({ body: '{"symbol":"MXUSDT","orderId":12345678901234567890}' }), {
    kind: 'acknowledged',
    exchangeOrderId: '12345678901234567890',
  });
});

test('a test order that was accepted is tested', async () => {
  assert.deepEqual(await place({ body: {} }, { test: true }), { kind: 'tested' });
  assert.deepEqual(await place({ body: { code: 200, msg: 'success', data: null } }, { test: true }), {
    kind: 'tested',
  });
});

test('a test order can be refused like any other', async () => {
  const outcome = await place(
    { status: 400, body: { code: 30004, msg: 'Insufficient position' } },
    { test: true },
  );

  assert.deepEqual(outcome, { kind: 'refused', class: 'B', code: '30004', message: 'Insufficient position' });
});

for (const [status, body, letter] of [
  [400, { code: 30002, msg: 'minimum 0.5USDT', _extend: null }, 'F'],
  [400, { code: 10007, msg: 'symbol not support api' }, 'M'],
  [400, { code: '30005', msg: 'Oversold' }, 'B'],
  [400, { code: 700002, msg: 'Signature for this request is not valid.' }, 'C'],
  [200, { code: 10101, msg: '余额不足' }, 'B'],
  [403, { code: 403, msg: 'Access denied' }, 'C'],
  [400, { code: 30018, msg: 'Account may not place orders' }, 'C'],
] as const) {
  test(`HTTP ${status} with code ${body.code} is refused, class ${letter}`, async () => {
    assert.deepEqual(await place({ status, body }), {
      kind: 'refused',
      class: letter,
      code: String(body.code),
      message: body.msg,
    });
  });
}

test('a refused timestamp was not executed, and the clock has to be measured', async () => {
  for (const code of [700003, 10073]) {
    assert.deepEqual(await place({ status: 400, body: { code, msg: 'outside' } }), {
      kind: 'not-executed',
      code: String(code),
      message: 'outside',
      clock: true,
    });
  }
});

test('maintenance was not executed', async () => {
  assert.deepEqual(await place({ status: 400, body: { code: 604, msg: 'maintenance' } }), {
    kind: 'not-executed',
    code: '604',
    message: 'maintenance',
  });
});

test('too many requests were not executed; the pause is as told, else ten seconds', async () => {
  const pause = async (answer: Answer) => {
    const clock = manualClock(Date.now());
    const pauses: number[] = [];
    const { client } = await serve([answer], {
      clock,
      onPause: async (until) => void pauses.push(until - clock.now()),
    });
    const order = await client.signOrder(REQUEST, TERMS);
    const outcome = await client.sendOrder(order, { deadline: clock.now() + 2_000 });
    assert.equal(outcome.kind, 'not-executed');
    return pauses;
  };

  assert.deepEqual(await pause({ status: 429, body: { code: 429, msg: 'x' } }), [10_000]);
  assert.deepEqual(
    await pause({ status: 429, body: { code: 429 }, headers: { 'retry-after': '7' } }),
    [7000],
  );
  assert.deepEqual(
    await pause({ status: 429, body: '<html>', headers: { 'retry-after': 'soon' } }),
    [10_000],
  );
  assert.deepEqual(await pause({ status: 429, body: '' }), [10_000]);
  assert.deepEqual(await pause({ status: 200, body: { code: 510, msg: 'too frequent' } }), [10_000]);
  assert.deepEqual(await pause({ status: 418, body: 'banned' }), [600_000]);
  assert.deepEqual(await pause({ status: 418, body: '', headers: { 'retry-after': '120' } }), [120_000]);
});

test('a message is cut, cleaned, and rid of keys and signatures', async () => {
  const signature = signatureOf(SECRET_KEY, 'x');
  const msg = `bad\u0007 ${ACCESS_KEY} ${signature} ${'y'.repeat(400)}`;

  const outcome = await place({ status: 400, body: { code: 700002, msg } });

  assert.equal(outcome.kind === 'refused' && outcome.message, `bad [hidden] [hidden] ${'y'.repeat(178)}`);
});

test('a code that is no number cannot smuggle anything in', async () => {
  const outcome = await place({ status: 400, body: { code: `${ACCESS_KEY}\n${'z'.repeat(100)}`, msg: 'x' } });

  assert.equal(outcome.kind === 'unknown' && outcome.code, `[hidden]${'z'.repeat(32)}`);
});
