import protobuf from 'protobufjs/light.js';

/** The exchange's messages as reference section 11.4 has them, whole: written for the tests, not shared with what reads them. */

type Rule = 'repeated' | 'optional';
/** `name: [number, type, rule]`. */
type Table = Readonly<Record<string, readonly [number, string, Rule?]>>;

const ITEM: Table = { price: [1, 'string'], quantity: [2, 'string'] };
const DEAL: Table = {
  price: [1, 'string'],
  quantity: [2, 'string'],
  tradeType: [3, 'int32'],
  time: [4, 'int64'],
};
const TICKER = [
  ...['symbol', 'price', 'rate', 'zonedRate', 'high', 'low', 'volume', 'quantity'],
  ...['lastCloseRate', 'lastCloseZonedRate', 'lastCloseHigh', 'lastCloseLow'],
];

const TABLES: Readonly<Record<string, Table>> = {
  PublicAggreDealsV3Api: { deals: [1, 'PublicAggreDealsV3ApiItem', 'repeated'], eventType: [2, 'string'] },
  PublicAggreDealsV3ApiItem: { ...DEAL, tradeId: [5, 'string'] },
  PublicSpotKlineV3Api: {
    interval: [1, 'string'],
    windowStart: [2, 'int64'],
    openingPrice: [3, 'string'],
    closingPrice: [4, 'string'],
    highestPrice: [5, 'string'],
    lowestPrice: [6, 'string'],
    volume: [7, 'string'],
    amount: [8, 'string'],
    windowEnd: [9, 'int64'],
  },
  PublicAggreDepthsV3Api: {
    asks: [1, 'PublicAggreDepthV3ApiItem', 'repeated'],
    bids: [2, 'PublicAggreDepthV3ApiItem', 'repeated'],
    eventType: [3, 'string'],
    fromVersion: [4, 'string'],
    toVersion: [5, 'string'],
    lastOrderCreateTime: [6, 'int64'],
  },
  PublicAggreDepthV3ApiItem: ITEM,
  PublicLimitDepthsV3Api: {
    asks: [1, 'PublicLimitDepthV3ApiItem', 'repeated'],
    bids: [2, 'PublicLimitDepthV3ApiItem', 'repeated'],
    eventType: [3, 'string'],
    version: [4, 'string'],
    lastOrderCreateTime: [5, 'int64'],
  },
  PublicLimitDepthV3ApiItem: ITEM,
  PublicAggreBookTickerV3Api: {
    bidPrice: [1, 'string'],
    bidQuantity: [2, 'string'],
    askPrice: [3, 'string'],
    askQuantity: [4, 'string'],
    version: [5, 'string'],
    lastOrderCreateTime: [6, 'int64'],
  },
  PublicBookTickerBatchV3Api: {
    items: [1, 'PublicBookTickerV3Api', 'repeated'],
    version: [2, 'string'],
    lastOrderCreateTime: [3, 'int64'],
  },
  PublicBookTickerV3Api: {
    bidPrice: [1, 'string'],
    bidQuantity: [2, 'string'],
    askPrice: [3, 'string'],
    askQuantity: [4, 'string'],
  },
  PublicMiniTickerV3Api: Object.fromEntries(TICKER.map((name, place) => [name, [place + 1, 'string']])),
  PublicMiniTickersV3Api: { items: [1, 'PublicMiniTickerV3Api', 'repeated'] },
  PrivateOrdersV3Api: {
    id: [1, 'string'],
    clientId: [2, 'string'],
    price: [3, 'string'],
    quantity: [4, 'string'],
    amount: [5, 'string'],
    avgPrice: [6, 'string'],
    orderType: [7, 'int32'],
    tradeType: [8, 'int32'],
    isMaker: [9, 'bool'],
    remainAmount: [10, 'string'],
    remainQuantity: [11, 'string'],
    lastDealQuantity: [12, 'string', 'optional'],
    cumulativeQuantity: [13, 'string'],
    cumulativeAmount: [14, 'string'],
    status: [15, 'int32'],
    createTime: [16, 'int64'],
    market: [17, 'string', 'optional'],
    triggerType: [18, 'int32', 'optional'],
    triggerPrice: [19, 'string', 'optional'],
    state: [20, 'int32', 'optional'],
    ocoId: [21, 'string', 'optional'],
    routeFactor: [22, 'string', 'optional'],
    symbolId: [23, 'string', 'optional'],
    marketId: [24, 'string', 'optional'],
    marketCurrencyId: [25, 'string', 'optional'],
    currencyId: [26, 'string', 'optional'],
  },
  PrivateDealsV3Api: {
    price: [1, 'string'],
    quantity: [2, 'string'],
    amount: [3, 'string'],
    tradeType: [4, 'int32'],
    isMaker: [5, 'bool'],
    isSelfTrade: [6, 'bool'],
    tradeId: [7, 'string'],
    clientOrderId: [8, 'string'],
    orderId: [9, 'string'],
    feeAmount: [10, 'string'],
    feeCurrency: [11, 'string'],
    time: [12, 'int64'],
  },
  PrivateAccountV3Api: {
    vcoinName: [1, 'string'],
    coinId: [2, 'string'],
    balanceAmount: [3, 'string'],
    balanceAmountChange: [4, 'string'],
    frozenAmount: [5, 'string'],
    frozenAmountChange: [6, 'string'],
    type: [7, 'string'],
    time: [8, 'int64'],
  },
  PublicDealsV3Api: { deals: [1, 'PublicDealsV3ApiItem', 'repeated'], eventType: [2, 'string'] },
  PublicDealsV3ApiItem: DEAL,
  PublicIncreaseDepthsV3Api: {
    asks: [1, 'PublicIncreaseDepthV3ApiItem', 'repeated'],
    bids: [2, 'PublicIncreaseDepthV3ApiItem', 'repeated'],
    eventType: [3, 'string'],
    version: [4, 'string'],
  },
  PublicIncreaseDepthV3ApiItem: ITEM,
  PublicIncreaseDepthsBatchV3Api: {
    items: [1, 'PublicIncreaseDepthsV3Api', 'repeated'],
    eventType: [2, 'string'],
  },
  PushDataV3ApiWrapper: {
    channel: [1, 'string'],
    symbol: [3, 'string', 'optional'],
    symbolId: [4, 'string', 'optional'],
    createTime: [5, 'int64', 'optional'],
    sendTime: [6, 'int64', 'optional'],
    publicDeals: [301, 'PublicDealsV3Api'],
    publicIncreaseDepths: [302, 'PublicIncreaseDepthsV3Api'],
    publicLimitDepths: [303, 'PublicLimitDepthsV3Api'],
    privateOrders: [304, 'PrivateOrdersV3Api'],
    publicBookTicker: [305, 'PublicBookTickerV3Api'],
    privateDeals: [306, 'PrivateDealsV3Api'],
    privateAccount: [307, 'PrivateAccountV3Api'],
    publicSpotKline: [308, 'PublicSpotKlineV3Api'],
    publicMiniTicker: [309, 'PublicMiniTickerV3Api'],
    publicMiniTickers: [310, 'PublicMiniTickersV3Api'],
    publicBookTickerBatch: [311, 'PublicBookTickerBatchV3Api'],
    publicIncreaseDepthsBatch: [312, 'PublicIncreaseDepthsBatchV3Api'],
    publicAggreDepths: [313, 'PublicAggreDepthsV3Api'],
    publicAggreDeals: [314, 'PublicAggreDealsV3Api'],
    publicAggreBookTicker: [315, 'PublicAggreBookTickerV3Api'],
    somethingNew: [399, 'PublicDealsV3Api'],
  },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(TABLES).map(([name, table]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(table).map(([field, [id, type, rule]]) => [
            field,
            { id, type, ...(rule === 'repeated' && { rule }) },
          ]),
        ),
      },
    ]),
  ),
});
const Wrapper = root.lookupType('PushDataV3ApiWrapper');

/** A frame as the exchange sends it: fields by the names of the reference; what is left out is not on the wire. */
export const frameOf = (wrapper: Readonly<Record<string, unknown>>): Uint8Array =>
  Wrapper.encode(Wrapper.create({ ...wrapper })).finish();
