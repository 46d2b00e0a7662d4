import { firstOf, numberAt, openOf, windowName, windowOf } from '../domain/candle-interval.ts';
import type { CandleFetch } from '../domain/candle-merge.ts';
import { endedFrom, type SeriesRecord, withStretch } from '../domain/candle-series.ts';
import { type CandleRange, type Hole, holesIn, type Series, type Writer } from '../domain/candle-window.ts';
import { ExchangeError, FatalError, TransientError } from '../domain/exchange-errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import { findFirstCandle } from './find-first-candle.ts';
import {
  type Candling,
  changeSeries,
  fetchCandles,
  firstUnsettled,
  type Known,
  learn,
  MOST_CANDLES,
} from './learn-candles.ts';

/** Windows of one page: with what is asked for around them it fits one answer. */
const PAGE = 8;
/** Candles asked for on either side of a page: what is absent at its edges lies between two candles too. */
const AROUND = 10;
/** Pages that are under way at once; the budget of the exchange's reads paces them. */
const AT_ONCE = 6;
/** Time that the last calls are left, ms. */
const RESERVE = 6_000;

export interface BackfillResult {
  /** Slots that were gone through by this call. */
  readonly requested: number;
  /** Candles that are new or were changed. */
  readonly written: number;
  readonly holes: readonly Hole[];
  /** Open time of the slot to go on with, epoch ms; absent when the range is done. */
  readonly cursor?: number;
}

/**
 * Fetches whatever is missing in a range, and labels what does not come. What is settled is not asked for again, so it may be
 * killed and called again at any time, with the cursor or without.
 * @throws CandleRequestError, and `FatalError` −1121 for a symbol that the exchange does not know; nothing is written then
 */
export const backfillCandles = async (
  {
    series,
    range,
    by = 'backfill',
  }: { readonly series: Series; readonly range: CandleRange; readonly by?: Writer },
  candling: Candling,
  options: CallOptions,
): Promise<BackfillResult> => {
  const { clock } = candling;
  const { interval } = series;
  const listed = await explainListing(series, range, candling, options);
  const fill: Fill = { series, range, by, listed, candling, options };
  const pages = pagesOf(range);
  const finished = new Map<number, PageResult>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < pages.length && clock.now() < options.deadline - RESERVE) {
      const at = next;
      next += 1;
      const page = pages[at];
      if (!page) return;
      const result = await fillPage(fill, page);
      // Time or budget is used up for all of them.
      if (!result) next = pages.length;
      else finished.set(at, result);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const failed = workers.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;

  // Pages end in any order; what counts is how far they are done without a gap.
  const done: PageResult[] = [];
  for (let result = finished.get(0); result; result = finished.get(done.length)) done.push(result);
  const following = pages[done.length];
  return {
    requested: done.reduce((sum, { requested }) => sum + requested, 0),
    written: [...finished.values()].reduce((sum, { written }) => sum + written, 0),
    holes: joined(done.flatMap(({ holes }) => holes)),
    ...(following && { cursor: openOf(interval, Math.max(range.first, following.first)) }),
  };
};

interface PageResult {
  readonly requested: number;
  readonly written: number;
  readonly holes: readonly Hole[];
}

type Listed = Pick<SeriesRecord, 'listedFrom' | 'listedUntil'>;

interface Fill {
  readonly series: Series;
  readonly range: CandleRange;
  readonly by: Writer;
  readonly listed: Listed;
  readonly candling: Candling;
  readonly options: CallOptions;
}

/** Pages of whole windows, so that each window is written once. */
const pagesOf = ({ first, end }: CandleRange): readonly CandleRange[] => {
  const pages: CandleRange[] = [];
  for (let at = firstOf(windowOf(first)); at < end; at += PAGE * (firstOf(1) - firstOf(0)))
    pages.push({ first: at, end: Math.min(at + firstOf(PAGE), firstOf(windowOf(end - 1) + 1)) });
  return pages;
};

/** Since when, and until when, the symbol has candles; said once for all pages, and kept with the series. */
const explainListing = async (
  series: Series,
  range: CandleRange,
  candling: Candling,
  options: CallOptions,
): Promise<Listed> => {
  const record = await candling.store.series(series, options);
  const listedFrom = record?.listedFrom ?? (await findFirstCandle(series, candling, options));
  const gone = (await candling.source.offline(options)).get(series.symbol);
  const listedUntil =
    gone?.state === 'delisted' && gone.since !== undefined
      ? endedFrom(series.interval, gone.since)
      : undefined;
  const listed = {
    ...(listedFrom !== undefined && { listedFrom }),
    ...(listedUntil !== undefined && { listedUntil }),
  };
  const stretch = [windowOf(range.first), windowOf(range.end - 1)] as const;
  await changeSeries(
    series,
    record,
    (each) => ({ ...each, ...listed, stretches: withStretch(each.stretches, stretch) }),
    candling,
    options,
  );
  return listed;
};

/** @returns `undefined` when time or budget ran out before the page was done */
const fillPage = async (fill: Fill, page: CandleRange): Promise<PageResult | undefined> => {
  const { series, range, by, listed, candling, options } = fill;
  const { interval } = series;
  const wanted = { first: Math.max(page.first, range.first), end: Math.min(page.end, range.end) };
  const numbers = Array.from(
    { length: windowOf(page.end - 1) - windowOf(page.first) + 1 },
    (_, n) => windowOf(page.first) + n,
  );
  const known: Known = new Map(await candling.store.windows(series, numbers, options));
  const now = await candling.source.time(options);
  const due = { ...wanted, end: Math.min(wanted.end, numberAt(interval, now)) };
  const explained = { first: listed.listedFrom, end: listed.listedUntil };
  let written = 0;
  const teach = async (fetch: CandleFetch): Promise<void> => {
    written += await learn(series, { ...fetch, listed: explained }, page, known, candling, options);
  };
  const nothing = (facts: Partial<CandleFetch>): CandleFetch => ({
    ...page,
    asOf: now,
    by,
    candles: [],
    ...facts,
  });
  try {
    // What lies before the first candle, or after the last, needs no call.
    if (firstUnsettled(known, due) !== undefined) await teach(nothing({}));
    for (const around of [AROUND, AROUND, 10 * AROUND, MOST_CANDLES, MOST_CANDLES]) {
      if (firstUnsettled(known, due) === undefined) break;
      if (candling.clock.now() >= options.deadline - RESERVE) return undefined;
      const asked = { first: page.first - around, end: page.end + around };
      const fetch = await fetchCandles(series, asked, by, candling, options);
      await teach(fetch);
    }
    if (firstUnsettled(known, due) !== undefined) await teach(nothing({ final: true }));
  } catch (error) {
    if (error instanceof TransientError) return undefined;
    if (!(error instanceof ExchangeError) || error instanceof FatalError) throw error;
    await teach(nothing({ failed: true }));
    candling.log.warn('a page of candles could not be fetched', {
      ...series,
      from: windowName(interval, windowOf(page.first)),
      code: error.code,
    });
  }
  const holes = holesIn(known, interval, due, now, listed);
  return { requested: Math.max(0, wanted.end - wanted.first), written, holes };
};

/** Holes that touch and have one label are one. */
const joined = (holes: readonly Hole[]): readonly Hole[] => {
  const all: Hole[] = [];
  for (const hole of holes) {
    const last = all.at(-1);
    if (last?.to === hole.from && last.label === hole.label) all[all.length - 1] = { ...last, to: hole.to };
    else all.push(hole);
  }
  return all;
};
