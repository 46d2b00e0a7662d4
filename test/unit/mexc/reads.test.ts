import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotConfiguredError } from '../../../lib/domain/errors.ts';
import {
  CredentialsError,
  FatalError,
  MarketStateError,
  NotFoundError,
  TransientError,
  UnknownOutcomeError,
} from '../../../lib/domain/exchange-errors.ts';
import { signatureOf } from '../../../lib/mexc/signing.ts';
import {
  ACCESS_KEY,
  type Answer,
  BY_ID,
  clientFor,
  closedPort,
  failure,
  manualClock,
  ORDER,
  parametersOf,
  SECRET_KEY,
  serve,
  soon,
  startRawServer,
} from './support.ts';
import { skippingTime } from './virtual-time.ts';

const PRICE = { symbol: 'MXUSDT', price: '1.50' };
test('a signed read carries key, window, a timestamp that is not ahead, and a signature over the bytes sent', async () => {
  const clock = manualClock(1_700_000_000_000);
  const { client, calls } = await serve([{ body: ORDER }], { clock });

  await client.findOrder({ ...BY_ID, symbol: '币安USDT' }, { deadline: clock.now() + 2000 });

  const { target, headers, method } = calls()[0]!;
  const [, query = '', signature = ''] =
    /^\/api\/v3\/order\?(.*)&signature=([0-9a-f]{64})$/.exec(target) ?? [];
  assert.equal(method, 'GET');
  assert.equal(signature, signatureOf(SECRET_KEY, query));
  assert.equal(
    query,
    'symbol=%E5%B8%81%E5%AE%89USDT&origClientOrderId=mabc-1&recvWindow=5000&timestamp=1699999999999', // 1 ms of doubt
  );
  assert.equal(headers['x-mexc-apikey'], ACCESS_KEY);
  assert.equal(headers['content-type'], undefined);
  assert.equal(headers['accept-encoding'], 'identity');
});

test('a public read carries neither key nor signature', async () => {
  const { client, calls } = await serve([{ body: PRICE }]);

  assert.equal(await client.lastPrice('MXUSDT', soon()), '1.5');

  assert.equal(calls()[0]?.target, '/api/v3/ticker/price?symbol=MXUSDT');
  assert.equal(calls()[0]?.headers['x-mexc-apikey'], undefined);
});

test('an order is found by either id', async () => {
  const { client, calls } = await serve([{ body: ORDER }]);

  const order = await client.findOrder({ symbol: 'MXUSDT', by: { exchangeOrderId: 'C02__1' } }, soon());

  assert.equal(order?.clientOrderId, 'mabc-1');
  assert.equal(parametersOf(calls()[0]).get('orderId'), 'C02__1');
});

test('only −2013 means that an order was not found', async () => {
  const missing = await serve([{ status: 400, body: { code: -2013, msg: 'Order does not exist.' } }]);
  assert.equal(await missing.client.findOrder(BY_ID, soon()), undefined);

  const other: [Answer, new (...args: never[]) => Error][] = [
    [{ status: 400, body: { code: -2011, msg: 'x' } }, NotFoundError],
    [{ status: 400, body: { code: 22222, msg: 'x' } }, NotFoundError],
    [{ status: 404, body: '' }, UnknownOutcomeError],
    [{ body: {} }, UnknownOutcomeError],
    [{ body: 'null' }, UnknownOutcomeError],
    [{ body: { ...ORDER, clientOrderId: 'mabc-2' } }, UnknownOutcomeError],
  ];
  for (const [answer, type] of other) {
    const { client } = await serve([answer]);
    assert.ok((await failure(client.findOrder(BY_ID, soon()))) instanceof type, JSON.stringify(answer));
  }
});

test('each class of answer is an error type of its own, with code and status', async () => {
  const cases: [Answer, new (...args: never[]) => Error, string][] = [
    [{ status: 400, body: { code: -1121, msg: 'Invalid symbol.' } }, FatalError, '-1121'],
    [{ status: 400, body: { code: 10007, msg: 'x' } }, MarketStateError, '10007'],
    [{ status: 400, body: { code: '700007', msg: 'x' } }, CredentialsError, '700007'],
    [{ status: 401, body: '<html>' }, CredentialsError, 'html'],
    [{ status: 200, body: { code: 700006, msg: 'x' } }, CredentialsError, '700006'],
    [{ status: 400, body: { code: 123456, msg: 'x' } }, UnknownOutcomeError, '123456'],
  ];
  for (const [answer, type, code] of cases) {
    const { client, calls } = await serve([answer]);
    const error = await failure(client.balances(soon()));
    assert.ok(error instanceof type, JSON.stringify(answer));
    assert.equal(error.code, code);
    assert.equal(error.status, answer.status);
    assert.equal(error.retryable, false);
    assert.equal(calls().length, 1);
  }
});

for (const [title, bad] of [
  ['5xx', { status: 502, body: '<html>' }],
  ['an internal error code', { status: 200, body: { code: 500, msg: 'x' } }],
  ['a garbled answer', { body: '{"sym' }],
  ['an empty answer', { body: '' }],
  ['a reset', { destroy: true }],
] as const satisfies [string, Answer][]) {
  test(`a read is repeated after ${title}`, async () => {
    const time = skippingTime();
    const { client, calls } = await serve([bad, bad, { body: PRICE }], time);

    assert.equal(await client.lastPrice('MXUSDT', time.within(30_000)), '1.5');

    assert.equal(calls().length, 3);
  });
}

test('a read is tried three times at most', async () => {
  const time = skippingTime();
  const { client, calls } = await serve([{ status: 503, body: { code: 503, msg: 'x' } }], time);

  const error = await failure(client.lastPrice('MXUSDT', time.within(30_000)));

  assert.ok(error instanceof UnknownOutcomeError && error.retryable);
  assert.equal(calls().length, 3);
});

test('each try is signed afresh', async () => {
  const { client, calls } = await serve([{ status: 500, body: '' }, { body: ORDER }], { random: () => 0.2 });

  await client.findOrder(BY_ID, soon());

  const [first, second] = calls().map((call) => Number(parametersOf(call).get('timestamp')));
  assert.ok(first! < second!);
});

test('pauses between tries have full jitter and grow', async () => {
  const clock = manualClock(Date.now());
  const { client } = await serve([{ status: 500, body: '' }], { clock, random: () => 0.75 });

  await failure(client.findOrder(BY_ID, { deadline: clock.now() + 5000 }));

  assert.deepEqual(clock.slept, [150, 300]);
});

test('maintenance is not asked again and again', async () => {
  for (const code of [604, 801, 11444]) {
    const { client, calls } = await serve([{ status: 400, body: { code, msg: 'x' } }]);

    const error = await failure(client.balances(soon()));

    assert.ok(error instanceof TransientError && error.retryable);
    assert.equal(calls().length, 1);
  }
});

test('a read is not repeated when the deadline leaves no room', async () => {
  const clock = manualClock(Date.now());
  const { client, calls } = await serve([{ status: 500, body: '' }], { clock, random: () => 0.9 });

  const error = await failure(client.lastPrice('MXUSDT', { deadline: clock.now() + 150 }));

  assert.equal(error.code, 'empty');
  assert.equal(calls().length, 1);
});

test('a read ends by its deadline', async () => {
  const server = await startRawServer(() => undefined);
  const { client } = clientFor(server.url);
  const begun = Date.now();

  const error = await failure(client.lastPrice('MXUSDT', soon(150)));

  assert.equal(error.code, 'timeout');
  assert.ok(Date.now() - begun < 400);
});

test('a read ends by its deadline when the key does not come', async () => {
  const { client } = await serve([{ body: ORDER }], { credentials: () => new Promise(() => undefined) });

  assert.ok((await failure(client.balances(soon(60)))) instanceof TransientError);
});

test('a key that is not set stays that error', async () => {
  const { client } = await serve([{}], {
    credentials: () => Promise.reject(new NotConfiguredError('no key')),
  });

  await assert.rejects(client.balances(soon()), NotConfiguredError);
});

test('connecting failed: transient, tried again, with the technical code', async () => {
  const { client } = clientFor(`http://127.0.0.1:${await closedPort()}`);

  const error = await failure(client.lastPrice('A', soon()));

  assert.ok(error instanceof TransientError);
  assert.match(error.message, /ECONNREFUSED/);
});

test('after 429, 418 and 510 a read waits for its caller', async () => {
  const cases: [Answer, number][] = [
    [{ status: 429, body: { code: 429, msg: 'x' } }, 10_000],
    [{ status: 429, body: '', headers: { 'retry-after': '3' } }, 3000],
    [{ status: 418, body: '<html>' }, 600_000],
    [{ status: 200, body: { code: 510, msg: 'x' } }, 10_000],
  ];
  for (const [answer, retryAfterMs] of cases) {
    const { client, calls } = await serve([answer, { body: PRICE }]);
    const error = await failure(client.lastPrice('MXUSDT', soon()));
    assert.ok(error instanceof TransientError);
    assert.equal(error.retryAfterMs, retryAfterMs);
    assert.equal(calls().length, 1);
  }
});

test('a 403 page is not hammered', async () => {
  const { client, calls } = await serve([{ status: 403, body: '<html>/api/v3</html>' }]);

  const error = await failure(client.lastPrice('MXUSDT', soon()));

  assert.ok(error instanceof UnknownOutcomeError && !error.retryable);
  assert.equal(calls().length, 1);
});

test('a redirect is not followed', async () => {
  const { client, calls } = await serve([{ status: 302, body: '', headers: { location: '/api/v3/other' } }]);

  assert.ok((await failure(client.lastPrice('MXUSDT', soon()))) instanceof UnknownOutcomeError);

  assert.equal(calls().length, 1);
});

test('history is asked for by time and with an explicit limit', async () => {
  const time = skippingTime();
  const { client, calls } = await serve([{ body: [] }], time);

  await client.allOrders({ symbol: 'A', from: 1.7, to: 2.2, limit: 5000 }, time.within(30_000));
  await client.ownTrades({ symbol: 'A', limit: 500, exchangeOrderId: 'X' }, time.within(30_000));
  await client.openOrders(undefined, time.within(30_000));
  await client.openOrders('A', time.within(30_000));

  const asked = calls().map(({ target }) => target.replace(/&?recvWindow.*/, ''));
  assert.deepEqual(asked, [
    '/api/v3/allOrders?symbol=A&startTime=1&endTime=3&limit=1000',
    '/api/v3/myTrades?symbol=A&orderId=X&limit=100',
    '/api/v3/openOrders?',
    '/api/v3/openOrders?symbol=A',
  ]);
});

test('an address with a path is refused', () => {
  for (const url of ['https://api.mexc.com/api', 'ftp://x', 'nonsense']) {
    assert.throws(() => clientFor(url), { code: 'invalid_base_url' });
  }
});
