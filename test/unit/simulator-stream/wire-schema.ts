import protobuf from 'protobufjs';

// Written from the tables of reference section 11.4, apart from the simulator's writers. A field is `number type`, with `*` for a
// list; the type is a string where none is given.
type Tables = Record<string, Record<string, string>>;

const SIDES = (item: string): Record<string, string> => ({
  asks: `1 ${item}*`,
  bids: `2 ${item}*`,
  eventType: '3',
});

const TABLES: Tables = {
  PushDataV3ApiWrapper: {
    channel: '1',
    symbol: '3',
    symbolId: '4',
    createTime: '5 int64',
    sendTime: '6 int64',
    publicDeals: '301 PublicDealsV3Api',
    publicIncreaseDepths: '302 PublicIncreaseDepthsV3Api',
    publicLimitDepths: '303 PublicLimitDepthsV3Api',
    privateOrders: '304 PrivateOrdersV3Api',
    publicBookTicker: '305 PublicBookTickerV3Api',
    privateDeals: '306 PrivateDealsV3Api',
    privateAccount: '307 PrivateAccountV3Api',
    publicSpotKline: '308 PublicSpotKlineV3Api',
    publicMiniTicker: '309 PublicMiniTickerV3Api',
    publicMiniTickers: '310 PublicMiniTickersV3Api',
    publicBookTickerBatch: '311 PublicBookTickerBatchV3Api',
    publicIncreaseDepthsBatch: '312 PublicIncreaseDepthsBatchV3Api',
    publicAggreDepths: '313 PublicAggreDepthsV3Api',
    publicAggreDeals: '314 PublicAggreDealsV3Api',
    publicAggreBookTicker: '315 PublicAggreBookTickerV3Api',
  },
  PublicAggreDealsV3Api: { deals: '1 PublicAggreDealsV3ApiItem*', eventType: '2' },
  PublicAggreDealsV3ApiItem: {
    price: '1',
    quantity: '2',
    tradeType: '3 int32',
    time: '4 int64',
    tradeId: '5',
  },
  PublicSpotKlineV3Api: {
    interval: '1',
    windowStart: '2 int64',
    openingPrice: '3',
    closingPrice: '4',
    highestPrice: '5',
    lowestPrice: '6',
    volume: '7',
    amount: '8',
    windowEnd: '9 int64',
  },
  PublicAggreDepthsV3Api: {
    ...SIDES('PublicAggreDepthV3ApiItem'),
    fromVersion: '4',
    toVersion: '5',
    lastOrderCreateTime: '6 int64',
  },
  PublicAggreDepthV3ApiItem: { price: '1', quantity: '2' },
  PublicLimitDepthsV3Api: {
    ...SIDES('PublicLimitDepthV3ApiItem'),
    version: '4',
    lastOrderCreateTime: '5 int64',
  },
  PublicLimitDepthV3ApiItem: { price: '1', quantity: '2' },
  PublicAggreBookTickerV3Api: {
    bidPrice: '1',
    bidQuantity: '2',
    askPrice: '3',
    askQuantity: '4',
    version: '5',
    lastOrderCreateTime: '6 int64',
  },
  PublicBookTickerBatchV3Api: {
    items: '1 PublicBookTickerV3Api*',
    version: '2',
    lastOrderCreateTime: '3 int64',
  },
  PublicBookTickerV3Api: { bidPrice: '1', bidQuantity: '2', askPrice: '3', askQuantity: '4' },
  PublicMiniTickerV3Api: {
    symbol: '1',
    price: '2',
    rate: '3',
    zonedRate: '4',
    high: '5',
    low: '6',
    volume: '7',
    quantity: '8',
    lastCloseRate: '9',
    lastCloseZonedRate: '10',
    lastCloseHigh: '11',
    lastCloseLow: '12',
  },
  PublicMiniTickersV3Api: { items: '1 PublicMiniTickerV3Api*' },
  PrivateOrdersV3Api: {
    id: '1',
    clientId: '2',
    price: '3',
    quantity: '4',
    amount: '5',
    avgPrice: '6',
    orderType: '7 int32',
    tradeType: '8 int32',
    isMaker: '9 bool',
    remainAmount: '10',
    remainQuantity: '11',
    lastDealQuantity: '12',
    cumulativeQuantity: '13',
    cumulativeAmount: '14',
    status: '15 int32',
    createTime: '16 int64',
    market: '17',
    triggerType: '18 int32',
    triggerPrice: '19',
    state: '20 int32',
    ocoId: '21',
    routeFactor: '22',
    symbolId: '23',
    marketId: '24',
    marketCurrencyId: '25',
    currencyId: '26',
  },
  PrivateDealsV3Api: {
    price: '1',
    quantity: '2',
    amount: '3',
    tradeType: '4 int32',
    isMaker: '5 bool',
    isSelfTrade: '6 bool',
    tradeId: '7',
    clientOrderId: '8',
    orderId: '9',
    feeAmount: '10',
    feeCurrency: '11',
    time: '12 int64',
  },
  PrivateAccountV3Api: {
    vcoinName: '1',
    coinId: '2',
    balanceAmount: '3',
    balanceAmountChange: '4',
    frozenAmount: '5',
    frozenAmountChange: '6',
    type: '7',
    time: '8 int64',
  },
  PublicDealsV3Api: { deals: '1 PublicDealsV3ApiItem*', eventType: '2' },
  PublicDealsV3ApiItem: { price: '1', quantity: '2', tradeType: '3 int32', time: '4 int64' },
  PublicIncreaseDepthsV3Api: { ...SIDES('PublicIncreaseDepthV3ApiItem'), version: '4' },
  PublicIncreaseDepthV3ApiItem: { price: '1', quantity: '2' },
  PublicIncreaseDepthsBatchV3Api: { items: '1 PublicIncreaseDepthsV3Api*', eventType: '2' },
};

const fieldOf = (text: string): protobuf.IField => {
  const [id = '', type = 'string'] = text.split(' ');
  const list = type.endsWith('*');
  return { id: Number(id), type: type.replace('*', ''), ...(list ? { rule: 'repeated' } : {}) };
};

const ROOT = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(TABLES).map(([name, fields]) => [
      name,
      { fields: Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, fieldOf(text)])) },
    ]),
  ),
});
const Wrapper = ROOT.lookupType('PushDataV3ApiWrapper');

// biome-ignore lint/suspicious/noExplicitAny: pushes are asserted field by field
export type Decoded = any;

/** A push with the fields that are on the wire, int64 as numbers; throws on bytes that are no push. */
export function decode(bytes: Uint8Array): Decoded {
  return Wrapper.toObject(Wrapper.decode(bytes), { longs: Number });
}
