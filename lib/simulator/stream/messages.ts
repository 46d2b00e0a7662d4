/**
 * The messages of section 11.4 as plain objects, fields by the names of the .proto. Times are Unix milliseconds, but for the
 * window of a candle, which is in seconds. What the exchange added on 2026-06-17 is optional here.
 */
export type Level = { price: string; quantity: string };

export type Deal = Level & {
  /** 1 buy, 2 sell: the taker's side. */
  tradeType: number;
  time: number;
  tradeId?: string;
};

export type Kline = {
  interval: string;
  windowStart: number;
  openingPrice: string;
  closingPrice: string;
  highestPrice: string;
  lowestPrice: string;
  volume: string;
  amount: string;
  windowEnd: number;
};

type Sides = { asks: Level[]; bids: Level[]; eventType: string };

export type Best = { bidPrice: string; bidQuantity: string; askPrice: string; askQuantity: string };

export type MiniTicker = {
  symbol: string;
  price: string;
  rate: string;
  zonedRate: string;
  high: string;
  low: string;
  volume: string;
  quantity: string;
  lastCloseRate: string;
  lastCloseZonedRate: string;
  lastCloseHigh: string;
  lastCloseLow: string;
};

export type PrivateOrder = {
  id: string;
  clientId: string;
  price: string;
  quantity: string;
  amount: string;
  avgPrice: string;
  orderType: number;
  tradeType: number;
  isMaker: boolean;
  remainAmount: string;
  remainQuantity: string;
  lastDealQuantity?: string;
  cumulativeQuantity: string;
  cumulativeAmount: string;
  status: number;
  createTime: number;
  market?: string;
  triggerType?: number;
  triggerPrice?: string;
  state?: number;
  ocoId?: string;
  routeFactor?: string;
  symbolId?: string;
  marketId?: string;
  marketCurrencyId?: string;
  currencyId?: string;
};

export type PrivateDeal = {
  price: string;
  quantity: string;
  amount: string;
  tradeType: number;
  isMaker: boolean;
  isSelfTrade: boolean;
  tradeId: string;
  clientOrderId: string;
  orderId: string;
  feeAmount: string;
  feeCurrency: string;
  time: number;
};

export type PrivateAccount = {
  vcoinName: string;
  coinId: string;
  /** Free, without what is frozen. */
  balanceAmount: string;
  balanceAmountChange: string;
  frozenAmount: string;
  frozenAmountChange: string;
  type: string;
  time: number;
};

type Added = { version?: string; lastOrderCreateTime?: number };
export type Deals = { deals: Deal[]; eventType: string };
export type IncreaseDepths = Sides & { version: string };
export type LimitDepths = Sides & Required<Pick<Added, 'version'>> & Pick<Added, 'lastOrderCreateTime'>;
export type AggreDepths = Sides & { fromVersion: string; toVersion: string; lastOrderCreateTime?: number };
export type BestBatch = Added & { items: Best[] };

/** What a push carries: the wrapper's field by its name. */
export type Body =
  | { of: 'publicDeals'; message: Deals }
  | { of: 'publicIncreaseDepths'; message: IncreaseDepths }
  | { of: 'publicLimitDepths'; message: LimitDepths }
  | { of: 'privateOrders'; message: PrivateOrder }
  | { of: 'publicBookTicker'; message: Best }
  | { of: 'privateDeals'; message: PrivateDeal }
  | { of: 'privateAccount'; message: PrivateAccount }
  | { of: 'publicSpotKline'; message: Kline }
  | { of: 'publicMiniTicker'; message: MiniTicker }
  | { of: 'publicMiniTickers'; message: { items: MiniTicker[] } }
  | { of: 'publicBookTickerBatch'; message: BestBatch }
  | { of: 'publicIncreaseDepthsBatch'; message: { items: IncreaseDepths[]; eventType: string } }
  | { of: 'publicAggreDepths'; message: AggreDepths }
  | { of: 'publicAggreDeals'; message: Deals }
  | { of: 'publicAggreBookTicker'; message: Best & Added };

/** One `PushDataV3ApiWrapper`. */
export type Push = {
  channel: string;
  symbol?: string;
  symbolId?: string;
  createTime?: number;
  sendTime?: number;
  body: Body;
};
