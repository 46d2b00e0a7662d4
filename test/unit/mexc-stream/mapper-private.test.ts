import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderFrame, read, SENT, whyNot } from './mapper-support.ts';

test('a push about an own order becomes the order as REST would show it', () => {
  assert.deepEqual(read(orderFrame({})), {
    kind: 'order',
    order: {
      symbol: 'MXUSDT',
      exchangeOrderId: 'C02__505979017439002624115',
      clientOrderId: 'mabc-1',
      side: 'buy',
      type: 'LIMIT',
      price: '0.8',
      quantity: '10',
      cumQty: '5',
      cumQuote: '4',
      status: 'PARTIALLY_FILLED',
      time: SENT - 5_000,
      updateTime: SENT,
    },
    at: SENT,
  });
});

test('statuses and types of orders have the words of REST, and codes nobody knows say so', () => {
  const words = (status: number, orderType: number) => {
    const item = read(orderFrame({ status, orderType }));
    assert.ok(item.kind === 'order');
    return [item.order.status, item.order.type];
  };

  assert.deepEqual(words(1, 1), ['NEW', 'LIMIT']);
  assert.deepEqual(words(2, 2), ['FILLED', 'LIMIT_MAKER']);
  assert.deepEqual(words(3, 3), ['PARTIALLY_FILLED', 'IMMEDIATE_OR_CANCEL']);
  assert.deepEqual(words(4, 4), ['CANCELED', 'FILL_OR_KILL']);
  assert.deepEqual(words(5, 5), ['PARTIALLY_CANCELED', 'MARKET']);
  assert.deepEqual(words(0, 0), ['UNKNOWN_0', 'UNKNOWN_0']);
  assert.deepEqual(words(9, 77), ['UNKNOWN_9', 'UNKNOWN_77']);
});

test('an order that was given an amount of quote has one, and one without an id of ours has none', () => {
  const item = read(orderFrame({ amount: '25.50', clientId: '', tradeType: 2, orderType: 5 }));

  assert.ok(item.kind === 'order');
  assert.equal(item.order.quoteQuantity, '25.5');
  assert.ok(!('clientOrderId' in item.order));
  assert.equal(item.order.side, 'sell');
});

test('an order without what names it, or with a side that is neither, is not read', () => {
  assert.match(whyNot(orderFrame({ id: '' })), /id is missing/);
  assert.match(whyNot(orderFrame({ tradeType: 3 })), /neither bought nor sold/);
  assert.match(whyNot(orderFrame({ createTime: 0 })), /time is missing/);
  assert.match(whyNot({ ...orderFrame({}), symbol: '' }), /symbol is missing/);
  assert.match(whyNot(orderFrame({ cumulativeQuantity: 'five' })), /no number/);
});

const TRADE = {
  price: '0.0450',
  quantity: '100',
  amount: '4.50',
  tradeType: 2,
  isMaker: true,
  isSelfTrade: false,
  tradeId: '505979017439002624X1',
  clientOrderId: '',
  orderId: 'C02__1',
  feeAmount: '0.0045000',
  feeCurrency: 'USDT',
  time: SENT - 20,
};
const tradeFrame = (body: Readonly<Record<string, unknown>>) => ({
  channel: 'spot@private.deals.v3.api.pb',
  symbol: 'MXUSDT',
  sendTime: SENT,
  privateDeals: { ...TRADE, ...body },
});

test('a push about an own trade becomes the trade', () => {
  assert.deepEqual(read(tradeFrame({})), {
    kind: 'trade',
    trade: {
      symbol: 'MXUSDT',
      tradeId: '505979017439002624X1',
      exchangeOrderId: 'C02__1',
      side: 'sell',
      price: '0.045',
      quantity: '100',
      quoteQuantity: '4.5',
      commission: '0.0045',
      commissionAsset: 'USDT',
      maker: true,
      time: SENT - 20,
    },
    at: SENT,
  });
});

test('what is not on the wire has its default: not the maker, no commission, the amount as it follows', () => {
  const { isMaker, feeAmount, feeCurrency, amount, ...rest } = TRADE;
  const item = read({
    channel: 'spot@private.deals.v3.api.pb',
    symbol: 'MXUSDT',
    sendTime: SENT,
    privateDeals: rest,
  });

  assert.ok(item.kind === 'trade');
  assert.equal(item.trade.maker, false);
  assert.equal(item.trade.commission, '0');
  assert.equal(item.trade.quoteQuantity, '4.5');
});

test('a commission in no asset is not read', () => {
  assert.match(whyNot(tradeFrame({ feeCurrency: '' })), /commission/);
});

test('a push about the account becomes a balance with its cause and its change', () => {
  const item = read({
    channel: 'spot@private.account.v3.api.pb',
    createTime: SENT - 3,
    sendTime: SENT,
    privateAccount: {
      vcoinName: 'USDT',
      coinId: '128f589271cb4951b03e71e6323eb7be',
      balanceAmount: '21.94210356004384',
      balanceAmountChange: '-10.50',
      frozenAmount: '10.5000',
      frozenAmountChange: '10.5',
      type: 'ENTRUST_PLACE',
      time: SENT - 10,
    },
  });

  assert.deepEqual(item, {
    kind: 'balance',
    balance: { asset: 'USDT', free: '21.94210356004384', locked: '10.5' },
    cause: 'ENTRUST_PLACE',
    change: { free: '-10.5', locked: '10.5' },
    at: SENT,
  });
});
