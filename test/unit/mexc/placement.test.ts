import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderRequest, PlacementOutcome } from '../../../lib/domain/exchange.ts';
import { FatalError } from '../../../lib/domain/exchange-errors.ts';
import { signatureOf } from '../../../lib/mexc/signing.ts';
import {
  ACCESS_KEY,
  type Answer,
  clientFor,
  closedPort,
  SECRET_KEY,
  soon,
  startRawServer,
  startServer,
} from './support.ts';

const REQUEST: OrderRequest = {
  symbol: 'MXUSDT',
  side: 'buy',
  type: 'LIMIT',
  quantity: '50',
  price: '0.1',
  clientOrderId: 'mabc-1',
};
const TERMS = { timestamp: 1666676533741, recvWindow: 3000, test: false };
const ORDER_ID = '06a480e69e604477bfb48dddd5f0b750';
const ACK = {
  symbol: 'MXUSDT',
  orderId: ORDER_ID,
  orderListId: -1,
  price: '0.1',
  origQty: '50',
  type: 'LIMIT',
  side: 'BUY',
  stpMode: '',
  transactTime: 1666676533741,
};
const SECRETS = new RegExp(`${ACCESS_KEY}|${SECRET_KEY}|[0-9a-f]{64}|signature=|/api/`, 'i');

/** Sends one order to a server that answers so, and makes sure that exactly one request arrived. */
const place = async (
  answer: Answer,
  options: { test?: boolean; ms?: number } = {},
): Promise<PlacementOutcome> => {
  const server = await startServer(() => answer);
  const { client } = clientFor(server.url);
  try {
    const order = await client.signOrder(REQUEST, { ...TERMS, test: options.test ?? false });
    const outcome = await client.sendOrder(order, soon(options.ms));
    await new Promise((resolve) => setTimeout(resolve, 20)); // a wrong second request would arrive now
    assert.equal(server.requests.length, 1, 'requests that arrived');
    assert.doesNotMatch(JSON.stringify(outcome), SECRETS);
    return outcome;
  } finally {
    await client.close();
    await server.close();
  }
};

/** The same with a server that does as it likes with the socket. */
const placeRaw = async (
  react: Parameters<typeof startRawServer>[0],
  ms = 2000,
): Promise<PlacementOutcome> => {
  const server = await startRawServer(react);
  const { client } = clientFor(server.url);
  try {
    const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon(ms));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(server.requests.length, 1, 'requests that arrived');
    assert.doesNotMatch(JSON.stringify(outcome), SECRETS);
    return outcome;
  } finally {
    await client.close();
    await server.close();
  }
};

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
  [500, { code: 30087, msg: 'out of range' }, 'F'],
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
    const outcome = await place(answer);
    assert.equal(outcome.kind, 'not-executed');
    return outcome.kind === 'not-executed' ? outcome.pauseMs : undefined;
  };

  assert.equal(await pause({ status: 429, body: { code: 429, msg: 'x' } }), 10_000);
  assert.equal(await pause({ status: 429, body: { code: 429 }, headers: { 'retry-after': '7' } }), 7000);
  assert.equal(await pause({ status: 429, body: '<html>', headers: { 'retry-after': 'soon' } }), 10_000);
  assert.equal(await pause({ status: 429, body: '' }), 10_000);
  assert.equal(await pause({ status: 200, body: { code: 510, msg: 'too frequent' } }), 10_000);
  assert.equal(await pause({ status: 418, body: 'banned' }), 600_000);
  assert.equal(await pause({ status: 418, body: '', headers: { 'retry-after': '120' } }), 120_000);
});

const UNKNOWN: [title: string, answer: Answer, code: string][] = [
  ['5xx with JSON', { status: 503, body: { code: 503, msg: 'try again' } }, '503'],
  ['5xx with JSON and no code', { status: 500, body: { error: 'x' } }, 'http_500'],
  [
    '5xx with HTML',
    { status: 502, body: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } },
    'html',
  ],
  [
    '403 with HTML',
    { status: 403, body: '<html>denied</html>', headers: { 'content-type': 'text/html' } },
    'html',
  ],
  ['401 without JSON', { status: 401, body: 'no' }, 'not_json'],
  ['401 with JSON but without a code', { status: 401, body: {} }, 'http_401'],
  ['an unknown numeric code', { status: 400, body: { code: 987654, msg: 'new' } }, '987654'],
  ['an unknown code with 200', { status: 200, body: { code: -2010, msg: 'new' } }, '-2010'],
  ['a busy system', { status: 200, body: { code: 501, msg: 'busy' } }, '501'],
  ['an internal error', { status: 400, body: { code: 20002, msg: 'internal' } }, '20002'],
  ['"does not exist" to a placement', { status: 400, body: { code: -2013, msg: 'x' } }, '-2013'],
  ['an empty 200', { status: 200, body: '' }, 'empty'],
  ['a garbled 200', { status: 200, body: '{"symbol":"MXU' }, 'not_json'],
  ['a 200 page', { status: 200, body: ' <!doctype html>' }, 'html'],
  ['a 200 without order id', { status: 200, body: {} }, 'unreadable'],
  ['a success code without order id', { status: 200, body: { code: 0, msg: 'success' } }, 'unreadable'],
  ['an order id of null', { status: 200, body: { ...ACK, orderId: null } }, 'unreadable'],
  ['an empty order id', { status: 200, body: { ...ACK, orderId: '' } }, 'unreadable'],
  ['a list', { status: 200, body: [ACK] }, 'unreadable'],
  ['null', { status: 200, body: 'null' }, 'unreadable'],
  ['another symbol', { status: 200, body: { ...ACK, symbol: 'BTCUSDT' } }, 'mismatch'],
  ['an order id with 400', { status: 400, body: ACK }, 'http_400'],
  ['an order id with 500', { status: 500, body: { code: 0, ...ACK } }, 'http_500'],
  ['a redirect', { status: 307, body: '', headers: { location: '/elsewhere' } }, 'empty'],
  ['more than 1 MiB', { status: 200, body: { ...ACK, junk: 'x'.repeat(2 ** 21) } }, 'too_large'],
];
for (const [title, answer, code] of UNKNOWN) {
  test(`${title} leaves the outcome unknown`, async () => {
    const outcome = await place(answer);

    assert.equal(outcome.kind, 'unknown');
    assert.equal(outcome.kind === 'unknown' && outcome.code, code);
  });
}

const CUT: [title: string, react: Parameters<typeof startRawServer>[0], code: string][] = [
  ['a close before the answer', (socket) => socket.end(), 'reset'],
  ['a reset before the answer', (socket) => socket.resetAndDestroy(), 'reset'],
  [
    'a reset in the middle of the body',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"orderId":"1"');
      setTimeout(() => socket.resetAndDestroy(), 30);
    },
    'cut_off',
  ],
  [
    'half a body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"orderId":"1"}'),
    'cut_off',
  ],
  [
    'half a body without a length',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"orderId":"1"'),
    'not_json',
  ],
  [
    'an unfinished chunked body',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nf\r\n{"orderId":"1"}\r\n'),
    'cut_off',
  ],
  ['no HTTP at all', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n'), 'not_http'],
];
for (const [title, react, code] of CUT) {
  test(`${title} leaves the outcome unknown`, async () => {
    const outcome = await placeRaw(react);

    assert.equal(outcome.kind, 'unknown');
    assert.equal(outcome.kind === 'unknown' && outcome.code, code);
  });
}

test('an early hint does not stand for the answer', async () => {
  const body = JSON.stringify(ACK);

  const outcome = await placeRaw((socket) =>
    socket.write(
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ),
  );

  assert.deepEqual(outcome, { kind: 'acknowledged', exchangeOrderId: ORDER_ID });
});

test('no answer by the deadline leaves the outcome unknown, in time', async () => {
  const begun = Date.now();

  const outcome = await placeRaw(() => undefined, 150);

  assert.deepEqual([outcome.kind, outcome.kind === 'unknown' && outcome.code], ['unknown', 'timeout']);
  assert.ok(Date.now() - begun < 400);
});

test('a body that trickles beyond the deadline leaves the outcome unknown', async () => {
  const outcome = await placeRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n');
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  }, 150);

  assert.deepEqual([outcome.kind, outcome.kind === 'unknown' && outcome.code], ['unknown', 'timeout']);
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

test('nothing left when nobody listens', async () => {
  const { client } = clientFor(`http://127.0.0.1:${await closedPort()}`);

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon());

  assert.deepEqual(outcome, { kind: 'unsent', reason: 'connect_failed: ECONNREFUSED' });
  await client.close();
});

test('nothing left when the name does not exist', async () => {
  const { client } = clientFor('http://mexc.invalid');

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon(5000));

  assert.equal(outcome.kind, 'unsent');
  await client.close();
});

test('nothing left when the TLS handshake fails', async () => {
  const server = await startRawServer(() => undefined);
  const { client } = clientFor(server.url.replace('http:', 'https:'));
  const order = await client.signOrder(REQUEST, TERMS);

  const stuck = await client.sendOrder(order, soon(200));
  assert.deepEqual(stuck, { kind: 'unsent', reason: 'deadline' });
  await server.close();

  const plain = await startServer(() => ({ body: ACK }));
  const { client: other } = clientFor(plain.url.replace('http:', 'https:'));
  const refused = await other.sendOrder(await other.signOrder(REQUEST, TERMS), soon());
  assert.equal(refused.kind, 'unsent');
  assert.equal(plain.requests.length, 0);
  await Promise.all([client.close(), other.close(), plain.close()]);
});

test('past the deadline, or a moment before it, nothing is sent', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url);
  const order = await client.signOrder(REQUEST, TERMS);

  for (const deadline of [Date.now() - 1000, Date.now() + 2, Number.NaN]) {
    assert.deepEqual(await client.sendOrder(order, { deadline }), { kind: 'unsent', reason: 'deadline' });
  }

  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('without a key nothing is sent, and nothing is thrown', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url, { credentials: () => Promise.reject(new Error('no secret')) });
  const foreign = { clientOrderId: 'a', test: false, target: '/api/v3/order?symbol=MXUSDT&signature=0' };

  assert.deepEqual(await client.sendOrder(foreign, soon()), { kind: 'unsent', reason: 'no_credentials' });

  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('a key with a line break is refused before anything leaves', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const keys = { accessKey: 'abc\r\nx: y', secretKey: SECRET_KEY };
  const { client } = clientFor(server.url, { credentials: async () => keys });

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon());

  assert.equal(outcome.kind, 'unsent');
  assert.doesNotMatch(JSON.stringify(outcome), /abc/);
  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('a key that is replaced between signing and sending does not mix with the old signature', async () => {
  const server = await startServer(() => ({ body: ACK }));
  let accessKey = 'old';
  const { client } = clientFor(server.url, {
    credentials: async () => ({ accessKey, secretKey: SECRET_KEY }),
  });
  const order = await client.signOrder(REQUEST, TERMS);

  accessKey = 'new';
  await client.sendOrder(order, soon());

  assert.equal(server.requests[0]?.headers['x-mexc-apikey'], 'old');
  await client.close();
  await server.close();
});

test('after closing nothing is sent', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url);
  const order = await client.signOrder(REQUEST, TERMS);

  await client.close();

  assert.deepEqual(await client.sendOrder(order, soon()), { kind: 'unsent', reason: 'closed' });
  await server.close();
});
