import type { MarketView } from './candle-history.ts';
import { candleRows, type Interval, type RowRange } from './candle-rows.ts';

type Rows = ReturnType<typeof candleRows>;

/**
 * Rows out of range, as section 7.5 warns of: up to `count` candles from before the start come first, and the first of the range
 * comes twice. Without a start there is nothing before it.
 */
export function withStrayRows(
  rows: Rows,
  view: MarketView,
  interval: Interval,
  { start }: RowRange,
  count: number,
): Rows {
  if (count === 0 || start === null) return rows;
  const before = candleRows(view, interval, { start: null, end: start, limit: count }, 'absent');
  return [...before, ...rows.slice(0, 1), ...rows];
}
