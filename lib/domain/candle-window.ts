import { closeOf, firstOf, openOf, SLOTS, windowOf } from './candle-interval.ts';
import type { Candle, CandleInterval } from './exchange.ts';

/** A closed candle as it is kept: the exchange's own open time, decimals without zeros at their end. */
export type ClosedCandle = Omit<Candle, 'closed' | 'closeTime'>;

/**
 * What is known of one slot:
 * - a candle;
 * - `no-trades`: absent in two fetches that returned a candle before and one after it;
 * - `not-listed`: before the symbol's first candle, or after it was taken off the exchange;
 * - `absent-once`: the first of those two fetches;
 * - `fetch-failed`: it was asked for and did not come, and nothing explains why;
 * - `unknown`: not asked for yet, or not closed then.
 */
export type Slot = ClosedCandle | SlotWord;
export type SlotWord = 'unknown' | 'absent-once' | HoleLabel;
type HoleLabel = 'no-trades' | 'not-listed' | 'fetch-failed';

/** Who wrote. */
export type Writer = 'pull' | 'backfill' | 'stream' | 'repair';

/** The series of one symbol and interval. */
export interface Series {
  readonly symbol: string;
  readonly interval: CandleInterval;
}

/** Sixty candles that follow one another. */
export interface CandleWindow extends Series {
  /** Its number: `openOf(interval, firstOf(window))` is when it starts. */
  readonly window: number;
  /** Always sixty. */
  readonly slots: readonly Slot[];
  /** 0 as long as nothing is stored; +1 with every write. */
  readonly version: number;
  /** How often the exchange changed what it had said. */
  readonly revisions: number;
  /** Exchange time of the fetch that last found a slot absent, epoch ms: the same fetch must not count twice. */
  readonly absentAt: number;
  /** Set when every slot is settled and its last candles were read again; by whom, and when by the exchange's clock. */
  readonly sealed?: Seal;
}

export interface Seal {
  readonly by: Writer;
  readonly at: number;
}

/** Slots without a candle that follow one another. `to` is the open time of the first slot after them, epoch ms. */
export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly label: HoleLabel;
}

export const emptyWindow = ({ symbol, interval }: Series, window: number): CandleWindow => ({
  symbol,
  interval,
  window,
  slots: Array.from({ length: SLOTS }, () => 'unknown' as const),
  version: 0,
  revisions: 0,
  absentAt: 0,
});

export const isCandle = (slot: Slot | undefined): slot is ClosedCandle => typeof slot === 'object';

/** Whether there is nothing left to find out about a slot. */
export const isSettled = (slot: Slot | undefined): boolean =>
  isCandle(slot) || slot === 'no-trades' || slot === 'not-listed';

export const sameCandle = (a: ClosedCandle, b: ClosedCandle): boolean =>
  a.openTime === b.openTime &&
  a.open === b.open &&
  a.high === b.high &&
  a.low === b.low &&
  a.close === b.close &&
  a.volume === b.volume &&
  a.quoteVolume === b.quoteVolume;

export const candlesOf = ({ slots }: CandleWindow): readonly ClosedCandle[] => slots.filter(isCandle);

/** The label of a slot that is closed: whatever is not explained has failed to come. */
const labelOf = (slot: Slot | undefined): HoleLabel | undefined => {
  if (isCandle(slot)) return undefined;
  return slot === 'no-trades' || slot === 'not-listed' ? slot : 'fetch-failed';
};

/** Candles by number, from `first` to before `end`. */
export interface CandleRange {
  readonly first: number;
  readonly end: number;
}

/** What is known of one slot; of a window that is not stored, nothing. */
export const slotAt = (windows: ReadonlyMap<number, CandleWindow>, number: number): Slot => {
  const window = windowOf(number);
  return windows.get(window)?.slots[number - firstOf(window)] ?? 'unknown';
};

/**
 * Every closed slot without a candle in a range, labelled; one that was never asked for is `fetch-failed`.
 * @param asOf exchange time, epoch ms: what closes later, and was not asked for, is no hole
 * @param listed numbers of the symbol's first candle and of the first that it does not have any more, where they are known
 */
export const holesIn = (
  windows: ReadonlyMap<number, CandleWindow>,
  interval: CandleInterval,
  { first, end }: CandleRange,
  asOf: number,
  listed: { readonly listedFrom?: number; readonly listedUntil?: number } = {},
): readonly Hole[] => {
  const { listedFrom = Number.NEGATIVE_INFINITY, listedUntil = Number.POSITIVE_INFINITY } = listed;
  const holes: { from: number; to: number; label: HoleLabel }[] = [];
  for (let number = first; number < end; number += 1) {
    const slot = slotAt(windows, number);
    const isListed = number >= listedFrom && number < listedUntil;
    const label = isCandle(slot) || isListed ? labelOf(slot) : 'not-listed';
    if (!label || (slot === 'unknown' && closeOf(interval, number) > asOf)) continue;
    const from = openOf(interval, number);
    const last = holes.at(-1);
    if (last?.to === from && last.label === label) last.to = openOf(interval, number + 1);
    else holes.push({ from, to: openOf(interval, number + 1), label });
  }
  return holes;
};

const LETTERS: Readonly<Record<SlotWord, string>> = {
  unknown: '-',
  'absent-once': 'a',
  'no-trades': 'n',
  'not-listed': 'x',
  'fetch-failed': 'f',
};

/**
 * The slots as text, e.g. `c12n1c47`: runs of candles (c), no-trades (n), not-listed (x), fetch-failed (f), absent once (a) and
 * not known yet (-).
 */
export const slotsText = (slots: readonly Slot[]): string => {
  let text = '';
  let run = 0;
  for (const [n, slot] of slots.entries()) {
    const letter = letterOf(slot);
    run += 1;
    const next = slots[n + 1];
    if (next !== undefined && letterOf(next) === letter) continue;
    text += `${letter}${run}`;
    run = 0;
  }
  return text;
};

const letterOf = (slot: Slot): string => (isCandle(slot) ? 'c' : LETTERS[slot]);

const WORDS = new Map<string, SlotWord | 'candle'>([
  ['c', 'candle'],
  ['-', 'unknown'],
  ['a', 'absent-once'],
  ['n', 'no-trades'],
  ['x', 'not-listed'],
  ['f', 'fetch-failed'],
]);

/** The same back, without the candles themselves; `undefined` where the text is no sixty slots. */
export const readSlots = (text: string): readonly (SlotWord | 'candle')[] | undefined => {
  if (!/^(?:[cnxfa-]\d{1,2})+$/.test(text)) return undefined;
  const slots = [...text.matchAll(/(.)(\d+)/g)].flatMap(([, letter = '', count]) => {
    const word = WORDS.get(letter);
    return word ? Array.from({ length: Number(count) }, () => word) : [];
  });
  return slots.length === SLOTS ? slots : undefined;
};
