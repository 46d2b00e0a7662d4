import { type MarketView, minuteTrades } from '../candle-history.ts';
import type { Print } from '../state.ts';
import { MINUTE } from '../tape.ts';

/** The generated trades after one exchange time and up to another one, by time; what is on the tape is left out. */
export function strangersBetween(view: MarketView, after: number, until: number): Print[] {
  const rows: Print[] = [];
  for (let minute = Math.floor(after / MINUTE); minute <= Math.floor(until / MINUTE); minute++) {
    const printed = new Set(view.tape.prints.get(minute));
    for (const trade of minuteTrades(view, minute)) {
      if (trade.time > after && trade.time <= until && !printed.has(trade)) rows.push(trade);
    }
  }
  return rows;
}

/**
 * When the public past of a symbol may next change by itself: with its next generated trade of this minute, otherwise as the
 * next minute begins. Infinity once the symbol no longer trades.
 */
export function nextStranger(view: MarketView, after: number): number {
  const minute = Math.floor(after / MINUTE);
  if (minute >= view.endMinute) return Number.POSITIVE_INFINITY;
  const start = minute * MINUTE;
  const next = view.history.tradesOf(minute).find(({ offset }) => start + offset > after);
  return next === undefined ? start + MINUTE : start + next.offset;
}
