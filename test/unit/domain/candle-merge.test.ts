import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SLOTS } from '../../../lib/domain/candle-interval.ts';
import { type CandleFetch, mergeFetch } from '../../../lib/domain/candle-merge.ts';
import { type CandleWindow, holesIn, readSlots, slotsText } from '../../../lib/domain/candle-window.ts';
import {
  aCandle,
  aFetch,
  anEmptyWindow,
  candlesFrom,
  FIRST,
  HOUR,
  TEN,
  WINDOW,
} from '../../support/candle-builders.ts';

const MINUTE = 60_000;

const after = (...fetches: readonly CandleFetch[]): CandleWindow =>
  fetches.reduce((window, fetch) => mergeFetch(window, fetch) ?? window, anEmptyWindow());
const slots = (window: CandleWindow): string => slotsText(window.slots);

describe('a fetch', () => {
  test('of a whole hour and what is around it fills the window and seals it', () => {
    const window = after(aFetch(candlesFrom(-10, 70)));

    assert.equal(slots(window), 'c60');
    assert.deepEqual(window.sealed, { by: 'backfill', at: TEN + 2 * HOUR });
    assert.equal(window.version, 1);
  });

  test('that says the same again changes nothing, not even the version', () => {
    const fetch = aFetch(candlesFrom(-10, 70));

    assert.equal(mergeFetch(after(fetch), { ...fetch, asOf: fetch.asOf + HOUR }), undefined);
  });

  test('with other values is taken over and counted, and sealed again', () => {
    const changed = candlesFrom(-10, 70).map((candle, n) =>
      n === 30 ? { ...candle, close: '150' } : candle,
    );

    const window = after(aFetch(candlesFrom(-10, 70)), aFetch(changed, { asOf: TEN + 3 * HOUR, by: 'pull' }));

    assert.equal(window.revisions, 1);
    assert.deepEqual(window.sealed, { by: 'pull', at: TEN + 3 * HOUR });
    assert.equal(window.version, 2);
  });
});

describe('a candle that is forming', () => {
  const forming = (patch: object = {}) => [
    ...candlesFrom(0, 5),
    aCandle(FIRST + 5, { closed: false, ...patch }),
  ];
  const now = { asOf: TEN + 5 * MINUTE + 30_000, first: FIRST, end: FIRST + 6 };

  test('is never taken', () => {
    assert.equal(slots(after(aFetch(forming(), now))), 'c5-55');
    // Nor by a clock that says otherwise: the client measured the moment at which it asked.
    assert.equal(slots(after(aFetch(forming(), { ...now, asOf: TEN + HOUR }))), 'c5-55');
  });

  test('is not taken when its close time is past by less than the exchange’s clocks may differ, unless another has begun', () => {
    const justClosed = { ...now, asOf: TEN + 6 * MINUTE + 999 };
    const closed = forming({ closed: true });

    assert.equal(slots(after(aFetch(closed, justClosed))), 'c5-55');
    assert.equal(slots(after(aFetch(closed, { ...justClosed, asOf: TEN + 6 * MINUTE + 1_000 }))), 'c6-54');
    const begun = [...closed, aCandle(FIRST + 6, { closed: false })];
    assert.equal(slots(after(aFetch(begun, justClosed))), 'c6-54');
  });

  test('is not taken when it claims to end early', () => {
    const early = forming({ closed: true, closeTime: TEN + 5 * MINUTE + 1_000 });

    assert.equal(slots(after(aFetch(early, now))), 'c5-55');
  });

  test('does not make the window sealed before two more have closed', () => {
    const whole = aFetch(candlesFrom(0, 60), { asOf: TEN + HOUR + 2 * MINUTE - 1 });
    assert.equal(slots(after(whole)), 'c60');
    assert.equal(after(whole).sealed, undefined);
    assert.ok(after(whole, { ...whole, asOf: whole.asOf + 1 }).sealed);
    const elsewhere = { ...whole, asOf: whole.asOf + 1, first: FIRST, end: FIRST + 59 };
    assert.equal(after(whole, elsewhere).sealed, undefined);
  });
});

describe('an absent candle', () => {
  const without = aFetch(candlesFrom(-10, 70, [12, 13]));

  test('was not traded when two fetches had a candle before and one after it', () => {
    assert.equal(slots(after(without)), 'c12a2c46');
    const again = { ...without, asOf: without.asOf + 1 };
    assert.equal(slots(after(without, again)), 'c12n2c46');
    assert.ok(after(without, again).sealed);
  });

  test('is not explained by the same fetch twice', () => {
    assert.equal(slots(after(without, without)), 'c12a2c46');
  });

  test('at the edge of an answer is not explained at all', () => {
    const cut = aFetch(candlesFrom(0, 40));

    assert.equal(slots(after(cut, { ...cut, asOf: cut.asOf + 1 })), 'c40-20');
    assert.equal(slots(after({ ...cut, final: true })), 'c40f20');
  });

  test('that comes later after all is taken, and is a revision', () => {
    const window = after(without, { ...without, asOf: without.asOf + 1 }, aFetch(candlesFrom(-10, 70)));

    assert.equal(slots(window), 'c60');
    assert.equal(window.revisions, 2);
  });

  test('never takes away what was there', () => {
    const whole = aFetch(candlesFrom(-10, 70));

    assert.equal(slots(after(whole, without, { ...without, asOf: without.asOf + 1 })), 'c60');
  });

  test('before the first candle of the symbol was not listed, nor after its end', () => {
    const listed = { first: FIRST + 20, end: FIRST + 50 };

    assert.equal(slots(after(aFetch(candlesFrom(20, 50), { listed }))), 'x20c30x10');
  });

  test('of a fetch that failed says so until it comes', () => {
    const failed = aFetch([], { failed: true, first: FIRST + 10, end: FIRST + 30, asOf: TEN + 25 * MINUTE });

    assert.equal(slots(after(failed)), '-10f15-35');
    assert.equal(slots(after(failed, aFetch(candlesFrom(-10, 70)))), 'c60');
  });
});

test('whoever writes first, the same candles come out', () => {
  const Part = fc.tuple(
    fc.integer({ min: -10, max: 69 }),
    fc.integer({ min: 1, max: 80 }),
    fc.integer({ min: 0, max: 59 }),
  );
  fc.assert(
    fc.property(fc.array(Part, { minLength: 2, maxLength: 6 }), (parts) => {
      const fetches = parts.map(([from, length, missing], n) =>
        aFetch(candlesFrom(from, Math.min(70, from + length), [missing]), { asOf: TEN + 2 * HOUR + n }),
      );
      const candles = (window: CandleWindow) => window.slots.filter((slot) => typeof slot === 'object');
      assert.deepEqual(candles(after(...fetches)), candles(after(...fetches.toReversed())));
    }),
    { numRuns: 100 },
  );
});

test('every closed slot without a candle has a label, stored or not', () => {
  const window = after(aFetch(candlesFrom(0, 10), { listed: { first: FIRST }, asOf: TEN + 15 * MINUTE }));
  const holes = (asOf: number, first = FIRST - 2) =>
    holesIn(new Map([[WINDOW, window]]), '1m', { first, end: FIRST + SLOTS }, asOf).map(
      ({ from, to, label }) => [(from - TEN) / MINUTE, (to - TEN) / MINUTE, label],
    );

  assert.deepEqual(holes(TEN + 12 * MINUTE), [
    [-2, 0, 'fetch-failed'],
    [10, 12, 'fetch-failed'],
  ]);
  assert.deepEqual(holes(TEN + 10 * MINUTE, FIRST), []);
});

test('slots as text are read back, and only sixty of them', () => {
  for (const text of ['c60', 'c12n1c47', '-1a1f1x1n1c55']) {
    const read = readSlots(text);
    assert.equal(read?.length, SLOTS);
    assert.equal(slotsText(read?.map((slot) => (slot === 'candle' ? aStored() : slot)) ?? []), text);
  }
  for (const text of ['', 'c59', 'c61', 'q60', 'c60c', '60c']) assert.equal(readSlots(text), undefined);
});

const aStored = () => {
  const { closed: _, closeTime: __, ...stored } = aCandle(FIRST);
  return stored;
};
