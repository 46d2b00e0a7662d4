import { shape } from './protobuf.ts';

/** Messages of the stream, field by field as reference section 11.4 has them; fields that nothing here needs are left out. */

/** Numbers of the wrapper's own fields. */
export const WRAPPER = { channel: 1, symbol: 3, createTime: 5, sendTime: 6 } as const;

/** Bodies that came with channels which the exchange has retired (section 11.3). */
export const RETIRED: ReadonlySet<number> = new Set([301, 302, 305, 312]);

const nothing = { texts: {}, amounts: {}, integers: {}, lists: {} } as const;

export const Level = shape({ ...nothing, amounts: { price: 1, quantity: 2 } });

export const Deal = shape({
  ...nothing,
  amounts: { price: 1, quantity: 2 },
  integers: { tradeType: 3, time: 4 },
});
export const Deals = shape({ ...nothing, lists: { deals: 1 }, of: Deal });

export const Kline = shape({
  ...nothing,
  texts: { interval: 1 },
  amounts: { open: 3, close: 4, high: 5, low: 6, volume: 7, amount: 8 },
  integers: { windowStart: 2, windowEnd: 9 },
});

export const BookChanges = shape({
  ...nothing,
  texts: { fromVersion: 4, toVersion: 5 },
  lists: { asks: 1, bids: 2 },
  of: Level,
});

export const BookTop = shape({ ...nothing, texts: { version: 4 }, lists: { asks: 1, bids: 2 }, of: Level });

export const Best = shape({
  ...nothing,
  amounts: { bidPrice: 1, bidQuantity: 2, askPrice: 3, askQuantity: 4 },
});
export const BestBatch = shape({ ...nothing, lists: { items: 1 }, of: Best });

export const MiniTicker = shape({ ...nothing, texts: { symbol: 1 }, amounts: { price: 2 } });
export const MiniTickers = shape({ ...nothing, lists: { items: 1 }, of: MiniTicker });

export const OwnOrder = shape({
  ...nothing,
  texts: { id: 1, clientId: 2 },
  amounts: { price: 3, quantity: 4, amount: 5, cumulativeQuantity: 13, cumulativeAmount: 14 },
  integers: { orderType: 7, tradeType: 8, status: 15, createTime: 16 },
});

export const OwnDeal = shape({
  ...nothing,
  texts: { tradeId: 7, clientOrderId: 8, orderId: 9, feeCurrency: 11 },
  amounts: { price: 1, quantity: 2, amount: 3, feeAmount: 10 },
  integers: { tradeType: 4, isMaker: 5, time: 12 },
});

export const OwnAccount = shape({
  ...nothing,
  texts: { asset: 1, type: 7 },
  amounts: { free: 3, freeChange: 4, frozen: 5, frozenChange: 6 },
  integers: { time: 8 },
});
