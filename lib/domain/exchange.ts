import * as z from 'zod';
import { DecimalText } from './money.ts';

/** What an exchange order can be, in the exchange's own words (reference section 8.2). */
export const ExchangeOrderType = z.enum([
  'MARKET',
  'LIMIT',
  'LIMIT_MAKER',
  'IMMEDIATE_OR_CANCEL',
  'FILL_OR_KILL',
]);
export type ExchangeOrderType = z.infer<typeof ExchangeOrderType>;

export const Side = z.enum(['buy', 'sell']);
export type Side = z.infer<typeof Side>;

/** Trading rules of one symbol, from exchangeInfo and selfSymbols. Stored in `Symbols`. */
export const SymbolRules = z.object({
  symbol: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  /** Online on the exchange (`status` "1"). */
  online: z.boolean(),
  /** `isSpotTradingAllowed`, permission SPOT and present in selfSymbols: open to this key over the API. */
  openToApi: z.boolean(),
  /** From `tradeSideType`. */
  buyAllowed: z.boolean(),
  sellAllowed: z.boolean(),
  /** As listed; IMMEDIATE_OR_CANCEL and FILL_OR_KILL are accepted though not listed. */
  orderTypes: z.array(z.string()),
  /** Decimals allowed in a quantity (`baseAssetPrecision`). */
  quantityDecimals: z.int().min(0),
  /** Decimals allowed in a price (`quotePrecision`); the tick is 10^-n. */
  priceDecimals: z.int().min(0),
  /** Least base quantity (`baseSizePrecision`, despite its name); "0" means none of its own. */
  minQuantity: DecimalText,
  /** Least quote amount (`quoteAmountPrecision`, despite its name). */
  minAmount: DecimalText,
  minAmountMarket: DecimalText,
  /** "0" or absent in exchangeInfo: no maximum. */
  maxAmount: DecimalText.optional(),
  maxAmountMarket: DecimalText.optional(),
  /** Taker commission, a ratio. */
  takerCommission: DecimalText,
  /** Price filter read as a deviation ratio, only when below 1 (advisory; reference section 7.3). */
  maxBuyAbove: DecimalText.optional(),
  maxSellBelow: DecimalText.optional(),
  /** When these rules were read, epoch ms (local clock). */
  refreshedAt: z.int(),
});
export type SymbolRules = z.infer<typeof SymbolRules>;

/** One order to be placed. Amounts in plain notation, already rounded to the symbol's precision. */
export interface OrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: ExchangeOrderType;
  readonly quantity?: string;
  readonly quoteQuantity?: string;
  readonly price?: string;
  readonly clientOrderId: string;
}

/** The exact bytes of one attempt. Signed once, sent at most once; the signature never leaves this object. */
export interface SignedOrder {
  readonly clientOrderId: string;
  /** True: goes to `POST /api/v3/order/test`. */
  readonly test: boolean;
  /** Path with query and signature. Secret: never logged, never stored. */
  readonly target: string;
}

/** Everything that can become of one sent request. Never an exception: each needs its own transition. */
export type PlacementOutcome =
  | { readonly kind: 'acknowledged'; readonly exchangeOrderId: string }
  | { readonly kind: 'tested' }
  /** Classes F, M, B, C: the exchange will not have this order. */
  | {
      readonly kind: 'refused';
      readonly class: 'F' | 'M' | 'B' | 'C';
      readonly code: string;
      readonly message: string;
    }
  /** Class T, 429, 418, 510, 700003, 10073: refused before execution. */
  | {
      readonly kind: 'not-executed';
      readonly code: string;
      readonly message: string;
      /** The exchange's clock and ours disagree: measure before the next attempt. */
      readonly clock?: boolean;
    }
  /** No byte left: connecting failed. */
  | { readonly kind: 'unsent'; readonly reason: string }
  /** Timeout, reset, 5xx, unreadable answer, unknown code, 403 without JSON. */
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string };

/** An order as the exchange shows it (GET order, openOrders, allOrders). */
export interface ExchangeOrder {
  readonly symbol: string;
  readonly exchangeOrderId: string;
  /** Absent when the order was placed without one. */
  readonly clientOrderId?: string;
  readonly side: Side;
  /** The exchange's word, also for types that this system never sends. */
  readonly type: string;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity?: string;
  readonly cumQty: string;
  readonly cumQuote: string;
  /** NEW, PARTIALLY_FILLED, FILLED, CANCELED, PARTIALLY_CANCELED, or a word not known yet. */
  readonly status: string;
  /** Creation, epoch ms of the exchange. */
  readonly time: number;
  readonly updateTime?: number;
}

/** One own trade (myTrades). */
export interface ExchangeTrade {
  readonly symbol: string;
  readonly tradeId: string;
  readonly exchangeOrderId: string;
  readonly clientOrderId?: string;
  readonly side: Side;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly maker: boolean;
  /** Epoch ms of the exchange; second resolution. */
  readonly time: number;
}

/** Free and locked amount of one asset; an asset that is not listed has neither. */
export interface Balance {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

/** Candle lengths of the exchange's REST interface; case matters (reference section 7.5). */
export type CandleInterval = '1m' | '5m' | '15m' | '30m' | '60m' | '4h' | '1d' | '1W' | '1M';

/** One candle. Times in epoch ms of the exchange, amounts as decimal text. */
export interface Candle {
  readonly openTime: number;
  /** The next candle's open time. */
  readonly closeTime: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** In base. */
  readonly volume: string;
  /** In quote. */
  readonly quoteVolume: string;
  /** False: it may still have been forming when it was asked for. */
  readonly closed: boolean;
}

export interface PriceLevel {
  readonly price: string;
  /** In base. */
  readonly quantity: string;
}

/** The order book, best prices first. */
export interface OrderBook {
  /** Version of the book, comparable with those of the stream. */
  readonly version: number;
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/** A trade of anybody's. It has no id: nothing tells two equal ones apart. */
export interface MarketTrade extends PriceLevel {
  readonly quoteQuantity: string;
  /** Epoch ms of the exchange. */
  readonly time: number;
  /** Side of whoever took it. */
  readonly side: Side;
}

/** Best bid and ask; absent where the book is empty. */
export interface BestPrices {
  readonly symbol: string;
  readonly bid?: PriceLevel;
  readonly ask?: PriceLevel;
}

/** What happened on a symbol within 24 hours. */
export interface DayTicker {
  readonly symbol: string;
  readonly last: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  /** A ratio: "-0.0055" is −0.55 %. */
  readonly change: string;
  /** In base. */
  readonly volume: string;
  /** In quote. */
  readonly quoteVolume?: string;
}

/** The account's own commission on a symbol, ratios. */
export interface TradeFee {
  readonly maker: string;
  readonly taker: string;
}

/** What the exchange says of the key that asks. */
export interface KeyInfo {
  /** Permission names, e.g. `SPOT_DEAL_WRITE`. */
  readonly permissions: readonly string[];
  /** Days until it stops working. */
  readonly remainingDays: number | 'unlimited';
  /** Addresses that it is bound to; none: it works from anywhere. */
  readonly addresses: readonly string[];
  /** `VALID`, or another word of the exchange's. */
  readonly status: string;
}
