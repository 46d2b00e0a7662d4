import { closeOf, firstOf, numberAt, openOf, SLOTS, windowOf } from '../../lib/domain/candle-interval.ts';
import type { CandleFetch } from '../../lib/domain/candle-merge.ts';
import { type CandleWindow, emptyWindow, type Series } from '../../lib/domain/candle-window.ts';
import type { Candle, CandleInterval } from '../../lib/domain/exchange.ts';

export const HOUR = 3_600_000;
export const TEN = Date.parse('2026-11-22T10:00:00Z');
export const SOL: Series = { symbol: 'SOLUSDT', interval: '1m' };
/** The window from 10:00 to 11:00. */
export const WINDOW = windowOf(numberAt('1m', TEN));
export const FIRST = firstOf(WINDOW);

/** A candle as the exchange answers it. */
export const aCandle = (
  number: number,
  patch: Partial<Candle> = {},
  interval: CandleInterval = '1m',
): Candle => ({
  openTime: openOf(interval, number),
  closeTime: closeOf(interval, number),
  open: '142.5',
  high: '142.55',
  low: '142.4',
  close: String(142 + (number % 7) / 10),
  volume: '12.345',
  quoteVolume: '1759.1625',
  closed: true,
  ...patch,
});

/** Candles from one minute of the window to before another, but for some. */
export const candlesFrom = (from: number, to: number, without: readonly number[] = []): readonly Candle[] =>
  Array.from({ length: to - from }, (_, n) => from + n)
    .filter((n) => !without.includes(n))
    .map((n) => aCandle(FIRST + n));

/** A fetch about the window and what is around it, long after. */
export const aFetch = (candles: readonly Candle[], patch: Partial<CandleFetch> = {}): CandleFetch => ({
  first: FIRST - 10,
  end: FIRST + SLOTS + 10,
  asOf: TEN + 2 * HOUR,
  by: 'backfill',
  candles,
  ...patch,
});

export const anEmptyWindow = (): CandleWindow => emptyWindow(SOL, WINDOW);
