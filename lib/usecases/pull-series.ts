import {
  closeOf,
  FIRST_MOMENT,
  firstOf,
  numberAt,
  numberOf,
  SLOTS,
  windowOf,
} from '../domain/candle-interval.ts';
import type { CandleFetch } from '../domain/candle-merge.ts';
import type { Offline } from '../domain/candle-ports.ts';
import { endedFrom, type SeriesRecord, withStretch } from '../domain/candle-series.ts';
import { isCandle, isSettled, type Series, slotAt } from '../domain/candle-window.ts';
import { ExchangeError, TransientError } from '../domain/exchange-errors.ts';
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

/** Candles that are read again with every pull: the exchange may still change its latest ones. */
const READ_BACK = 2;
/** Windows that are read at once; a longer way is gone in several. */
const MOST_WINDOWS = 90;
/** How far back, in windows, the schedule goes on asking for what does not come; beyond it is for a backfill. */
const PATIENCE = 48;
/** A candle that closed so long ago and is neither there nor explained is a hole, ms: two pulls at least have asked. */
const HOLE_AFTER = 1_800_000;
/** After so many closed candles that did not come it is asked whether the symbol was taken off. */
const SILENCE = 3;

/** One run over all series. */
export interface PullRun extends Candling {
  /** Candles that a new series starts with. */
  readonly depth: number;
  /** Nothing is begun after this, local epoch ms. */
  readonly stopAt: number;
  /** Symbols taken off, asked for once a run at most. */
  /** `undefined`: it could not be asked. */
  offline(): Promise<ReadonlyMap<string, Offline> | undefined>;
}

export interface PullResult {
  /** `later`: time or budget ran out before it was up to date. `left`: it was taken off the exchange, and is left alone. */
  readonly kind: 'done' | 'later' | 'left';
  readonly written: number;
  /** Candles that are missing for good reason to worry: others came after them, and they closed a while ago. */
  readonly holes: number;
}

/**
 * Brings one series up to date: from the first slot with something left to find out, and at most two candles before it, to now.
 * What failed is labelled before the error is thrown.
 */
export const pullSeries = async (
  series: Series,
  record: SeriesRecord | undefined,
  run: PullRun,
  options: CallOptions,
): Promise<PullResult> => {
  const { symbol } = series;
  let current = record;
  if (current && current.state !== 'listed') {
    const all = await run.offline();
    const offline = all?.get(symbol);
    // Only a list that came without it says that it is back.
    if (!all || offline?.state === current.state) return { kind: 'left', written: 0, holes: 0 };
    if (!offline) current = await changeSeries(series, current, listedAgain, run, options);
  }
  try {
    return await pull(series, current, run, options);
  } catch (error) {
    // An unknown symbol may be one that was known.
    if (!(error instanceof ExchangeError) || error.code !== '-1121') throw error;
    const offline = (await run.offline())?.get(symbol);
    if (!offline) throw error;
    await changeSeries(series, current, (each) => ({ ...each, ...offline }), run, options);
    return { kind: 'left', written: 0, holes: 0 };
  }
};

const listedAgain = ({ since: _, listedUntil: __, ...record }: SeriesRecord): SeriesRecord => ({
  ...record,
  state: 'listed',
});

const pull = async (
  series: Series,
  record: SeriesRecord | undefined,
  run: PullRun,
  options: CallOptions,
): Promise<PullResult> => {
  const { interval } = series;
  const end = numberAt(interval, await run.source.time(options));
  // Of the long intervals the depth reaches back beyond the exchange itself.
  const deepest = Math.max(end - run.depth, numberAt(interval, FIRST_MOMENT));
  const start = firstOf(record?.open ?? windowOf(deepest));
  let current = record;
  let open = windowOf(start);
  let written = 0;
  let holes = 0;
  for (;;) {
    const last = Math.min(windowOf(end - 1), open + MOST_WINDOWS);
    const range = { first: Math.max(start, firstOf(open)), end: Math.min(end, firstOf(last + 1)) };
    // The window before may only wait for its seal, and the one after may get a candle that closes just now.
    const numbers = Array.from({ length: last - open + 3 }, (_, n) => open - 1 + n);
    const known: Known = new Map(await run.store.windows(series, numbers, options));
    const stretch = { series, range, end, known, run, options };
    const result = await pullStretch(stretch);
    written += result.written;
    if (current?.listedFrom === undefined) current = await explainStart(stretch, current);
    const next = nextOpen(stretch);
    holes += holesIn(stretch);
    current = await changeSeries(
      series,
      current,
      (each) => ({ ...each, stretches: withStretch(each.stretches, [windowOf(start), last]), open: next }),
      run,
      options,
    );
    if (result.kind === 'silent') return { kind: await askWhy(stretch, current), written, holes };
    if (result.kind === 'later') return { kind: 'later', written, holes };
    if (range.end >= end || next <= open) return { kind: 'done', written, holes };
    open = next;
  }
};

interface Stretch {
  readonly series: Series;
  readonly range: { readonly first: number; readonly end: number };
  /** Number of the candle that is forming. */
  readonly end: number;
  readonly known: Known;
  readonly run: PullRun;
  readonly options: CallOptions;
}

const pullStretch = async (
  stretch: Stretch,
): Promise<{ readonly kind: 'done' | 'later' | 'silent'; readonly written: number }> => {
  const { range, end, known, run } = stretch;
  let written = 0;
  let at = firstUnsettled(known, range);
  while (at !== undefined) {
    if (run.clock.now() >= run.stopAt) return { kind: 'later', written };
    const first = readBackFrom(known, at);
    const page = { first, end: Math.min(end + 1, first + MOST_CANDLES) };
    const one = await ask(stretch, page);
    if (one === 'later') return { kind: 'later', written };
    written += one.written;
    let last = one.last;
    if (last < at && page.end <= end) {
      // Nothing for as long as one answer reaches: the next candle, wherever it is, says that nothing came in between.
      const wide = await ask(stretch, { first, end: end + 1 });
      if (wide === 'later') return { kind: 'later', written };
      written += wide.written;
      last = wide.last;
    }
    if (last < at) return { kind: end - at >= SILENCE ? 'silent' : 'done', written };
    at = page.end > end ? undefined : firstUnsettled(known, { first: last + 1, end: range.end });
  }
  return { kind: 'done', written };
};

/** One call, and what it teaches. */
const ask = async (
  { series, range, end, known, run, options }: Stretch,
  page: { readonly first: number; readonly end: number },
): Promise<'later' | { readonly written: number; readonly last: number }> => {
  // The window before is only looked at where there is one: two candles alone would be a window of holes.
  const before = windowOf(range.first) - 1;
  const from = known.has(before) ? firstOf(before) : range.first;
  const within = { first: Math.max(page.first, from), end: Math.min(page.end, range.end) };
  const teach = (fetch: CandleFetch): Promise<number> =>
    within.first < within.end ? learn(series, fetch, within, known, run, options) : Promise.resolve(0);
  try {
    const fetch = await fetchCandles(series, page, 'pull', run, options);
    const last = fetch.candles.at(-1);
    return {
      written: await teach(fetch),
      last: last ? numberOf(series.interval, last.openTime) : Number.NEGATIVE_INFINITY,
    };
  } catch (error) {
    // Refused before anything was done: nothing is known to have failed.
    if (error instanceof TransientError) return 'later';
    if (error instanceof ExchangeError && error.class === 'U') {
      const asOf = await run.source.time(options);
      await teach({ ...page, end, asOf, by: 'pull', candles: [], failed: true });
    }
    throw error;
  }
};

/** From which candle on to ask, so that the two before a slot come again; not further than leaves room for the slot itself. */
const readBackFrom = (known: Known, at: number): number => {
  let left = READ_BACK;
  let number = at;
  while (left > 0 && number > at - MOST_CANDLES / 2) {
    number -= 1;
    if (isCandle(slotAt(known, number))) left -= 1;
    else if (!known.has(windowOf(number))) break;
  }
  return left === READ_BACK ? at - READ_BACK : number;
};

/** Where the first slots of a new series have no candle before them: was it not listed, or did nobody trade? */
const explainStart = async (
  stretch: Stretch,
  record: SeriesRecord | undefined,
): Promise<SeriesRecord | undefined> => {
  const { series, range, known, run, options } = stretch;
  const before = windowOf(range.first) - 1;
  if (isSettled(slotAt(known, range.first)) || known.size === 0 || known.has(before)) return record;
  const first = await findFirstCandle(series, run, options);
  if (first === undefined) return record;
  const asOf = await run.source.time(options);
  const listed: CandleFetch = { ...range, asOf, by: 'pull', candles: [], listed: { first } };
  await learn(series, listed, range, known, run, options);
  const open = firstUnsettled(known, range);
  // Asked twice from further back: what is absent both times between two candles was not traded.
  for (let n = 0; n < 2 && open !== undefined && open < range.first + SLOTS; n += 1)
    await ask(stretch, { first: open - MOST_CANDLES + SLOTS, end: open + SLOTS });
  return changeSeries(series, record, (each) => ({ ...each, listedFrom: first }), run, options);
};

/** What is not there though something came after it. */
const holesIn = ({ series, range, known, run }: Stretch): number => {
  const now = run.clock.now();
  let settledAfter = false;
  let holes = 0;
  for (let number = range.end - 1; number >= range.first; number -= 1) {
    if (isSettled(slotAt(known, number))) settledAfter = true;
    else if (settledAfter && closeOf(series.interval, number) < now - HOLE_AFTER) holes += 1;
  }
  return holes;
};

/** The lowest window with something left: what nothing came after yet, and what did not come lately. */
const nextOpen = ({ range, end, known }: Stretch): number => {
  const recent = firstOf(windowOf(end) - PATIENCE);
  let passed = range.end;
  while (passed > range.first && !isSettled(slotAt(known, passed - 1))) passed -= 1;
  for (let number = range.first; number < passed; number += 1)
    if (number >= recent && !isSettled(slotAt(known, number))) return windowOf(number);
  return windowOf(passed);
};

/** Nothing came for a while: if the symbol was taken off, that is recorded, and the slots after it are labelled. */
const askWhy = async (
  { series, range, end, known, run, options }: Stretch,
  record: SeriesRecord,
): Promise<'done' | 'left'> => {
  const offline = (await run.offline())?.get(series.symbol);
  if (!offline) return 'done';
  const last = lastCandle(known);
  const ended =
    offline.since !== undefined
      ? endedFrom(series.interval, offline.since)
      : last === undefined
        ? undefined
        : last + 1;
  const isOver = offline.state === 'delisted';
  if (isOver && ended !== undefined) {
    const asOf = await run.source.time(options);
    const gone: CandleFetch = { ...range, end, asOf, by: 'pull', candles: [], listed: { end: ended } };
    await learn(series, gone, range, known, run, options);
  }
  const taken = (each: SeriesRecord): SeriesRecord => ({
    ...each,
    ...offline,
    ...(isOver && ended !== undefined && { listedUntil: ended }),
  });
  await changeSeries(series, record, taken, run, options);
  run.log.warn('a symbol was taken off the exchange', { ...series, ...offline });
  return 'left';
};

const lastCandle = (known: Known): number | undefined => {
  const candles = [...known.values()].flatMap(({ window, slots }) =>
    slots.flatMap((slot, n) => (isCandle(slot) ? [firstOf(window) + n] : [])),
  );
  return candles.length > 0 ? Math.max(...candles) : undefined;
};
