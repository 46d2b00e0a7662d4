import { bookView } from './book.ts';
import type { PublicCall, Routes } from './call.ts';
import { decimal, plain } from './decimal.ts';
import { refuse } from './refusal.ts';
import { readLimit, required } from './request.ts';
import { marketOf, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';

/** The endpoints without a key (section 7). Unknown parameters are ignored, unknown symbols are -1121. */
export const MARKET_ENDPOINTS: Routes = {
  'GET /api/v3/ping': { access: 'public', run: () => '{}' },
  'GET /api/v3/time': { access: 'public', run: ({ at }) => JSON.stringify({ serverTime: at }) },
  'GET /api/v3/defaultSymbols': { access: 'public', run: defaultSymbols },
  'GET /api/v3/exchangeInfo': { access: 'public', run: exchangeInfo },
  'GET /api/v3/depth': { access: 'public', run: depth },
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

function dayTicker(store: Store, rules: SymbolRules, at: number): Record<string, unknown> {
  const { last, open, high, low, volume } = marketOf(store, rules.symbol);
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
    highPrice: high,
    lowPrice: low,
    volume,
    quoteVolume: null,
    openTime: at - (at % 60_000),
    closeTime: at,
    count: null,
  };
}
