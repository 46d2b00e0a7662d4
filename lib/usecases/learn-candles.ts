import { openOf } from '../domain/candle-interval.ts';
import { type CandleFetch, evidenceOf, mergeEvidence } from '../domain/candle-merge.ts';
import type { CandleSource, CandleStore } from '../domain/candle-ports.ts';
import { newSeries, type SeriesRecord, sameRecord, windowsOf } from '../domain/candle-series.ts';
import {
  type CandleRange,
  type CandleWindow,
  emptyWindow,
  isCandle,
  isSettled,
  type Series,
  sameCandle,
  slotAt,
  type Writer,
} from '../domain/candle-window.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { CandleInterval } from '../domain/exchange.ts';
import type { CallOptions, Clock, Log } from '../domain/ports.ts';

/** What everything about candles works with. */
export interface Candling {
  readonly store: CandleStore;
  readonly source: CandleSource;
  readonly clock: Clock;
  readonly log: Log;
}

/** Most candles of one answer (reference section 7.5). */
export const MOST_CANDLES = 500;

/** Windows as they are known so far; written ones take the place of those before. */
export type Known = Map<number, CandleWindow>;

/** Days, weeks and months may open half a candle away from 00:00 UTC (reference section 13, question 16), ms. */
const slackOf = (interval: CandleInterval, number: number): number =>
  interval === '4h' || interval === '1d' || interval === '1W' || interval === '1M'
    ? (openOf(interval, number + 1) - openOf(interval, number)) / 2
    : 0;

/** Asks for the candles of a range once. Errors as of every read of the exchange. */
export const fetchCandles = async (
  series: Series,
  { first, end }: CandleRange,
  by: Writer,
  { source }: Pick<Candling, 'source'>,
  options: CallOptions,
): Promise<CandleFetch> => {
  const { symbol, interval } = series;
  const asOf = await source.time(options);
  const from = openOf(interval, first) - slackOf(interval, first);
  const to = openOf(interval, end) - 1 + slackOf(interval, end);
  const candles = await source.candles({ symbol, interval, from, to, limit: MOST_CANDLES }, options);
  return { first, end, asOf, by, candles };
};

/**
 * Writes what a fetch teaches about the windows of a range, over whatever others have written meanwhile.
 * @param known windows of that range as read before; takes over what was written
 * @returns candles that are new or were changed
 */
export const learn = async (
  series: Series,
  fetch: CandleFetch,
  range: CandleRange,
  known: Known,
  { store }: Pick<Candling, 'store'>,
  options: CallOptions,
): Promise<number> => {
  const evidence = evidenceOf(series.interval, fetch);
  const write = async (number: number): Promise<number> => {
    let before = known.get(number) ?? emptyWindow(series, number);
    for (;;) {
      const merged = mergeEvidence(before, fetch, evidence);
      const other = merged && (await store.save(merged, options));
      if (!other) {
        if (merged ?? before.version > 0) known.set(number, merged ?? before);
        return merged ? newIn(merged, before) : 0;
      }
      before = other;
    }
  };
  const all = await Promise.allSettled(windowsOf(range).map(write));
  const failed = all.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return all.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0);
};

const newIn = (after: CandleWindow, before: CandleWindow): number =>
  after.slots.filter((slot, n) => {
    const old = before.slots[n];
    return isCandle(slot) && !(isCandle(old) && sameCandle(slot, old));
  }).length;

/** The first slot of a range about which there is something left to find out. */
export const firstUnsettled = (known: Known, { first, end }: CandleRange): number | undefined => {
  for (let number = first; number < end; number += 1) if (!isSettled(slotAt(known, number))) return number;
  return undefined;
};

/** Changes a series' record over whatever others have written meanwhile; nothing is written when nothing changes. */
export const changeSeries = async (
  series: Series,
  known: SeriesRecord | undefined,
  change: (record: SeriesRecord) => SeriesRecord,
  { store }: Pick<Candling, 'store'>,
  options: CallOptions,
): Promise<SeriesRecord> => {
  let before = known;
  for (let tries = 0; tries < 20; tries += 1) {
    const base = before ?? newSeries(series);
    const after = { ...change(base), version: base.version + 1 };
    if (before && sameRecord(before, after)) return before;
    if (await store.saveSeries(after, options)) return after;
    before = await store.series(series, options);
  }
  throw new StoreUnavailableError('the record of a series is changed by too many at once');
};
