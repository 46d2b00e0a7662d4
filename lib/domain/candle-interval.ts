import { AppError } from './errors.ts';
import type { CandleInterval } from './exchange.ts';

/** All intervals of the exchange's REST interface (reference section 7.5). */
export const INTERVALS: readonly CandleInterval[] = ['1m', '5m', '15m', '30m', '60m', '4h', '1d', '1W', '1M'];

/** Candles of one window. */
export const SLOTS = 60;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LENGTHS: Readonly<Record<Exclude<CandleInterval, '1M'>, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '60m': HOUR,
  '4h': 4 * HOUR,
  '1d': DAY,
  '1W': 7 * DAY,
};

/** Weeks are counted from the first Monday after 1970-01-01; everything else from that day on. */
const originOf = (interval: CandleInterval): number => (interval === '1W' ? 4 * DAY : 0);

/** What people and other programs call intervals that the exchange has under another name. */
const OTHER_NAMES: Readonly<Record<string, CandleInterval>> = {
  '1h': '60m',
  '1H': '60m',
  '60': '60m',
  '240m': '4h',
  '4H': '4h',
  '1D': '1d',
  '24h': '1d',
  '1w': '1W',
  '7d': '1W',
  '1mo': '1M',
};

/** A candle question that cannot be answered as asked: which part is wrong, and what would be right. */
export class CandleRequestError extends AppError {
  override name = 'CandleRequestError';
  readonly path: string;

  constructor(path: string, message: string) {
    super('invalid', message);
    this.path = path;
  }
}

/** @throws CandleRequestError that names the right one; case matters, 1m and 1M are two */
export const readInterval = (text: string): CandleInterval => {
  const found = INTERVALS.find((each) => each === text);
  if (found) return found;
  const meant = Object.hasOwn(OTHER_NAMES, text) ? OTHER_NAMES[text] : undefined;
  throw new CandleRequestError(
    'interval',
    `the exchange has no ${text}${meant ? `: use ${meant}` : ''}; its intervals are ${INTERVALS.join(', ')}`,
  );
};

/**
 * When the candle with this number opens, epoch ms, if the exchange's days begin at 00:00 UTC. Numbers count from 1970; a
 * window is sixty of them, so `window = floor(number / 60)`.
 */
export const openOf = (interval: CandleInterval, number: number): number =>
  interval === '1M' ? Date.UTC(1970, number, 1) : originOf(interval) + number * LENGTHS[interval];

/** When it closes. */
export const closeOf = (interval: CandleInterval, number: number): number => openOf(interval, number + 1);

/** The number of the candle that a time lies in. */
export const numberAt = (interval: CandleInterval, time: number): number => {
  if (interval !== '1M') return Math.floor((time - originOf(interval)) / LENGTHS[interval]);
  const date = new Date(time);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
};

/**
 * The number of a candle by its open time. Whether days, weeks and months open at 00:00 UTC is not documented (reference
 * section 13, question 16): it is the candle whose open time here is nearest.
 */
export const numberOf = (interval: CandleInterval, openTime: number): number => {
  const before = numberAt(interval, openTime);
  const isNearer = openTime - openOf(interval, before) < openOf(interval, before + 1) - openTime;
  return isNearer ? before : before + 1;
};

/** No candle of the exchange is older: it opened in 2018. */
export const FIRST_MOMENT = Date.UTC(2018, 0, 1);

/** The window that holds a candle, by its number. */
export const windowOf = (number: number): number => Math.floor(number / SLOTS);

/** The first candle of a window. */
export const firstOf = (window: number): number => window * SLOTS;

/** Start of a window as it stands in keys: sortable, to the minute, e.g. `2026-11-22T10:00Z`. */
export const windowName = (interval: CandleInterval, window: number): string =>
  `${new Date(openOf(interval, firstOf(window))).toISOString().slice(0, 16)}Z`;

/** The window of a key; `undefined` where the text is no start of one. */
export const windowNamed = (interval: CandleInterval, name: string): number | undefined => {
  const window = windowOf(numberAt(interval, Date.parse(name)));
  return Number.isFinite(window) && windowName(interval, window) === name ? window : undefined;
};
