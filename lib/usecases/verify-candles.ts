import { firstOf, numberAt, SLOTS, windowName, windowNamed, windowOf } from '../domain/candle-interval.ts';
import { evidenceOf, mergeFetch } from '../domain/candle-merge.ts';
import type { BrokenItem } from '../domain/candle-ports.ts';
import { newSeries, type SeriesRecord, type Stretch, withStretch } from '../domain/candle-series.ts';
import {
  type CandleWindow,
  emptyWindow,
  isCandle,
  isSettled,
  type Series,
  type Slot,
  sameCandle,
} from '../domain/candle-window.ts';
import type { CallOptions } from '../domain/ports.ts';
import { findFirstCandle } from './find-first-candle.ts';
import { type Candling, fetchCandles } from './learn-candles.ts';

/** Candles asked for on either side of a window, so that what is absent at its edges lies between two. */
const AROUND = 60;

/** Something that is not as it was written, by name. */
export interface CandleProblem {
  readonly series: Series;
  /** Start of the window; absent: the record of the series. */
  readonly window?: string;
  readonly problem: string;
  readonly repaired: boolean;
}

export interface VerifyResult {
  readonly windows: number;
  readonly candles: number;
  /** Slots by label. */
  readonly holes: Readonly<Record<'no-trades' | 'not-listed' | 'fetch-failed', number>>;
  /** Windows that were compared with the exchange. */
  readonly compared: number;
  readonly problems: readonly CandleProblem[];
}

export interface VerifyTask {
  /** Windows of each series that are fetched again and compared. */
  readonly sample: number;
  /** Whether what is wrong is fetched anew and written. */
  readonly repair: boolean;
}

/**
 * Recounts every slot of a series, computes every hash anew, names what is missing, broken or not what the exchange says now.
 * Windows are read one after the other, so a series of any length takes no more memory than one.
 */
export const verifySeries = async (
  series: Series,
  stored: SeriesRecord | undefined,
  task: VerifyTask,
  candling: Candling,
  options: CallOptions,
): Promise<VerifyResult> => {
  const { store, source } = candling;
  const { interval } = series;
  const now = await source.time(options);
  const last = windowOf(numberAt(interval, now));
  const problems: CandleProblem[] = [];
  const holes = { 'no-trades': 0, 'not-listed': 0, 'fetch-failed': 0 };
  const mender = createMender(series, stored, candling, options);
  const expected = expectedIn(stored?.stretches ?? []);
  const pick = sampler(task.sample, stored?.stretches ?? []);
  let [windows, candles, compared] = [0, 0, 0];
  let found: readonly Stretch[] = [];

  const report = async (number: number, problem: string, seen: BrokenItem | CandleWindow | undefined) => {
    const repaired = task.repair && (await mender.mend(number, seen));
    problems.push({ series, window: windowName(interval, number), problem, repaired });
  };
  const isComplete = (number: number): boolean => number < last - 1;

  for await (const each of store.range(series, 0, last, options)) {
    const number = each.kind === 'window' ? each.window.window : windowNamed(interval, each.name);
    if (number === undefined) continue;
    windows += 1;
    found = withStretch(found, [number, number]);
    for (const missing of expected.before(number)) await report(missing, 'is missing', undefined);
    if (stored && !expected.has(number))
      await report(number, 'is not in the record of its series', undefined);
    if (each.kind === 'broken') {
      await report(number, each.problem, each.seen);
      continue;
    }
    const { window } = each;
    for (const slot of window.slots) {
      if (isCandle(slot)) candles += 1;
      else if (slot === 'no-trades' || slot === 'not-listed') holes[slot] += 1;
      else if (isComplete(number)) holes['fetch-failed'] += 1;
    }
    if (window.sealed && !window.slots.every(isSettled))
      await report(number, 'is sealed and has slots that are not settled', window);
    if (!window.sealed || !pick(number)) continue;
    compared += 1;
    const differing = await mender.compare(window);
    if (differing.length > 0)
      await report(number, `differs from the exchange in slots ${differing.join(', ')}`, window);
  }
  for (const missing of expected.before(last)) await report(missing, 'is missing', undefined);
  if (!stored && found.length > 0) {
    const record: SeriesRecord = { ...newSeries(series), stretches: found, version: 1 };
    const repaired = task.repair && (await store.saveSeries(record, { ...options, overBroken: true }));
    problems.push({ series, problem: 'the record of the series is missing or broken', repaired });
  }
  return { windows, candles, holes, compared, problems };
};

/** Which windows should be there, asked for in ascending order. */
const expectedIn = (stretches: readonly Stretch[]) => {
  let next = stretches[0]?.[0] ?? Number.POSITIVE_INFINITY;
  const has = (number: number): boolean =>
    stretches.some(([first, last]) => first <= number && number <= last);
  return {
    has,
    /** Those not named yet that come before this one, which is there. */
    before: (number: number): readonly number[] => {
      const missing: number[] = [];
      const end = Math.min(number, (stretches.at(-1)?.[1] ?? -1) + 1);
      for (; next < end; next += 1) if (has(next)) missing.push(next);
      next = Math.max(next, number + 1);
      return missing;
    },
  };
};

/** Evenly spread over what is stored. */
const sampler = (count: number, stretches: readonly Stretch[]): ((number: number) => boolean) => {
  const total = stretches.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const every = Math.max(1, Math.ceil(total / Math.max(1, count)));
  return (number) => count > 0 && number % every === 0;
};

/** Fetches windows anew, compares and writes them. */
const createMender = (
  series: Series,
  record: SeriesRecord | undefined,
  candling: Candling,
  options: CallOptions,
) => {
  const { store } = candling;
  const rangeOf = (number: number) => ({
    first: firstOf(number) - AROUND,
    end: firstOf(number) + SLOTS + AROUND,
  });
  const fetch = (number: number) => fetchCandles(series, rangeOf(number), 'repair', candling, options);
  let listedFrom = record?.listedFrom;
  const listed = async () => {
    listedFrom ??= await findFirstCandle(series, candling, options);
    return { first: listedFrom, end: record?.listedUntil };
  };
  /** What is absent is only told by a second fetch. */
  const anew = async (number: number, base = emptyWindow(series, number)): Promise<CandleWindow> => {
    let window = base;
    for (let n = 0; n < 2 && !(window.sealed && window !== base); n += 1) {
      const one = { ...(await fetch(number)), listed: await listed() };
      const merged = mergeFetch(
        window,
        n === 0 ? one : { ...one, asOf: Math.max(one.asOf, window.absentAt + 1) },
      );
      window = merged ?? window;
    }
    return window;
  };
  return {
    /** Slots, by their number in the window, of which the exchange now says something else. */
    compare: async (window: CandleWindow): Promise<readonly number[]> => {
      const { candles } = evidenceOf(series.interval, await fetch(window.window));
      const differs = (slot: Slot, n: number): boolean => {
        const now = candles.get(firstOf(window.window) + n);
        return now !== undefined && !(isCandle(slot) && sameCandle(slot, now));
      };
      return window.slots.flatMap((slot, n) => (differs(slot, n) ? [n] : []));
    },
    /** Writes a window as the exchange has it, in place of what is wrong. */
    mend: async (number: number, seen: BrokenItem | CandleWindow | undefined): Promise<boolean> => {
      if (seen && 'slots' in seen && 'window' in seen) {
        const merged = await anew(number, (await store.windows(series, [number], options)).get(number));
        return (await store.save(merged, options)) === undefined;
      }
      const window = { ...(await anew(number)), version: 1 };
      if (seen) return store.replace(window, seen, options);
      return (await store.save(window, options)) === undefined;
    },
  };
};
