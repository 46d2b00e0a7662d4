import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import { ERROR_TABLE } from '../../../lib/simulator/error-table.ts';
import { type CommandInput, SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { type Bench, BUY, hmac, openBench, type Parsed, START } from './simulator-client.ts';

const { trade, read } = SIMULATOR_KEYS;
const SOL = { symbol: 'SOLUSDT' };
const MARKET = { ...SOL, side: 'BUY', type: 'MARKET', quoteOrderQty: '10' };
const SELL = { ...SOL, side: 'SELL', type: 'LIMIT', quantity: '1', price: '150.00' };

// Section 10.2, row by row; of its long ranges both ends are here.
const DOCUMENTED = [
  -1121, -1127, -1128, -2011, -2013, 26, 400, 401, 402, 403, 406, 429, 510, 500, 501, 503, 504, 511, 701, 702,
  703, 704, 513, 600, 601, 602, 604, 801, 11444, 10001, 10007, 10015, 10072, 10073, 10095, 10096, 10097,
  10102, 10098, 10099, 10100, 10103, 10101, 10200, 10268, 20001, 20002, 22222, 30000, 30001, 30002, 30003,
  30004, 30005, 30010, 30014, 30021, 30016, 30018, 30019, 30020, 30025, 30026, 30027, 30028, 30029, 30032,
  30041, 30087, 33333, 44444, 60005, 70011, 700001, 700002, 700003, 700004, 700005, 700006, 700007, 700008,
  700013, 730000, 730707, 140001, 140002,
];

test('every documented code is in the table', () => {
  assert.deepEqual(
    DOCUMENTED.filter((code) => ERROR_TABLE[code] === undefined),
    [],
  );
});

test('every code can be answered at either HTTP status, and nothing is executed', async () => {
  const { exchange, order } = openBench();
  for (const code of Object.keys(ERROR_TABLE).map(Number)) {
    for (const status of [200, 400]) {
      exchange.faults.clear();
      exchange.faults.add({ kind: 'code', code, status });

      const answer = await order(BUY);

      assert.deepEqual([answer.status, answer.parsed.code], [status, code]);
      assert.ok(answer.parsed.msg.length > 0);
    }
  }
  assert.deepEqual(exchange.truth().orders, []);
});

test('a code without a status comes at its usual one, and may leave an order behind', async () => {
  const { exchange, order } = openBench();
  exchange.faults.add({ kind: 'code', code: 503, executed: true, match: { times: 1 } });
  exchange.faults.add({ kind: 'code', code: 30002, match: { times: 1, nth: 2 } });

  assert.equal((await order(BUY)).status, 503);
  assert.equal((await order(BUY)).status, 400);
  assert.equal(exchange.truth().orders.length, 1);
});

type Provoked = [what: string, code: number, provoke: (bench: Bench) => Promise<Parsed>];

const world =
  (...commands: CommandInput[]) =>
  (bench: Bench): Bench => {
    for (const command of commands) bench.exchange.apply(command);
    return bench;
  };
const rules = (changes: object) => world({ do: 'rules', with: { ...SOL, ...changes } });
const key = (changes: object) => world({ do: 'key', with: { accessKey: trade.accessKey, ...changes } });
const get = ({ exchange }: Bench, query: string, headers: Record<string, string>, method = 'GET') =>
  exchange
    .handle({ method, target: `/api/v3/account?${query}&signature=${hmac(trade.secretKey, query)}`, headers })
    .then((reply) => {
      assert.ok(reply !== 'drop');
      return { status: reply.status, lost: false, text: reply.body, parsed: JSON.parse(reply.body) };
    });

const PROVOKED: Provoked[] = [
  ['a public call on an unknown symbol', -1121, ({ get: ask }) => ask('/api/v3/depth?symbol=NOPE')],
  [
    'a cancel of an unknown order',
    -2011,
    ({ signed }) => signed('DELETE', '/api/v3/order', { ...SOL, orderId: 'x' }),
  ],
  [
    'a question for an unknown order',
    -2013,
    ({ signed }) => signed('GET', '/api/v3/order', { ...SOL, orderId: 'x' }),
  ],
  ['no key', 400, (bench) => get(bench, `timestamp=${START}`, {})],
  ['an expired key', 402, (bench) => key({ expiresAt: START - 1 })(bench).order(BUY)],
  [
    'an address not on the list',
    700006,
    (bench) => key({ ipWhiteList: '10.1.1.1,10.1.1.2' })(bench).order(BUY),
  ],
  [
    'a symbol closed to the API',
    10007,
    ({ order }) => order({ ...BUY, symbol: 'BTCUSDT', price: '87000.00' }),
  ],
  [
    'an unknown key',
    10072,
    (bench) => get(bench, `timestamp=${START}`, { 'x-mexc-apikey': 'mx0nobodyhasit' }),
  ],
  ['a deleted key', 10072, (bench) => key({ revoked: true })(bench).order(BUY)],
  ['no amount', 10095, ({ order }) => order({ ...SOL, side: 'BUY', type: 'LIMIT', price: '140' })],
  ['an amount with too many decimals', 10096, ({ order }) => order({ ...BUY, quantity: '1.0001' })],
  ['an amount that is no number', 10097, ({ order }) => order({ ...BUY, quantity: '1e1' })],
  ['a negative amount', 10102, ({ order }) => order({ ...BUY, quantity: '-1' })],
  ['a suspended symbol', 30000, (bench) => rules({ hidden: { suspended: true } })(bench).order(BUY)],
  ['a side not allowed', 30001, (bench) => rules({ tradeSideType: 3 })(bench).order(BUY)],
  ['too small an order', 30002, ({ order }) => order({ ...BUY, quantity: '0.007' })],
  ['too large an order', 30003, ({ order }) => order({ ...MARKET, quoteOrderQty: '100000.01' })],
  ['a buy without the money', 30004, ({ order }) => order({ ...BUY, quantity: '714.286' })],
  ['a sell without the coins', 30005, ({ order }) => order(SELL)],
  ['an order on an unknown symbol', 30014, ({ order }) => order({ ...BUY, symbol: 'NOPEUSDT' })],
  ['trading disabled', 30016, (bench) => rules({ tradeSideType: 4 })(bench).order(BUY)],
  [
    'market orders disabled',
    30018,
    (bench) => rules({ hidden: { marketDisabled: true } })(bench).order(MARKET),
  ],
  [
    'an account that may not place orders for now',
    30018,
    (bench) => world({ do: 'account', with: { canTrade: false } })(bench).order(BUY),
  ],
  ['market orders not for the API', 30019, ({ order }) => order({ ...MARKET, symbol: 'NOMARKETUSDT' })],
  ['a pair the key is barred from', 70011, (bench) => key({ symbols: ['XRPUSDT'] })(bench).order(BUY)],
  [
    'a market order into an empty book',
    30025,
    ({ order, exchange }) => {
      exchange.setBook('SOLUSDT', { bids: [], asks: [] });
      return order(MARKET);
    },
  ],
  ['buying suspended', 30027, (bench) => rules({ hidden: { buyingSuspended: true } })(bench).order(BUY)],
  ['selling suspended', 30028, (bench) => rules({ hidden: { sellingSuspended: true } })(bench).order(SELL)],
  ['more than may be held', 30032, (bench) => rules({ hidden: { maxPosition: '0.99' } })(bench).order(BUY)],
  ['a type not possible now', 30041, (bench) => rules({ orderTypes: ['MARKET'] })(bench).order(BUY)],
  ['a price out of range', 30087, ({ order }) => order({ ...BUY, price: '156.76' })],
  ['a wrong parameter', 33333, ({ order }) => order({ ...BUY, side: 'buy' })],
  ['a missing parameter', 44444, ({ order }) => order({ ...SOL, side: 'BUY', type: 'LIMIT', quantity: '1' })],
  [
    'an account under investigation',
    60005,
    (bench) => world({ do: 'account', with: { abnormal: true } })(bench).order(BUY),
  ],
  ['an ill-formed key', 700001, (bench) => get(bench, `timestamp=${START}`, { 'x-mexc-apikey': 'hello' })],
  [
    'a wrong secret',
    700002,
    ({ signed }) => signed('GET', '/api/v3/account', {}, { ...trade, secretKey: 'x' }),
  ],
  [
    'a clock a second fast',
    700003,
    (bench) => get(bench, `timestamp=${START + 1000}`, { 'x-mexc-apikey': trade.accessKey }),
  ],
  ['no order id', 700004, ({ signed }) => signed('GET', '/api/v3/order', SOL)],
  ['too long a window', 700005, ({ signed }) => signed('GET', '/api/v3/account', { recvWindow: '60001' })],
  ['a permission the key lacks', 700007, ({ signed }) => signed('POST', '/api/v3/order', BUY, read)],
  ['illegal characters', 700008, ({ order }) => order({ ...BUY, newClientOrderId: 'a.b' })],
  [
    'a wrong content type',
    700013,
    ({ exchange }) =>
      exchange
        .handle({ method: 'POST', target: '/api/v3/order', headers: { 'x-mexc-apikey': trade.accessKey } })
        .then((reply) => {
          assert.ok(reply !== 'drop');
          return { status: reply.status, lost: false, text: reply.body, parsed: JSON.parse(reply.body) };
        }),
  ],
];

describe('what a bot does wrong, or meets, is refused by the natural request', () => {
  for (const [what, code, provoke] of PROVOKED) {
    test(`${what}: ${code}, with either HTTP status`, async () => {
      for (const status of [400, 200] as const) {
        const bench = world({ do: 'errorStatus', with: { status } })(openBench());

        const answer = await provoke(bench);

        assert.deepEqual([answer.status, answer.parsed.code], [status, code]);
        assert.deepEqual(bench.exchange.truth().orders, []);
        assert.equal(bench.exchange.journal().at(-1)?.code, code);
      }
    });
  }
});

test('30018 says whether it means the market or the account', async () => {
  const market = rules({ hidden: { marketDisabled: true } })(openBench());
  const account = world({ do: 'account', with: { canTrade: false } })(openBench());

  assert.match((await market.order(MARKET)).parsed.msg, /market order/i);
  assert.match((await account.order(BUY)).parsed.msg, /account/i);
});

const ALTERNATIVES: [number, number][] = [
  [30014, 30021],
  [30004, 10101],
  [30005, 10101],
  [70011, 30020],
  [700002, 602],
  [700003, 10073],
  [700006, 406],
];

test('where two codes mean one cause, the exchange can be told to use the other', async () => {
  for (const [usual, other] of ALTERNATIVES) {
    const provoke = PROVOKED.find(([, code]) => code === usual)?.[2];
    const bench = world({ do: 'errorStatus', with: { wording: 'alternative' } })(openBench());

    const answer = await provoke?.(bench);

    assert.deepEqual([answer?.status, answer?.parsed.code], [400, other]);
  }
});

test('a key bound to addresses works from them', async () => {
  const bench = key({ ipWhiteList: '10.1.1.1, 127.0.0.1' })(openBench());

  assert.equal((await bench.order(BUY)).status, 200);
});

test('an account under investigation may still be read', async () => {
  const { signed } = world({ do: 'account', with: { abnormal: true } })(openBench());

  assert.equal((await signed('GET', '/api/v3/account')).status, 200);
  assert.equal((await signed('DELETE', '/api/v3/openOrders', SOL)).parsed.code, 60005);
});

test('what is held and what is bought count together against the bound of a position', async () => {
  const [account] = DEFAULT_ACCOUNTS;
  const holding = { ...account!, balances: { USDT: '1000', SOL: '2' } };
  const { order } = rules({ hidden: { maxPosition: '3' } })(openBench({ accounts: [holding] }));

  assert.equal((await order(BUY)).status, 200);
  assert.equal((await order({ ...BUY, quantity: '1.001' })).parsed.code, 30032);
  assert.equal((await order(SELL)).status, 200, 'selling is never too much');
});
