import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangeError } from '../../../lib/domain/exchange-errors.ts';
import type { ReadBudget } from '../../../lib/domain/ports.ts';
import type { ReadNeed } from '../../../lib/domain/read-budget.ts';
import type { HttpDispatcher } from '../../../lib/mexc/connections.ts';
import {
  ACK,
  BY_ID,
  clientFor,
  failure,
  manualClock,
  ORDER,
  parametersOf,
  REQUEST,
  serve,
  soon,
  startServer,
  TERMS,
} from './support.ts';
import { skippingTime } from './virtual-time.ts';

const PRICE = { symbol: 'MXUSDT', price: '1' };
/** As many as leave at once. */
const FIRST = ['1', '2', '3', '4', '5', '6', '7', '8'];

/** Gives whatever is asked for at once, and writes it down. */
const generous = () => {
  const taken: ReadNeed[] = [];
  const readBudget: ReadBudget = {
    take: async (need) => {
      taken.push(need);
      return 0;
    },
  };
  return { taken, readBudget };
};

/** A server and a client whose clock stands still, so that nothing of the budget comes back. */
const standing = async (
  answers: Parameters<typeof serve>[0],
  options: { readonly synchronised?: boolean } = {},
) => {
  const clock = manualClock(Date.now());
  const within = (ms = 2_000) => ({ deadline: clock.now() + ms });
  const served = await serve(answers, { ...options, clock });
  return { ...served, within, atOnce: { ...within(), leaveWithin: 0 } };
};

/** A stand-in for undici that answers every price at once, and writes down whose was asked for. */
const immediate = (asked: unknown[] = []): HttpDispatcher => ({
  dispatch: ({ path }, handler) => {
    asked.push(path.split('=')[1]);
    const nothing = () => undefined;
    const controller = {
      aborted: false,
      paused: false,
      reason: null,
      abort: nothing,
      pause: nothing,
      resume: nothing,
    };
    handler.onRequestStart?.(controller, null);
    handler.onResponseStart?.(controller, 200, {}, 'OK');
    handler.onResponseData?.(controller, Buffer.from('{"price":"1"}'));
    handler.onResponseEnd?.(controller, {});
    return true;
  },
});

test('every try of a read takes its own share, orders and cancels none', async () => {
  const time = skippingTime();
  const { taken, readBudget } = generous();
  const bad = { status: 500, body: '' };
  const { client } = await serve([bad, bad, { body: ORDER }, { body: ACK }, { body: ORDER }], {
    ...time,
    readBudget,
  });

  await client.findOrder(BY_ID, time.within(30_000));
  await client.sendOrder(await client.signOrder(REQUEST, TERMS), time.within(30_000));
  await client.cancelOrder(BY_ID, time.within(30_000));

  const one = { calls: 1, weight: 2, account: false };
  assert.deepEqual(taken, [one, one, one]);
});

test('each sample of a measurement takes its share', async () => {
  const { taken, readBudget } = generous();
  const server = await startServer((_request, index) => ({
    body: { serverTime: Date.now() },
    delayMs: index === 0 ? 250 : 0,
  }));
  const { client } = clientFor(server.url, { readBudget });

  await client.measureTime(soon());

  const share = { calls: 1, weight: 1, account: false };
  assert.deepEqual(taken, [share, share]);
  assert.equal(server.requests.length, 2);
});

test('waiting for its turn takes nothing from the time a try has', async () => {
  const time = skippingTime();
  const { client } = clientFor('http://127.0.0.1:9', { ...time, dispatcher: immediate() });

  // The last one waits longer for its turn than a try may take.
  const prices = await Promise.all(
    Array.from({ length: 25 }, () => client.lastPrice('MXUSDT', time.within(60_000))),
  );

  assert.equal(prices.length, 25);
});

test('a read is signed when its turn has come', async () => {
  const time = skippingTime();
  const { client, calls } = await serve([{ body: ORDER }], time);

  // The ninth waits for its turn.
  await Promise.all(Array.from({ length: 9 }, () => client.findOrder(BY_ID, time.within(60_000))));

  const signedAt = calls().map((call) => Number(parametersOf(call).get('timestamp')));
  const apart = Math.max(...signedAt) - Math.min(...signedAt);
  assert.ok(apart >= 1_245, `${apart} ms`);
});

test('a read whose turn cannot come in time is refused without a byte, and not tried again', async () => {
  const { client, calls, within } = await standing([{ body: PRICE }]);
  for (let n = 0; n < 8; n += 1) await client.lastPrice('MXUSDT', within());

  const error = await failure(client.lastPrice('MXUSDT', within(200)));

  assert.deepEqual(
    [error.class, error.code, error.retryable, error.retryAfterMs],
    ['T', 'budget', true, 1_250],
  );
  assert.equal(calls().length, 8);
});

test('a caller may say whose turn a read takes', async () => {
  const asked: unknown[] = [];
  const time = skippingTime();
  const { client } = clientFor('http://127.0.0.1:9', { ...time, dispatcher: immediate(asked) });

  await Promise.all([
    ...FIRST.map((symbol) => client.lastPrice(symbol, time.within(60_000))),
    client.lastPrice('BULK', { ...time.within(60_000), priority: 'bulk' }),
    client.lastPrice('USUAL', time.within(60_000)),
    client.lastPrice('BETTER', { ...time.within(60_000), priority: 'reduction' }),
  ]);

  assert.deepEqual(asked, [...FIRST, 'BETTER', 'USUAL', 'BULK']);
});

test('a read that may not wait measures an unknown clock and still goes on', async () => {
  const prices = Array.from({ length: 6 }, () => ({ body: PRICE }));
  const { client, times, calls, within, atOnce } = await standing([...prices, { body: ORDER }], {
    synchronised: false,
  });
  for (const _ of prices) await client.lastPrice('MXUSDT', within());

  await client.findOrder(BY_ID, atOnce);
  // The budget is used up.

  const error = await failure(client.findOrder(BY_ID, atOnce));

  assert.deepEqual([times.length, calls().length, error.code], [1, 7, 'budget']);
});

test('a measurement waits for its turn too', async () => {
  const { client, times, within } = await standing([{ body: PRICE }]);
  for (let n = 0; n < 8; n += 1) await client.lastPrice('MXUSDT', within());

  const error = await failure(client.measureTime(within(300)));

  assert.deepEqual([error.code, times.length], ['budget', 0]);
});

test('an order leaves the reads their budget, a test order takes the place of one', async () => {
  for (const [isTest, answer, expected] of [
    [false, { body: ACK }, 'FILLED'],
    [true, { body: {} }, 'budget'],
  ] as const) {
    const reads = Array.from({ length: 7 }, () => ({ body: ORDER }));
    const { client, within, atOnce } = await standing([...reads, answer, { body: ORDER }]);
    for (const _ of reads) await client.findOrder(BY_ID, within());
    await client.sendOrder(await client.signOrder(REQUEST, { ...TERMS, test: isTest }), within());

    const seen = await client.findOrder(BY_ID, atOnce).then(
      (order) => order?.status,
      (error: ExchangeError) => error.code,
    );

    assert.equal(seen, expected);
  }
});
