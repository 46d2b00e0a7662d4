import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KLINE, klineFrame, read, SENT, whyNot } from './mapper-support.ts';

test('trades of the market keep their order, and their amount is exact', () => {
  const item = read({
    channel: 'spot@public.aggre.deals.v3.api.pb@100ms@BTCUSDT',
    symbol: 'BTCUSDT',
    sendTime: SENT,
    publicAggreDeals: {
      deals: [
        { price: '93220.00', quantity: '0.04438243', tradeType: 2, time: SENT - 30, tradeId: 'a' },
        { price: '93220.01', quantity: '0.00000001', tradeType: 1, time: SENT - 20 },
      ],
      eventType: 'spot@public.aggre.deals.v3.api.pb@100ms',
    },
  });

  assert.deepEqual(item, {
    kind: 'market-trades',
    symbol: 'BTCUSDT',
    trades: [
      {
        price: '93220',
        quantity: '0.04438243',
        quoteQuantity: '4137.3301246',
        time: SENT - 30,
        side: 'sell',
      },
      {
        price: '93220.01',
        quantity: '0.00000001',
        quoteQuantity: '0.0009322001',
        time: SENT - 20,
        side: 'buy',
      },
    ],
    at: SENT,
  });
});

test('a candle has its times in milliseconds and is never closed', () => {
  assert.deepEqual(read(klineFrame({})), {
    kind: 'candle',
    symbol: 'BTCUSDT',
    interval: '15m',
    candle: {
      openTime: 1_736_410_500_000,
      closeTime: 1_736_411_400_000,
      open: '92925',
      high: '93158.47',
      low: '92800',
      close: '93158.47',
      volume: '36.83803224',
      quoteVolume: '3424811.05',
      closed: false,
    },
    at: SENT,
  });
});

test('every interval of the stream has its name, and one that is not known is not guessed', () => {
  const words = ['Min1', 'Min5', 'Min15', 'Min30', 'Min60', 'Hour4', 'Hour8', 'Day1', 'Week1', 'Month1'];
  const intervals = words.map((interval) => {
    const item = read(klineFrame({ interval }));
    return item.kind === 'candle' ? item.interval : item.kind;
  });

  assert.deepEqual(intervals, ['1m', '5m', '15m', '30m', '60m', '4h', '8h', '1d', '1W', '1M']);
  assert.match(whyNot(klineFrame({ interval: 'Min3' })), /interval/);
  assert.match(whyNot(klineFrame({ windowEnd: KLINE.windowStart })), /time/);
});

test('changes of a book have versions as whole numbers and zero for a level that is gone', () => {
  const item = read({
    channel: 'spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT',
    symbol: 'BTCUSDT',
    sendTime: SENT,
    publicAggreDepths: {
      asks: [{ price: '92878.00', quantity: '0.00000000' }],
      bids: [
        { price: '92877.58', quantity: '0.03000000' },
        { price: '92877', quantity: '1' },
      ],
      eventType: 'spot@public.aggre.depth.v3.api.pb@10ms',
      fromVersion: '10589632359',
      toVersion: '18446744073709551617',
      lastOrderCreateTime: SENT,
    },
  });

  assert.deepEqual(item, {
    kind: 'book-change',
    symbol: 'BTCUSDT',
    change: {
      from: 10_589_632_359n,
      to: 18_446_744_073_709_551_617n,
      asks: [{ price: '92878', quantity: '0' }],
      bids: [
        { price: '92877.58', quantity: '0.03' },
        { price: '92877', quantity: '1' },
      ],
    },
    at: SENT,
  });
});

test('changes without versions cannot be put in order, so they are not read', () => {
  const why = whyNot({
    channel: 'spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT',
    symbol: 'BTCUSDT',
    publicAggreDepths: { asks: [], bids: [] },
  });
  assert.match(why, /version/);
});

test('the top of a book comes whole', () => {
  const item = read({
    channel: 'spot@public.limit.depth.v3.api.pb@BTCUSDT@5',
    symbol: 'BTCUSDT',
    sendTime: SENT,
    publicLimitDepths: {
      asks: [{ price: '93180.18', quantity: '0.21976424' }],
      bids: [{ price: '93179.98', quantity: '2.82651000' }],
      eventType: 'spot@public.limit.depth.v3.api.pb',
      version: '36913565463',
    },
  });

  assert.deepEqual(item, {
    kind: 'book-top',
    symbol: 'BTCUSDT',
    book: {
      version: 36_913_565_463,
      asks: [{ price: '93180.18', quantity: '0.21976424' }],
      bids: [{ price: '93179.98', quantity: '2.82651' }],
    },
    at: SENT,
  });
});

test('best prices come with what the book has', () => {
  const of = (body: Readonly<Record<string, unknown>>) =>
    read({
      channel: 'spot@public.aggre.bookTicker.v3.api.pb@100ms@BTCUSDT',
      symbol: 'BTCUSDT',
      sendTime: SENT,
      publicAggreBookTicker: body,
    });
  const whole = { bidPrice: '93387.28', bidQuantity: '3.73', askPrice: '93387.29', askQuantity: '7.669' };

  assert.deepEqual(of({ ...whole, version: '1', lastOrderCreateTime: 5 }), {
    kind: 'best',
    best: {
      symbol: 'BTCUSDT',
      bid: { price: '93387.28', quantity: '3.73' },
      ask: { price: '93387.29', quantity: '7.669' },
    },
    at: SENT,
  });
  const oneSided = of({ ...whole, askPrice: '0', askQuantity: '0.0' });
  assert.ok(oneSided.kind === 'best' && !('ask' in oneSided.best) && oneSided.best.bid);
  assert.equal(of({ ...whole, askPrice: '' }).kind, 'undecodable');
});

test('of a batch of best prices the last counts', () => {
  const level = (price: string) => ({
    bidPrice: price,
    bidQuantity: '1',
    askPrice: '99',
    askQuantity: '2',
  });
  const item = read({
    channel: 'spot@public.bookTicker.batch.v3.api.pb@BTCUSDT',
    symbol: 'BTCUSDT',
    sendTime: SENT,
    publicBookTickerBatch: { items: [level('97'), level('98')] },
  });

  assert.ok(item.kind === 'best');
  assert.equal(item.best.bid?.price, '98');
});

test('a mini ticker tells one price, and that of all symbols tells all that can be read', () => {
  const one = read({
    channel: 'spot@public.miniTicker.v3.api.pb@MXUSDT@UTC+8',
    symbol: 'MXUSDT',
    sendTime: SENT,
    publicMiniTicker: { symbol: 'MXUSDT', price: '2.5000', rate: '0.01', volume: '1', quantity: '2' },
  });
  const all = read({
    channel: 'spot@public.miniTickers.v3.api.pb@UTC+8',
    sendTime: SENT,
    publicMiniTickers: {
      items: [
        { symbol: 'MXUSDT', price: '2.5000' },
        { symbol: 'ODDUSDT', price: '' },
        { symbol: '币安人生USDT', price: '0.10' },
      ],
    },
  });

  assert.deepEqual(one, { kind: 'prices', prices: new Map([['MXUSDT', '2.5']]), at: SENT });
  assert.deepEqual(all, {
    kind: 'prices',
    prices: new Map([
      ['MXUSDT', '2.5'],
      ['币安人生USDT', '0.1'],
    ]),
    at: SENT,
  });
});
