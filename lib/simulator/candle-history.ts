import { decimal, plain, unitText } from './decimal.ts';
import { type GeneratedHistory, generatedHistory, type UnitBar } from './generated-history.ts';
import type { Bar, Print } from './state.ts';
import { marketOf, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';
import { MINUTE, markedMinutes, priceBefore, type Tape, tapeOf } from './tape.ts';

const DEFAULT_AGE = 730 * 1440;

/**
 * The public past of one symbol as seen at exchange time `at`. All market data come from here:
 * - before the exchange opened: the generated path, which leads to the opening price;
 * - since then: the tape, and between its prints the strangers' generated trades, all at the price of the last print,
 *   so that the newest trade, the close of the forming candle and the last price agree;
 * - an override replaces the bar of its minute, in every interval that contains it.
 */
export type MarketView = {
  at: number;
  tape: Tape;
  history: GeneratedHistory;
  openingPrice: string;
  openingMinute: number;
  /** The first minute the symbol was listed. */
  firstMinute: number;
  /** The forming minute. */
  lastMinute: number;
  /** The first minute in which nobody can trade any more: the symbol is suspended or delisted. */
  endMinute: number;
};

export function viewMarket(store: Store, rules: SymbolRules, at: number): MarketView {
  const openingMinute = Math.floor(store.state.openedAt / MINUTE);
  const { listedAt, offlineAt } = rules.hidden;
  return {
    at,
    tape: tapeOf(store, rules.symbol),
    history: historyOf(store, rules, openingMinute),
    openingPrice: marketOf(store, rules.symbol).opening,
    openingMinute,
    firstMinute: listedAt === null ? openingMinute - DEFAULT_AGE : Math.ceil(listedAt / MINUTE),
    lastMinute: Math.floor(at / MINUTE),
    endMinute:
      rules.status === '1' || offlineAt === null ? Number.POSITIVE_INFINITY : Math.ceil(offlineAt / MINUTE),
  };
}

function historyOf(store: Store, rules: SymbolRules, anchorMinute: number): GeneratedHistory {
  const { symbol, quotePrecision, baseAssetPrecision } = rules;
  const { quietShare } = rules.hidden;
  const key = `${quotePrecision} ${baseAssetPrecision} ${quietShare}`;
  const known = store.histories.get(symbol);
  if (known?.key === key) return known.history;
  const price = Number(marketOf(store, symbol).opening);
  const { seed } = store.state.candles;
  const history = generatedHistory({
    seed,
    symbol,
    price,
    anchorMinute,
    quietShare,
    quotePrecision,
    baseAssetPrecision,
  });
  store.histories.set(symbol, { key, history });
  tapeOf(store, symbol).bars.clear();
  return history;
}

/**
 * The bar of the minutes from `from` (inclusive) to `to` (exclusive), null without a trade. Of the forming minute
 * it holds what has happened so far.
 */
export function barOf(view: MarketView, from: number, to: number): Bar | null {
  const start = Math.max(from, view.firstMinute);
  const end = Math.min(to, view.lastMinute + 1, view.endMinute);
  if (start >= end) return null;
  const parts: (Bar | null)[] = [];
  let next = start;
  for (const minute of detailedMinutes(view, start, end)) {
    pushPlain(view, parts, next, minute);
    parts.push(minuteBar(view, minute));
    next = minute + 1;
  }
  pushPlain(view, parts, next, end);
  return join(parts.filter((part) => part !== null));
}

/** Minutes that must be put together trade by trade: marked ones, and the forming one. */
function detailedMinutes({ tape, lastMinute }: MarketView, from: number, to: number): number[] {
  const minutes = markedMinutes(tape, from, to);
  if (to > lastMinute && minutes.at(-1) !== lastMinute) minutes.push(lastMinute);
  return minutes;
}

/** Adds the bars of minutes in which nothing but generated trades happened. */
function pushPlain(view: MarketView, parts: (Bar | null)[], from: number, to: number): void {
  const { history, openingMinute } = view;
  if (from >= to) return;
  if (from < openingMinute) parts.push(moving(history, history.bar(from, Math.min(to, openingMinute))));
  const since = Math.max(from, openingMinute);
  if (since < to) parts.push(still(history, history.bar(since, to), priceAt(view, since)));
}

function moving({ pricePlaces, quantityPlaces }: GeneratedHistory, bar: UnitBar | null): Bar | null {
  if (bar === null) return null;
  return {
    open: unitText(bar.open, pricePlaces),
    high: unitText(bar.high, pricePlaces),
    low: unitText(bar.low, pricePlaces),
    close: unitText(bar.close, pricePlaces),
    base: unitText(bar.base, quantityPlaces),
    quote: unitText(bar.quote, pricePlaces + quantityPlaces),
  };
}

function still(history: GeneratedHistory, bar: UnitBar | null, price: string): Bar | null {
  if (bar === null) return null;
  const base = unitText(bar.base, history.quantityPlaces);
  return {
    open: price,
    high: price,
    low: price,
    close: price,
    base,
    quote: plain(decimal(base).times(price)),
  };
}

/** The price as the minute begins, for minutes since the opening. */
function priceAt({ tape, openingPrice }: MarketView, minute: number): string {
  return priceBefore(tape, minute) ?? openingPrice;
}

function minuteBar(view: MarketView, minute: number): Bar | null {
  const { overrides, bars } = view.tape;
  const known = overrides.get(minute) ?? bars.get(minute);
  if (known !== undefined || overrides.has(minute)) return known ?? null;
  const bar = barOfTrades(minuteTrades(view, minute));
  if (minute < view.lastMinute) bars.set(minute, bar);
  return bar;
}

function barOfTrades(trades: readonly Print[]): Bar | null {
  const [first, last] = [trades[0], trades.at(-1)];
  if (first === undefined || last === undefined) return null;
  let high = decimal(first.price);
  let low = high;
  let base = decimal(0);
  let quote = decimal(0);
  for (const { price, qty } of trades) {
    const paid = decimal(price);
    if (paid.gt(high)) high = paid;
    if (paid.lt(low)) low = paid;
    base = base.plus(qty);
    quote = quote.plus(paid.times(qty));
  }
  return {
    open: first.price,
    high: plain(high),
    low: plain(low),
    close: last.price,
    base: plain(base),
    quote: plain(quote),
  };
}

/** The public trades of a minute up to now, by time. */
export function minuteTrades(view: MarketView, minute: number): Print[] {
  const { at, tape, history, openingMinute, firstMinute, endMinute } = view;
  if (minute < firstMinute || minute >= endMinute) return [];
  const rows = history.tradesOf(minute).map(({ offset, price, quantity, buyerMaker }) => ({
    time: minute * MINUTE + offset,
    // Since the opening the strangers trade at the price of the last print, filled in below.
    price: minute < openingMinute ? unitText(price, history.pricePlaces) : '',
    qty: unitText(quantity, history.quantityPlaces),
    buyerMaker,
  }));
  const prints = tape.prints.get(minute) ?? [];
  const merged = prints.length === 0 ? rows : [...rows, ...prints].sort((a, b) => a.time - b.time);
  let price = priceAt(view, minute);
  const trades: Print[] = [];
  for (const row of merged) {
    if (row.time > at) break;
    if (row.price === '') row.price = price;
    price = row.price;
    trades.push(row);
  }
  return trades;
}

/** The price as a minute begins; before the opening it is looked for as far back as a day. */
export function closeBefore(view: MarketView, minute: number): string {
  if (minute > view.openingMinute) return priceAt(view, minute);
  for (let i = minute - 1; i >= minute - 1440; i--) {
    const bar = barOf(view, i, i + 1);
    if (bar !== null) return bar.close;
  }
  return view.openingPrice;
}

function join(bars: readonly Bar[]): Bar | null {
  const [first, ...rest] = bars;
  if (first === undefined || rest.length === 0) return first ?? null;
  let high = decimal(first.high);
  let low = decimal(first.low);
  let base = decimal(first.base);
  let quote = decimal(first.quote);
  for (const bar of rest) {
    if (high.lt(bar.high)) high = decimal(bar.high);
    if (low.gt(bar.low)) low = decimal(bar.low);
    base = base.plus(bar.base);
    quote = quote.plus(bar.quote);
  }
  return {
    open: first.open,
    high: plain(high),
    low: plain(low),
    close: rest.at(-1)?.close ?? first.close,
    base: plain(base),
    quote: plain(quote),
  };
}
