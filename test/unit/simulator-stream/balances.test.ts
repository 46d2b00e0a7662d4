import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY } from '../simulator/simulator-client.ts';
import { ACCOUNT, DEALS, openStreams } from './stream-bench.ts';
import type { Decoded } from './wire-schema.ts';

const accounts = (pushes: Decoded[]) =>
  pushes.map(({ privateAccount: row }) => [
    row.type,
    row.vcoinName,
    row.balanceAmount,
    row.balanceAmountChange,
    row.frozenAmount,
    row.frozenAmountChange,
  ]);

test('money from outside is pushed by its reason', async () => {
  const bench = openStreams();
  const client = await bench.own();
  const change = (amount: string, kind?: 'SUGAR') =>
    bench.exchange.apply({ do: 'balance', with: { asset: 'SOL', amount, kind } });

  change('5');
  change('-2');
  change('1', 'SUGAR');

  assert.deepEqual(accounts(client.pushes()), [
    ['DEPOSIT', 'SOL', '5', '5', '0', '0'],
    ['WITHDRAW', 'SOL', '3', '-2', '0', '0'],
    ['SUGAR', 'SOL', '4', '1', '0', '0'],
  ]);
});

test('over many orders the changes add up to the balances, and the last push is what REST says', async () => {
  const bench = openStreams({ seed: 'sums' });
  bench.exchange.apply({ do: 'account', with: { mxDeduct: true } });
  const start = await bench.balances();
  const client = await bench.own();
  for (let i = 0; i < 40; i++) {
    const price = (140 + (i % 7)).toFixed(2);
    await bench.order({
      symbol: 'SOLUSDT',
      side: i % 3 === 0 ? 'SELL' : 'BUY',
      type: 'LIMIT',
      quantity: '3',
      price,
    });
    if (i % 5 === 0) bench.exchange.setPrice('SOLUSDT', (140 + (i % 6)).toFixed(2));
    if (i === 20) bench.exchange.apply({ do: 'account', with: { mxDeduct: false } });
    if (i % 9 === 0) await bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });
  }

  const told: Record<string, { free: number; locked: number; row: Decoded }> = {};
  for (const { privateAccount: row } of client.pushes(ACCOUNT)) {
    const before = told[row.vcoinName] ?? {
      free: Number(start[row.vcoinName]?.free ?? 0),
      locked: Number(start[row.vcoinName]?.locked ?? 0),
    };
    const free = before.free + Number(row.balanceAmountChange);
    const locked = before.locked + Number(row.frozenAmountChange);
    assert.ok(Math.abs(free - Number(row.balanceAmount)) < 1e-6);
    assert.ok(Math.abs(locked - Number(row.frozenAmount)) < 1e-6);
    told[row.vcoinName] = { free, locked, row };
  }
  const end = await bench.balances();
  assert.deepEqual(Object.keys(told).sort(), ['MX', 'SOL', 'USDT']);
  for (const [asset, { row }] of Object.entries(told)) {
    assert.deepEqual(
      { free: row.balanceAmount, locked: row.frozenAmount },
      {
        free: end[asset]?.free,
        locked: end[asset]?.locked,
      },
    );
  }
  assert.equal(client.pushes(DEALS).length, bench.exchange.truth().trades.length);
});

test('what a fill leaves of the money frozen for fees is freed at once', async () => {
  const bench = openStreams();
  bench.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', makerCommission: '0.00075' } });
  const client = await bench.own();
  await bench.order({ ...BUY, price: '140.01', quantity: '0.333' });

  bench.exchange.trade('SOLUSDT', { price: '140.01', quantity: '0.111' });

  assert.deepEqual(
    accounts(client.pushes(ACCOUNT)).map(([type, asset]) => [type, asset]),
    [
      ['ENTRUST_PLACE', 'USDT'],
      ['ENTRUST', 'SOL'],
      ['ENTRUST', 'USDT'],
      ['TRADE_FEE', 'USDT'],
      ['ENTRUST_UNFROZEN', 'USDT'],
    ],
  );
  const { privateAccount: last } = client.pushes(ACCOUNT).at(-1);
  const { USDT } = await bench.balances();
  assert.deepEqual({ free: last.balanceAmount, locked: last.frozenAmount }, USDT);
});
