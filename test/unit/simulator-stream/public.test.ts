import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY, START } from '../simulator/simulator-client.ts';
import { DEPTH, KLINE, openStreams, type StreamBench } from './stream-bench.ts';
import type { Decoded } from './wire-schema.ts';

const STRANGERS = 'spot@public.aggre.deals.v3.api.pb@100ms@SOLUSDT';
const BEST = 'spot@public.aggre.bookTicker.v3.api.pb@10ms@SOLUSDT';
const MINUTE = 60_000;

const rest = async ({ get }: StreamBench, target: string): Promise<Decoded> => (await get(target)).parsed;

test('the trades of the tape and of strangers are pushed once each, as REST shows them', async () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(STRANGERS);

  for (let i = 0; i < 12; i++) {
    bench.pass(15_000);
    bench.exchange.trade('SOLUSDT', { price: `14${i % 5}.5`, quantity: '0.5' });
    bench.exchange.trade('SOLUSDT', { price: `14${i % 5}.7`, quantity: '0.25' });
  }
  bench.pass(100);

  const pushed = client.pushes().flatMap(({ publicAggreDeals }) => publicAggreDeals.deals);
  const rows = (await rest(bench, '/api/v3/trades?symbol=SOLUSDT&limit=1000'))
    .filter(({ time }: { time: number }) => time > START)
    .reverse();
  assert.deepEqual(
    pushed.map(({ price, quantity, time, tradeType }) => [price, quantity, time, tradeType]),
    rows.map(({ price, qty, time, tradeType }: Decoded) => [price, qty, time, tradeType === 'ASK' ? 2 : 1]),
  );
  assert.ok(pushed.length > 24 + 3, 'strangers traded as well');
  assert.equal(new Set(pushed.map(({ tradeId }) => tradeId)).size, pushed.length);
  for (const { createTime, publicAggreDeals } of client.pushes()) {
    assert.equal(createTime % 100, 0);
    assert.equal(publicAggreDeals.eventType, 'spot@public.aggre.deals.v3.api.pb@100ms');
  }
});

test('a candle is pushed every second in which it changed, and once more as it closes', async () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(KLINE);

  bench.exchange.setPrice('SOLUSDT', '144.00');
  bench.clock.advance(10);
  bench.exchange.setPrice('SOLUSDT', '145.00');
  bench.clock.advance(1000);
  const [first, ...more] = client.pushes();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [first.symbol, first.createTime % 1000, first.sendTime, first.publicSpotKline.closingPrice],
    ['SOLUSDT', 0, undefined, '145'],
  );

  bench.pass(10 * MINUTE);
  const klines = client.pushes().map(({ publicSpotKline }) => publicSpotKline);
  const times = client.pushes().map(({ createTime }) => createTime);
  assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]));
  const last = new Map(klines.map((kline) => [kline.windowStart, kline]));
  const rows = await rest(bench, '/api/v3/klines?symbol=SOLUSDT&interval=1m&limit=11');
  assert.equal(rows.length, 11);
  for (const [open, opening, high, low, closing, volume, close, amount] of rows) {
    const kline = last.get(open / 1000);
    assert.deepEqual(kline, {
      interval: 'Min1',
      windowStart: open / 1000,
      openingPrice: opening,
      closingPrice: closing,
      highestPrice: high,
      lowestPrice: low,
      volume,
      amount,
      windowEnd: close / 1000,
    });
  }
});

test('what happens within the last second of a window is pushed as the next one begins', () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(KLINE);
  const end = Math.ceil(START / MINUTE) * MINUTE;
  bench.pass(end - START - 500);
  const before = client.binaries.length;

  bench.exchange.setPrice('SOLUSDT', '149.00');
  bench.clock.advance(500);

  const [{ createTime, publicSpotKline: kline }] = client.pushes().slice(before);
  assert.deepEqual([createTime, kline.windowEnd * 1000, kline.closingPrice], [end, end, '149']);
});

test('a candle that does not change is not pushed', () => {
  const bench = openStreams();
  const hour = bench.connect();
  hour.subscribe('spot@public.kline.v3.api.pb@SOLUSDT@Min60');
  bench.pass(20 * MINUTE);
  const shown = hour.pushes().map(({ publicSpotKline }) => JSON.stringify(publicSpotKline));
  assert.ok(shown.length > 20);
  assert.ok(shown.every((text, i) => text !== shown[i - 1]));

  bench.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', hidden: { quietShare: 1 } } });
  const client = bench.connect();
  client.subscribe(KLINE, 'spot@public.kline.v3.api.pb@SOLUSDT@Day1');

  bench.pass(5 * MINUTE);

  assert.deepEqual(client.pushes(), []);
});

test('every interval has its REST twin’s windows, and Hour8 its own', async () => {
  const twins = {
    Min5: '5m',
    Min15: '15m',
    Min30: '30m',
    Min60: '60m',
    Hour4: '4h',
    Day1: '1d',
    Week1: '1W',
    Month1: '1M',
  };
  const bench = openStreams();
  bench.exchange.apply({ do: 'candleForm', with: { dayOpensAt: -5 } });
  const client = bench.connect();
  const name = (interval: string) => `spot@public.kline.v3.api.pb@SOLUSDT@${interval}`;
  client.subscribe(...Object.keys(twins).map(name), name('Hour8'));
  bench.exchange.setPrice('SOLUSDT', '144.00');
  bench.clock.advance(1000);

  for (const [interval, twin] of Object.entries(twins)) {
    const [row] = await rest(bench, `/api/v3/klines?symbol=SOLUSDT&interval=${twin}&limit=1`);
    const { publicSpotKline: kline } = client.pushes(name(interval))[0];
    assert.deepEqual(
      [kline.windowStart * 1000, kline.windowEnd * 1000, kline.volume],
      [row[0], row[6], row[5]],
    );
  }
  const { publicSpotKline: long } = client.pushes(name('Hour8'))[0];
  assert.equal(long.windowEnd - long.windowStart, 8 * 3600);
  assert.equal((long.windowStart + 5 * 3600) % (8 * 3600), 0);
});

test('best prices are pushed when they change, aggregated or as a list of one', async () => {
  const bench = openStreams();
  const batch = 'spot@public.bookTicker.batch.v3.api.pb@SOLUSDT';
  const client = bench.connect();
  client.subscribe(BEST, batch);

  bench.exchange.setPrice('SOLUSDT', '150.00');
  bench.clock.advance(100);
  bench.exchange.setPrice('SOLUSDT', '150.00');
  await bench.order(BUY);
  bench.clock.advance(100);

  const { bidPrice, bidQty, askPrice, askQty } = await rest(
    bench,
    '/api/v3/ticker/bookTicker?symbol=SOLUSDT',
  );
  const best = { bidPrice, bidQuantity: bidQty, askPrice, askQuantity: askQty };
  assert.equal(client.pushes().length, 2, 'neither the same price nor an order far away changes them');
  const [one] = client.pushes(BEST);
  assert.equal(one.createTime % 10, 0);
  const { version, lastOrderCreateTime, ...shown } = one.publicAggreBookTicker;
  assert.deepEqual(shown, best);
  assert.deepEqual([version, lastOrderCreateTime], ['20000000001', one.createTime]);
  assert.deepEqual(client.pushes(batch)[0].publicBookTickerBatch.items, [best]);
});

test('mini tickers come every 3 s and agree with the REST ticker', async () => {
  const bench = openStreams();
  const [one, all] = [
    'spot@public.miniTicker.v3.api.pb@SOLUSDT@UTC+5:30',
    'spot@public.miniTickers.v3.api.pb@24H',
  ];
  const client = bench.connect();
  client.subscribe(one, all);
  bench.exchange.setPrice('SOLUSDT', '150.00');

  for (const wait of [0, 30 * 3000, 70 * 3000]) {
    bench.pass(wait);
    bench.clock.advance(3000 - (bench.clock.now() % 3000));
    const ticker = await rest(bench, '/api/v3/ticker/24hr?symbol=SOLUSDT');
    const { publicMiniTicker: mini } = client.pushes(one).at(-1);
    const { items } = client.pushes(all).at(-1).publicMiniTickers;
    const same = items.find(({ symbol }: Decoded) => symbol === 'SOLUSDT');
    assert.deepEqual(
      [mini.symbol, mini.price, mini.high, mini.low, mini.volume, mini.quantity],
      ['SOLUSDT', '150', ticker.highPrice, ticker.lowPrice, ticker.quoteVolume, ticker.volume],
    );
    assert.equal(same.zonedRate, ticker.priceChangePercent);
    assert.notEqual(mini.zonedRate, same.zonedRate);
    assert.equal(items.length, bench.exchange.snapshot().symbols.length);
  }
  assert.deepEqual([client.pushes(one).length, client.pushes(all).length], [103, 103]);
});

test('without the fields of 2026-06-17 pushes are those of an older server', () => {
  const bench = openStreams();
  bench.exchange.apply({ do: 'streamForm', with: { newFields: false } });
  const client = bench.connect();
  client.subscribe(STRANGERS, DEPTH, BEST);

  bench.exchange.setPrice('SOLUSDT', '150.00');
  bench.clock.advance(100);

  assert.equal(client.pushes().length, 3);
  assert.doesNotMatch(JSON.stringify(client.pushes()), /tradeId|lastOrderCreateTime|"version"/);
});

test('pushes carry the exchange’s time, however wrong its clock is', () => {
  const bench = openStreams();
  bench.exchange.apply({ do: 'clock', with: { skewMs: 4000 } });
  const client = bench.connect();
  client.subscribe(DEPTH);

  bench.exchange.setPrice('SOLUSDT', '150.00');
  bench.clock.advance(100);

  const [{ createTime }] = client.pushes();
  assert.ok(createTime > START + 4000 && createTime <= START + 4100);
});
