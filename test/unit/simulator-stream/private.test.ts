import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY, START } from '../simulator/simulator-client.ts';
import { ACCOUNT, DEALS, DEPTH, ORDERS, openStreams } from './stream-bench.ts';
import type { Decoded } from './wire-schema.ts';

const orders = (pushes: Decoded[]) => pushes.map(({ privateOrders }) => privateOrders);
const short = (pushes: Decoded[]) =>
  orders(pushes).map(({ status, cumulativeQuantity, remainQuantity, lastDealQuantity }) => [
    status,
    cumulativeQuantity,
    remainQuantity,
    lastDealQuantity,
  ]);
const accounts = (pushes: Decoded[]) =>
  pushes.map(({ privateAccount: row }) => [
    row.type,
    row.vcoinName,
    row.balanceAmount,
    row.balanceAmountChange,
    row.frozenAmount,
    row.frozenAmountChange,
  ]);

test('an order that rests is pushed as NEW, with its id, its client id and what it froze', async () => {
  const bench = openStreams();
  const client = await bench.own();
  bench.clock.advance(50);

  const { parsed } = await bench.order({ ...BUY, newClientOrderId: 'mine' });

  assert.deepEqual(client.pushes(ORDERS), [
    {
      channel: ORDERS,
      symbol: 'SOLUSDT',
      createTime: START + 50,
      sendTime: START + 50,
      privateOrders: {
        id: parsed.orderId,
        clientId: 'mine',
        price: '140',
        quantity: '1',
        amount: '0',
        avgPrice: '0',
        orderType: 1,
        tradeType: 1,
        remainAmount: '140',
        remainQuantity: '1',
        cumulativeQuantity: '0',
        cumulativeAmount: '0',
        status: 1,
        createTime: START + 50,
      },
    },
  ]);
  const [account] = client.pushes(ACCOUNT);
  assert.equal(account.symbol, undefined);
  assert.equal(account.privateAccount.time, START + 50);
  assert.deepEqual(accounts([account]), [['ENTRUST_PLACE', 'USDT', '99860', '-140', '140', '140']]);
  assert.equal(client.pushes().length, 2);
});

test('a fill of a resting order is pushed as a deal, the order and the balances', async () => {
  const bench = openStreams();
  const client = await bench.own();
  await bench.order({ ...BUY, newClientOrderId: 'mine' });
  const before = client.binaries.length;

  bench.exchange.trade('SOLUSDT', { price: '140.00', quantity: '0.4' });
  bench.clock.advance(5);
  bench.exchange.trade('SOLUSDT', { price: '139.00', quantity: '5' });

  const after = client.pushes().slice(before);
  const [trade] = bench.exchange.truth().trades;
  assert.deepEqual(after.find(({ privateDeals }) => privateDeals).privateDeals, {
    price: '140',
    quantity: '0.4',
    amount: '56',
    tradeType: 1,
    isMaker: true,
    tradeId: trade?.id,
    clientOrderId: 'mine',
    orderId: trade?.orderId,
    feeAmount: '0',
    feeCurrency: 'USDT',
    time: START,
  });
  const moved = after.filter(({ channel }) => channel === ORDERS);
  assert.deepEqual(short(moved), [
    [3, '0.4', '0.6', '0.4'],
    [2, '1', '0', '0.6'],
  ]);
  assert.deepEqual([orders(moved)[0].isMaker, orders(moved)[1].avgPrice], [true, '140']);
  assert.deepEqual([moved[1].createTime, orders(moved)[1].createTime], [START + 5, START]);
  assert.deepEqual(accounts(after.filter(({ channel }) => channel === ACCOUNT)), [
    ['ENTRUST', 'SOL', '0.4', '0.4', '0', '0'],
    ['ENTRUST', 'USDT', '99860', '0', '84', '-56'],
    ['ENTRUST', 'SOL', '1', '0.6', '0', '0'],
    ['ENTRUST', 'USDT', '99860', '0', '0', '-84'],
  ]);
});

test('a market order is pushed as NEW, once per fill, and ends FILLED', async () => {
  const bench = openStreams();
  const client = await bench.own();
  bench.exchange.setBook('SOLUSDT', {
    bids: [],
    asks: [
      ['142.00', '1'],
      ['143.00', '1'],
    ],
  });

  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '1.5' });

  assert.deepEqual(short(client.pushes(ORDERS)), [
    [1, '0', '1.5', undefined],
    [3, '1', '0.5', '1'],
    [2, '1.5', '0', '0.5'],
  ]);
  assert.equal(orders(client.pushes(ORDERS))[2].isMaker, undefined, 'false is not on the wire');
  assert.equal(client.pushes(DEALS).length, 2);
  const [held] = accounts(client.pushes(ACCOUNT));
  assert.deepEqual(held?.slice(0, 2), ['ENTRUST_PLACE', 'USDT']);
  assert.ok(client.pushes(ACCOUNT).some(({ privateAccount }) => privateAccount.type === 'TRADE_FEE'));
});

test('a quote-sized market order shows its amount and no quantity', async () => {
  const bench = openStreams();
  const client = await bench.own();

  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' });

  const [placed, filled] = orders(client.pushes(ORDERS));
  assert.deepEqual([placed.amount, placed.quantity, placed.remainAmount], ['100', '0', '100']);
  assert.deepEqual([placed.orderType, placed.status, filled.status], [5, 1, 2]);
});

test('what ends unfilled or in part is pushed as such', async () => {
  const cases: [object, number[]][] = [
    [{ type: 'LIMIT_MAKER', price: '143.00' }, [1, 4]],
    [{ type: 'IMMEDIATE_OR_CANCEL', price: '142.00' }, [1, 3, 5]],
    [{ type: 'FILL_OR_KILL', price: '142.00' }, [1, 4]],
    [{ type: 'LIMIT', price: '142.00' }, [1, 3]],
    [{ type: 'MARKET' }, [1, 3, 5]],
  ];
  for (const [more, statuses] of cases) {
    const types = ['LIMIT', 'MARKET', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'];
    const bench = openStreams();
    bench.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', orderTypes: types } });
    const client = await bench.own();
    bench.exchange.setBook('SOLUSDT', { bids: [], asks: [['142.00', '1']] });

    const { status } = await bench.order({ symbol: 'SOLUSDT', side: 'BUY', quantity: '2', ...more });

    assert.equal(status, 200);
    assert.deepEqual(
      orders(client.pushes(ORDERS)).map((order) => order.status),
      statuses,
      JSON.stringify(more),
    );
  }
});

test('a cancel is pushed with what it frees; after a fill it is a partial one', async () => {
  const bench = openStreams();
  const client = await bench.own();
  const { parsed } = await bench.order(BUY);
  await bench.signed('DELETE', '/api/v3/order', { symbol: 'SOLUSDT', orderId: parsed.orderId });
  await bench.order(BUY);
  bench.exchange.trade('SOLUSDT', { price: '140.00', quantity: '0.4' });
  await bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });

  assert.deepEqual(short(client.pushes(ORDERS)), [
    [1, '0', '1', undefined],
    [4, '0', '1', undefined],
    [1, '0', '1', undefined],
    [3, '0.4', '0.6', '0.4'],
    [5, '0.4', '0.6', undefined],
  ]);
  const freed = accounts(client.pushes(ACCOUNT)).filter(([type]) => type === 'ENTRUST_CANCEL');
  assert.deepEqual(freed, [
    ['ENTRUST_CANCEL', 'USDT', '100000', '140', '0', '-140'],
    ['ENTRUST_CANCEL', 'USDT', '99944', '84', '0', '-84'],
  ]);
});

test('everyone hears of their own account only, and a channel brings nothing of another one', async () => {
  const [first] = openStreams().exchange.snapshot().accounts;
  const account = { ...first!, balances: { USDT: '1000' } };
  const other = { accessKey: 'mx0otheraccount', secretKey: 'other' };
  const bench = openStreams({
    accounts: [account, { ...account, uid: '2', keys: [{ ...account.keys[0]!, ...other }] }],
  });
  const mine = bench.connect(await bench.listenKey());
  mine.subscribe(DEALS);
  const { parsed } = await bench.signed('POST', '/api/v3/userDataStream', {}, other);
  const theirs = bench.connect(parsed.listenKey);
  theirs.subscribe(ORDERS);

  await bench.order(BUY);
  await bench.signed('POST', '/api/v3/order', { ...BUY, quantity: '2' }, other);

  assert.deepEqual(mine.pushes(), []);
  assert.deepEqual(
    orders(theirs.pushes()).map(({ quantity }) => quantity),
    ['2'],
  );
});

test('what a late order does to the book has its own time too, however long the clock jumps', async () => {
  const bench = openStreams();
  const client = await bench.own();
  client.subscribe(DEPTH);
  bench.exchange.faults.add({ match: { path: '/api/v3/order' }, kind: 'late', ms: 700, reply: 'lost' });

  await bench.order(BUY);
  bench.clock.advance(5000);

  const [{ createTime }] = client.pushes(DEPTH);
  assert.ok(createTime > START + 700 && createTime <= START + 800);
  assert.equal(client.pushes(ORDERS)[0].sendTime, START + 700);
});

test('a late order is pushed when it is executed', async () => {
  const bench = openStreams();
  const client = await bench.own();
  bench.exchange.faults.add({ match: { path: '/api/v3/order' }, kind: 'late', ms: 700, reply: 'lost' });

  await bench.order(BUY);
  bench.clock.advance(699);
  assert.equal(client.pushes().length, 0);
  bench.clock.advance(1);
  assert.equal(client.pushes(ORDERS)[0].createTime, START + 700);
});

test('ids may be those of the docs’ sample: the exchange’s own as client id, and trades REST does not know', async () => {
  const bench = openStreams();
  bench.exchange.apply({ do: 'streamForm', with: { clientIds: 'exchange', tradeIds: 'other' } });
  const client = await bench.own();

  await bench.order({
    symbol: 'SOLUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: '1',
    newClientOrderId: 'mine',
  });

  const [order] = orders(client.pushes(ORDERS));
  assert.equal(order.clientId, order.id);
  const { tradeId } = client.pushes(DEALS)[0].privateDeals;
  assert.ok(bench.exchange.truth().trades.every(({ id }) => id !== tradeId));
});
