import type {
  Balance,
  BestPrices,
  Candle,
  ExchangeOrder,
  ExchangeTrade,
  MarketTrade,
  OrderBook,
  PriceLevel,
} from './exchange.ts';

/** A candle length of the stream: those of the REST interface, and one more. */
export type StreamInterval = '1m' | '5m' | '15m' | '30m' | '60m' | '4h' | '8h' | '1d' | '1W' | '1M';

/** Differences of an order book between two versions (reference section 11.5). */
export interface BookChange {
  /** First and last version that it covers. */
  readonly from: bigint;
  readonly to: bigint;
  /** Quantities are absolute; zero removes the level. */
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/**
 * One thing that the exchange told by its stream, in the words of the domain. It is a hint with data: it may come twice, late,
 * out of order or not at all. `at`: when the exchange sent it, epoch ms.
 */
export type StreamEvent =
  /** An own order as it is now. `order.clientOrderId` is a claim: match on `exchangeOrderId` first. */
  | { readonly kind: 'order'; readonly order: ExchangeOrder; readonly at: number }
  /** An own trade. Its id is not known to equal the one that REST shows: it announces, REST applies. */
  | { readonly kind: 'trade'; readonly trade: ExchangeTrade; readonly at: number }
  /** An asset of the account after a change. */
  | {
      readonly kind: 'balance';
      readonly balance: Balance;
      /** The exchange's word for what changed it: DEPOSIT, WITHDRAW, ENTRUST… */
      readonly cause: string;
      /** Change of free and of locked, signed. */
      readonly change: { readonly free: string; readonly locked: string };
      readonly at: number;
    }
  /** Last prices, of one symbol or of many. */
  | { readonly kind: 'prices'; readonly prices: ReadonlyMap<string, string>; readonly at: number }
  | { readonly kind: 'best'; readonly best: BestPrices; readonly at: number }
  /** A candle while it forms: `closed` is always false, since the stream never says so. */
  | {
      readonly kind: 'candle';
      readonly symbol: string;
      readonly interval: StreamInterval;
      readonly candle: Candle;
      readonly at: number;
    }
  | {
      readonly kind: 'book-change';
      readonly symbol: string;
      readonly change: BookChange;
      readonly at: number;
    }
  /** The best levels of a book, whole. */
  | { readonly kind: 'book-top'; readonly symbol: string; readonly book: OrderBook; readonly at: number }
  | {
      readonly kind: 'market-trades';
      readonly symbol: string;
      readonly trades: readonly MarketTrade[];
      readonly at: number;
    };

/** What a channel of the stream delivers, or what became of it. Channels by the exchange's names. */
export type StreamItem =
  | StreamEvent
  /** These channels are subscribed from now on: whatever came before may be missing. Read the state, then follow. */
  | { readonly kind: 'live'; readonly channels: readonly string[]; readonly at: number }
  /** Something may be missing in these channels since then, until they are `live` again; `since` in local epoch ms. */
  | {
      readonly kind: 'hole';
      readonly channels: readonly string[];
      readonly since: number;
      readonly why: string;
    }
  /** The exchange will not have this channel; it is asked for again later, ever more seldom. */
  | { readonly kind: 'refused'; readonly channel: string; readonly why: string }
  /** A frame that could not be read: its channel if that much was readable. */
  | { readonly kind: 'undecodable'; readonly channel?: string; readonly why: string };
