import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import {
  readBalances,
  readOrder,
  readOrders,
  readPrice,
  readServerTime,
  readTrades,
} from '../../../lib/mexc/account-data.ts';
import { parseExactJson } from '../../../lib/mexc/exact-json.ts';

const FULL = {
  symbol: 'SOLUSDT',
  orderId: 'C02__1',
  orderListId: '-1',
  clientOrderId: 'mabc-1',
  price: '0.004327',
  origQty: '1220',
  executedQty: '1220',
  cummulativeQuoteQty: '5.54124',
  status: 'FILLED',
  timeInForce: null,
  type: 'MARKET',
  side: 'SELL',
  stopPrice: null,
  icebergQty: '',
  time: '1700000000000',
  updateTime: '1700000000500',
  isWorking: true,
  origQuoteOrderQty: '5.27894',
  stpMode: '',
  somethingNew: { nested: [null] },
};

const order = (change: Record<string, unknown>) => readOrder({ ...FULL, ...change });

test('a recorded order is read', () => {
  assert.deepEqual(readOrder(FULL), {
    symbol: 'SOLUSDT',
    exchangeOrderId: 'C02__1',
    clientOrderId: 'mabc-1',
    side: 'sell',
    type: 'MARKET',
    price: '0.004327',
    quantity: '1220',
    quoteQuantity: '5.27894',
    cumQty: '1220',
    cumQuote: '5.54124',
    status: 'FILLED',
    time: 1700000000000,
    updateTime: 1700000000500,
  });
});

test('an order with nothing optional is read', () => {
  const bare = { symbol: 'A', orderId: 'X', side: 'BUY', type: 'LIMIT', time: '5' };

  assert.deepEqual(readOrder(bare), {
    symbol: 'A',
    exchangeOrderId: 'X',
    side: 'buy',
    type: 'LIMIT',
    price: '0',
    quantity: '0',
    cumQty: '0',
    cumQuote: '0',
    status: 'UNKNOWN',
    time: 5,
  });
});

test('both spellings of the executed amount, and all of the quantity, are read', () => {
  assert.equal(order({ cummulativeQuoteQty: undefined, cumulativeQuoteQty: '7' }).cumQuote, '7');
  assert.equal(order({ cummulativeQuoteQty: null, cumulativeQuoteQty: '7' }).cumQuote, '7');
  assert.equal(order({ origQty: undefined, Qty: '8' }).quantity, '8');
  assert.equal(order({ origQty: null, quantity: '9' }).quantity, '9');
});

test('numbers for text, exponents and trailing zeros come out as plain text', () => {
  const text =
    '{"symbol":"A","orderId":123456789012345678901,"side":"buy","type":"LIMIT","price":1e-8,"origQty":0.003000000000000000,"executedQty":0,"time":1700000000000}';

  const read = readOrder(parseExactJson(text));

  assert.equal(read.exchangeOrderId, '123456789012345678901');
  assert.deepEqual([read.price, read.quantity, read.cumQty], ['0.00000001', '0.003', '0']);
});

test('an id that is null or empty is absent', () => {
  assert.equal('clientOrderId' in order({ clientOrderId: null }), false);
  assert.equal('clientOrderId' in order({ clientOrderId: '' }), false);
  assert.equal('quoteQuantity' in order({ origQuoteOrderQty: '0.00' }), false);
});

test('a missing creation time is replaced by the update, never invented', () => {
  assert.equal(order({ time: null }).time, 1700000000500);
  assert.throws(() => order({ time: null, updateTime: null }), UnknownOutcomeError);
});

test('states and types that are not known yet are kept as they are', () => {
  const read = order({ status: 'HALF_DONE', type: 'STOP_MARKET_ORDER' });

  assert.deepEqual([read.status, read.type], ['HALF_DONE', 'STOP_MARKET_ORDER']);
});

test('one unreadable row makes the whole list unreadable, without quoting it', () => {
  const wrong = [
    null,
    {},
    [],
    'x',
    { ...FULL, orderId: '' },
    { ...FULL, side: 'UP' },
    { ...FULL, price: 'secret' },
  ];
  for (const row of wrong) {
    assert.throws(
      () => readOrders([FULL, row]),
      (error) => error instanceof UnknownOutcomeError && !error.message.includes('secret'),
    );
  }
  for (const data of [{}, null, 'x', undefined]) assert.throws(() => readOrders(data), UnknownOutcomeError);
  assert.deepEqual(readOrders([]), []);
  assert.equal(readOrders([FULL, FULL]).length, 2);
});

const TRADE = {
  symbol: 'A',
  id: 'T1',
  orderId: 'X',
  orderListId: '-1',
  price: '0.10',
  qty: '3',
  quoteQty: '0.3',
  commission: '0.00015',
  commissionAsset: 'MX',
  time: '1700000000000',
  isBuyer: true,
  isMaker: false,
  isBestMatch: true,
  isSelfTrade: false,
  clientOrderId: null,
};

test('an own trade is read', () => {
  assert.deepEqual(readTrades([TRADE]), [
    {
      symbol: 'A',
      tradeId: 'T1',
      exchangeOrderId: 'X',
      side: 'buy',
      price: '0.1',
      quantity: '3',
      quoteQuantity: '0.3',
      commission: '0.00015',
      commissionAsset: 'MX',
      maker: false,
      time: 1700000000000,
    },
  ]);
});

test('what a trade may lack is computed or zero; what it may not lack is an error', () => {
  const [trade] = readTrades([
    { ...TRADE, quoteQty: null, commission: '', commissionAsset: null, isBuyer: 'false' },
  ]);
  assert.deepEqual(
    [trade?.quoteQuantity, trade?.commission, trade?.commissionAsset, trade?.side],
    ['0.3', '0', '', 'sell'],
  );

  for (const name of ['id', 'orderId', 'price', 'qty', 'isBuyer', 'time', 'commissionAsset']) {
    assert.throws(() => readTrades([{ ...TRADE, [name]: null }]), UnknownOutcomeError, name);
  }
});

test('balances are read as free and locked; what is not there is zero', () => {
  const balances = [
    { asset: 'USDT', free: '10.50', locked: '1', available: '99' },
    { asset: 'MX', free: '1e-8' },
  ];

  assert.deepEqual(readBalances({ makerCommission: null, accountType: 'SPOT', balances }), [
    { asset: 'USDT', free: '10.5', locked: '1' },
    { asset: 'MX', free: '0.00000001', locked: '0' },
  ]);
  assert.throws(() => readBalances({ balances: [{ asset: 'USDT', free: 'x' }] }), UnknownOutcomeError);
  assert.throws(() => readBalances({}), UnknownOutcomeError);
});

test('a price is found in one ticker or among all', () => {
  assert.equal(readPrice({ symbol: 'A', price: '1.10' }, 'A'), '1.1');
  assert.equal(readPrice({ price: '2' }, 'A'), '2');
  assert.equal(
    readPrice(
      [
        { symbol: 'B', price: '1' },
        { symbol: 'A', price: '3' },
      ],
      'A',
    ),
    '3',
  );
  for (const data of [{ symbol: 'B', price: '1' }, [], { symbol: 'A', price: null }, null]) {
    assert.throws(() => readPrice(data, 'A'), UnknownOutcomeError);
  }
});

test('exchange time is a whole number of milliseconds', () => {
  assert.equal(readServerTime({ serverTime: '1700000000000' }), 1700000000000);
  for (const serverTime of [null, '1.5', 'x', undefined]) {
    assert.throws(() => readServerTime({ serverTime }), UnknownOutcomeError);
  }
});
