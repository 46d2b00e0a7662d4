import type { PbfWriter } from 'pbf';
import type {
  AggreDepths,
  Best,
  BestBatch,
  Body,
  Deal,
  Deals,
  IncreaseDepths,
  Kline,
  Level,
  LimitDepths,
  MiniTicker,
} from './messages.ts';
import { each, text, type WireForm, type Writer, whole } from './wire-fields.ts';

// Field by field from the tables of section 11.4.

type Added = { version?: string; lastOrderCreateTime?: number };

const deal =
  ({ newFields }: WireForm): Writer<Deal> =>
  (item, pbf) => {
    text(pbf, 1, item.price);
    text(pbf, 2, item.quantity);
    whole(pbf, 3, item.tradeType);
    whole(pbf, 4, item.time);
    if (newFields) text(pbf, 5, item.tradeId ?? '');
  };

/** PublicAggreDealsV3Api, and PublicDealsV3Api, whose items have no id. */
export const deals =
  (form: WireForm): Writer<Deals> =>
  (message, pbf) => {
    each(pbf, 1, message.deals, deal(form));
    text(pbf, 2, message.eventType);
  };

export const kline: Writer<Kline> = (message, pbf) => {
  text(pbf, 1, message.interval);
  whole(pbf, 2, message.windowStart);
  text(pbf, 3, message.openingPrice);
  text(pbf, 4, message.closingPrice);
  text(pbf, 5, message.highestPrice);
  text(pbf, 6, message.lowestPrice);
  text(pbf, 7, message.volume);
  text(pbf, 8, message.amount);
  whole(pbf, 9, message.windowEnd);
};

const level: Writer<Level> = (item, pbf) => {
  text(pbf, 1, item.price);
  text(pbf, 2, item.quantity);
};

const sides: Writer<{ asks: Level[]; bids: Level[]; eventType: string }> = (message, pbf) => {
  each(pbf, 1, message.asks, level);
  each(pbf, 2, message.bids, level);
  text(pbf, 3, message.eventType);
};

export const aggreDepths =
  ({ newFields }: WireForm): Writer<AggreDepths> =>
  (message, pbf) => {
    sides(message, pbf);
    text(pbf, 4, message.fromVersion);
    text(pbf, 5, message.toVersion);
    if (newFields) whole(pbf, 6, message.lastOrderCreateTime ?? 0);
  };

export const limitDepths =
  ({ newFields }: WireForm): Writer<LimitDepths> =>
  (message, pbf) => {
    sides(message, pbf);
    text(pbf, 4, message.version);
    if (newFields) whole(pbf, 5, message.lastOrderCreateTime ?? 0);
  };

export const increaseDepths: Writer<IncreaseDepths> = (message, pbf) => {
  sides(message, pbf);
  text(pbf, 4, message.version);
};

type IncreaseBatch = Extract<Body, { of: 'publicIncreaseDepthsBatch' }>['message'];

export const increaseDepthsBatch: Writer<IncreaseBatch> = (message, pbf) => {
  each(pbf, 1, message.items, increaseDepths);
  text(pbf, 2, message.eventType);
};

export const best: Writer<Best> = (message, pbf) => {
  text(pbf, 1, message.bidPrice);
  text(pbf, 2, message.bidQuantity);
  text(pbf, 3, message.askPrice);
  text(pbf, 4, message.askQuantity);
};

export const aggreBest =
  (form: WireForm): Writer<Best & Added> =>
  (message, pbf) => {
    best(message, pbf);
    added(pbf, form, 5, message);
  };

export const bestBatch =
  (form: WireForm): Writer<BestBatch> =>
  (message, pbf) => {
    each(pbf, 1, message.items, best);
    added(pbf, form, 2, message);
  };

/** The two fields of 2026-06-17 that stand side by side. */
function added(pbf: PbfWriter, form: WireForm, tag: number, message: Added): void {
  if (!form.newFields) return;
  text(pbf, tag, message.version ?? '');
  whole(pbf, tag + 1, message.lastOrderCreateTime ?? 0);
}

export const miniTicker: Writer<MiniTicker> = (message, pbf) => {
  text(pbf, 1, message.symbol);
  text(pbf, 2, message.price);
  text(pbf, 3, message.rate);
  text(pbf, 4, message.zonedRate);
  text(pbf, 5, message.high);
  text(pbf, 6, message.low);
  text(pbf, 7, message.volume);
  text(pbf, 8, message.quantity);
  text(pbf, 9, message.lastCloseRate);
  text(pbf, 10, message.lastCloseZonedRate);
  text(pbf, 11, message.lastCloseHigh);
  text(pbf, 12, message.lastCloseLow);
};

export const miniTickers: Writer<{ items: MiniTicker[] }> = (message, pbf) => {
  each(pbf, 1, message.items, miniTicker);
};
