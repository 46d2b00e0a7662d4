import { numberAt, windowOf } from './candle-interval.ts';
import type { CandleRange, Series } from './candle-window.ts';
import type { CandleInterval } from './exchange.ts';

/** Whether candles still come: `offline` says so of a symbol that the exchange has taken off, for a while or for good. */
type SeriesState = 'listed' | 'suspended' | 'delisted';

/** What is kept of a series beside its windows. */
export interface SeriesRecord extends Series {
  /** Windows that were asked for, first and last of each stretch, ascending, apart from one another. */
  readonly stretches: readonly Stretch[];
  /** The lowest window in which the schedule has something left to do; absent while only backfills were asked for. */
  readonly open?: number;
  readonly state: SeriesState;
  /** Since when it is not `listed`, exchange time, epoch ms; where the exchange says so. */
  readonly since?: number;
  /** Number of the symbol's first candle, once it is known. */
  readonly listedFrom?: number;
  /** Number of the first candle that a delisted symbol does not have any more. */
  readonly listedUntil?: number;
  readonly version: number;
}

export type Stretch = readonly [first: number, last: number];

export const newSeries = ({ symbol, interval }: Series): SeriesRecord => ({
  symbol,
  interval,
  stretches: [],
  state: 'listed',
  version: 0,
});

/** The stretches with one more; those that touch become one. */
export const withStretch = (stretches: readonly Stretch[], added: Stretch): readonly Stretch[] => {
  const merged: [number, number][] = [];
  for (const [first, last] of [...stretches, added].toSorted(([a], [b]) => a - b)) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
};

/** Windows that hold these candles. */
export const windowsOf = ({ first, end }: CandleRange): readonly number[] => {
  const from = windowOf(first);
  return Array.from({ length: Math.max(0, windowOf(end - 1) - from + 1) }, (_, n) => from + n);
};

/** Number from which on a symbol that was taken off has no candles. @param since exchange time, epoch ms */
export const endedFrom = (interval: CandleInterval, since: number): number =>
  numberAt(interval, since - 1) + 1;

/** Whether two records say the same. */
export const sameRecord = (a: SeriesRecord, b: SeriesRecord): boolean =>
  JSON.stringify({ ...a, version: 0 }) === JSON.stringify({ ...b, version: 0 });
