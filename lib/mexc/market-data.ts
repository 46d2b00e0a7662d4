import * as z from 'zod';
import type { BestPrices, DayTicker, MarketTrade, OrderBook, PriceLevel } from '../domain/exchange.ts';
import { FatalError } from '../domain/exchange-errors.ts';
import { earliest } from '../domain/exchange-time.ts';
import type { CallOptions, MarketData } from '../domain/ports.ts';
import { unreadableAnswer } from './answer.ts';
import { limitOf, publicGet, range } from './calls.ts';
import { readCandleRows } from './candle-rows.ts';
import type { MexcSession } from './session.ts';
import type { QueryParameters } from './signing.ts';
import type { ReadPath } from './weights.ts';
import { absentable, readWire, WireBoolean, WireDecimal, WireInteger, WireText } from './wire.ts';

const MOST_CANDLES = 500;
const MOST_LEVELS = 5000;
const MOST_TRADES = 1000;
/** All tickers come in one answer of a few hundred bytes a symbol. */
const ALL_SYMBOLS_BYTES = 16 * 2 ** 20;

const Level = z
  .tuple([WireDecimal, WireDecimal], z.unknown())
  .transform(([price, quantity]): PriceLevel => ({ price, quantity }));

/** Section 7.4. */
const Depth = z
  .object({ lastUpdateId: WireInteger, bids: z.array(Level), asks: z.array(Level) })
  .transform(({ lastUpdateId, bids, asks }): OrderBook => ({ version: lastUpdateId, bids, asks }));

/** Section 7.4: when the buyer was the maker, the seller took. */
const TradeRow = z
  .object({
    price: WireDecimal,
    qty: WireDecimal,
    quoteQty: WireDecimal,
    time: WireInteger,
    isBuyerMaker: WireBoolean,
  })
  .transform(
    (row): MarketTrade => ({
      price: row.price,
      quantity: row.qty,
      quoteQuantity: row.quoteQty,
      time: row.time,
      side: row.isBuyerMaker ? 'sell' : 'buy',
    }),
  );

const PriceRow = z.object({ symbol: WireText, price: WireDecimal });

/** One side of a book that may be empty. */
const side = (price: string | undefined, quantity: string | undefined): PriceLevel | undefined =>
  price === undefined || quantity === undefined || price === '0' ? undefined : { price, quantity };

const BookRow = z
  .object({
    symbol: WireText,
    bidPrice: absentable(WireDecimal),
    bidQty: absentable(WireDecimal),
    askPrice: absentable(WireDecimal),
    askQty: absentable(WireDecimal),
  })
  .refine((row) => (row.bidPrice === undefined) === (row.bidQty === undefined))
  .refine((row) => (row.askPrice === undefined) === (row.askQty === undefined))
  .transform((row): BestPrices => {
    const bid = side(row.bidPrice, row.bidQty);
    const ask = side(row.askPrice, row.askQty);
    return { symbol: row.symbol, ...(bid && { bid }), ...(ask && { ask }) };
  });

/** Section 7.6. Its times are no window of 24 hours, so they are not passed on. */
const DayRow = z
  .object({
    symbol: WireText,
    lastPrice: WireDecimal,
    openPrice: WireDecimal,
    highPrice: WireDecimal,
    lowPrice: WireDecimal,
    priceChangePercent: WireDecimal,
    volume: WireDecimal,
    quoteVolume: absentable(WireDecimal),
  })
  .transform(
    (row): DayTicker => ({
      symbol: row.symbol,
      last: row.lastPrice,
      open: row.openPrice,
      high: row.highPrice,
      low: row.lowPrice,
      change: row.priceChangePercent,
      volume: row.volume,
      ...(row.quoteVolume === undefined ? {} : { quoteVolume: row.quoteVolume }),
    }),
  );

/**
 * Rows about one symbol, which must be there and readable, or about all, of which those that cannot be read are left out.
 * An answer of which nothing can be read is no answer.
 */
const rowsAbout = <Row extends { readonly symbol: string }>(
  symbol: string | 'all',
  schema: z.ZodType<Row>,
  data: unknown,
  what: string,
): readonly Row[] => {
  const given: readonly unknown[] =
    symbol === 'all' ? readWire(z.array(z.unknown()), data, what) : [data].flat();
  const rows = given.flatMap((row) => {
    const read = schema.safeParse(row);
    return read.success ? [read.data] : [];
  });
  const about = symbol === 'all' ? rows : rows.filter((row) => row.symbol === symbol);
  if (about.length === 0) throw unreadableAnswer(what);
  return about;
};

const named = (symbol: string): QueryParameters => {
  if (symbol === '') throw new FatalError('invalid_request', 'Market data of one symbol needs its name.');
  return [['symbol', symbol]];
};

/** Public market data (reference section 7) over connections and budget that others share. */
export const createMarketData = ({ caller }: Pick<MexcSession, 'caller'>): MarketData => {
  const ask = async (path: ReadPath, parameters: QueryParameters, options: CallOptions) =>
    caller.read({ ...publicGet(path, parameters, 'bulk'), maxBytes: ALL_SYMBOLS_BYTES }, options);

  return {
    candles: async ({ symbol, interval, from, to, limit }, options) => {
      const time = await caller.knownTime({ priority: 'bulk', ...options });
      // Whether the end belongs to the window is not documented: with one more millisecond it does.
      const window = { ...(from !== undefined && { from }), ...(to !== undefined && { to: to + 1 }), limit };
      const parameters: QueryParameters = [
        ...named(symbol),
        ['interval', interval],
        ...range(window, MOST_CANDLES),
      ];
      const { data, sentAt } = await ask('/api/v3/klines', parameters, options);
      const asOf = earliest(time, sentAt);
      const rows = readCandleRows(data, from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY);
      return rows.map((row) => ({ ...row, closed: row.closeTime <= asOf }));
    },

    orderBook: async (symbol, limit, options) => {
      const parameters = [...named(symbol), ...limitOf(limit, MOST_LEVELS)];
      return readWire(Depth, (await ask('/api/v3/depth', parameters, options)).data, 'depth');
    },

    trades: async (symbol, limit, options) => {
      const parameters = [...named(symbol), ...limitOf(limit, MOST_TRADES)];
      return readWire(z.array(TradeRow), (await ask('/api/v3/trades', parameters, options)).data, 'trades');
    },

    prices: async (options) => {
      const { data } = await ask('/api/v3/ticker/price', [], options);
      return new Map(rowsAbout('all', PriceRow, data, 'prices').map(({ symbol, price }) => [symbol, price]));
    },

    bestPrices: async (symbol, options) => {
      const parameters = symbol === 'all' ? [] : named(symbol);
      const { data } = await ask('/api/v3/ticker/bookTicker', parameters, options);
      return rowsAbout(symbol, BookRow, data, 'bookTicker');
    },

    dayTickers: async (symbol, options) => {
      const parameters = symbol === 'all' ? [] : named(symbol);
      const { data } = await ask('/api/v3/ticker/24hr', parameters, options);
      return rowsAbout(symbol, DayRow, data, 'ticker/24hr');
    },
  };
};
