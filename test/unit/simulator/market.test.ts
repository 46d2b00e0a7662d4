import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBench, START } from './simulator-client.ts';

test('exchangeInfo answers for one, some and all symbols and hides what only an order reveals', async () => {
  const { get } = openBench();

  const one = (await get('/api/v3/exchangeInfo?symbol=BTCUSDT')).parsed;
  assert.equal(one.timezone, 'CST');
  assert.equal(one.serverTime, START);
  assert.deepEqual(one.rateLimits, []);
  assert.equal(one.symbols.length, 1);
  assert.equal(one.symbols[0].isSpotTradingAllowed, false);
  assert.equal(one.symbols[0].status, '1');
  assert.ok(!('hidden' in one.symbols[0]));

  const some = (await get('/api/v3/exchangeInfo?symbols=SOLUSDT%2CXRPUSDT')).parsed;
  assert.deepEqual(
    some.symbols.map((row: { symbol: string }) => row.symbol),
    ['SOLUSDT', 'XRPUSDT'],
  );
  assert.equal((await get('/api/v3/exchangeInfo')).parsed.symbols.length, 11);
  assert.equal((await get('/api/v3/exchangeInfo?symbol=NOPE')).parsed.code, -1121);
  assert.equal((await get('/api/v3/exchangeInfo?symbol=SOLUSDT&symbols=SOLUSDT')).parsed.code, -1128);
});

test('defaultSymbols and selfSymbols leave out what is closed to API orders, each in its own envelope', async () => {
  const { get, signed } = openBench();

  const defaults = (await get('/api/v3/defaultSymbols')).parsed;
  const self = (await signed('GET', '/api/v3/selfSymbols')).parsed;

  assert.equal(defaults.code, 0);
  assert.equal(self.code, 200);
  assert.ok(!defaults.data.includes('BTCUSDT') && !self.data.includes('ETHUSDT'));
  assert.ok(defaults.data.includes('UNLISTEDUSDT') && !self.data.includes('UNLISTEDUSDT'));
  assert.ok(self.data.includes('币安人生USDT'));
});

test('the opening book of SOLUSDT has 142.49 bid and 142.50 asked, thousands of USDT deep', async () => {
  const { get } = openBench();

  const { bids, asks } = (await get('/api/v3/depth?symbol=SOLUSDT&limit=5')).parsed;
  const top = (await get('/api/v3/ticker/bookTicker?symbol=SOLUSDT')).parsed;

  assert.deepEqual([bids[0][0], asks[0][0], bids.length], ['142.49', '142.5', 5]);
  assert.ok(Number(asks[0][0]) * Number(asks[0][1]) > 4000);
  assert.deepEqual([top.bidPrice, top.askPrice], ['142.49', '142.5']);
});

test('tickers give one object or all, ignore a plural symbols and count a change as a ratio', async () => {
  const { get, exchange } = openBench();
  exchange.setPrice('SOLUSDT', '143.925');

  assert.deepEqual((await get('/api/v3/ticker/price?symbol=SOLUSDT')).parsed, {
    symbol: 'SOLUSDT',
    price: '143.925',
  });
  assert.equal((await get('/api/v3/ticker/price?symbols=SOLUSDT')).parsed.length, 11);
  const day = (await get('/api/v3/ticker/24hr?symbol=SOLUSDT')).parsed;
  assert.equal(day.lastPrice, '143.925');
  assert.equal(day.priceChangePercent, (Number(day.priceChange) / Number(day.openPrice)).toFixed(4));
  assert.equal(day.count, null);
  assert.equal((await get('/api/v3/ticker/price?symbol=solusdt')).parsed.code, -1121);
});

test('ping, time, unknown paths and wrong methods', async () => {
  const { get, exchange } = openBench();

  assert.equal((await get('/api/v3/ping')).text, '{}');
  assert.deepEqual((await get('/api/v3/time')).parsed, { serverTime: START });
  assert.equal((await get('/api/v3/klinez')).status, 404);
  const reply = await exchange.handle({ method: 'PUT', target: '/api/v3/order' });
  assert.ok(reply !== 'drop' && reply.status === 405);
});

test('lastUpdateId grows with every change of the book', async () => {
  const { get, exchange } = openBench();
  const before = (await get('/api/v3/depth?symbol=SOLUSDT')).parsed.lastUpdateId;

  exchange.setPrice('SOLUSDT', '143.00');

  assert.ok((await get('/api/v3/depth?symbol=SOLUSDT')).parsed.lastUpdateId > before);
});
