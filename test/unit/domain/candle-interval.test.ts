import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closeOf,
  firstOf,
  INTERVALS,
  numberAt,
  numberOf,
  openOf,
  readInterval,
  SLOTS,
  windowName,
  windowNamed,
  windowOf,
} from '../../../lib/domain/candle-interval.ts';

const at = (text: string): number => Date.parse(text);

test('a 1m window is one UTC hour; every other begins where anybody can compute it', () => {
  const names = INTERVALS.map((interval) =>
    windowName(interval, windowOf(numberAt(interval, at('2026-11-22T10:59:59Z')))),
  );

  assert.deepEqual(names, [
    '2026-11-22T10:00Z',
    '2026-11-22T09:00Z',
    '2026-11-22T09:00Z',
    '2026-11-21T18:00Z',
    '2026-11-20T12:00Z',
    '2026-11-13T00:00Z',
    '2026-11-03T00:00Z',
    '2026-05-11T00:00Z',
    '2025-01-01T00:00Z',
  ]);
});

test('names of windows are read back, and nothing else is', () => {
  for (const interval of INTERVALS) {
    for (const window of [0, 7, windowOf(numberAt(interval, at('2026-11-22T10:00:00Z')))])
      assert.equal(windowNamed(interval, windowName(interval, window)), window);
  }
  for (const name of ['2026-11-22T10:01Z', '2026-11-22', '', 'x', '2026-11-22T10:00:00Z'])
    assert.equal(windowNamed('1m', name), undefined);
});

test('candles follow one another without a gap, also from window to window and month to month', () => {
  for (const interval of INTERVALS) {
    const number = numberAt(interval, at('2026-11-22T10:00:00Z'));
    for (let n = number - 2 * SLOTS; n < number; n += 1) {
      assert.equal(closeOf(interval, n), openOf(interval, n + 1));
      assert.equal(numberAt(interval, openOf(interval, n)), n);
      assert.equal(numberAt(interval, closeOf(interval, n) - 1), n);
      assert.ok(n >= firstOf(windowOf(n)) && n < firstOf(windowOf(n) + 1));
    }
  }
});

test('days, weeks and months that do not open at 00:00 UTC keep their number', () => {
  for (const interval of ['1d', '1W', '1M'] as const) {
    const number = numberAt(interval, at('2026-11-22T10:00:00Z'));
    for (const hours of [-11, -8, 0, 8, 11])
      assert.equal(numberOf(interval, openOf(interval, number) + hours * 3_600_000), number);
  }
});

test('an interval that the exchange does not have is refused with the one that it has', () => {
  for (const [text, meant] of [
    ['1h', '60m'],
    ['1D', '1d'],
    ['1w', '1W'],
  ])
    assert.throws(() => readInterval(text!), {
      path: 'interval',
      message: new RegExp(`has no ${text}: use ${meant};`),
    });
  assert.throws(() => readInterval('3m'), {
    message: /has no 3m; its intervals are 1m, 5m, 15m, 30m, 60m, 4h, 1d, 1W, 1M/,
  });
  assert.equal(readInterval('1M'), '1M');
});
