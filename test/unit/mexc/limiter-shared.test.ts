import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ReadBudget } from '../../../lib/domain/ports.ts';
import { afterLeaving, mayLeaveAt, NOTHING_USED, type ReadNeed } from '../../../lib/domain/read-budget.ts';
import { needOf, ORDER_CALL } from '../../../lib/mexc/weights.ts';
import {
  assertSettledInTime,
  assertWithinBudgets,
  events,
  happen,
  leftAfter,
  setUp,
  T,
} from './limiter-support.ts';
import { virtualTime } from './virtual-time.ts';

const ORDER = '/api/v3/order';
const TRADES = '/api/v3/myTrades';
const ACCOUNT = '/api/v3/account';
const SAMPLES = needOf('/api/v3/time', 3);

interface Given {
  readonly need: ReadNeed;
  readonly latest: number;
  readonly at: number | undefined;
}

/** What all processes share, an answer `ms` after each question; `given` holds what was taken. */
const store = (time: ReturnType<typeof virtualTime>, ms = 0) => {
  const given: Given[] = [];
  let use = NOTHING_USED;
  const budget: ReadBudget = {
    take: async (need, latest, { deadline }) => {
      const free = mayLeaveAt(use, need, time.now());
      const at = free <= latest ? free : undefined;
      if (at !== undefined) use = afterLeaving(use, need, at);
      given.push({ need, latest, at });
      if (ms > 0) await time.sleep(Math.min(ms, deadline - time.now()));
      return at;
    },
  };
  return {
    budget,
    given,
    /** So many reads of other processes. */
    take: (calls: number) => {
      use = afterLeaving(use, { calls, weight: 0, account: false }, time.now());
    },
  };
};

const shared = (ms = 0) => {
  const time = virtualTime(T);
  const all = store(time, ms);
  return { ...all, ...setUp(all.budget, time) };
};

test('each read takes what it needs of the shared budget and leaves at the time it was given', async () => {
  const { time, ask, asked, given, take } = shared();
  take(8);

  for (const need of [TRADES, SAMPLES, ACCOUNT] as const) ask(need);
  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [1_250, 1_250, 1_250]);
  const latest = T + 60_000 - 20;
  assert.deepEqual(given, [
    { need: { calls: 1, weight: 10, account: false }, latest, at: T + 1_250 },
    { need: { calls: 3, weight: 1, account: false }, latest, at: T + 1_250 },
    { need: { calls: 1, weight: 10, account: true }, latest, at: T + 1_250 },
  ]);
});

test('cancels and placements take nothing of it', async () => {
  const { time, ask, asked, place, given } = shared();

  ask(ORDER_CALL);
  assert.equal(place(), true);
  await time.settle();

  assert.deepEqual(leftAfter(asked), [0]);
  assert.deepEqual(given, []);
});

test('a read for which there is no time before its deadline is refused as soon as the store says so', async () => {
  const { time, ask, take } = shared();
  take(8);

  const late = ask(ORDER, 1_269);
  await time.settle();

  assert.deepEqual([late.refusedAt, late.error?.code], [T, 'budget']);
});

test('a read that is only worth making soon takes no later time', async () => {
  const { time, ask, asked, given, take } = shared();
  take(8);

  for (const leaveWithin of [1_249, 1_250]) ask(ORDER, 9_000, 'evidence', leaveWithin);
  await time.advance(1_500);
  ask(ORDER, 9_000, 'evidence', 0);
  await time.settle();

  assert.deepEqual(leftAfter(asked), [undefined, 1_250, 1_500]);
  assert.deepEqual([asked[0]?.refusedAt, asked[0]?.error?.code], [T, 'budget']);
  assert.deepEqual(
    given.map(({ latest }) => latest),
    [T + 1_249, T + 1_250, T + 1_500],
  );
});

test('several reads that are only worth making soon each ask for themselves, however long an answer takes', async () => {
  const { time, ask, asked, take } = shared(30);
  take(4);
  for (let n = 0; n < 6; n += 1) ask(ORDER, 9_000, 'evidence', 300);

  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [30, 60, 90, 120, undefined, undefined]);
  assert.deepEqual(
    asked.slice(4).map(({ refusedAt }) => refusedAt),
    [T + 150, T + 180],
  );
});

test('who waits for a given time holds up his equals, never his betters', async () => {
  const { time, ask, take } = shared();
  for (let n = 0; n < 8; n += 1) {
    take(1);
    await time.advance(100);
  }
  const bulk = [ask(ORDER, 60_000, 'bulk'), ask(ORDER, 60_000, 'bulk'), ask(ORDER, 60_000, 'bulk')];
  await time.advance(100);

  const entry = ask(ORDER, 60_000, 'entry');
  await time.settle();
  take(2);
  await time.advance(9_000);

  assert.deepEqual(leftAfter([...bulk, entry]), [1_250, 1_650, 1_750, 1_350]);
});

test('a pause that begins while a read waits for its given time counts', async () => {
  const { time, limiter, ask, take } = shared();
  take(8);
  const short = ask(ORDER, 3_000, 'entry');
  const long = ask(ORDER, 60_000, 'reduction');
  await time.advance(100);

  limiter.pause(T + 5_000);
  await time.advance(20_000);

  assert.deepEqual([short.refusedAt, short.error?.code], [T + 100, 'paused']);
  assert.deepEqual(leftAfter([long]), [5_000]);
});

test('a process that slept over the time it was given asks for another', async () => {
  const { time, ask, take, given } = shared();
  take(8);
  const [patient, stale] = [ask(ORDER, 90_000, 'entry'), ask(ORDER, 3_000, 'bulk')];
  await time.settle();

  time.jump(30_000);
  take(8);
  await time.advance(5_000);

  assert.deepEqual([patient.leftAt, stale.error?.code], [T + 31_250, 'budget']);
  assert.deepEqual(
    given.map(({ at }) => at),
    [T + 1_250, T + 31_250],
  );
});

test('two accounts of this process leave within 1250 ms, whatever the store gives', async () => {
  const time = virtualTime(T);
  const { ask, asked } = setUp({ take: async () => time.now() }, time);
  for (const priority of ['evidence', 'bulk', 'entry'] as const) ask(ACCOUNT, 60_000, priority);

  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [0, 1_250, 0]);
});

test('a store that answers after the deadline has answered too late', async () => {
  const time = virtualTime(T);
  const { ask } = setUp({ take: () => time.sleep(600).then(() => T) }, time);

  const read = ask(ORDER, 500);
  await time.advance(1_000);

  assert.deepEqual([read.leftAt, read.error?.code], [undefined, 'budget']);
});

test('a store that fails refuses the read, and the next one asks again', async () => {
  const time = virtualTime(T);
  const answers = [() => Promise.reject(new Error('no store')), async () => T];
  const { ask } = setUp({ take: () => answers.shift()?.() ?? assert.fail('asked too often') }, time);

  const [first, second] = [ask(ORDER), ask(ORDER)];
  await time.settle();

  assert.deepEqual(
    [first.error?.code, first.error?.retryable, first.error?.retryAfterMs],
    ['budget', true, undefined],
  );
  assert.equal(second.leftAt, T);
});

test('three processes that want the account get it twice within a second, never three times', async () => {
  const time = virtualTime(T);
  const { budget } = store(time);
  const processes = [setUp(budget, time), setUp(budget, time), setUp(budget, time)];

  const asked = processes.map(({ ask }) => ask(ACCOUNT));
  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [0, 0, 1_250]);
});

test('whatever three processes ask, together they stay within the budgets, and nobody waits beyond the deadline', async () => {
  const which = fc.array(fc.nat(2), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(events, which, fc.oneof(fc.constant(0), fc.nat(30)), async (all, whose, latency) => {
      const time = virtualTime(T);
      const { budget } = store(time, latency);
      const processes = [setUp(budget, time), setUp(budget, time), setUp(budget, time)] as const;
      for (const [n, event] of all.entries()) {
        // Orders have another bound across processes: their tickets.
        if (event.what !== 'placement' && event.what !== 'cancel')
          await happen(event, processes[(whose[n] ?? 0) as 0 | 1 | 2]);
      }
      await time.advance(60_000);

      const asked = processes.flatMap((one) => one.asked);
      assertSettledInTime(asked, latency);
      assertWithinBudgets(asked, []);
      assert.equal(time.timers(), 0);
    }),
    { numRuns: 200 },
  );
});
