import type { ExchangeOrder, ExchangeTrade } from '../domain/exchange.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Trading } from './trading.ts';

/** Most rows that one answer holds (reference section 8.1); a full page may hide more. */
const ORDERS_PER_PAGE = 1_000;
const TRADES_PER_PAGE = 100;
/** Trades carry whole seconds: a window cannot be narrowed further. */
const NARROWEST = 1_000;

/** Rows of a time window, each once. `complete`: no page of it was full at its narrowest. */
export interface History<Row> {
  readonly rows: readonly Row[];
  readonly complete: boolean;
}

/** A window of exchange time, ms, both ends included. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** All orders of a symbol created in the window. */
export const ordersIn = (
  symbol: string,
  window: Window,
  { exchange }: Pick<Trading, 'exchange'>,
  options: CallOptions,
): Promise<History<ExchangeOrder>> =>
  narrowed(
    window,
    ORDERS_PER_PAGE,
    (row) => row.exchangeOrderId,
    (part) => exchange.allOrders({ symbol, ...part, limit: ORDERS_PER_PAGE }, options),
  );

/** All own trades of a symbol in the window; `exchangeOrderId`: of that order only. */
export const tradesIn = (
  of: { readonly symbol: string; readonly exchangeOrderId?: string },
  window: Window,
  { exchange }: Pick<Trading, 'exchange'>,
  options: CallOptions,
): Promise<History<ExchangeTrade>> =>
  narrowed(
    window,
    TRADES_PER_PAGE,
    (row) => row.tradeId,
    (part) => exchange.ownTrades({ ...of, ...part, limit: TRADES_PER_PAGE }, options),
  );

/**
 * All trades of one order. The first page says it all unless it is full; then the time since the order was made is asked
 * for in parts. More than a page within one second cannot be told apart by the exchange's answers: what is missing then
 * is logged, and the order stays unsettled.
 * @param since exchange time before which no trade of the order can lie, ms
 */
export const tradesOfOrder = async (
  of: { readonly symbol: string; readonly exchangeOrderId: string },
  since: number,
  trading: Pick<Trading, 'exchange' | 'log'>,
  options: CallOptions,
): Promise<readonly ExchangeTrade[]> => {
  const first = await trading.exchange.ownTrades({ ...of, limit: TRADES_PER_PAGE }, options);
  if (first.length < TRADES_PER_PAGE) return first;
  const last = Math.max(...first.map(({ time }) => time)) + NARROWEST;
  const { rows, complete } = await tradesIn(of, { from: since, to: last }, trading, options);
  if (!complete) {
    trading.log.error(
      'an order has more trades in one second than the exchange shows: the owner has to look',
      { ...of },
    );
  }
  return rows;
};

/** Halves the window until each part fits a page. Parts go by whole seconds, so that none is asked for twice. */
const narrowed = async <Row>(
  { from, to }: Window,
  pageSize: number,
  keyOf: (row: Row) => string,
  fetch: (window: Window) => Promise<readonly Row[]>,
): Promise<History<Row>> => {
  const rows = new Map<string, Row>();
  const parts: Window[] = [{ from: Math.floor(from / NARROWEST) * NARROWEST, to }];
  let complete = true;
  for (let part = parts.pop(); part; part = parts.pop()) {
    const page = await fetch(part);
    const seconds = Math.floor((part.to - part.from) / NARROWEST);
    if (page.length >= pageSize && seconds >= 1) {
      const middle = part.from + Math.ceil(seconds / 2) * NARROWEST;
      parts.push({ from: middle, to: part.to }, { from: part.from, to: middle - 1 });
      continue;
    }
    complete &&= page.length < pageSize;
    for (const row of page) rows.set(keyOf(row), row);
  }
  return { rows: [...rows.values()], complete };
};
