import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { assertSettledInTime, assertWithinBudgets, events, happen, setUp } from './limiter-support.ts';

test('whatever is asked: no budget is exceeded, nobody waits beyond the deadline, nobody passes a better one', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (all) => {
      const harness = setUp();
      for (const event of all) await happen(event, harness);
      await harness.time.advance(60_000);
      const { asked, placed, time } = harness;

      assertSettledInTime(asked);
      assertWithinBudgets(asked, placed);
      const ranks = ['cancel', 'reduction', 'entry', 'evidence', 'listing', 'bulk'];
      const lane = asked.filter(({ need }) => need.kind === 'read');
      for (const [n, one] of lane.entries()) {
        const passed = lane.filter(
          (other, m) =>
            one.leftAt !== undefined &&
            other.askedAt < one.leftAt &&
            (other.leftAt ?? other.refusedAt ?? 0) > one.leftAt &&
            ranks.indexOf(other.priority) - ranks.indexOf(one.priority) < (m < n ? 1 : 0),
        );
        assert.deepEqual(passed, []);
      }
      assert.equal(time.timers(), 0);
    }),
    { numRuns: 150 },
  );
});

test('whatever is asked with time enough leaves, no later than all of it costs', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (all) => {
      const harness = setUp();
      for (const event of all) await happen({ ...event, patience: 600_000, leaveWithin: undefined }, harness);
      const { asked, time } = harness;
      const last = time.now();
      await time.advance(300_000);

      // Of each budget the least that passes whenever it is waited for; at the end a whole window may have to go by.
      const cost = asked.reduce(
        (sum, { need }) =>
          sum +
          Math.max(1_250 / 6, (12_000 / 245) * need.weight, need.kind === 'account' ? 1_250 / 2 : 0) *
            need.calls,
        12_000,
      );
      for (const { leftAt } of asked) assert.ok(leftAt !== undefined && leftAt <= last + cost);
    }),
    { numRuns: 50 },
  );
});

test('whatever is asked, nothing leaves while a pause is in force', async () => {
  const pauses = fc.array(fc.record({ before: fc.nat(59), ms: fc.integer({ min: 1, max: 15_000 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(events, pauses, async (all, some) => {
      const harness = setUp();
      const silent: [from: number, until: number][] = [];
      for (const [n, event] of all.entries()) {
        for (const { ms } of some.filter(({ before }) => before === n)) {
          const from = harness.time.now();
          // What left in the same moment, before the pause was known, is not meant.
          harness.time.jump(1);
          harness.limiter.pause(from + 1 + ms);
          silent.push([from + 1, from + 1 + ms]);
        }
        await happen(event, harness);
      }
      await harness.time.advance(60_000);

      assertSettledInTime(harness.asked);
      assertWithinBudgets(harness.asked, harness.placed);
      const left = [...harness.placed, ...harness.asked.flatMap(({ leftAt }) => leftAt ?? [])];
      for (const [from, until] of silent)
        assert.deepEqual(
          left.filter((at) => at >= from && at < until),
          [],
        );
    }),
    { numRuns: 100 },
  );
});
