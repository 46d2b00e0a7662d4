import { CandleRequestError, FIRST_MOMENT, numberAt, openOf, readInterval } from './candle-interval.ts';
import type { CandleRange, Series } from './candle-window.ts';

/** Longest range of one request, years. */
const MOST_YEARS = 10;
const YEAR = 366 * 86_400_000;

export interface CandleRequest {
  readonly series: Series;
  /** Candles that open from `from` on and before `to`. */
  readonly range: CandleRange;
}

/** What was asked for, as text; without `to`: until now. */
export interface AskedCandles {
  readonly symbol?: string | undefined;
  readonly interval?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const isoDay = (time: number): string =>
  Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10);

/** The earliest moment that a request until then may begin at, epoch ms. */
export const earliestFrom = (to: number): number => Math.max(to - MOST_YEARS * YEAR, FIRST_MOMENT);

/** @throws CandleRequestError that names the symbol as the exchange writes it */
export const readSymbol = (text: string | undefined): string => {
  if (text === undefined || text === '') throw new CandleRequestError('symbol', 'is missing, e.g. SOLUSDT');
  const meant = text
    .replace(/^[A-Z]+:/i, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toUpperCase();
  if (text !== meant)
    throw new CandleRequestError('symbol', `${text} is not how the exchange writes it: use ${meant}`);
  return text;
};

/**
 * A moment: a date (00:00 UTC), ISO 8601 with a zone, or epoch ms.
 * @throws CandleRequestError with examples
 */
const readMoment = (path: string, text: string): number => {
  const time = /^\d{12,14}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  const day = text.slice(0, 10);
  const isDay = Number.isNaN(time) || /^\d+$/.test(text) || isoDay(Date.parse(`${day}T00:00Z`)) === day;
  if (Number.isNaN(time) || !isDay)
    throw new CandleRequestError(path, `${text} is no moment: use 2025-01-01, 2025-01-01T12:00Z or epoch ms`);
  return time;
};

/**
 * Reads a request for a range.
 * @param now exchange time, epoch ms
 * @throws CandleRequestError that names the part that is wrong, and what would be right
 */
export const readCandleRequest = (asked: AskedCandles, now: number): CandleRequest => {
  const symbol = readSymbol(asked.symbol);
  if (asked.interval === undefined) throw new CandleRequestError('interval', 'is missing, e.g. 1m');
  const interval = readInterval(asked.interval);
  if (asked.from === undefined) throw new CandleRequestError('from', 'is missing, e.g. 2025-01-01');
  const from = readMoment('from', asked.from);
  const to = asked.to === undefined ? now : readMoment('to', asked.to);
  const shown = (time: number): string => new Date(time).toISOString();
  if (from > now)
    throw new CandleRequestError('from', `lies in the future: it is ${shown(now)} on the exchange`);
  if (to > now) throw new CandleRequestError('to', `lies in the future: use ${shown(now)} or before`);
  if (from >= to)
    throw new CandleRequestError('from', `is not before to: use a from before ${shown(to)}, or swap them`);
  if (to - from > MOST_YEARS * YEAR)
    throw new CandleRequestError(
      'from',
      `is more than ${MOST_YEARS} years before to: use ${shown(earliestFrom(to))} or later`,
    );
  const first = numberAt(interval, from);
  const range = {
    first: openOf(interval, first) < from ? first + 1 : first,
    end: numberAt(interval, to - 1) + 1,
  };
  if (range.first >= range.end)
    throw new CandleRequestError('to', `no ${interval} candle opens between ${shown(from)} and ${shown(to)}`);
  return { series: { symbol, interval }, range };
};
