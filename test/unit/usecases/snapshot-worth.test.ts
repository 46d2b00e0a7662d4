import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotTask } from '../../../lib/usecases/snapshot-account.ts';
import { buy, latest, open, snap, soon, states } from '../../support/account-steps.ts';
import { type AccountWorld, SLOT } from '../../support/account-world.ts';

/** The next slot's snapshot, with parts of the task replaced. */
const snapWith = async (world: AccountWorld, parts: Partial<SnapshotTask>) => {
  await world.time.playTo((Math.floor(world.time.now() / SLOT) + 1) * SLOT + 300);
  await world.time.finish(world.snapshot(parts));
  return latest(world);
};

const withoutPrice = ({ task }: AccountWorld, symbol: string): Partial<SnapshotTask> => ({
  market: {
    prices: async (options) => {
      const all = new Map(await task.market.prices(options));
      all.delete(symbol);
      return all;
    },
  },
});

const isReducing = async (world: AccountWorld): Promise<boolean> => {
  const asked = { id: 'entry', symbol: 'SOLUSDT', action: 'buy', quoteQuantity: '100' };
  const { body } = await world.time.finish(world.alert('demo', asked));
  return JSON.stringify(body).includes('reduce_only');
};

test('a price that is missing in one answer is no loss: the last one stands, and is marked', async (t) => {
  const world = await open(t, { triggers: { maxDrawdownPercent: '10' } });
  world.market.apply({ do: 'balance', with: { asset: 'SOL', amount: '1000' } });
  await snap(world);
  await buy(world, 'there is a strategy');
  const before = await snap(world, true);

  const without = await snapWith(world, withoutPrice(world, 'SOLUSDT'));

  assert.equal(without.total, before.total);
  assert.equal(without.assets.SOL?.pricedIn, before.slot);
  assert.equal(await isReducing(world), false);
});

test('a price that stays away is given up after a day, which is no loss either', async (t) => {
  const world = await open(t, { triggers: { maxDrawdownPercent: '10' } });
  world.market.apply({ do: 'balance', with: { asset: 'SOL', amount: '1000' } });
  await snap(world);
  await world.time.playTo(world.time.now() + 86_400_000);

  const without = await snapWith(world, withoutPrice(world, 'SOLUSDT'));

  assert.deepEqual([without.unpriced, without.drawdownPercent], [['SOL'], '0']);
  const again = await snap(world);
  assert.deepEqual([again.unpriced, again.drawdownPercent], [[], '0']);
});

test('a total in another quote is not compared with the peak before', async (t) => {
  const world = await open(t);
  await snap(world);

  const other = await snapWith(world, { quote: 'SOL' });

  assert.deepEqual([other.quote, other.peak, other.drawdownPercent], ['SOL', other.total, '0']);
});

test('the fall of a price beyond the limit lets all strategies only reduce', async (t) => {
  const world = await open(t, { triggers: { maxDrawdownPercent: '10' } });
  world.market.apply({ do: 'balance', with: { asset: 'SOL', amount: '1000' } });
  await snap(world);
  await buy(world, 'there is a strategy');
  world.market.setPrice('SOLUSDT', '60');

  await snap(world, true);

  assert.equal(await isReducing(world), true);
});

test('a deposit that the stream told of explains its remainder at once, is no gain, and explains no other', async (t) => {
  const world = await open(t);
  await snap(world);
  const deposit = () => world.market.apply({ do: 'balance', with: { asset: 'USDT', amount: '500' } });
  deposit();
  await world.time.playTo((Math.floor(world.time.now() / SLOT) + 1) * SLOT - 200);
  const time = world.time.now() + 100;
  const told = {
    id: `${new Date(time).toISOString()} USDT`,
    asset: 'USDT',
    amount: '500',
    cause: 'DEPOSIT',
    time,
  };
  await world.time.finish(world.transfers.save(told, soon(world)));

  const after = await snap(world);
  assert.deepEqual([states(after), after.closed.map(({ transfers }) => transfers)], [[], [[told.id]]]);
  assert.equal(after.drawdownPercent, '0');

  deposit();
  await snap(world);
  assert.deepEqual(states(await snap(world)), ['USDT unexplained']);
});
