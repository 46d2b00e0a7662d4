import type { MarketTrade, PriceLevel } from '../../domain/exchange.ts';
import { product } from './amounts.ts';
import { number, orZero, type Read, required, requiredTime } from './body.ts';
import {
  Best,
  BestBatch,
  BookChanges,
  BookTop,
  Deal,
  Deals,
  Kline,
  Level,
  MiniTicker,
  MiniTickers,
} from './messages.ts';
import { amountAt, integerAt, listAt, type Message, textAt } from './protobuf.ts';
import { Unreadable } from './unreadable.ts';
import { intervalOf, sideOf, sideOfBook, versionOf } from './words.ts';

const levels = (rows: readonly Message[]): readonly PriceLevel[] =>
  rows.map((row) => ({
    price: number(amountAt(row, Level.at.price)),
    quantity: number(amountAt(row, Level.at.quantity)),
  }));

const tradeIn = (row: Message): MarketTrade => {
  const price = number(amountAt(row, Deal.at.price));
  const quantity = number(amountAt(row, Deal.at.quantity));
  return {
    price,
    quantity,
    quoteQuantity: product(price, quantity),
    time: requiredTime(integerAt(row, Deal.at.time)),
    side: sideOf(integerAt(row, Deal.at.tradeType)),
  };
};

export const marketTrades: Read = (body, { symbol, at }) => ({
  kind: 'market-trades',
  symbol: required(symbol, 'the symbol'),
  trades: listAt(body, Deals.at.deals).map(tradeIn),
  at,
});

/** Windows are in seconds (section 11.4). */
export const candle: Read = (body, { symbol, at }) => {
  const openTime = integerAt(body, Kline.at.windowStart) * 1000;
  const closeTime = integerAt(body, Kline.at.windowEnd) * 1000;
  if (openTime === 0 || closeTime <= openTime) throw new Unreadable('a candle without a time');
  return {
    kind: 'candle',
    symbol: required(symbol, 'the symbol'),
    interval: intervalOf(textAt(body, Kline.at.interval)),
    candle: {
      openTime,
      closeTime,
      open: number(amountAt(body, Kline.at.open)),
      high: number(amountAt(body, Kline.at.high)),
      low: number(amountAt(body, Kline.at.low)),
      close: number(amountAt(body, Kline.at.close)),
      volume: orZero(amountAt(body, Kline.at.volume)),
      quoteVolume: orZero(amountAt(body, Kline.at.amount)),
      closed: false,
    },
    at,
  };
};

export const bookChange: Read = (body, { symbol, at }) => ({
  kind: 'book-change',
  symbol: required(symbol, 'the symbol'),
  change: {
    from: versionOf(textAt(body, BookChanges.at.fromVersion)),
    to: versionOf(textAt(body, BookChanges.at.toVersion)),
    bids: levels(listAt(body, BookChanges.at.bids)),
    asks: levels(listAt(body, BookChanges.at.asks)),
  },
  at,
});

export const bookTop: Read = (body, { symbol, at }) => {
  const version = Number(versionOf(textAt(body, BookTop.at.version)));
  if (!Number.isSafeInteger(version)) throw new Unreadable('a version is out of range');
  return {
    kind: 'book-top',
    symbol: required(symbol, 'the symbol'),
    book: {
      version,
      bids: levels(listAt(body, BookTop.at.bids)),
      asks: levels(listAt(body, BookTop.at.asks)),
    },
    at,
  };
};

export const best: Read = (body, { symbol, at }) => {
  const bid = sideOfBook(amountAt(body, Best.at.bidPrice), amountAt(body, Best.at.bidQuantity));
  const ask = sideOfBook(amountAt(body, Best.at.askPrice), amountAt(body, Best.at.askQuantity));
  const named = required(symbol, 'the symbol');
  return { kind: 'best', best: { symbol: named, ...(bid && { bid }), ...(ask && { ask }) }, at };
};

/** The last of the batch is what counts now. */
export const bestBatch: Read = (body, head) => {
  const last = listAt(body, BestBatch.at.items).at(-1);
  if (!last) throw new Unreadable('a batch without prices');
  return best(last, head);
};

export const price: Read = (body, { symbol, at }) => ({
  kind: 'prices',
  prices: new Map([
    [
      required(textAt(body, MiniTicker.at.symbol) || symbol, 'the symbol'),
      number(amountAt(body, MiniTicker.at.price)),
    ],
  ]),
  at,
});

/** Rows that cannot be read are left out, as in answers about all symbols. */
export const prices: Read = (body, { at }) => {
  const found = new Map<string, string>();
  for (const row of listAt(body, MiniTickers.at.items)) {
    try {
      const symbol = required(textAt(row, MiniTicker.at.symbol), 'the symbol');
      found.set(symbol, number(amountAt(row, MiniTicker.at.price)));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  if (found.size === 0) throw new Unreadable('no price of any symbol');
  return { kind: 'prices', prices: found, at };
};
