import { bookView } from './book.ts';
import type { PublicCall, Routes } from './call.ts';
import { barOf, viewMarket } from './candle-history.ts';
import { candleRows, intervalNamed } from './candle-rows.ts';
import { decimal, plain } from './decimal.ts';
import { aggregated, aggregateRow, newestTrades, tradeRow, wholeSecond } from './public-trades.ts';
import { refuse } from './refusal.ts';
import { readLimit, required, wholeNumber } from './request.ts';
import { marketOf, type Store } from './store.ts';
import { withStrayRows } from './stray-rows.ts';
import type { SymbolRules } from './symbols.ts';

const HOUR = 3_600_000;

/** The endpoints without a key (section 7). Unknown parameters are ignored, unknown symbols are -1121. */
export const MARKET_ENDPOINTS: Routes = {
  'GET /api/v3/ping': { access: 'public', run: () => '{}' },
  'GET /api/v3/time': { access: 'public', run: ({ at }) => JSON.stringify({ serverTime: at }) },
  'GET /api/v3/defaultSymbols': { access: 'public', run: defaultSymbols },
  'GET /api/v3/exchangeInfo': { access: 'public', run: exchangeInfo },
  'GET /api/v3/symbol/offline': { access: 'public', run: offlineSymbols },
  'GET /api/v3/depth': { access: 'public', run: depth },
  'GET /api/v3/trades': { access: 'public', run: trades },
  'GET /api/v3/aggTrades': { access: 'public', run: aggTrades },
  'GET /api/v3/klines': { access: 'public', run: klines },
  'GET /api/v3/avgPrice': { access: 'public', run: avgPrice },
  'GET /api/v3/ticker/price': { access: 'public', run: (call) => oneOrAll(call, priceTicker) },
  'GET /api/v3/ticker/bookTicker': { access: 'public', run: (call) => oneOrAll(call, bookTicker) },
  'GET /api/v3/ticker/24hr': { access: 'public', run: (call) => oneOrAll(call, dayTicker) },
};

function listed(store: Store, symbol: string): SymbolRules {
  return store.symbols.get(symbol) ?? refuse(-1121, 'Invalid symbol.');
}

function defaultSymbols({ store }: PublicCall): string {
  const open = store.state.symbols.filter((rules) => rules.isSpotTradingAllowed);
  return JSON.stringify({ code: 0, data: open.map((rules) => rules.symbol), msg: null });
}

function exchangeInfo({ store, at, params }: PublicCall): string {
  const symbol = params.get('symbol');
  const symbols = params.get('symbols');
  if (symbol !== undefined && symbols !== undefined) {
    refuse(-1128, 'Combination of optional parameters invalid.');
  }
  const wanted = symbol === undefined ? symbols?.split(',') : [symbol];
  const rules = wanted?.map((name) => listed(store, name)) ?? store.state.symbols;
  return JSON.stringify({
    timezone: 'CST',
    serverTime: at,
    rateLimits: [],
    exchangeFilters: [],
    symbols: rules.map(({ hidden: _, ...shown }) => shown),
  });
}

function depth({ store, at, params }: PublicCall): string {
  const rules = listed(store, required(params, 'symbol'));
  const book = bookView(store, rules, readLimit(params, 100, 5000));
  return JSON.stringify({ lastUpdateId: marketOf(store, rules.symbol).version, ...book, timestamp: at });
}

/** Suspended symbols (2) and delisted ones (3). */
function offlineSymbols({ store }: PublicCall): string {
  const offline = store.state.symbols.filter((rules) => rules.status !== '1');
  return JSON.stringify({
    data: offline.map(({ symbol, status, hidden: { offlineAt } }) => ({
      symbol,
      state: Number(status),
      ...(offlineAt === null ? {} : { offlineTime: offlineAt }),
    })),
  });
}

/** Newest first; there is no paging. */
function trades({ store, at, params }: PublicCall): string {
  const rules = listed(store, required(params, 'symbol'));
  const limit = readLimit(params, 500, 1000);
  return JSON.stringify([
    ...newestTrades(viewMarket(store, rules, at))
      .take(limit)
      .map(tradeRow),
  ]);
}

/** Newest first; both bounds or neither, inclusive, compared with the time as shown: in whole seconds. */
function aggTrades({ store, at, params }: PublicCall): string {
  const rules = listed(store, required(params, 'symbol'));
  const limit = readLimit(params, 500, 1000);
  const start = wholeNumber(params, 'startTime');
  const end = wholeNumber(params, 'endTime');
  if ((start === null) !== (end === null)) refuse(-1128, 'Combination of optional parameters invalid.');
  const from = start ?? Number.NEGATIVE_INFINITY;
  const to = end ?? at;
  if (from > to) refuse(400, 'Time range must be ascending');
  if (start !== null && to - start > HOUR) refuse(-1127, 'More than 1 hours between startTime and endTime.');
  const view = viewMarket(store, rules, Math.min(at, to + 999));
  const rows = newestTrades(view, from).filter(
    ({ time }) => wholeSecond(time) >= from && wholeSecond(time) <= to,
  );
  return JSON.stringify([...aggregated(rows).take(limit).map(aggregateRow)]);
}

/** Section 7.5. A longer range is cut after `limit` rows from its start. */
function klines({ store, at, params }: PublicCall): string {
  const rules = listed(store, required(params, 'symbol'));
  const { dayOpensAt, emptySpans, strayRows } = store.state.candles;
  const interval = intervalNamed(required(params, 'interval'), dayOpensAt);
  const range = {
    start: wholeNumber(params, 'startTime'),
    end: wholeNumber(params, 'endTime'),
    limit: readLimit(params, 500, 500),
  };
  if (range.start !== null && range.end !== null && range.start > range.end) {
    refuse(400, 'Time range must be ascending');
  }
  const view = viewMarket(store, rules, at);
  const rows = candleRows(view, interval, range, emptySpans);
  return JSON.stringify(withStrayRows(rows, view, interval, range, strayRows));
}

/** The average paid in the last five minutes, the forming one included; without a trade the last price. */
function avgPrice({ store, at, params }: PublicCall): string {
  const rules = listed(store, required(params, 'symbol'));
  const view = viewMarket(store, rules, at);
  const bar = barOf(view, view.lastMinute - 4, view.lastMinute + 1);
  const price =
    bar === null
      ? marketOf(store, rules.symbol).last
      : plain(decimal(bar.quote).div(bar.base).round(rules.quotePrecision));
  return JSON.stringify({ mins: 5, price });
}

type Ticker = (store: Store, rules: SymbolRules, at: number) => Record<string, unknown>;

function oneOrAll({ store, at, params }: PublicCall, ticker: Ticker): string {
  const symbol = params.get('symbol');
  if (symbol !== undefined) return JSON.stringify(ticker(store, listed(store, symbol), at));
  return JSON.stringify(store.state.symbols.map((rules) => ticker(store, rules, at)));
}

function priceTicker(store: Store, rules: SymbolRules): Record<string, unknown> {
  return { symbol: rules.symbol, price: marketOf(store, rules.symbol).last };
}

function bookTicker(store: Store, rules: SymbolRules): Record<string, unknown> {
  const { bids, asks } = bookView(store, rules, 1);
  const [bidPrice, bidQty] = bids[0] ?? ['', ''];
  const [askPrice, askQty] = asks[0] ?? ['', ''];
  return { symbol: rules.symbol, bidPrice, bidQty, askPrice, askQty };
}

/** The last 1,440 minutes, the forming one included. */
function dayTicker(store: Store, rules: SymbolRules, at: number): Record<string, unknown> {
  const { last } = marketOf(store, rules.symbol);
  const view = viewMarket(store, rules, at);
  const day = barOf(view, view.lastMinute - 1439, view.lastMinute + 1);
  const open = day?.open ?? last;
  const change = decimal(last).minus(open);
  const { symbol, ...book } = bookTicker(store, rules);
  return {
    symbol,
    priceChange: plain(change),
    // A ratio, not a percentage.
    priceChangePercent: change.div(open).toFixed(4),
    prevClosePrice: open,
    lastPrice: last,
    ...book,
    openPrice: open,
    highPrice: day?.high ?? last,
    lowPrice: day?.low ?? last,
    volume: day?.base ?? '0',
    quoteVolume: day?.quote ?? null,
    // Near each other, and no window of a day (section 7.6).
    openTime: at - (at % 60_000),
    closeTime: at,
    count: null,
  };
}
