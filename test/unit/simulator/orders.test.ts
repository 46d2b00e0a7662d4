import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY, openBench, START } from './simulator-client.ts';

const MARKET_BUY = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' };
const seek = (orderId: string) => ({ symbol: 'SOLUSDT', orderId });

test('placing an order is only acknowledged: no status, no fills, no client order id', async () => {
  const { order } = openBench();

  const { status, parsed } = await order({ ...BUY, newClientOrderId: 'one' });

  assert.equal(status, 200);
  assert.match(parsed.orderId, /^([0-9a-f]{32}|C02__\d+)$/);
  const { orderId: _, ...rest } = parsed;
  assert.deepEqual(rest, {
    symbol: 'SOLUSDT',
    orderListId: -1,
    price: '140',
    origQty: '1',
    type: 'LIMIT',
    side: 'BUY',
    stpMode: '',
    transactTime: START,
  });
});

test('a market buy by amount fills, and its price is only a reference', async () => {
  const { order, signed, balances } = openBench();

  const { orderId, origQty } = (await order(MARKET_BUY)).parsed;
  const seen = (await signed('GET', '/api/v3/order', seek(orderId))).parsed;

  assert.equal(origQty, '0');
  assert.equal(seen.status, 'FILLED');
  assert.equal(seen.executedQty, '0.701');
  assert.equal(seen.cummulativeQuoteQty, '99.8925');
  assert.equal(seen.price, '149.63');
  assert.equal(seen.origQuoteOrderQty, '100');
  assert.equal(seen.clientOrderId, null);
  assert.equal(seen.timeInForce, null);
  assert.deepEqual(await balances(), {
    // 100000 - 99.8925 - fee 0.04994625
    USDT: { free: '99900.05755375', locked: '0' },
    MX: { free: '1000', locked: '0' },
    SOL: { free: '0.701', locked: '0' },
  });
});

test('a large market order walks the book: several trades, newest first, times in whole seconds', async () => {
  const { order, signed } = openBench();

  const { orderId } = (await order({ ...MARKET_BUY, quoteOrderQty: '12000' })).parsed;
  const trades = (await signed('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT', orderId })).parsed;
  const seen = (await signed('GET', '/api/v3/order', seek(orderId))).parsed;

  assert.deepEqual(
    trades.map((row: { price: string }) => row.price),
    ['142.52', '142.51', '142.5'],
  );
  assert.equal(trades[0].time, 1_790_000_000_000);
  assert.equal(trades[0].commissionAsset, 'USDT');
  assert.equal(new Set(trades.map((row: { id: string }) => row.id)).size, 3);
  const sum = trades.reduce((total: number, row: { qty: string }) => total + Number(row.qty), 0);
  assert.equal(sum.toFixed(3), seen.executedQty);
});

test('a resting order locks its amount and fills at its own limit when the market comes', async () => {
  const { order, exchange, signed, balances } = openBench();

  const { orderId } = (await order(BUY)).parsed;
  assert.deepEqual((await balances()).USDT, { free: '99860', locked: '140' });
  exchange.setPrice('SOLUSDT', '139.00');

  const seen = (await signed('GET', '/api/v3/order', seek(orderId))).parsed;
  assert.deepEqual([seen.status, seen.executedQty, seen.cummulativeQuoteQty], ['FILLED', '1', '140']);
  assert.deepEqual((await balances()).USDT, { free: '99860', locked: '0' });
  assert.equal(exchange.truth().trades[0]?.isMaker, true);
});

test('a limit order larger than the book fills in part, rests, and ends PARTIALLY_CANCELED', async () => {
  const { order, signed, balances } = openBench();

  const { orderId } = (await order({ ...BUY, quantity: '40', price: '142.50' })).parsed;
  const open = (await signed('GET', '/api/v3/openOrders')).parsed;
  assert.deepEqual([open[0].status, open[0].executedQty], ['PARTIALLY_FILLED', '35.087']);
  // 4.913 * 142.5 stay locked
  assert.equal((await balances()).USDT?.locked, '700.1025');

  const cancel = (await signed('DELETE', '/api/v3/order', seek(orderId))).parsed;
  assert.equal(cancel.status, 'PARTIALLY_FILLED', 'the answer shows the status before the cancel');
  assert.equal((await signed('GET', '/api/v3/order', seek(orderId))).parsed.status, 'PARTIALLY_CANCELED');
  assert.equal((await balances()).USDT?.locked, '0');
  assert.equal((await signed('DELETE', '/api/v3/order', seek(orderId))).parsed.code, -2011);
});

test('a print of strangers fills a resting order in part', async () => {
  const { order, exchange, signed } = openBench();
  const { orderId } = (await order(BUY)).parsed;

  exchange.trade('SOLUSDT', { price: '139.50', quantity: '0.4' });

  const seen = (await signed('GET', '/api/v3/order', seek(orderId))).parsed;
  assert.deepEqual(
    [seen.status, seen.executedQty, seen.cummulativeQuoteQty],
    ['PARTIALLY_FILLED', '0.4', '56'],
  );
});

test('immediate-or-cancel keeps what it got, fill-or-kill all or nothing, post-only never takes', async () => {
  const { order, signed, exchange } = openBench();
  exchange.setBook('SOLUSDT', { bids: [['142.00', '1']], asks: [['142.50', '2']] });
  const status = async (params: Record<string, string>) => {
    const { orderId } = (await order({ ...BUY, price: '142.50', quantity: '3', ...params })).parsed;
    const seen = (await signed('GET', '/api/v3/order', seek(orderId))).parsed;
    return `${seen.status} ${seen.executedQty}`;
  };

  assert.equal(await status({ type: 'FILL_OR_KILL' }), 'CANCELED 0');
  assert.equal(await status({ type: 'LIMIT_MAKER' }), 'CANCELED 0');
  assert.equal(await status({ type: 'LIMIT_MAKER', price: '142.49' }), 'NEW 0');
  assert.equal(await status({ type: 'IMMEDIATE_OR_CANCEL' }), 'PARTIALLY_CANCELED 2');
  assert.equal(await status({ type: 'IMMEDIATE_OR_CANCEL' }), 'CANCELED 0');
});

test('a market order into a thin book is cancelled for the rest, into an empty one refused', async () => {
  const { order, signed, exchange } = openBench();
  exchange.setBook('SOLUSDT', { bids: [], asks: [['142.50', '0.5']] });

  const { orderId } = (await order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '2' })).parsed;

  assert.equal((await signed('GET', '/api/v3/order', seek(orderId))).parsed.status, 'PARTIALLY_CANCELED');
  assert.equal((await order(MARKET_BUY)).parsed.code, 30025);
});

test('a duplicate client order id is accepted, and asking for it gives the newest', async () => {
  const { order, signed, clock } = openBench();

  const first = (await order({ ...BUY, newClientOrderId: 'twice' })).parsed;
  clock.advance(10);
  const second = (await order({ ...BUY, newClientOrderId: 'twice' })).parsed;

  assert.notEqual(first.orderId, second.orderId);
  const seen = (await signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', origClientOrderId: 'twice' }))
    .parsed;
  assert.equal(seen.orderId, second.orderId);
  assert.equal((await signed('GET', '/api/v3/openOrders', { symbol: 'SOLUSDT' })).parsed.length, 2);
});

test('asking for an order needs an id; an unknown one is -2013 with status 400', async () => {
  const { signed } = openBench();
  const ask = (params: Record<string, string>) =>
    signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', ...params });

  assert.equal((await ask({})).parsed.code, 700004);
  const unknown = await ask({ origClientOrderId: 'none' });
  assert.deepEqual([unknown.status, unknown.parsed], [400, { code: -2013, msg: 'Order does not exist.' }]);
});

test('cancelling everything of a symbol answers with what was open', async () => {
  const { order, signed, balances } = openBench();
  await order(BUY);
  await order({ ...BUY, price: '141.00' });
  await order({ symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT', quantity: '10', price: '2.0000' });

  const { parsed } = await signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });

  assert.deepEqual(
    parsed.map((row: { status: string }) => row.status),
    ['NEW', 'NEW'],
  );
  assert.equal((await signed('GET', '/api/v3/openOrders')).parsed.length, 1);
  assert.equal((await balances()).USDT?.locked, '20');
});

test('allOrders covers a day unless asked, seven at most, and cuts at its limit', async () => {
  const { order, signed, clock } = openBench();
  const all = async (params: Record<string, string> = {}) =>
    (await signed('GET', '/api/v3/allOrders', { symbol: 'SOLUSDT', ...params })).parsed;
  await order(BUY);
  clock.advance(25 * 3_600_000);
  await order({ ...BUY, price: '141.00' });
  const now = clock.now();

  assert.equal((await all()).length, 1);
  const week = await all({ startTime: String(now - 7 * 86_400_000), endTime: String(now) });
  assert.deepEqual(
    week.map((row: { price: string }) => row.price),
    ['141', '140'],
  );
  assert.equal((await all({ startTime: String(now - 86_400_000 * 7), limit: '1' })).length, 1);
  assert.equal((await all({ startTime: String(now - 86_400_000 * 8) })).code, 400);
  assert.equal((await all({ limit: '1001' })).code, 33333);
  assert.equal((await all({ fromId: '1' })).code, 33333);
});

test('a test order is checked and leaves nothing behind', async () => {
  const { signed, exchange } = openBench();

  assert.equal((await signed('POST', '/api/v3/order/test', BUY)).text, '{}');
  assert.equal((await signed('POST', '/api/v3/order/test', { ...BUY, price: '1.234' })).parsed.code, 33333);
  assert.equal(exchange.truth().orders.length, 0);
});

test('fees come out of MX while there is enough of it and deduction is on', async () => {
  const { order, exchange } = openBench();
  exchange.apply({ do: 'account', with: { mxDeduct: true } });

  await order(MARKET_BUY);

  const [trade] = exchange.truth().trades;
  assert.deepEqual([trade?.commissionAsset, trade?.commission], ['MX', '0.02497312']);
});

test('rates of tradeFee are JSON numbers with many zeros', async () => {
  const { signed } = openBench();

  const { text } = await signed('GET', '/api/v3/tradeFee', { symbol: 'SOLUSDT' });

  assert.match(text, /"takerCommission":0\.000500000000000000}/);
  assert.match(text, /"code":0,"msg":"success","timestamp":\d+}$/);
});

test('an order the owner placed in the app is there without a client order id, even where the API is closed', async () => {
  const { exchange, signed } = openBench();

  const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '50' } as const;
  const { orderId } = exchange.apply({ do: 'order', with: order });

  const seen = (await signed('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId: orderId ?? '' })).parsed;
  assert.deepEqual([seen.status, seen.clientOrderId], ['FILLED', null]);
});

test('after seven days a finished order is gone, an open one is still found by its id', async () => {
  const { order, signed, clock } = openBench();
  const done = (await order(MARKET_BUY)).parsed.orderId;
  const open = (await order(BUY)).parsed.orderId;
  clock.advance(7 * 86_400_000 + 1);
  const now = clock.now();

  assert.equal((await signed('GET', '/api/v3/order', seek(done))).parsed.code, -2013);
  assert.equal((await signed('GET', '/api/v3/order', seek(open))).status, 200);
  const reach = { symbol: 'SOLUSDT', startTime: String(now - 7 * 86_400_000 - 1), endTime: String(now - 1) };
  assert.deepEqual((await signed('GET', '/api/v3/allOrders', reach)).parsed, []);
  assert.equal((await signed('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT' })).parsed.length, 1);
});

test('the house gives way to a resting order: the book is never crossed', async () => {
  const { order, get } = openBench();
  await order({ ...BUY, quantity: '40', price: '142.50' });

  const { bids, asks } = (await get('/api/v3/depth?symbol=SOLUSDT')).parsed;

  assert.deepEqual([bids[0], asks[0][0]], [['142.5', '4.913'], '142.51']);
});

test('trades are found by order and by time after a restart from a snapshot', async () => {
  const before = openBench();
  const { orderId } = (await before.order(MARKET_BUY)).parsed;
  const { signed } = openBench({ state: before.exchange.snapshot() });
  const trades = async (params: Record<string, string>) =>
    (await signed('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT', ...params })).parsed.length;

  assert.equal(await trades({ orderId }), 1);
  assert.equal(await trades({ startTime: String(START - 123), endTime: String(START) }), 1);
  assert.equal(await trades({ startTime: String(START) }), 0, 'times are whole seconds, the bound is not');
  assert.equal(
    (await signed('GET', '/api/v3/myTrades', { symbol: 'SOLUSDT', limit: '101' })).parsed.code,
    33333,
  );
});
