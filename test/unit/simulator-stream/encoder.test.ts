import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePush } from '../../../lib/simulator/stream/encode.ts';
import type { Body, Push } from '../../../lib/simulator/stream/messages.ts';
import { decode } from './wire-schema.ts';

const ALL = { newFields: true, unknown: false };
const TIME = 1_790_000_000_123;
const level = { price: '142.5', quantity: '3' };
const sides = { asks: [level, { price: '143', quantity: '0' }], bids: [level], eventType: 'event' };
const best = { bidPrice: '1', bidQuantity: '2', askPrice: '3', askQuantity: '4' };
const state = { version: '20000000001', lastOrderCreateTime: TIME };
const deal = { price: '142.5', quantity: '0.25', tradeType: 2, time: TIME };
const ticker = {
  symbol: 'SOLUSDT',
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
};

/** Every message with every field. */
const BODIES: Body[] = [
  { of: 'publicDeals', message: { deals: [deal], eventType: 'event' } },
  { of: 'publicIncreaseDepths', message: { ...sides, version: '1' } },
  { of: 'publicLimitDepths', message: { ...sides, ...state } },
  {
    of: 'privateOrders',
    message: {
      id: 'C02__1',
      clientId: 'mine',
      price: '1',
      quantity: '2',
      amount: '3',
      avgPrice: '4',
      orderType: 100,
      tradeType: 2,
      isMaker: true,
      remainAmount: '5',
      remainQuantity: '6',
      lastDealQuantity: '7',
      cumulativeQuantity: '8',
      cumulativeAmount: '9',
      status: 3,
      createTime: TIME,
      market: 'm',
      triggerType: 1,
      triggerPrice: '10',
      state: 2,
      ocoId: 'o',
      routeFactor: 'r',
      symbolId: 's',
      marketId: 'i',
      marketCurrencyId: 'c',
      currencyId: 'd',
    },
  },
  { of: 'publicBookTicker', message: best },
  {
    of: 'privateDeals',
    message: {
      price: '1',
      quantity: '2',
      amount: '3',
      tradeType: 1,
      isMaker: true,
      isSelfTrade: true,
      tradeId: '505979017439002624X1',
      clientOrderId: 'mine',
      orderId: 'C02__1',
      feeAmount: '4',
      feeCurrency: 'USDT',
      time: TIME,
    },
  },
  {
    of: 'privateAccount',
    message: {
      vcoinName: 'USDT',
      coinId: 'id',
      balanceAmount: '1',
      balanceAmountChange: '-2',
      frozenAmount: '3',
      frozenAmountChange: '2',
      type: 'ENTRUST_PLACE',
      time: TIME,
    },
  },
  {
    of: 'publicSpotKline',
    message: {
      interval: 'Min1',
      windowStart: 1_790_000_000,
      openingPrice: '1',
      closingPrice: '2',
      highestPrice: '3',
      lowestPrice: '4',
      volume: '5',
      amount: '6',
      windowEnd: 1_790_000_060,
    },
  },
  { of: 'publicMiniTicker', message: ticker },
  { of: 'publicMiniTickers', message: { items: [ticker, { ...ticker, symbol: '币安人生USDT' }] } },
  { of: 'publicBookTickerBatch', message: { items: [best, best], ...state } },
  { of: 'publicIncreaseDepthsBatch', message: { items: [{ ...sides, version: '1' }], eventType: 'event' } },
  {
    of: 'publicAggreDepths',
    message: { ...sides, fromVersion: '1', toVersion: '2', lastOrderCreateTime: TIME },
  },
  { of: 'publicAggreDeals', message: { deals: [{ ...deal, tradeId: '9' }, deal], eventType: 'event' } },
  { of: 'publicAggreBookTicker', message: { ...best, ...state } },
];

const push = (body: Body): Push => ({
  channel: 'spot@public.aggre.deals.v3.api.pb@100ms@SOLUSDT',
  symbol: 'SOLUSDT',
  symbolId: 'id',
  createTime: TIME,
  sendTime: TIME + 1,
  body,
});

for (const body of BODIES) {
  test(`${body.of}: every field is where the tables put it`, () => {
    const { body: _, ...wrapper } = push(body);

    assert.deepEqual(decode(encodePush(push(body), ALL)), { ...wrapper, [body.of]: body.message });
  });

  test(`${body.of}: fields that no table names disturb nobody who skips them`, () => {
    const plain = encodePush(push(body), ALL);
    const more = encodePush(push(body), { ...ALL, unknown: true });

    assert.ok(more.length > plain.length + 20);
    assert.deepEqual(decode(more), decode(plain));
  });
}

test('the fields of 2026-06-17 can be left out', () => {
  const old = (body: Body) => decode(encodePush(push(body), { newFields: false, unknown: false }))[body.of];
  const has = (body: Body): string => JSON.stringify(old(body));

  for (const body of BODIES) {
    if (body.of !== 'publicLimitDepths') assert.doesNotMatch(has(body), /tradeId":"9"|lastOrderCreateTime/);
  }
  const limit = BODIES.find((body) => body.of === 'publicLimitDepths');
  assert.ok(limit);
  assert.deepEqual(old(limit), { ...sides, version: state.version });
});

test('zeros, empty texts, false and empty lists are not on the wire', () => {
  const empty: Body = {
    of: 'publicAggreDepths',
    message: { asks: [], bids: [], eventType: '', fromVersion: '', toVersion: '', lastOrderCreateTime: 0 },
  };

  const bytes = encodePush({ channel: 'a', body: empty }, ALL);

  // Field 1 with one letter, then field 313 with nothing in it: (313 << 3 | 2) as a varint of two bytes.
  assert.deepEqual([...bytes], [0x0a, 1, 0x61, 0xca, 0x13, 0]);
});

test('a body of more than a hundred bytes keeps its length', () => {
  const deals = Array.from({ length: 500 }, (_, i) => ({ ...deal, time: TIME + i }));

  const bytes = encodePush(
    { channel: 'a', body: { of: 'publicAggreDeals', message: { deals, eventType: '' } } },
    ALL,
  );

  assert.deepEqual(decode(bytes).publicAggreDeals.deals, deals);
});
