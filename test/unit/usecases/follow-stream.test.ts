import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StreamState } from '../../../lib/domain/stream-state.ts';
import type { CommandInput } from '../../../lib/simulator/exchange.ts';
import { openAccountWorld } from '../../support/account-world.ts';
import { itemOf, itemsOf } from '../../support/plain-items.ts';
import { storedTransfers } from '../../support/stream-truth.ts';
import { streamTasks } from '../../support/stream-world.ts';

const SECOND = 1_000;
const UID = '10000001';
const ORDERS = 'spot@private.orders.v3.api.pb';

/** One task beside the order path, in virtual time, which nothing but itself and the alerts tells of the exchange. */
const rig = async (seed: string) => {
  const symbols = ['SOLUSDT'];
  const start = Date.UTC(2026, 10, 20);
  const world = await openAccountWorld({ seed, start, symbols, wakes: () => false });
  const reasons: string[] = [];
  const tasks = streamTasks({
    world,
    symbols,
    seed: 1,
    wakes: () => false,
    watch: { item: () => {}, gaveUp: (_, reason) => void reasons.push(reason) },
  });
  const { time, market, store } = world;
  const apply = (...commands: readonly CommandInput[]): void => {
    for (const command of commands) market.apply(command);
  };
  return {
    ...world,
    tasks,
    reasons,
    apply,
    after: (ms: number) => time.playTo(time.now() + ms),
    /** Every request of this kind fails until the faults are cleared. */
    fail: (path: string, method = 'GET') =>
      void market.faults.add({
        match: { method, path: `/api/v3/${path}` },
        kind: 'answer',
        status: 500,
        body: {},
      }),
    shared: () => StreamState.parse(itemOf(store, 'Control', { name: 'stream' })),
    stateOf: (id: string) => itemOf(store, 'Orders', { id })?.state,
    /** A limit order below the market, as it rests on the exchange. */
    resting: async () => {
      const placed = await time.finish(
        world.alert('s', { symbol: 'SOLUSDT', action: 'buy', type: 'limit', price: '140', quantity: '0.2' }),
      );
      assert.equal(placed.status, 200, JSON.stringify(placed.body));
      const [order] = itemsOf(store, 'Orders');
      return String(order?.id);
    },
    end: async (task: ReturnType<typeof tasks.start>) => {
      const took = await time.finish(task.close());
      await world.stop();
      return took;
    },
  };
};

test('a task that the exchange refuses a channel of the account does not say that it misses nothing', async () => {
  const { tasks, apply, after, shared, end } = await rig('refused');
  apply({ do: 'streamFault', with: { kind: 'refuse', match: { channel: ORDERS, times: 1 } } });
  const task = tasks.start();
  await after(900);
  assert.equal(task.followed.size, 2);
  assert.equal(task.health().good, false);

  await after(5 * SECOND);
  assert.equal(task.followed.size, 3);
  assert.equal(task.health().good, true);
  assert.equal(shared().live, true);
  await end(task);
  assert.equal(shared().live, false);
});

test('a catch-up that began before the connection was lost again says nothing', async () => {
  const { tasks, apply, after, market, shared, end } = await rig('overtaken');
  const task = tasks.start();
  await after(5 * SECOND);
  market.faults.add({
    match: { method: 'GET', path: '/api/v3/openOrders', times: 3 },
    kind: 'delay',
    ms: 2 * SECOND,
  });
  // Lost, back, and lost for half a minute before the state could be read.
  apply({ do: 'connections', with: { how: 'destroy' } });
  await after(SECOND);
  apply({ do: 'connections', with: { how: 'destroy' } });
  await after(SECOND);
  const now = market.clock.now();
  apply(
    { do: 'streamFault', with: { kind: 'no-connect', match: { from: now, to: now + 30 * SECOND } } },
    { do: 'connections', with: { how: 'destroy' } },
  );
  await after(25 * SECOND);
  assert.equal(task.health().good, false);
  assert.equal(shared().live, false);

  await after(30 * SECOND);
  assert.equal(task.health().good, true);
  assert.deepEqual(tasks.untrue, []);
  await end(task);
});

test('connections that come and go during one catch-up call for one more, not for one each', async () => {
  const { tasks, apply, after, market, end } = await rig('flapping');
  const task = tasks.start();
  await after(5 * SECOND);
  const catchUps = (): number => tasks.asked.get('GET /api/v3/account') ?? 0;
  const before = catchUps();
  market.faults.add({
    match: { method: 'GET', path: '/api/v3/openOrders', times: 1 },
    kind: 'delay',
    ms: 2_500,
  });
  for (let n = 0; n < 4; n += 1) {
    apply({ do: 'connections', with: { how: 'destroy' } });
    await after(600);
  }
  await after(20 * SECOND);
  assert.equal(task.health().good, true);
  const more = catchUps() - before;
  assert.equal(more, 2);
  await end(task);
});

test('what is live again is caught up with at once, however long the last tries have failed', async () => {
  const { tasks, apply, after, market, fail, resting, stateOf, end } = await rig('at once');
  const task = tasks.start();
  await after(3 * SECOND);
  const id = await resting();
  fail('openOrders');
  apply({ do: 'connections', with: { how: 'destroy' } });
  // The pauses between the tries are long by now.
  await after(100 * SECOND);
  assert.equal(task.health().good, false);

  apply({ do: 'connections', with: { how: 'destroy' } });
  market.setPrice('SOLUSDT', '139');
  market.faults.clear();
  await after(3 * SECOND);
  assert.equal(task.health().good, true);
  assert.equal(stateOf(id), 'filled');
  await end(task);
});

test('a task ends within its time though the exchange answers nothing, and leaves the rest to the reconciler', async () => {
  const { tasks, after, market, resting, stateOf, end } = await rig('silent at the end');
  const task = tasks.start();
  await after(3 * SECOND);
  const id = await resting();
  for (const path of ['openOrders', 'myTrades', 'order'])
    market.faults.add({ match: { method: 'GET', path: `/api/v3/${path}` }, kind: 'hang', executed: true });
  market.setPrice('SOLUSDT', '139');
  await after(25 * SECOND);
  assert.equal(stateOf(id), 'open');
  assert.ok(task.health().waiting > 0);

  const took = await end(task);
  assert.ok(took < 18 * SECOND, `${took} ms`);
});

test('what could not be booked at first gets one last look at the end', async () => {
  const { tasks, after, market, resting, fail, stateOf, end } = await rig('last look');
  const task = tasks.start();
  await after(3 * SECOND);
  const id = await resting();
  fail('myTrades');
  market.setPrice('SOLUSDT', '139');
  await after(20 * SECOND);
  assert.equal(stateOf(id), 'open');

  market.faults.clear();
  await end(task);
  assert.equal(stateOf(id), 'filled');
});

test('a task that has followed nothing for five minutes ends by itself', async () => {
  const { tasks, apply, after, market, reasons, stop } = await rig('given up');
  const task = tasks.start();
  await after(3 * SECOND);
  const now = market.clock.now();
  apply(
    { do: 'streamFault', with: { kind: 'no-connect', match: { from: now } } },
    { do: 'connections', with: { how: 'destroy' } },
  );
  await after(290 * SECOND);
  assert.deepEqual(reasons, []);
  await after(30 * SECOND);
  assert.equal(reasons.length, 1);
  assert.equal(task.state, 'over');
  assert.deepEqual(market.stream.usage().listenKeys, {});
  await stop();
});

test('a deposit is stored once, however often it is told and by however many tasks', async () => {
  const { tasks, apply, after, store, time, end } = await rig('deposit');
  const one = tasks.start();
  const other = tasks.start();
  await after(3 * SECOND);
  apply(
    { do: 'streamFault', with: { kind: 'repeat', match: { channel: 'spot@private.account' }, copies: 2 } },
    { do: 'balance', with: { uid: UID, asset: 'USDT', amount: '12.5' } },
  );
  await after(SECOND);
  assert.deepEqual([...storedTransfers(store)], [['DEPOSIT of 12.5 USDT', 1]]);
  await time.finish(one.close());
  await end(other);
});
