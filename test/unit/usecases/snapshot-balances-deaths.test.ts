import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarms, buy, latest, open, snap, soon } from '../../support/account-steps.ts';
import type { AccountWorld } from '../../support/account-world.ts';
import { add, exact, product, type Sums, texts } from '../../support/exact.ts';

describe('a run that dies', () => {
  /** Writes that the whole run makes. */
  const WRITES = 6;
  for (const answered of [true, false])
    test(`after any write${answered ? '' : ', whose answer is lost'}: repeated, it counts nothing twice and misses no alarm`, async (t) => {
      const seen = new Set<number>();
      for (let n = 0; n <= WRITES; n += 1) {
        let left = Number.POSITIVE_INFINITY;
        let writes = 0;
        const world = await open(t, {
          fates: ({ operation }) => {
            const isWrite = /Put|Update|Transact/.test(operation);
            if (left <= 0) return { reset: 'before' };
            if (!isWrite) return {};
            writes += 1;
            left -= 1;
            return left === 0 && !answered ? { reset: 'after' } : {};
          },
        });
        await snap(world);
        await buy(world, 'one', 'a');
        await buy(world, 'two', 'b');
        const sell = { id: 'three', symbol: 'SOLUSDT', action: 'sell', percent: '50' };
        await world.time.finish(world.alert('a', sell));
        world.market.apply({ do: 'balance', with: { asset: 'USDT', amount: '77.7' } });
        writes = 0;
        left = n;
        await snap(world, true).catch(() => undefined);
        left = Number.POSITIVE_INFINITY;
        await world.time.finish(world.snapshot());
        seen.add(writes);

        const snapshot = await latest(world);
        assert.deepEqual(
          snapshot.open.map(({ asset, amount }) => [asset, amount]),
          [['USDT', '77.7']],
        );
        assert.ok(alarms(world).length > 0);
        const rows = await world.time.finish(world.task.balances.profitOfDay('2026-11-22', soon(world)));
        const counted: Sums = new Map();
        for (const row of rows) {
          add(counted, `${row.strategy} volume`, exact(row.volume));
          add(counted, `${row.strategy} realised`, exact(row.realised));
          for (const [asset, fee] of Object.entries(row.fees))
            add(counted, `${row.strategy} ${asset}`, exact(fee));
        }
        assert.deepEqual(texts(counted), texts(fromTruth(world)), `after ${n} writes`);
      }
      t.diagnostic(`writes of the runs: ${[...seen].join(', ')}`);
    });
});

/** Of an attribute in wire format. */
const textIn = (value: unknown): string => Object.values(value ?? {}).join();

/** Volume, realised profit and commissions from the exchange's own trades, by average cost. */
const fromTruth = ({ market, store }: AccountWorld): Sums => {
  const strategyOf = new Map(store.items('Orders').map((item) => [textIn(item.id), textIn(item.strategy)]));
  const sums: Sums = new Map();
  const held = new Map<string, { quantity: bigint; cost: bigint }>();
  for (const trade of market.truth().trades) {
    const strategy = strategyOf.get(trade.clientOrderId?.replace(/-\d+$/, '') ?? '') ?? '';
    const [quantity, fee] = [exact(trade.qty), exact(trade.commission)];
    const quote = product(exact(trade.price), quantity);
    const own = held.get(strategy) ?? { quantity: 0n, cost: 0n };
    held.set(strategy, own);
    add(sums, `${strategy} volume`, quote);
    add(sums, `${strategy} ${trade.commissionAsset}`, fee);
    assert.equal(trade.commissionAsset, 'USDT');
    if (trade.isBuyer) {
      own.quantity += quantity;
      own.cost += quote + fee;
      continue;
    }
    const unit = 10n ** 18n;
    const cost = quantity >= own.quantity ? own.cost : ((own.cost * quantity) / own.quantity / unit) * unit;
    add(sums, `${strategy} realised`, quote - fee - cost);
    own.quantity -= quantity;
    own.cost -= cost;
  }
  return sums;
};
