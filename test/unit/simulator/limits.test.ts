import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import {
  createExchange,
  type ExchangeOptions,
  manualClock,
  SIMULATOR_KEYS,
} from '../../../lib/simulator/exchange.ts';
import { ROUTES } from '../../../lib/simulator/execute.ts';
import { COSTS } from '../../../lib/simulator/weights.ts';
import { BUY, START, signedTarget } from './simulator-client.ts';

const HOME = '10.0.0.1';

function open(limits: ExchangeOptions['limits'] = 'strict', more: Partial<ExchangeOptions> = {}) {
  const clock = manualClock(START);
  const exchange = createExchange({ seed: 'limits', clock, limits, ...more });
  const send = (
    method: string,
    path: string,
    params: Record<string, string> = {},
    { address = HOME, key = SIMULATOR_KEYS.trade as { accessKey: string; secretKey: string } } = {},
  ) => {
    const { reply } = exchange.step({
      method,
      target: signedTarget(path, params, clock.now(), key),
      headers: { 'x-mexc-apikey': key.accessKey, 'content-type': 'application/json' },
      address,
    });
    assert.ok(reply !== 'drop');
    const body = JSON.parse(reply.body);
    return { status: reply.status, code: body.code, retryAfter: reply.headers['Retry-After'] };
  };
  const order = (params = {}, from = {}) => send('POST', '/api/v3/order', { ...BUY, ...params }, from);
  const ping = (address = HOME) => {
    const { reply } = exchange.step({ method: 'GET', target: '/api/v3/ping', address });
    assert.ok(reply !== 'drop');
    return { status: reply.status, retryAfter: reply.headers['Retry-After'], body: JSON.parse(reply.body) };
  };
  const limits_ = () => exchange.journal().map(({ limit }) => limit);
  return { clock, exchange, send, order, ping, refusers: limits_ };
}

/** How many of `count` calls are answered 200. */
function passed(count: number, call: () => { status: number }): number {
  let passing = 0;
  for (let i = 0; i < count; i++) passing += Number(call().status === 200);
  return passing;
}

test('every endpoint has a cost', () => {
  assert.deepEqual(
    Object.keys(ROUTES).filter((route) => COSTS[route] === undefined),
    [],
  );
});

test('placing and cancelling share twelve calls a second, over any second', () => {
  const { clock, order, send, exchange, refusers } = open();
  const cancel = () => send('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });

  assert.equal(passed(6, order), 6);
  clock.advance(600);
  assert.equal(passed(6, cancel), 6);
  const refused = order();
  assert.deepEqual([refused.status, refused.code, refused.retryAfter], [429, 429, '1']);
  assert.equal(refusers().at(-1), 'order');
  clock.advance(399);
  assert.equal(order().status, 429, 'the first six are still within the second');
  clock.advance(1);
  assert.equal(passed(7, order), 6, 'and now they are not');

  const entry = exchange.journal().at(-1);
  assert.deepEqual([entry?.executed, entry?.executedAt, entry?.status], [false, null, 429]);
});

test('a refused order leaves nothing behind and costs nothing', () => {
  const { clock, order, exchange } = open();
  passed(15, order);

  assert.equal(exchange.truth().orders.length, 12);
  clock.advance(1000);
  assert.equal(passed(12, order), 12);
  const { budgets, refused, banned } = exchange.usage();
  const budget = budgets.find((row) => row.budget === 'order');
  assert.deepEqual([budget?.of, budget?.peak, budget?.refused], ['10000001', 12, 3]);
  assert.deepEqual([refused, banned], [3, 0]);
});

test('a test order is weighed like a read and is no order', () => {
  const { send, order } = open({
    uidCalls: { most: 100, windowMs: 1000 },
    ipCalls: { most: 100, windowMs: 1000 },
  });

  assert.equal(
    passed(20, () => send('POST', '/api/v3/order/test', BUY)),
    20,
  );
  assert.equal(passed(13, order), 12);
});

test('account answers twice a second', () => {
  const { clock, send, refusers } = open();
  const account = () => send('GET', '/api/v3/account');

  assert.equal(passed(3, account), 2);
  assert.equal(refusers().at(-1), 'account');
  clock.advance(1000);
  assert.equal(passed(2, account), 2);
});

test('a batch of any size is one order call, and only two of them go a second', () => {
  const { clock, send, order, refusers } = open();
  const batch = () => send('POST', '/api/v3/batchOrders', { batchOrders: JSON.stringify([BUY, BUY, BUY]) });

  assert.equal(passed(3, batch), 2);
  assert.equal(refusers().at(-1), 'batch');
  assert.equal(passed(12, order), 10, 'of the shared budget two are gone');
  clock.advance(1000);
  assert.equal(passed(2, batch), 2);
});

test('an address has 300 of weight in ten seconds, and says how long to wait', () => {
  const { clock, send, exchange, refusers } = open();
  const info = () => send('GET', '/api/v3/exchangeInfo');

  assert.equal(passed(12, info), 12);
  clock.advance(4000);
  const refused = info();
  assert.deepEqual([refused.status, refused.retryAfter, refusers().at(-1)], [429, '6', 'ipWeight']);
  assert.equal(
    send('GET', '/api/v3/exchangeInfo', {}, { address: '10.0.0.2' }).status,
    200,
    'another address',
  );
  clock.advance(6000);
  assert.equal(info().status, 200);
  assert.equal(exchange.usage().budgets.find(({ budget }) => budget === 'ipWeight')?.peak, 300);
});

test('signed reads count against the account too, from however many addresses they come', () => {
  const { clock, send, refusers } = open();
  let passing = 0;
  for (let i = 0; i < 60; i++) {
    clock.advance(100);
    passing += Number(
      send('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT' }, { address: `10.0.1.${i % 6}` }).status === 200,
    );
  }

  assert.equal(passing, 50);
  assert.equal(refusers().at(-1), 'uidWeight');
});

test('twenty calls of any kind a second from one address, and for one account', () => {
  const byAddress = open();
  assert.equal(passed(21, byAddress.ping), 20);
  assert.equal(byAddress.refusers().at(-1), 'ipCalls');

  const byAccount = open();
  let from = 0;
  const read = () =>
    byAccount.send(
      'GET',
      '/api/v3/order',
      { symbol: 'SOLUSDT', orderId: 'x' },
      { address: `10.0.2.${from++}` },
    );
  const codes = Array.from({ length: 21 }, () => read().code);
  assert.deepEqual([codes.filter((code) => code === -2013).length, codes.at(-1)], [20, 429]);
  assert.equal(byAccount.refusers().at(-1), 'uidCalls');
});

test('two accounts behind one address have an order budget each', () => {
  const [account] = DEFAULT_ACCOUNTS;
  const other = { accessKey: 'mx0secondone', secretKey: 'second' };
  const accounts = [account!, { ...account!, uid: '2', keys: [{ ...account!.keys[0]!, ...other }] }];
  const roomy = { ipCalls: { most: 100, windowMs: 1000 } };
  const { order } = open(roomy, { accounts });

  assert.equal(passed(13, order), 12);
  assert.equal(
    passed(13, () => order({}, { key: other })),
    12,
  );
});

test('who goes on in spite of ten refusals is banned, each time for twice as long', () => {
  const { clock, ping, exchange, refusers } = open();
  const provoke = () => {
    passed(29, ping);
    return ping();
  };

  const first = provoke();
  assert.deepEqual([first.status, first.retryAfter, first.body.code], [418, '120', 418]);
  assert.equal(refusers().at(-1), 'ban');
  assert.equal(ping('10.0.0.9').status, 200, 'the ban is on the address');
  clock.advance(119_999);
  assert.deepEqual([ping().status, ping().retryAfter], [418, '1']);
  clock.advance(1);
  assert.equal(ping().status, 200);
  clock.advance(1000);
  assert.equal(provoke().retryAfter, '240');
  assert.deepEqual([exchange.usage().refused, exchange.usage().banned], [18, 4]);
});

test('a ban never lasts longer than three days', () => {
  const { clock, ping } = open({ ban: { refusals: 1 } });
  let longest = 0;
  for (let i = 0; i < 15; i++) {
    passed(20, ping);
    longest = Number(ping().retryAfter);
    clock.advance(longest * 1000);
  }

  assert.equal(longest, 259_200);
});

test('ten refusals over more than a minute are no reason for a ban', () => {
  const { clock, ping } = open();
  for (let i = 0; i < 30; i++) {
    passed(20, ping);
    assert.equal(ping().status, 429);
    clock.advance(10_000);
  }
});

test('without Retry-After, and with 510 among the answers', () => {
  const { ping } = open({ retryAfter: false, share510: 0.5, ban: { refusals: 1000 } });
  passed(20, ping);

  const refusals = Array.from({ length: 60 }, () => ping());

  assert.ok(refusals.every(({ status, retryAfter }) => status === 429 && retryAfter === undefined));
  assert.deepEqual(new Set(refusals.map(({ body }) => body.code)), new Set([429, 510]));
});

test('limits are switched on, changed and off again while the exchange runs', () => {
  const { clock, order, ping, exchange } = open('off');

  assert.equal(passed(40, order), 40);
  assert.deepEqual(exchange.usage(), { budgets: [], refused: 0, banned: 0 });
  exchange.apply({ do: 'limits', with: { limits: 'strict' } });
  assert.equal(passed(20, order), 12);
  exchange.apply({ do: 'limits', with: { limits: { order: { most: 15, windowMs: 1000 } } } });
  clock.advance(1000);
  assert.equal(passed(20, order), 15);
  exchange.apply({ do: 'limits', with: { limits: 'off' } });
  assert.equal(passed(40, ping), 40);
});

test('a request lost on its way costs nothing; one whose reply is lost costs a call', () => {
  const { order, exchange, clock } = open();
  exchange.faults.add({ kind: 'answer', status: 503, body: 'busy', match: { times: 1 } });
  const target = signedTarget('/api/v3/order', BUY, clock.now());
  const headers = { 'x-mexc-apikey': SIMULATOR_KEYS.trade.accessKey, 'content-type': 'application/json' };
  const lose = () => exchange.step({ method: 'POST', target, headers, address: HOME });

  lose();
  exchange.faults.add({ kind: 'drop-before', match: { times: 3 } });
  for (let i = 0; i < 3; i++) assert.equal(lose().reply, 'drop');
  exchange.faults.add({ kind: 'drop-after', match: { times: 1 } });
  assert.equal(lose().reply, 'drop');

  assert.equal(passed(12, order), 10);
});

test('a clock set back gives nobody a new budget and takes nobody theirs for longer', () => {
  const { clock, order } = open();
  passed(12, order);

  clock.advance(-3_600_000);
  assert.equal(order().status, 429);
  clock.advance(1000);
  assert.equal(order().status, 200);
});

test('what was used before a snapshot counts after it', () => {
  const { clock, order, exchange } = open();
  passed(12, order);

  const { send } = open('off', { state: JSON.parse(JSON.stringify(exchange.snapshot())), clock });

  assert.equal(send('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' }).status, 429);
});
