import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../lib/domain/snapshot.ts';
import { createBalances } from '../../lib/dynamo/balances.ts';
import { aFill, anOrder, NOON, newToken } from '../support/contract-domain.ts';
import { makeTables, openStore, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const aSnapshot = (own: Partial<Snapshot> = {}): Snapshot => ({
  slot: NOON,
  takenFrom: NOON + 1,
  takenTo: NOON + 2,
  origin: NOON,
  quote: 'USDT',
  assets: { SOL: { free: '1.5', locked: '0', price: '142.5', value: '213.75' } },
  total: '213.75',
  unpriced: [],
  counted: { 'ema-cross SOLUSDT': 3 },
  traded: { SOL: '1.5' },
  open: [],
  closed: [],
  peak: '213.75',
  drawdownPercent: '0',
  version: 1,
  ...own,
});

onEveryEngine((engine) => {
  describe('snapshots', () => {
    test('a slot gets one; the newest is the latest, and a listing goes from the oldest, page by page', async (t) => {
      const { dynamo } = await openStore(t, engine);
      const [name = '', profit = ''] = await makeTables(engine, ['Balances', 'Profit']);
      const balances = createBalances(dynamo, { balances: name, profit });
      assert.equal(await balances.latest(soon()), undefined);
      const all = [0, 1, 2].map((n) => aSnapshot({ slot: NOON + n * 900_000, total: String(n) }));

      for (const one of all) assert.equal(await balances.save(one, soon()), true);
      assert.equal(await balances.save(aSnapshot({ total: '7' }), soon()), false);

      assert.deepEqual(await balances.latest(soon()), all[2]);
      const page = await balances.between(NOON, NOON + 10_000_000, { limit: 2 }, soon());
      assert.deepEqual(page, { snapshots: all.slice(0, 2), more: true });
      const rest = await balances.between(
        NOON,
        NOON + 10_000_000,
        { limit: 2, after: NOON + 900_000 },
        soon(),
      );
      assert.deepEqual(rest, { snapshots: all.slice(2), more: false });
      const none = await balances.between(NOON + 1, NOON + 2, { limit: 2 }, soon());
      assert.deepEqual(none, { snapshots: [], more: false });
    });

    test('it is written anew only over what was read', async (t) => {
      const { dynamo } = await openStore(t, engine);
      const [name = '', profit = ''] = await makeTables(engine, ['Balances', 'Profit']);
      const balances = createBalances(dynamo, { balances: name, profit });
      await balances.save(aSnapshot(), soon());

      assert.equal(await balances.save(aSnapshot({ version: 3 }), soon()), false);
      assert.equal(await balances.save(aSnapshot({ version: 2, total: '9' }), soon()), true);
      assert.equal((await balances.latest(soon()))?.total, '9');
    });
  });

  test('fills of a lane come in the order in which they were applied, between two numbers', async (t) => {
    const { ledger, dynamo } = await openStore(t, engine);
    const balances = createBalances(dynamo, { balances: '', profit: '' });
    // Trade ids are in no order.
    const fills = [1, 2, 3, 4, 5].map((n) => aFill({ n, tradeId: `t${9 - n}`, realised: `${n}.5` }));
    const elsewhere = aFill({ n: 1, tradeId: 'x', strategy: 'ema-cross SOL', symbol: 'USDT' });
    for (const fill of [...fills, elsewhere]) {
      const order = anOrder({ id: `order-${fill.tradeId}` });
      await ledger.commit({ order, fills: [fill] }, { ...soon(), token: newToken() });
    }

    const lane = { strategy: 'ema-cross', symbol: 'SOLUSDT' };
    assert.deepEqual(await balances.fills(lane, { after: 1, upTo: 4 }, soon()), fills.slice(1, 4));
    await assert.rejects(balances.fills(lane, { after: 4, upTo: 6 }, { deadline: Date.now() + 300 }), {
      code: 'store_unavailable',
    });
  });

  test('the result of a day is written once for each state it was in', async (t) => {
    const { dynamo } = await openStore(t, engine);
    const [name = '', profit = ''] = await makeTables(engine, ['Balances', 'Profit']);
    const balances = createBalances(dynamo, { balances: name, profit });
    const key = { day: '2026-11-22', strategy: 'ema cross', symbol: 'SOLUSDT' };
    const first = {
      ...key,
      realised: '-1.5',
      fees: { MX: '0.1' },
      feesValue: '0.2',
      volume: '7',
      trades: 2,
      through: 2,
    };
    assert.equal(await balances.dayProfit(key, soon()), undefined);

    assert.equal(await balances.saveDayProfit(first, undefined, soon()), true);
    assert.equal(await balances.saveDayProfit(first, undefined, soon()), false);
    const second = { ...first, realised: '3', through: 5 };
    assert.equal(await balances.saveDayProfit(second, first, soon()), true);
    assert.equal(await balances.saveDayProfit({ ...second, realised: '9' }, first, soon()), false);

    assert.deepEqual(await balances.dayProfit(key, soon()), second);
    assert.deepEqual(await balances.profitOfDay('2026-11-22', soon()), [second]);
    assert.deepEqual(await balances.profitOfDay('2026-11-23', soon()), []);
  });
});
