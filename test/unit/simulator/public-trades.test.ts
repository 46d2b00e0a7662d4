import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Big } from 'big.js';
import { type Bench, BUY, openBench, START } from './simulator-client.ts';

const HOUR = 3_600_000;
type Trade = { price: string; qty: string; quoteQty: string; time: number };
type Aggregate = { p: string; q: string; T: number };

const trades = async (bench: Bench, query = '') =>
  (await bench.get(`/api/v3/trades?symbol=SOLUSDT${query}`)).parsed;
const aggregates = async (bench: Bench, query = '') =>
  (await bench.get(`/api/v3/aggTrades?symbol=SOLUSDT${query}`)).parsed;

test('trades are shown newest first, without ids, with the side of the taker', async () => {
  const bench = openBench();
  bench.exchange.trade('SOLUSDT', { price: '142.00', quantity: '0.5' });
  bench.clock.advance(1);
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '2' });

  const [newest, before] = await trades(bench, '&limit=2');

  assert.deepEqual(newest, {
    id: null,
    price: '142.5',
    qty: '2',
    quoteQty: '285',
    time: START + 1,
    isBuyerMaker: false,
    isBestMatch: true,
    tradeType: 'BID',
  });
  assert.deepEqual(before, {
    id: null,
    price: '142',
    qty: '0.5',
    quoteQty: '71',
    time: START,
    isBuyerMaker: true,
    isBestMatch: true,
    tradeType: 'ASK',
  });
});

test('a resting order that is filled was the maker, and a match of two orders is one trade', async () => {
  const bench = openBench();
  await bench.order({ ...BUY, price: '142.49', quantity: '50' });
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '1' });
  bench.clock.advance(1);
  await bench.order({ ...BUY, side: 'SELL', price: '142.49', quantity: '1' });

  const [newest, before] = await trades(bench, '&limit=2');

  assert.deepEqual([newest.price, newest.qty, newest.tradeType], ['142.49', '1', 'ASK']);
  assert.deepEqual([before.time, before.tradeType], [START, 'BID']);
  bench.clock.advance(1);
  bench.exchange.setPrice('SOLUSDT', '141.00');
  const [moved, filled] = await trades(bench, '&limit=2');
  assert.deepEqual([filled.price, filled.qty, filled.isBuyerMaker], ['142.49', '49', true]);
  assert.deepEqual([moved.price, moved.qty, moved.isBuyerMaker], ['141', '0.001', true]);
});

test('there are 500 trades unless asked, 1,000 at most, ordered by time', async () => {
  const bench = openBench();

  const rows: Trade[] = await trades(bench);
  assert.equal(rows.length, 500);
  assert.equal((await trades(bench, '&limit=1000')).length, 1000);
  assert.equal((await trades(bench, '&limit=1001')).code, 33333);
  for (const [i, row] of rows.entries()) {
    assert.ok(i === 0 || row.time <= rows[i - 1]!.time);
    assert.ok(row.time <= START);
    assert.equal(new Big(row.price).times(row.qty).toFixed(), row.quoteQty);
  }
  assert.equal((await bench.get('/api/v3/trades')).parsed.code, 44444);
  assert.equal((await bench.get('/api/v3/trades?symbol=NOPE')).parsed.code, -1121);
});

test('trades and candles tell the same story', async () => {
  const bench = openBench();
  bench.exchange.trade('SOLUSDT', { price: '143.00', quantity: '7' });
  bench.clock.advance(90_000);
  const minute = (START - (START % 60_000)) as number;
  for (const open of [minute - 3_600_000, minute, minute + 60_000]) {
    const [candle] = (await bench.get(`/api/v3/klines?symbol=SOLUSDT&interval=1m&startTime=${open}&limit=1`))
      .parsed;
    const rows: Trade[] = (await trades(bench, '&limit=1000')).filter(
      ({ time }: Trade) => time >= open && time < open + 60_000,
    );
    const sum = (of: (row: Trade) => string) =>
      rows.reduce((total, row) => total.plus(of(row)), new Big(0)).toFixed();
    assert.deepEqual(
      [rows.at(-1)!.price, rows[0]!.price, sum((row) => row.qty), sum((row) => row.quoteQty)],
      [candle[1], candle[4], candle[5], candle[7]],
    );
  }
});

test('aggregate trades have no ids, times in whole seconds and their own short names', async () => {
  const bench = openBench();
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '2' });

  const [newest] = await aggregates(bench, '&limit=1');

  assert.deepEqual(newest, {
    a: null,
    f: null,
    l: null,
    p: '142.5',
    q: '2',
    T: 1_790_000_000_000,
    m: false,
    M: true,
  });
});

test('what one taker got at one price is one aggregate', async () => {
  const bench = openBench();
  bench.exchange.setBook('SOLUSDT', { bids: [], asks: [] });
  await bench.order({ ...BUY, quantity: '1' });
  await bench.order({ ...BUY, quantity: '2' });
  await bench.order({ ...BUY, quantity: '1', price: '139.00' });
  bench.clock.advance(1000);
  bench.exchange.apply({ do: 'balance', with: { asset: 'SOL', amount: '4' } });
  await bench.order({ ...BUY, side: 'SELL', quantity: '4', price: '139.00' });

  const rows: Aggregate[] = await aggregates(bench, '&limit=2');

  assert.deepEqual(
    rows.map(({ p, q }) => [p, q]),
    [
      ['139', '1'],
      ['140', '3'],
    ],
  );
  assert.equal((await trades(bench, '&limit=3')).length, 3);
});

test('a window of aggregate trades needs both bounds, in order, and at most an hour', async () => {
  const bench = openBench();
  const code = async (query: string) => {
    const { status, parsed } = await bench.get(`/api/v3/aggTrades?symbol=SOLUSDT${query}`);
    return [status, parsed.code];
  };

  assert.deepEqual(await code(`&startTime=${START}`), [400, -1128]);
  assert.deepEqual(await code(`&endTime=${START}`), [400, -1128]);
  assert.deepEqual(await code(`&startTime=${START - HOUR - 1}&endTime=${START}`), [400, -1127]);
  assert.deepEqual(await code(`&startTime=${START}&endTime=${START - 1}`), [400, 400]);
  assert.deepEqual(await code('&limit=1001'), [400, 33333]);
  assert.deepEqual(await code(`&startTime=${START - HOUR}&endTime=${START}&limit=1000`), [200, undefined]);
});

test('both bounds of the window are inclusive, in whole seconds', async () => {
  const bench = openBench();
  const hour: Aggregate[] = await aggregates(bench, `&startTime=${START - HOUR}&endTime=${START}`);
  assert.ok(hour.length > 60 && hour.every(({ T }) => T % 1000 === 0));
  const { T } = hour[10]!;

  const exact: Aggregate[] = await aggregates(bench, `&startTime=${T}&endTime=${T}`);
  assert.ok(exact.length >= 1 && exact.every((row) => row.T === T));
  const past: Aggregate[] = await aggregates(bench, `&startTime=${T + 1}&endTime=${START}`);
  assert.ok(past.every((row) => row.T > T));
  const old = START - 40 * 24 * HOUR;
  const window: Aggregate[] = await aggregates(bench, `&startTime=${old}&endTime=${old + HOUR}`);
  assert.ok(window.length > 60 && window.every((row) => row.T >= old && row.T <= old + HOUR));
});

test('the average price is what was paid per coin in five minutes, else the last price', async () => {
  const quiet = openBench();
  quiet.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', hidden: { quietShare: 1 } } });
  const average = async () => (await quiet.get('/api/v3/avgPrice?symbol=SOLUSDT')).parsed;
  assert.deepEqual(await average(), { mins: 5, price: '142.5' });

  quiet.exchange.trade('SOLUSDT', { price: '140.00', quantity: '1' });
  quiet.clock.advance(120_000);
  quiet.exchange.trade('SOLUSDT', { price: '150.00', quantity: '3' });
  assert.deepEqual(await average(), { mins: 5, price: '147.5' });
  quiet.clock.advance(180_000);
  assert.deepEqual(await average(), { mins: 5, price: '150' });
  quiet.clock.advance(HOUR);
  assert.deepEqual(await average(), { mins: 5, price: '150' });
  assert.equal((await quiet.get('/api/v3/avgPrice?symbol=NOPE')).parsed.code, -1121);
});

test('the day ticker rolls: what is older than a day has no part in it', async () => {
  const bench = openBench();
  bench.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', hidden: { quietShare: 1 } } });
  const day = async () => (await bench.get('/api/v3/ticker/24hr?symbol=SOLUSDT')).parsed;
  bench.exchange.trade('SOLUSDT', { price: '200.00', quantity: '1' });
  bench.clock.advance(12 * HOUR);
  bench.exchange.trade('SOLUSDT', { price: '100.00', quantity: '2' });
  bench.exchange.trade('SOLUSDT', { price: '150.00', quantity: '3' });

  const { bidPrice, bidQty, askPrice, askQty, openTime, closeTime, ...first } = await day();
  assert.deepEqual(first, {
    symbol: 'SOLUSDT',
    priceChange: '-50',
    priceChangePercent: '-0.2500',
    prevClosePrice: '200',
    lastPrice: '150',
    openPrice: '200',
    highPrice: '200',
    lowPrice: '100',
    volume: '6',
    quoteVolume: '850',
    count: null,
  });
  assert.deepEqual([bidPrice, askPrice], ['142.49', '142.5']);
  assert.ok(Number(bidQty) > 0 && Number(askQty) > 0);
  assert.ok(closeTime - openTime < 60_000, 'not a window of a day');

  bench.clock.advance(12 * HOUR);
  const second = await day();
  assert.deepEqual([second.openPrice, second.highPrice, second.volume], ['100', '150', '5']);
  bench.clock.advance(12 * HOUR);
  const third = await day();
  assert.deepEqual(
    [third.openPrice, third.lowPrice, third.volume, third.quoteVolume, third.priceChange],
    ['150', '150', '0', null, '0'],
  );
});

test('suspended and delisted symbols are told apart by their state', async () => {
  const bench = openBench();
  bench.exchange.apply({
    do: 'rules',
    with: { symbol: 'XRPUSDT', status: '3', hidden: { offlineAt: START - 5 } },
  });

  assert.deepEqual((await bench.get('/api/v3/symbol/offline')).parsed, {
    data: [
      { symbol: 'XRPUSDT', state: 3, offlineTime: START - 5 },
      { symbol: 'PAUSEDUSDT', state: 2 },
    ],
  });
});
