import { closeOf, firstOf, numberOf, openOf, SLOTS } from './candle-interval.ts';
import {
  type CandleWindow,
  type ClosedCandle,
  isCandle,
  isSettled,
  type Seal,
  type Slot,
  sameCandle,
  type Writer,
} from './candle-window.ts';
import type { Candle, CandleInterval } from './exchange.ts';

/** The exchange's own clocks may differ by so much (order protocol, section 2), ms. */
const CLOCK_SPREAD = 1_000;
/** A window is sealed when so many candles have closed after it: the exchange may change its latest ones. */
const READ_BACK = 2;

/** One answer of the exchange, or the lack of one, as evidence about the slots from `first` to before `end`, by number. */
export interface CandleFetch {
  readonly first: number;
  readonly end: number;
  /** Earliest exchange time it can have been when it was asked for, epoch ms. */
  readonly asOf: number;
  readonly by: Writer;
  /** Ascending, the forming one included; none when it failed. */
  readonly candles: readonly Candle[];
  readonly failed?: boolean;
  /** Nothing more will be tried: what is not explained now has failed to come. */
  readonly final?: boolean;
  /** Numbers of the symbol's first candle, and of the first that it can not have any more; as far as they are known. */
  readonly listed?: { readonly first?: number | undefined; readonly end?: number | undefined };
}

/** Closed candles of an answer by number, and which slots lie between two candles of it. */
export interface Evidence {
  readonly candles: ReadonlyMap<number, ClosedCandle>;
  /** Slots after `after` and before `before` were surrounded. */
  readonly after: number;
  readonly before: number;
}

/**
 * A candle is closed when its close time is past on the exchange's clock as it was measured, or has been past for as long as the exchange's
 * clocks may differ, unless a later candle has begun. One that ends too early for its interval is none.
 */
const isClosed = (candle: Candle, number: number, interval: CandleInterval, asOf: number, isLast: boolean) =>
  candle.closed &&
  candle.closeTime - candle.openTime >=
    closeOf(interval, number) - openOf(interval, number) - monthSlack(interval) &&
  candle.closeTime + (isLast ? CLOCK_SPREAD : 0) <= asOf;

/** Months that do not open at 00:00 UTC last as long as the one they overlap most, or as its neighbour. */
const monthSlack = (interval: CandleInterval): number => (interval === '1M' ? 3 * 86_400_000 : 0);

export const evidenceOf = (interval: CandleInterval, { candles, asOf }: CandleFetch): Evidence => {
  const closed = new Map<number, ClosedCandle>();
  let after = Number.POSITIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  for (const [n, candle] of candles.entries()) {
    const number = numberOf(interval, candle.openTime);
    after = Math.min(after, number);
    before = Math.max(before, number);
    if (!isClosed(candle, number, interval, asOf, n === candles.length - 1)) continue;
    const { closed: _, closeTime: __, ...kept } = candle;
    closed.set(number, kept);
  }
  return { candles: closed, after, before };
};

/**
 * What a window becomes by one fetch; `undefined` when it teaches nothing new. Merging the same fetch again changes nothing, and
 * candles are only ever added or taken over, so the order of writers does not matter.
 */
export const mergeFetch = (window: CandleWindow, fetch: CandleFetch): CandleWindow | undefined =>
  mergeEvidence(window, fetch, evidenceOf(window.interval, fetch));

/** The same with the evidence drawn from the fetch before, for many windows of one answer. */
export const mergeEvidence = (
  window: CandleWindow,
  fetch: CandleFetch,
  evidence: Evidence,
): CandleWindow | undefined => {
  const first = firstOf(window.window);
  let revisions = window.revisions;
  let changed = false;
  let absent = false;
  const slots = window.slots.map((slot, n): Slot => {
    const next = slotAfter(slot, first + n, window, fetch, evidence);
    if (next === slot) return slot;
    changed = true;
    if (next === 'absent-once') absent = true;
    // The exchange had said something else before.
    if (isCandle(next) && (isCandle(slot) || slot === 'no-trades' || slot === 'not-listed')) revisions += 1;
    return next;
  });
  const sealed = sealOf(window, slots, changed, fetch, evidence);
  if (!changed && sealed === window.sealed) return undefined;
  const { sealed: _, ...rest } = window;
  return {
    ...rest,
    slots,
    revisions,
    absentAt: absent ? Math.max(window.absentAt, fetch.asOf) : window.absentAt,
    version: window.version + 1,
    ...(sealed && { sealed }),
  };
};

const slotAfter = (
  slot: Slot,
  number: number,
  { interval, absentAt }: CandleWindow,
  { first, end, asOf, failed, final, listed }: CandleFetch,
  { candles, after, before }: Evidence,
): Slot => {
  const candle = candles.get(number);
  if (candle) return isCandle(slot) && sameCandle(slot, candle) ? slot : candle;
  if (isSettled(slot) || closeOf(interval, number) > asOf) return slot;
  if (number < (listed?.first ?? Number.NEGATIVE_INFINITY)) return 'not-listed';
  if (number >= (listed?.end ?? Number.POSITIVE_INFINITY)) return 'not-listed';
  if (number > after && number < before) {
    if (slot !== 'absent-once') return 'absent-once';
    if (asOf > absentAt) return 'no-trades';
  }
  if ((failed || final) && number >= first && number < end && slot === 'unknown') return 'fetch-failed';
  return slot;
};

/** Sealed once all slots are settled and their last candles were, or could have been, read again; and again after a change. */
const sealOf = (
  { interval, window, sealed }: CandleWindow,
  slots: readonly Slot[],
  changed: boolean,
  { first, end, asOf, by, failed }: CandleFetch,
  { candles }: Evidence,
): Seal | undefined => {
  if (sealed && !changed) return sealed;
  if (!slots.every(isSettled)) return undefined;
  const last = firstOf(window) + SLOTS - 1;
  const isReadBack =
    closeOf(interval, last + READ_BACK) <= asOf &&
    !failed &&
    first <= last &&
    last < end &&
    (!isCandle(slots[SLOTS - 1]) || candles.has(last));
  return isReadBack ? { by, at: asOf } : undefined;
};
