import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type AccountWorld, openAccountWorld, SLOT, type WorldOptions } from './account-world.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const ALARM = 'a change of the balance is not explained';

/** A world whose rules and clock are known. */
export const open = async (t: TestContext, own: Partial<WorldOptions> = {}): Promise<AccountWorld> => {
  const world = await openAccountWorld({ seed: 'snapshots', start: NOON, ...own });
  t.after(() => world.stop());
  await world.time.finish(world.reconcile());
  return world;
};

/** A deadline far enough away. */
export const soon = ({ time }: AccountWorld) => ({ deadline: time.now() + 30_000 });

/** Goes to the next slot and takes its snapshot. @returns as it is stored */
export const snap = async (world: AccountWorld, looks = false) => {
  const { time } = world;
  await time.playTo((Math.floor(time.now() / SLOT) + 1) * SLOT - 90_000);
  if (looks) await time.finish(world.reconcile());
  await time.playTo(Math.ceil(time.now() / SLOT) * SLOT + 300);
  await time.finish(world.snapshot());
  return latest(world);
};

/** The newest snapshot. */
export const latest = async (world: AccountWorld) => {
  const snapshot = await world.time.finish(world.task.balances.latest(soon(world)));
  assert.ok(snapshot);
  return snapshot;
};

/** Assets whose remainders were alarmed, once for each time. */
export const alarms = ({ errors }: AccountWorld) =>
  errors.flatMap(({ message, fields }) => (message === ALARM ? [fields.asset] : []));

/** A market purchase of 100 USDT. */
export const buy = (world: AccountWorld, id: string, strategy = 'demo') =>
  world.time.finish(world.alert(strategy, { id, symbol: 'SOLUSDT', action: 'buy', quoteQuantity: '100' }));

/** What is open: asset and state. */
export const states = (snapshot: Awaited<ReturnType<typeof latest>>) =>
  snapshot.open.map(({ asset, state }) => `${asset} ${state}`).sort();
