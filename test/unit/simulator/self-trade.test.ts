import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { type Bench, openBench, START } from './simulator-client.ts';

const GROUP = '/api/v3/strategy/group';
const MEMBER = `${GROUP}/uid`;
const OTHER = { accessKey: 'mx0otheraccount', secretKey: 'other' };

function openPair(): Bench {
  const permissions = [
    'SPOT_ACCOUNT_READ',
    'SPOT_ACCOUNT_WRITE',
    'SPOT_DEAL_READ',
    'SPOT_DEAL_WRITE',
  ] as const;
  const balances = { USDT: '10000', SOL: '10' };
  return openBench({
    accounts: [
      { uid: '1', keys: [{ name: 'a', ...SIMULATOR_KEYS.trade, permissions: [...permissions] }], balances },
      { uid: '2', keys: [{ name: 'b', ...OTHER, permissions: [...permissions] }], balances },
    ],
  });
}

const SELL = { symbol: 'SOLUSDT', side: 'SELL', type: 'LIMIT', quantity: '1', price: '142.30' };
const BUY = { ...SELL, side: 'BUY', quantity: '2', price: '142.40' };

async function group(bench: Bench): Promise<string> {
  return (await bench.signed('POST', GROUP, { tradeGroupName: 'mine' })).parsed.data.tradeGroupId;
}

/** A literal book with nothing but a bid far below, so that only the orders of the test can match. */
function clear(bench: Bench): void {
  bench.exchange.setBook('SOLUSDT', { bids: [['130.00', '1']], asks: [['142.40', '5']] });
}

function outcome(bench: Bench): string[] {
  return bench.exchange
    .truth()
    .orders.map(({ side, status, executed, cancelReason }) =>
      `${side} ${status} ${executed} ${cancelReason}`.trim(),
    );
}

test('without a group a mode has no effect: the account trades with itself', async () => {
  const bench = openPair();
  clear(bench);
  await bench.order(SELL);
  await bench.order({ ...BUY, quantity: '1', stpMode: 'cancel_both' });

  assert.deepEqual(outcome(bench), ['SELL FILLED 1', 'BUY FILLED 1']);
  assert.ok(bench.exchange.truth().trades.every((trade) => trade.isSelfTrade));
});

test('cancel_maker takes the resting order away and goes on to the next offer', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  const { orderId } = (await bench.order(SELL)).parsed;
  const { stpMode } = (await bench.order({ ...BUY, stpMode: 'cancel_maker' })).parsed;

  assert.equal(stpMode, 'cancel_maker');
  assert.deepEqual(outcome(bench), ['SELL CANCELED 0 stp_cancel', 'BUY FILLED 2']);
  const seen = (await bench.signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', orderId })).parsed;
  assert.deepEqual([seen.status, seen.cancelReason, seen.updateTime], ['CANCELED', 'stp_cancel', START]);
  assert.equal((await bench.balances()).SOL?.locked, '0');
});

test('cancel_taker ends the incoming order where it meets the resting one', async () => {
  const bench = openPair();
  await group(bench);
  bench.exchange.setBook('SOLUSDT', {
    bids: [['130.00', '1']],
    asks: [
      ['142.20', '0.5'],
      ['142.40', '5'],
    ],
  });
  await bench.order(SELL);
  await bench.order({ ...BUY, stpMode: 'cancel_taker' });

  assert.deepEqual(outcome(bench), ['SELL NEW 0', 'BUY PARTIALLY_CANCELED 0.5 stp_cancel']);
  assert.equal((await bench.balances()).USDT?.locked, '0');
});

test('cancel_both ends both', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  await bench.order(SELL);
  await bench.order({ ...BUY, stpMode: 'cancel_both' });
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' });

  assert.deepEqual(outcome(bench), [
    'SELL CANCELED 0 stp_cancel',
    'BUY CANCELED 0 stp_cancel',
    'BUY FILLED 0.702',
  ]);
  assert.deepEqual((await bench.balances()).SOL?.locked, '0');
});

test('a market order by amount obeys its mode too', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  await bench.order(SELL);
  const market = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' };
  await bench.order({ ...market, stpMode: 'cancel_taker' });
  await bench.order({ ...market, stpMode: 'cancel_maker' });

  assert.deepEqual(outcome(bench), [
    'SELL CANCELED 0 stp_cancel',
    'BUY CANCELED 0 stp_cancel',
    'BUY FILLED 0.702',
  ]);
});

test('a resting order out of reach, or behind enough of others, is left alone', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  await bench.order({ ...SELL, price: '142.50' });
  await bench.order({ ...BUY, stpMode: 'cancel_both' });
  await bench.order({ ...SELL, price: '142.40' });
  await bench.signed('POST', '/api/v3/order', { ...SELL, quantity: '1' }, OTHER);
  await bench.order({ ...BUY, quantity: '1', stpMode: 'cancel_both' });

  assert.deepEqual(outcome(bench), [
    'SELL NEW 0',
    'BUY FILLED 2',
    'SELL NEW 0',
    'SELL FILLED 1',
    'BUY FILLED 1',
  ]);
});

test('an order without a mode trades with its own group', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  await bench.order(SELL);
  await bench.order({ ...BUY, quantity: '1' });

  assert.deepEqual(outcome(bench), ['SELL FILLED 1', 'BUY FILLED 1']);
});

test('a fill-or-kill order that cannot be filled cancels nobody', async () => {
  const bench = openPair();
  await group(bench);
  clear(bench);
  await bench.order(SELL);
  await bench.order({ ...BUY, type: 'FILL_OR_KILL', quantity: '50', stpMode: 'cancel_maker' });

  assert.deepEqual(outcome(bench), ['SELL NEW 0', 'BUY CANCELED 0']);
});

test('accounts of one group are kept apart like one account, until one leaves it', async () => {
  const bench = openPair();
  const tradeGroupId = await group(bench);
  clear(bench);
  const meet = async () => {
    await bench.signed('POST', '/api/v3/order', SELL, OTHER);
    await bench.order({ ...BUY, quantity: '1', stpMode: 'cancel_maker' });
  };

  await meet();
  await bench.signed('POST', MEMBER, { tradeGroupId, uid: '2' });
  await meet();
  await bench.signed('DELETE', MEMBER, { tradeGroupId, uid: '2' });
  await meet();

  assert.deepEqual(outcome(bench), [
    'SELL FILLED 1',
    'BUY FILLED 1',
    'SELL CANCELED 0 stp_cancel',
    'BUY FILLED 1',
    'SELL FILLED 1',
    'BUY FILLED 1',
  ]);
});

test('groups are made, listed, filled and deleted in envelopes', async () => {
  const bench = openPair();
  const made = (await bench.signed('POST', GROUP, { tradeGroupName: 'mine' })).parsed;
  const { tradeGroupId } = made.data;

  assert.deepEqual(made, {
    data: { tradeGroupId, tradeGroupName: 'mine', uid: '1', createTime: START, updateTime: START },
    code: 200,
    msg: 'success',
    timestamp: START,
  });
  bench.clock.advance(5);
  const joined = (await bench.signed('POST', MEMBER, { tradeGroupId, uid: '2' })).parsed;
  assert.deepEqual([joined.data.uid, joined.data.updateTime], ['1,2', START + 5]);
  const listed = (await bench.signed('GET', GROUP, { tradeGroupName: 'mine' })).parsed;
  assert.deepEqual(listed.data, [joined.data]);
  assert.deepEqual((await bench.signed('GET', GROUP, { tradeGroupName: 'none' })).parsed.data, []);
  assert.equal((await bench.signed('DELETE', GROUP, { tradeGroupId })).parsed.data, true);
  assert.deepEqual((await bench.signed('GET', GROUP)).parsed.data, []);
});

test('the eleventh group, foreign groups and unknown accounts are refused', async () => {
  const bench = openPair();
  const tradeGroupId = await group(bench);
  for (let i = 1; i < 10; i++) await group(bench);
  const code = async (method: string, path: string, params: Record<string, string>, key?: typeof OTHER) =>
    (await bench.signed(method, path, params, key)).parsed.code;

  assert.equal(await code('POST', GROUP, { tradeGroupName: 'more' }), 26);
  assert.equal(await code('POST', GROUP, {}), 44444);
  assert.equal(await code('DELETE', GROUP, { tradeGroupId }, OTHER), 22222);
  assert.equal(await code('POST', MEMBER, { tradeGroupId, uid: '9' }), 10001);
  assert.equal(await code('DELETE', MEMBER, { tradeGroupId, uid: '2' }), 22222);
  const reading = openBench();
  const refused = await reading.signed('POST', GROUP, { tradeGroupName: 'mine' });
  assert.deepEqual([refused.status, refused.parsed.code], [400, 700007]);
});
