import { barOf, closeBefore, type MarketView } from './candle-history.ts';
import { refuse } from './refusal.ts';
import type { Bar } from './state.ts';
import { MINUTE } from './tape.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The Monday after 1970-01-01, a Thursday. */
const FIRST_MONDAY = 4 * DAY;
/** No request looks at more spans than this, however few of them have trades. */
const MAX_SPANS = 10_000;

/** How a kind of candle divides time; both in Unix milliseconds. */
export type Interval = { openOf(time: number): number; next(open: number): number };

/** An open time, eight columns (section 7.5). */
type Row = [number, string, string, string, string, string, number, string];

const LENGTHS: Readonly<Record<string, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '60m': HOUR,
  '4h': 4 * HOUR,
  '1d': DAY,
  '1W': 7 * DAY,
};

/** One of the nine intervals, case matters; anything else is -1121. */
export function intervalNamed(name: string, dayOpensAt: number): Interval {
  const shift = dayOpensAt * HOUR;
  if (name === '1M') return months(shift);
  const length = Object.hasOwn(LENGTHS, name) ? LENGTHS[name] : undefined;
  if (length === undefined) return refuse(-1121, 'Invalid interval.');
  const origin = shift + (name === '1W' ? FIRST_MONDAY : 0);
  return {
    openOf: (time) => Math.floor((time - origin) / length) * length + origin,
    next: (open) => open + length,
  };
}

function months(shift: number): Interval {
  const first = (time: number, further: number): number => {
    const date = new Date(time - shift);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + further, 1) + shift;
  };
  return { openOf: (time) => first(time, 0), next: (open) => first(open, 1) };
}

export type RowRange = { start: number | null; end: number | null; limit: number };

/**
 * Candles by open time, ascending. With a start the first `limit` of the range, otherwise the last ones; `end` is
 * exclusive. The row of the present moment is still forming. A span without trades is left out or flat.
 */
export function candleRows(
  view: MarketView,
  interval: Interval,
  range: RowRange,
  emptySpans: 'absent' | 'flat',
): Row[] {
  const listed = interval.openOf(view.firstMinute * MINUTE);
  const end = Math.min(range.end ?? Number.POSITIVE_INFINITY, view.at + 1);
  const bounds = { from: Math.max(range.start ?? listed, listed), end, limit: range.limit };
  if (range.start !== null) return firstRows(view, interval, bounds, emptySpans);
  if (emptySpans === 'absent') return lastRows(view, interval, bounds);
  let from = interval.openOf(end - 1);
  for (let i = 1; i < range.limit; i++) from = interval.openOf(from - 1);
  return firstRows(view, interval, { ...bounds, from: Math.max(from, listed) }, emptySpans);
}

type Bounds = { from: number; end: number; limit: number };

function firstRows(
  view: MarketView,
  interval: Interval,
  { from, end, limit }: Bounds,
  emptySpans: 'absent' | 'flat',
): Row[] {
  const rows: Row[] = [];
  let open = interval.openOf(from);
  if (open < from) open = interval.next(open);
  for (let spans = 0; open < end && rows.length < limit && spans < MAX_SPANS; spans++) {
    const next = interval.next(open);
    const bar = barBetween(view, open, next);
    if (bar !== null) rows.push(row(open, next, bar));
    else if (emptySpans === 'flat') rows.push(flatRow(view, open, next, rows.at(-1)));
    open = next;
  }
  return rows;
}

function lastRows(view: MarketView, interval: Interval, { from, end, limit }: Bounds): Row[] {
  const rows: Row[] = [];
  let open = interval.openOf(end - 1);
  for (let spans = 0; open >= from && rows.length < limit && spans < MAX_SPANS; spans++) {
    const next = interval.next(open);
    const bar = barBetween(view, open, next);
    if (bar !== null) rows.push(row(open, next, bar));
    open = interval.openOf(open - 1);
  }
  return rows.reverse();
}

function barBetween(view: MarketView, open: number, next: number): Bar | null {
  return barOf(view, open / MINUTE, next / MINUTE);
}

function flatRow(view: MarketView, open: number, next: number, before: Row | undefined): Row {
  const price = before?.[4] ?? closeBefore(view, open / MINUTE);
  return [open, price, price, price, price, '0', next, '0'];
}

function row(open: number, next: number, bar: Bar): Row {
  return [open, bar.open, bar.high, bar.low, bar.close, bar.base, next, bar.quote];
}
