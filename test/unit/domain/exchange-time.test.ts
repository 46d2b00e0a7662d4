import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  borrowed,
  createExchangeClock,
  earliest,
  estimateFrom,
  latest,
  surer,
  type TimeSample,
  uncertaintyAt,
} from '../../../lib/domain/exchange-time.ts';
import { NOW } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Milliseconds, often just after or just before a whole one: there the clocks cut off most. */
const instant = (max: number) =>
  fc.oneof(
    between(0, max),
    fc.tuple(fc.nat({ max }), fc.constantFrom(0.001, 0.5, 0.999)).map(([ms, part]) => ms + part),
  );
/** A world with two clocks: ours reads whole milliseconds, the exchange's differs by an offset and drifts. */
const world = fc.record({
  offset: instant(20_000),
  drift: fc.oneof(fc.constantFrom(-100e-6, 100e-6), between(-100e-6, 100e-6)),
  sentAt: instant(1_000),
  roundTrip: fc.oneof(instant(5_000), fc.constantFrom(0, 4_999, 5_000)),
  /** Where within the round trip the exchange read its clock. */
  readAt: fc.oneof(fc.constantFrom(0, 1), between(0, 1)),
  later: fc.oneof(fc.constantFrom(0, 0.998), instant(7_200_000)),
});

test('The true exchange time is never outside the bounds, whatever offset, round trip and drift', () => {
  always(
    fc.property(world, ({ offset, drift, sentAt, roundTrip, readAt, later }) => {
      const moment = sentAt + roundTrip * readAt;
      const exchangeAt = (local: number) => local + offset + (local - moment) * drift;
      const sample: TimeSample = {
        serverTime: Math.floor(exchangeAt(moment)),
        sentAt: Math.floor(sentAt),
        receivedAt: Math.floor(sentAt + roundTrip),
      };
      const now = sentAt + roundTrip + later;

      for (const estimate of [estimateFrom(sample), borrowed(estimateFrom(sample))]) {
        // The exchange compares whole milliseconds, as it shows them.
        const truth = Math.floor(exchangeAt(now));
        assert.ok(earliest(estimate, Math.floor(now)) <= truth, 'earliest');
        assert.ok(latest(estimate, Math.floor(now)) >= truth, 'latest');
      }
    }),
    { numRuns: 20_000 },
  );
});

test('The bounds are whole milliseconds, since they are signed', () => {
  const estimate = estimateFrom({ serverTime: NOW + 7, sentAt: NOW, receivedAt: NOW + 15 });

  assert.ok(Number.isInteger(earliest(estimate, NOW + 12_345)));
  assert.ok(Number.isInteger(latest(estimate, NOW + 12_345)));
});

test('The uncertainty is half the round trip and a millisecond, and grows by a tenth of a second in a thousand', () => {
  const estimate = estimateFrom({ serverTime: NOW, sentAt: NOW, receivedAt: NOW + 40 });

  assert.equal(uncertaintyAt(estimate, estimate.measuredAt), 21);
  assert.equal(uncertaintyAt(estimate, estimate.measuredAt + 1_000_000), 121);
  assert.equal(
    uncertaintyAt(estimate, estimate.measuredAt - 1_000_000),
    121,
    'a clock that was set back, too',
  );
});

test("Another machine's measurement is less sure by a quarter of a second, and never its own", () => {
  const estimate = estimateFrom({ serverTime: NOW, sentAt: NOW, receivedAt: NOW + 40 });

  assert.deepEqual(borrowed(estimate), { ...estimate, uncertainty: 271, own: false });
});

test('Of two estimates the surer now is taken, so a good old one may lose against a fresh one', () => {
  const fine = estimateFrom({ serverTime: NOW, sentAt: NOW, receivedAt: NOW + 2 });
  const rough = estimateFrom({
    serverTime: NOW + 3_600_000,
    sentAt: NOW + 3_600_000,
    receivedAt: NOW + 3_600_200,
  });

  assert.equal(surer(fine, rough, NOW), fine);
  assert.equal(surer(fine, rough, NOW + 3_600_200), rough);
  assert.equal(surer(undefined, rough, NOW), rough);
  assert.equal(surer(undefined, undefined, NOW), undefined);
});

test('The clock keeps the surest estimate, and forgets all of them when it is told', () => {
  const clock = createExchangeClock(() => NOW);
  const rough = estimateFrom({ serverTime: NOW, sentAt: NOW - 400, receivedAt: NOW });
  const fine = estimateFrom({ serverTime: NOW, sentAt: NOW - 4, receivedAt: NOW });

  for (const estimate of [rough, fine, rough]) clock.adopt(estimate);

  assert.equal(clock.estimate(), fine);
  clock.forget();
  assert.equal(clock.estimate(), undefined);
  clock.adopt(rough);
  assert.equal(clock.estimate(), rough);
});
