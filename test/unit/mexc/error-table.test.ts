import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { PlacementOutcome } from '../../../lib/domain/exchange.ts';
import { ExchangeError, type ExchangeErrorClass } from '../../../lib/domain/exchange-errors.ts';
import type { createMexcClient } from '../../../lib/mexc/client.ts';
import { CODES } from './error-table.ts';
import { type Answer, clientFor, parametersOf, REQUEST, startServer, TERMS } from './support.ts';
import { skippingTime } from './virtual-time.ts';

type Client = ReturnType<typeof createMexcClient>;

/** What became of one call: its result or the letter of its error's class, and how often it was sent. */
interface Seen {
  readonly result: unknown;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly sent: number;
}

const answers = new Map<string, Answer>();
const sent = new Map<string, number>();
let url = '';
before(async () => {
  const server = await startServer((request) => {
    if (request.target === '/api/v3/time') return { body: { serverTime: Date.now() } };
    const symbol = parametersOf(request).get('symbol') ?? '';
    sent.set(symbol, (sent.get(symbol) ?? 0) + 1);
    return answers.get(symbol) ?? { status: 404 };
  });
  url = server.url;
});

/** One call of a fresh process, answered so: whatever it learns stops or slows nobody else. */
const see = async (
  answer: Answer,
  call: (client: Client, symbol: string, options: { deadline: number }) => Promise<unknown>,
): Promise<Seen> => {
  const symbol = `S${answers.size}`;
  answers.set(symbol, answer);
  const time = skippingTime();
  const { client } = clientFor(url, time);
  const count = () => sent.get(symbol) ?? 0;
  try {
    const result = await call(client, symbol, time.within(60_000));
    return { result, sent: count() };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return { result: error.class, code: error.code, retryable: error.retryable, sent: count() };
  } finally {
    await client.close();
  }
};

const by = { clientOrderId: 'mabc-1' };
const place = (answer: Answer) =>
  see(answer, async (client, symbol, options) =>
    client.sendOrder(await client.signOrder({ ...REQUEST, symbol }, TERMS), options),
  );
const read = (answer: Answer) =>
  see(answer, (client, symbol, options) => client.findOrder({ symbol, by }, options));
const cancel = (answer: Answer) =>
  see(answer, (client, symbol, options) => client.cancelOrder({ symbol, by }, options));

const isClock = (code: string): boolean => code === '700003' || code === '10073';

const outcome = (
  { code, letter }: (typeof CODES)[number],
  message: string,
  isServerError: boolean,
): PlacementOutcome => {
  if (isServerError) return { kind: 'unknown', code, message };
  switch (letter) {
    case 'T':
      return {
        kind: 'not-executed',
        code,
        message,
        ...(isClock(code) && { clock: true }),
      };
    case 'U':
    case 'N':
      return { kind: 'unknown', code, message };
    default:
      return { kind: 'refused', class: letter, code, message };
  }
};

/** A read is repeated when its outcome is unknown, and once after a refused timestamp. */
const triesOf = (letter: ExchangeErrorClass, code: string): number => {
  if (letter === 'U') return 3;
  return isClock(code) ? 2 : 1;
};

/** A server error proves nothing of an order, whatever code it has (order protocol T11). */
const WAYS: readonly [
  what: string,
  message: string,
  answer: (code: string) => Answer,
  isServerError?: boolean,
][] = [
  [
    'HTTP 400, as a text, with _extend, in Chinese',
    '请求被拒绝',
    (code) => ({ status: 400, body: { code, msg: '请求被拒绝', _extend: { price: null } } }),
  ],
  [
    'HTTP 200, as a number, in an envelope',
    'refused',
    (code) => ({ status: 200, body: { code: Number(code), msg: 'refused', data: null, timestamp: 1 } }),
  ],
  ['HTTP 500', 'failed', (code) => ({ status: 500, body: { code, msg: 'failed' } }), true],
];

for (const [what, message, answerOf, isServerError = false] of WAYS) {
  describe(`each code of the table with ${what}`, () => {
    test(`to an order ${isServerError ? 'proves nothing' : 'is what its class says of it'}`, async () => {
      await Promise.all(
        CODES.map(async (row) => {
          const expected = { result: outcome(row, message, isServerError), sent: 1 };
          assert.deepEqual(await place(answerOf(row.code)), expected, row.code);
        }),
      );
    });

    test('to a read is an error of its class, repeated where that may help', async () => {
      await Promise.all(
        CODES.map(async ({ code, letter }) => {
          const seen = await read(answerOf(code));
          if (code === '-2013') return assert.deepEqual(seen, { result: undefined, sent: 1 });
          const retryable = letter === 'T' || letter === 'U';
          assert.deepEqual(seen, { result: letter, code, retryable, sent: triesOf(letter, code) }, code);
        }),
      );
    });

    test('to a cancel is an error of its class, and nothing is repeated', async () => {
      await Promise.all(
        CODES.map(async ({ code, letter }) => {
          const seen = await cancel(answerOf(code));
          if (code === '-2011') return assert.deepEqual(seen, { result: 'not-found', sent: 1 });
          const retryable = letter === 'T' || letter === 'U';
          assert.deepEqual(seen, { result: letter, code, retryable, sent: 1 }, code);
        }),
      );
    });
  });
}

const HTML = { 'content-type': 'text/html' };
const ORDER = '{"symbol":"A","orderId":"1","side":"BUY","type":"LIMIT","time":1';
/** No code of the exchange's: order, read (with its tries) and cancel. */
const BARE: readonly [
  what: string,
  answer: Answer,
  code: string,
  order: string,
  read: string,
  tries: number,
][] = [
  ['a page with 403', { status: 403, body: '<html>', headers: HTML }, 'html', 'unknown', 'U', 1],
  ['JSON without a code with 403', { status: 403, body: {} }, 'http_403', 'unknown', 'U', 1],
  ['418 without a body', { status: 418, body: '' }, 'empty', 'not-executed', 'T', 1],
  ['418 as a page', { status: 418, body: '<html>', headers: HTML }, 'html', 'not-executed', 'T', 1],
  ['429 without a body', { status: 429, body: '' }, 'empty', 'not-executed', 'T', 1],
  ['429 with a success code', { status: 429, body: { code: 0 } }, 'http_429', 'not-executed', 'T', 1],
  ['an empty 200', { status: 200, body: '' }, 'empty', 'unknown', 'U', 3],
  ['cut-off JSON with 200', { status: 200, body: ORDER }, 'not_json', 'unknown', 'U', 3],
  ['cut-off JSON with 400', { status: 400, body: '{"code":30004,"ms' }, 'not_json', 'unknown', 'U', 1],
  ['a page with 200', { status: 200, body: '<!doctype html>' }, 'html', 'unknown', 'U', 3],
  ['a page with 502', { status: 502, body: '<html>', headers: HTML }, 'html', 'unknown', 'U', 3],
  ['JSON without a code with 503', { status: 503, body: {} }, 'http_503', 'unknown', 'U', 3],
  ['JSON without a code with 400', { status: 400, body: { msg: '参数错误' } }, 'http_400', 'unknown', 'U', 1],
  ['a success code with 400', { status: 400, body: { code: 200 } }, 'http_400', 'unknown', 'U', 1],
  [
    'a code that is no text',
    { status: 200, body: { code: {}, orderId: '1' } },
    'unreadable',
    'unknown',
    'U',
    1,
  ],
  ['an unknown code with 200', { status: 200, body: { code: 987654 } }, '987654', 'unknown', 'U', 1],
  ['an unknown code with 400', { status: 400, body: { code: '-2010' } }, '-2010', 'unknown', 'U', 1],
  ['401 without JSON', { status: 401, body: 'no' }, 'not_json', 'unknown', 'C', 1],
  ['404', { status: 404, body: '' }, 'empty', 'unknown', 'U', 1],
];
for (const [what, answer, code, order, letter, tries] of BARE) {
  test(`${what}: an order is ${order}, a read or a cancel fails with class ${letter}`, async () => {
    const [placed, found, cancelled] = await Promise.all([place(answer), read(answer), cancel(answer)]);

    const { kind, ...rest } = placed.result as PlacementOutcome;
    assert.deepEqual([kind, 'code' in rest && rest.code, placed.sent], [order, code, 1]);
    assert.deepEqual([found.result, found.code, found.sent], [letter, code, tries]);
    assert.deepEqual([cancelled.result, cancelled.code, cancelled.sent], [letter, code, 1]);
  });
}

test('30018 is about the market, or about the account if its text says so', async () => {
  const placed = async (msg: string) => {
    const { result } = await place({ status: 400, body: { code: 30018, msg } });
    return (result as Extract<PlacementOutcome, { kind: 'refused' }>).class;
  };

  assert.equal(await placed('Market orders are disabled for this pair'), 'M');
  assert.equal(await placed('市价单暂不可用'), 'M');
  assert.equal(await placed('Your account may not place orders for now'), 'C');
  assert.equal(await placed('该账户暂时无法下单'), 'C');
});
