import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from '../../../lib/simulator/exchange.ts';
import { BUY, openBench } from './simulator-client.ts';

const MARKET = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '10' };
const SELL = { symbol: 'SOLUSDT', side: 'SELL', type: 'LIMIT', quantity: '1', price: '150.00' };

const REFUSED: [string, Record<string, string>, number][] = [
  ['a symbol closed to API orders', { ...BUY, symbol: 'BTCUSDT', price: '87000.00' }, 10007],
  ['a symbol absent from selfSymbols', { ...BUY, symbol: 'UNLISTEDUSDT', price: '5.000' }, 10007],
  ['an unknown symbol', { ...BUY, symbol: 'NOPEUSDT' }, 30014],
  ['a symbol in lower case', { ...BUY, symbol: 'solusdt' }, 30014],
  ['a paused symbol', { ...BUY, symbol: 'PAUSEDUSDT', price: '1.000', quantity: '10' }, 30000],
  [
    'a sell where only buying is allowed',
    { ...SELL, symbol: 'BUYONLYUSDT', price: '1.000', quantity: '10' },
    30001,
  ],
  ['a market order where the API has none', { ...MARKET, symbol: 'NOMARKETUSDT' }, 30019],
  ['an amount below the minimum', { ...BUY, quantity: '0.007' }, 30002],
  ['a market amount below the minimum', { ...MARKET, quoteOrderQty: '0.99' }, 30002],
  [
    'a quantity below the minimum',
    { ...BUY, symbol: 'METALUSDT', price: '0.41000', quantity: '0.09' },
    30002,
  ],
  ['a market amount above the maximum', { ...MARKET, quoteOrderQty: '100000.01' }, 30003],
  ['a buy more than the deviation above the last price', { ...BUY, price: '156.76' }, 30087],
  ['a sell more than the deviation below the last price', { ...SELL, price: '128.24' }, 30087],
  ['a buy without the money', { ...BUY, quantity: '714.286' }, 30004],
  ['a sell without the coins', SELL, 30005],
  ['too many decimals of quantity', { ...BUY, quantity: '1.0001' }, 10096],
  ['too many decimals of price', { ...BUY, price: '140.001' }, 33333],
  ['too many decimals of amount', { ...MARKET, quoteOrderQty: '10.123' }, 10096],
  ['an exponent', { ...BUY, quantity: '1e1' }, 10097],
  ['a bare point', { ...BUY, quantity: '.5' }, 10097],
  ['a negative quantity', { ...BUY, quantity: '-1' }, 10102],
  ['a zero quantity', { ...BUY, quantity: '0' }, 10102],
  ['a missing quantity', { symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', price: '140' }, 10095],
  ['a missing price', { symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', quantity: '1' }, 44444],
  ['a market order with a price', { ...MARKET, price: '140' }, 33333],
  ['a market order sized twice', { ...MARKET, quantity: '1' }, 33333],
  ['a limit order sized in quote', { ...BUY, quoteOrderQty: '10' }, 33333],
  ['an unknown type', { ...BUY, type: 'STOP_LIMIT' }, 33333],
  ['an unknown side', { ...BUY, side: 'buy' }, 33333],
  ['a client id of 33 characters', { ...BUY, newClientOrderId: 'x'.repeat(33) }, 700008],
  ['a client id with a dot', { ...BUY, newClientOrderId: 'a.b' }, 700008],
  ['an empty client id', { ...BUY, newClientOrderId: '' }, 700008],
];

for (const [what, params, code] of REFUSED) {
  test(`${what} is refused with ${code} and changes nothing`, async () => {
    const { order, exchange } = openBench();
    const before = exchange.truth();

    const { status, parsed } = await order(params);

    assert.deepEqual([status, parsed.code], [400, code]);
    assert.deepEqual(exchange.truth(), before);
  });
}

test('a symbol with a Chinese name is traded when it is encoded', async () => {
  const { order } = openBench();

  const { parsed } = await order({ ...MARKET, symbol: '币安人生USDT' });

  assert.equal(parsed.symbol, '币安人生USDT');
});

test('bounds are inclusive: the deviation limit, the minimum and a 32-character id pass', async () => {
  const { order } = openBench();

  assert.equal((await order({ ...BUY, price: '156.75' })).status, 200);
  assert.equal((await order({ ...MARKET, quoteOrderQty: '1' })).status, 200);
  assert.equal((await order({ ...BUY, newClientOrderId: 'x'.repeat(32) })).status, 200);
});

test('rules changed on the run bite: hidden market ban, suspension, closed to the API', async () => {
  const { order, exchange, get } = openBench();
  const change = (changes: object) =>
    exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', ...changes } });

  change({ hidden: { marketDisabled: true } });
  assert.equal((await order(MARKET)).parsed.code, 30018);
  change({ hidden: { suspended: true } });
  assert.equal((await order(BUY)).parsed.code, 30000);
  change({ isSpotTradingAllowed: false });
  assert.equal((await order(BUY)).parsed.code, 10007);
  assert.ok(!(await get('/api/v3/defaultSymbols')).parsed.data.includes('SOLUSDT'));
});

test('the 501st open order of an account is refused with 30029', async () => {
  const { order, signed } = openBench();
  for (let i = 0; i < 500; i++) {
    assert.equal((await order({ ...BUY, quantity: '0.100' })).status, 200);
  }

  assert.equal((await order(BUY)).parsed.code, 30029);
  assert.equal((await order(MARKET)).status, 200);
  await signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });
  assert.equal((await order(BUY)).status, 200);
});

test('an order placed by hand obeys size and money, and an impossible command changes nothing', () => {
  const { exchange } = openBench();
  const before = exchange.truth();
  const byHand = { symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', price: '140.00' } as const;

  assert.throws(() => exchange.apply({ do: 'order', with: { ...byHand, quantity: '0.001' } }), CommandError);
  assert.throws(() => exchange.apply({ do: 'order', with: { ...byHand, quantity: '1000' } }), /order: 30004/);
  assert.throws(() => exchange.setPrice('NOPE', '1'), /symbol: the exchange has no NOPE/);

  assert.deepEqual(exchange.truth(), before);
});
