import { type MarketView, minuteTrades } from './candle-history.ts';
import { decimal, plain } from './decimal.ts';
import type { Print } from './state.ts';
import { MINUTE } from './tape.ts';

/** No request looks at more minutes than this, however few of them have trades. */
const MAX_MINUTES = 10_000;

/** The public trades of a symbol from `from` on (Unix milliseconds, inclusive), newest first. */
export function* newestTrades(view: MarketView, from = Number.NEGATIVE_INFINITY): Generator<Print> {
  const oldest = Math.max(view.firstMinute, Math.floor(from / MINUTE), view.lastMinute - MAX_MINUTES);
  for (let minute = view.lastMinute; minute >= oldest; minute--) {
    const trades = minuteTrades(view, minute);
    for (let i = trades.length - 1; i >= 0; i--) {
      const trade = trades[i];
      if (trade !== undefined && trade.time >= from) yield trade;
    }
  }
}

/** A row of `trades`. Ids are always null: nothing to tell two equal rows apart by (section 7.4). */
export function tradeRow({ time, price, qty, buyerMaker }: Print): Record<string, unknown> {
  return {
    id: null,
    price,
    qty,
    quoteQty: plain(decimal(price).times(qty)),
    time,
    isBuyerMaker: buyerMaker,
    isBestMatch: true,
    tradeType: buyerMaker ? 'ASK' : 'BID',
  };
}

/** A row of `aggTrades`, its time in whole seconds (section 7.4). */
export function aggregateRow({ time, price, qty, buyerMaker }: Print): Record<string, unknown> {
  return { a: null, f: null, l: null, p: price, q: qty, T: wholeSecond(time), m: buyerMaker, M: true };
}

/** Joins neighbours of one moment, price and side: what one taker got at one price. */
export function* aggregated(trades: Iterable<Print>): Generator<Print> {
  let open: Print | null = null;
  for (const trade of trades) {
    if (open !== null && isSame(open, trade)) {
      open.qty = plain(decimal(open.qty).plus(trade.qty));
      continue;
    }
    if (open !== null) yield open;
    open = { ...trade };
  }
  if (open !== null) yield open;
}

function isSame(a: Print, b: Print): boolean {
  return a.time === b.time && a.price === b.price && a.buyerMaker === b.buyerMaker;
}

export function wholeSecond(time: number): number {
  return time - (time % 1000);
}
