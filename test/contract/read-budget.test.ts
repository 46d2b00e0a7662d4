import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReadBudget } from '../../lib/domain/ports.ts';
import type { ReadNeed } from '../../lib/domain/read-budget.ts';
import { openStore, type Process, type Store, standingClock } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const T = 1_800_000_000_000;
const options = { deadline: T + 60_000 };

const ORDER: ReadNeed = { calls: 1, weight: 2, account: false };
const RULES: ReadNeed = { calls: 1, weight: 25, account: false };
const SAMPLES: ReadNeed = { calls: 3, weight: 1, account: false };
const ACCOUNT: ReadNeed = { calls: 1, weight: 10, account: true };

const NINE = Array.from({ length: 9 }, () => ORDER);
const times = (count: number, at: number): number[] => Array.from({ length: count }, () => at);

/** Times of these reads, one after the other, ms after the start. */
const timesOf = async (reads: ReadBudget, needs: readonly ReadNeed[], latest = T + 50_000) => {
  const given: (number | undefined)[] = [];
  for (const need of needs) {
    const at = await reads.take(need, latest, options);
    given.push(at === undefined ? undefined : at - T);
  }
  return given;
};

/** The same for reads that all processes ask for at once; each with what it needs. */
const timesAtOnce = async (several: readonly Process[], needs: readonly ReadNeed[], latest = T + 50_000) => {
  const taken = needs.map(async (need, n) => ({
    need,
    process: n % several.length,
    at: await several[n % several.length]?.reads.take(need, latest, options),
  }));
  return (await Promise.all(taken)).flatMap(({ at, ...rest }) => (at === undefined ? [] : [{ at, ...rest }]));
};

/** No window of time holds more than the exchange allows, whoever asked (reference section 6). */
const assertWithinLimits = (taken: readonly { readonly at: number; readonly need: ReadNeed }[]): void => {
  const most = (ms: number, size: (need: ReadNeed) => number): number =>
    Math.max(
      ...taken.map(({ at: from }) =>
        taken.filter(({ at }) => at >= from && at < from + ms).reduce((sum, { need }) => sum + size(need), 0),
      ),
    );
  assert.ok(most(1_000, ({ calls }) => calls) <= 8, 'eight reads a second');
  assert.ok(most(1_000, ({ account }) => (account ? 1 : 0)) <= 2, 'two account calls a second');
  assert.ok(most(10_000, ({ calls, weight }) => calls * weight) < 300, 'weight in ten seconds');
};

const MIXED: readonly ReadNeed[] = Array.from({ length: 6 }, () => [ORDER, RULES, ACCOUNT, SAMPLES]).flat();

onEveryEngine((engine) => {
  describe('the budget of reads', () => {
    test('lets eight reads leave at once, two of them of account, until they weigh 270 together', async (t) => {
      const fresh = async () => (await openStore(t, engine, { clock: standingClock(T) })).reads;

      assert.deepEqual(await timesOf(await fresh(), NINE), [...times(8, 0), 1_250]);
      assert.deepEqual(await timesOf(await fresh(), [ACCOUNT, ACCOUNT, ORDER, ACCOUNT]), [0, 0, 0, 1_250]);
      assert.deepEqual(await timesOf(await fresh(), [SAMPLES, SAMPLES, ORDER, SAMPLES]), [0, 0, 0, 1_250]);
      assert.deepEqual(
        await timesOf(
          await fresh(),
          Array.from({ length: 11 }, () => RULES),
        ),
        [...times(8, 0), ...times(2, 1_250), 12_000],
      );
    });

    test('goes on from what is used up, and from now after a rest', async (t) => {
      const clock = standingClock(T);
      const { reads } = await openStore(t, engine, { clock });

      assert.deepEqual(await timesOf(reads, NINE), [...times(8, 0), 1_250]);
      clock.at = T + 1_300;
      assert.deepEqual(await timesOf(reads, [ORDER, ORDER]), [1_300, 1_300]);
      clock.at = T + 5_000;
      assert.deepEqual(await timesOf(reads, NINE), [...times(8, 5_000), 6_250]);
    });

    test('is given up to the latest moment and not a millisecond after, and a refusal uses nothing up', async (t) => {
      const { reads } = await openStore(t, engine, { clock: standingClock(T) });
      assert.deepEqual(await timesOf(reads, [ORDER], T - 1), [undefined]);
      assert.deepEqual(await timesOf(reads, NINE, T), [...times(8, 0), undefined]);

      const refused = [undefined, undefined, undefined];
      assert.deepEqual(await timesOf(reads, [ORDER, SAMPLES, RULES], T + 1_249), refused);
      assert.deepEqual(await timesOf(reads, NINE, T + 1_250), [...times(8, 1_250), undefined]);
    });

    test('is one for all processes, and goes on where another left it', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const other = await store.process(clock);

      assert.deepEqual(await timesOf(store.reads, NINE.slice(5)), times(4, 0));
      assert.deepEqual(await timesOf(other.reads, NINE.slice(4)), [...times(4, 0), 1_250]);
      assert.deepEqual(await timesOf(store.reads, [ORDER], T + 1_249), [undefined]);
      assert.deepEqual(await timesOf(store.reads, [ORDER]), [1_250]);
    });

    test('is used to the full by three processes at once, and never exceeded', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const several = [store, await store.process(clock), await store.process(clock)];

      const orders = await timesAtOnce(
        several,
        Array.from({ length: 24 }, () => ORDER),
        T + 1_250,
      );

      assertWithinLimits(orders);
      assert.ok(orders.every(({ at }) => at >= T && at <= T + 1_250));
      // What was repeated, on a slow machine, may have been taken twice.
      assert.ok(orders.length <= 16 && orders.length >= 12, `${orders.length} reads`);
    });

    test('is not exceeded by three processes that want all kinds of reads at once', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const several = [store, await store.process(clock), await store.process(clock)];

      const taken = await timesAtOnce(several, MIXED);

      assert.equal(taken.length, MIXED.length);
      assertWithinLimits(taken);
    });

    test('is not exceeded by processes whose clocks are seconds apart, and none is sent to its past', async (t) => {
      const clocks = [standingClock(T), standingClock(T + 2_000), standingClock(T - 2_000)];
      const store = await openStore(t, engine, { clock: clocks[0]! });
      const several = [store, await store.process(clocks[1]!), await store.process(clocks[2]!)];

      const taken = await timesAtOnce(several, MIXED);

      assert.equal(taken.length, MIXED.length);
      assertWithinLimits(taken);
      for (const { at, process } of taken) assert.ok(at >= clocks[process]!.now());
    });

    test('costs one request, two where another process came in between, and none to be refused', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const other = await store.process(clock);
      const requests = async ({ reads }: Process, latest = T): Promise<number> => {
        store.proxy.forget();
        await reads.take(ORDER, latest, options);
        return store.proxy.calls.length;
      };

      assert.deepEqual(
        [await requests(store), await requests(store), await requests(other), await requests(store)],
        [1, 1, 2, 2],
      );
      for (let n = 0; n < 4; n += 1) await requests(store);
      assert.deepEqual([await requests(store), await requests(other), await requests(other)], [0, 1, 0]);
    });

    test('is used up, never given twice, when an answer is lost', async (t) => {
      const store = await openStore(t, engine, { clock: standingClock(T) });
      for (let n = 0; n < 4; n += 1) store.proxy.next('UpdateItem', { kind: 'apply-then-drop' });

      const taken = await timesAtOnce(
        [store],
        Array.from({ length: 6 }, () => ORDER),
      );

      assert.equal(taken.length, 6);
      assertWithinLimits(taken);
    });

    test('counts what left before, however far ahead another read was put', async (t) => {
      const { reads } = await openStore(t, engine, { clock: standingClock(T) });

      const heavy = await timesOf(
        reads,
        Array.from({ length: 14 }, () => RULES),
      );

      assert.deepEqual(heavy, [...times(8, 0), ...times(2, 1_250), ...times(4, 12_000)]);
    });

    test('is apart from the send tickets', async (t) => {
      const { pace, reads } = await openStore(t, engine, { clock: standingClock(T) });

      await timesOf(reads, NINE, T);

      assert.equal(await pace.ticket(T, options), T);
      assert.deepEqual(await timesOf(reads, [ORDER]), [1_250]);
    });
  });

  describe('a pause', () => {
    const pause = (store: Store, until: number) => store.pace.pause(T + until, options);

    test('lets no read leave before its end, of no process', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const other = await store.process(clock);
      assert.deepEqual(await timesOf(other.reads, [ORDER]), [0]);

      await pause(store, 5_000);
      await pause(store, 4_000);

      for (const { reads } of [other, store, await store.process(clock)]) {
        assert.deepEqual(await timesOf(reads, [ORDER], T + 4_999), [undefined]);
        assert.deepEqual(await timesOf(reads, [ORDER]), [5_000]);
      }
      clock.at = T + 7_000;
      assert.deepEqual(await timesOf(other.reads, [ORDER]), [7_000]);
    });

    test('before the first read of all counts too', async (t) => {
      const store = await openStore(t, engine, { clock: standingClock(T) });

      await pause(store, 5_000);

      assert.deepEqual(await timesOf(store.reads, [ORDER], T + 4_999), [undefined]);
      assert.deepEqual(await timesOf(store.reads, [ORDER, RULES]), [5_000, 5_000]);
    });

    test('is not followed by more reads at once than any other moment, however long it was', async (t) => {
      const store = await openStore(t, engine, { clock: standingClock(T) });

      await pause(store, 30_000);

      assert.deepEqual(await timesOf(store.reads, NINE), [...times(8, 30_000), 31_250]);
    });

    test('frees nothing that is used up beyond its end', async (t) => {
      const store = await openStore(t, engine, { clock: standingClock(T) });
      await timesOf(store.reads, NINE, T);

      await pause(store, 1_000);

      assert.deepEqual(await timesOf(store.reads, [ORDER]), [1_250]);
    });
  });
});
