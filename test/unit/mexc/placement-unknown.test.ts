import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACK, type Answer, ORDER_ID, place, placeRaw, type startRawServer } from './support.ts';

const UNKNOWN: [title: string, answer: Answer, code: string][] = [
  ['5xx with JSON', { status: 503, body: { code: 503, msg: 'try again' } }, '503'],
  ['5xx with a code that refuses', { status: 500, body: { code: 30087, msg: 'out of range' } }, '30087'],
  ['5xx with a code that turns away', { status: 503, body: { code: 429, msg: 'x' } }, '429'],
  ['5xx with a refused timestamp', { status: 500, body: { code: 700003, msg: 'x' } }, '700003'],
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
