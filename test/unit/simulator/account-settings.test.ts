import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { openBench, START } from './simulator-client.ts';

const MARKET_BUY = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '2' };
const PATH = '/api/v3/mxDeduct/enable';

test('an account can ask for its uid and its verification', async () => {
  const { signed } = openBench();

  assert.deepEqual((await signed('GET', '/api/v3/uid')).parsed, { uid: '10000001' });
  assert.deepEqual((await signed('GET', '/api/v3/kyc/status')).parsed, { status: '2' });
  assert.equal((await signed('GET', '/api/v3/uid', { symbol: 'SOLUSDT' })).parsed.code, 33333);
});

test('coins are listed once each, without networks', async () => {
  const { signed } = openBench();

  const { parsed } = await signed('GET', '/api/v3/capital/config/getall');

  assert.deepEqual(parsed[0], { coin: 'BTC', name: 'BTC', networkList: [] });
  const coins = parsed.map((row: { coin: string }) => row.coin);
  assert.equal(new Set(coins).size, coins.length);
  assert.ok(coins.includes('USDT') && coins.includes('MX'));
});

test('MX deduction is switched by request and bites on the very next fill', async () => {
  const { signed, order, exchange } = openBench();
  const envelope = (on: boolean) => ({
    data: { mxDeductEnable: on },
    code: 0,
    msg: 'success',
    timestamp: START,
  });
  const paid = () => {
    const trade = exchange.truth().trades.at(-1);
    return [trade?.commissionAsset, trade?.commission];
  };

  assert.deepEqual((await signed('GET', PATH)).parsed, envelope(false));
  await order(MARKET_BUY);
  // 285 USDT * 0.0005
  assert.deepEqual(paid(), ['USDT', '0.1425']);
  assert.deepEqual((await signed('POST', PATH, { mxDeductEnable: 'true' })).parsed, envelope(true));
  await order(MARKET_BUY);
  assert.deepEqual(paid(), ['MX', '0.07125']);
  exchange.setPrice('MXUSDT', '4.0000');
  await order(MARKET_BUY);
  assert.deepEqual(paid(), ['MX', '0.035625'], 'valued at the last MX price');
  assert.deepEqual((await signed('POST', PATH, { mxDeductEnable: 'false' })).parsed, envelope(false));
  await order(MARKET_BUY);
  assert.deepEqual(paid(), ['USDT', '0.1425']);
});

test('the switch takes true or false and needs the right to trade', async () => {
  const { signed } = openBench();
  const code = async (params: Record<string, string>, key?: typeof SIMULATOR_KEYS.read) =>
    (await signed('POST', PATH, params, key)).parsed.code;

  assert.equal(await code({}), 44444);
  assert.equal(await code({ mxDeductEnable: '1' }), 33333);
  assert.equal(await code({ mxDeductEnable: 'true' }, SIMULATOR_KEYS.read), 700007);
});

test('with too little MX the whole fee is paid in the quote asset', async () => {
  const { order, exchange, balances } = openBench();
  exchange.apply({ do: 'account', with: { mxDeduct: true } });
  exchange.apply({ do: 'balance', with: { asset: 'MX', amount: '-999.93' } });

  await order(MARKET_BUY);

  const [trade] = exchange.truth().trades;
  assert.deepEqual([trade?.commissionAsset, trade?.commission], ['USDT', '0.1425']);
  assert.equal((await balances()).MX?.free, '0.07');
  await order({ ...MARKET_BUY, quantity: '1' });
  assert.deepEqual((await balances()).MX, { free: '0.034375', locked: '0' });
});

test('a sell pays its fee in MX too, and then keeps all it got', async () => {
  const { order, exchange, balances } = openBench();
  exchange.apply({ do: 'account', with: { mxDeduct: true } });
  exchange.apply({ do: 'balance', with: { asset: 'SOL', amount: '2' } });

  await order({ ...MARKET_BUY, side: 'SELL' });

  // 2 * 142.49, of which 0.0005 at 2 USDT each
  assert.equal((await balances()).USDT?.free, '100284.98');
  assert.equal((await balances()).MX?.free, '999.928755');
});

test('a quote asset without an MX pair is valued through USDT', async () => {
  const { order, exchange } = openBench({
    symbols: [
      { symbol: 'SOLBTC', baseAsset: 'SOL', quoteAsset: 'BTC', lastPrice: '0.0016', quotePrecision: 6 },
      { symbol: 'BTCUSDT', baseAsset: 'BTC', lastPrice: '90000', quotePrecision: 2 },
      { symbol: 'MXUSDT', baseAsset: 'MX', lastPrice: '2', quotePrecision: 4 },
    ].map((symbol) => ({
      ...symbol,
      baseAssetPrecision: 3,
      quoteAssetPrecision: 8,
      quoteAmountPrecisionMarket: '0.0001',
    })),
  });
  exchange.apply({ do: 'account', with: { mxDeduct: true } });
  exchange.apply({ do: 'balance', with: { asset: 'BTC', amount: '1' } });

  await order({ ...MARKET_BUY, symbol: 'SOLBTC' });

  // 0.0032 BTC * 0.0005 = 0.0000016 BTC = 0.144 USDT
  const [trade] = exchange.truth().trades;
  assert.deepEqual([trade?.commissionAsset, trade?.commission], ['MX', '0.072']);
});

test('a market order the book cannot fill keeps what it got, and gives the rest of the money back', async () => {
  const { order, signed, exchange, balances } = openBench();
  exchange.setBook('SOLUSDT', { bids: [], asks: [['142.50', '0.5']] });
  const seen = async (orderId: string) =>
    (await signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', orderId })).parsed;

  const byQuote = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '1000' };
  const first = await seen((await order(byQuote)).parsed.orderId);

  assert.deepEqual(
    [first.status, first.origQty, first.executedQty, first.cummulativeQuoteQty, first.origQuoteOrderQty],
    ['PARTIALLY_CANCELED', '0', '0.5', '71.25', '1000'],
  );
  assert.deepEqual([first.updateTime, first.cancelReason], [START, '']);
  // 100000 - 71.25 - 0.035625
  assert.deepEqual((await balances()).USDT, { free: '99928.714375', locked: '0' });
});

test('origQuoteOrderQty of an order sized in coins is reference price times quantity', async () => {
  const { order, signed } = openBench();

  const { orderId } = (await order(MARKET_BUY)).parsed;
  const seen = (await signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', orderId })).parsed;

  assert.deepEqual([seen.price, seen.origQty, seen.origQuoteOrderQty], ['149.63', '2', '299.26']);
});
