import assert from 'node:assert/strict';
import type { StreamItem } from '../../../lib/domain/stream.ts';
import { readFrame } from '../../../lib/mexc/stream/mapper.ts';
import { frameOf } from '../../support/stream-frames.ts';

export const SENT = 1_736_411_507_002;
export const RECEIVED = 1_736_411_507_100;

export const read = (wrapper: Readonly<Record<string, unknown>>): StreamItem =>
  readFrame(frameOf(wrapper), RECEIVED).item;

export const whyNot = (wrapper: Readonly<Record<string, unknown>>): string => {
  const item = read(wrapper);
  assert.ok(item.kind === 'undecodable', `it was read as ${item.kind}`);
  return item.why;
};

const ORDER = {
  id: 'C02__505979017439002624115',
  clientId: 'mabc-1',
  price: '0.80000',
  quantity: '10.00',
  amount: '0',
  avgPrice: '0.8',
  orderType: 1,
  tradeType: 1,
  isMaker: true,
  remainAmount: '4',
  remainQuantity: '5',
  lastDealQuantity: '5',
  cumulativeQuantity: '5.0',
  cumulativeAmount: '4.000',
  status: 3,
  createTime: SENT - 5_000,
};
export const orderFrame = (body: Readonly<Record<string, unknown>>) => ({
  channel: 'spot@private.orders.v3.api.pb',
  symbol: 'MXUSDT',
  sendTime: SENT,
  privateOrders: { ...ORDER, ...body },
});

export const KLINE = {
  interval: 'Min15',
  windowStart: 1_736_410_500,
  openingPrice: '92925',
  closingPrice: '93158.47',
  highestPrice: '93158.470',
  lowestPrice: '92800.00',
  volume: '36.83803224',
  amount: '3424811.05',
  windowEnd: 1_736_411_400,
};
export const klineFrame = (body: Readonly<Record<string, unknown>>) => ({
  channel: 'spot@public.kline.v3.api.pb@BTCUSDT@Min15',
  symbol: 'BTCUSDT',
  createTime: SENT,
  publicSpotKline: { ...KLINE, ...body },
});
