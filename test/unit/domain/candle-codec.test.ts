import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeCandles, encodeCandles } from '../../../lib/domain/candle-codec.ts';
import { openOf } from '../../../lib/domain/candle-interval.ts';
import { emptyWindow, isCandle, type Slot } from '../../../lib/domain/candle-window.ts';
import { decimal, plain } from '../../../lib/domain/money.ts';
import { aCandle, FIRST, SOL, WINDOW } from '../../support/candle-builders.ts';

const there = (slots: readonly Slot[]) => slots.map((slot) => (isCandle(slot) ? 'candle' : slot));
const roundTrip = (slots: readonly Slot[]) => {
  const bytes = encodeCandles({ ...emptyWindow(SOL, WINDOW), slots });
  return decodeCandles(bytes, '1m', WINDOW, there(slots));
};

const stored = (number: number, patch = {}): Slot => {
  const { closed: _, closeTime: __, ...candle } = aCandle(number, patch);
  return candle;
};

/** Any decimal as the client hands it on: plain, without zeros at the end. */
const Amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
  .map(([digits, places]) => plain(decimal(`${digits}e-${places}`)));

const AnySlot = (n: number): fc.Arbitrary<Slot> =>
  fc.oneof(
    fc.constantFrom<Slot>('unknown', 'absent-once', 'no-trades', 'not-listed', 'fetch-failed'),
    fc.record(
      {
        openTime: fc.integer({ min: -30_000, max: 30_000 }).map((off) => openOf('1m', FIRST + n) + off),
        open: Amount,
        high: Amount,
        low: Amount,
        close: Amount,
        volume: Amount,
        quoteVolume: Amount,
      },
      { noNullPrototype: true },
    ),
  );

describe('the rows of a window', () => {
  test('come back exactly, whatever decimals they hold', () => {
    fc.assert(
      fc.property(fc.tuple(...Array.from({ length: 60 }, (_, n) => AnySlot(n))), (slots) => {
        assert.deepEqual(roundTrip(slots), slots);
      }),
      { numRuns: 60 },
    );
  });

  test('of a usual hour need less than eight bytes a candle', () => {
    const slots = Array.from({ length: 60 }, (_, n) => {
      const price = 14_250 + ((n * 7) % 11);
      const volume = 5_000 + ((n * 7919) % 900_000);
      return stored(FIRST + n, {
        open: plain(decimal(`${price}e-2`)),
        high: plain(decimal(`${price + 6}e-2`)),
        low: plain(decimal(`${price - 5}e-2`)),
        close: plain(decimal(`${price + 2}e-2`)),
        volume: plain(decimal(`${volume}e-3`)),
        quoteVolume: plain(decimal(`${volume * (price + 1)}e-5`)),
      });
    });

    const { length } = encodeCandles({ ...emptyWindow(SOL, WINDOW), slots });

    assert.ok(length <= 60 * 8, `${length} bytes`);
    assert.deepEqual(roundTrip(slots), slots);
  });

  test('that were cut, lengthened or written by another format are refused', () => {
    const slots = Array.from({ length: 60 }, (_, n) => stored(FIRST + n));
    const bytes = encodeCandles({ ...emptyWindow(SOL, WINDOW), slots });
    const read = (changed: Uint8Array) => () => decodeCandles(changed, '1m', WINDOW, there(slots));

    assert.throws(read(bytes.slice(0, -2)), RangeError);
    assert.throws(read(Uint8Array.of(...bytes, 1)), RangeError);
    assert.throws(read(Uint8Array.of(2, ...bytes.slice(1))), RangeError);
    assert.throws(read(new Uint8Array(bytes.length)), RangeError);
  });
});
