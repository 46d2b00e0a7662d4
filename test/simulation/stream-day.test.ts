import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fractions, openAccountWorld } from '../support/account-world.ts';
import { HOUR, playStreamDay, type StreamDay } from '../support/stream-day.ts';
import { manyMarkets } from '../support/stream-markets.ts';
import {
  bookingDelays,
  contradictionsOf,
  openOrderSeconds,
  storedTransfers,
} from '../support/stream-truth.ts';
import { streamTasks } from '../support/stream-world.ts';

/** Six hours and 40 hand-overs by default; the whole day: STREAM_HOURS=24 HANDOVERS=200. */
const HOURS = Number(process.env.STREAM_HOURS ?? 6);
const HAND_OVERS = Number(process.env.HANDOVERS ?? 40);
const SEED = Number(process.env.STREAM_SEED ?? 1);
/** Reference section 11.6. */
const KEY_LIVES = HOUR;

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, each) => total + each, 0);

describe(`${HOURS} hours of a disturbed stream with ${HAND_OVERS} hand-overs`, () => {
  let day: StreamDay;
  before(async () => {
    day = await playStreamDay({
      seed: SEED,
      hours: HOURS,
      handOvers: HAND_OVERS,
      alone: [HOURS * 0.3, HOURS * 0.65],
    });
  });

  test('end with a ledger that is the exchange: orders, fills, positions', () => {
    assert.deepEqual(contradictionsOf(day.world.market, day.world.store), []);
    assert.deepEqual(day.world.errors, []);
  });

  test('have every execution in the ledger within five seconds of every reconnect', (t) => {
    const { reconnects, voided } = day.counts;
    t.diagnostic(
      `${reconnects} reconnects, ${voided} more were lost again before their five seconds were over`,
    );
    assert.deepEqual(day.late, []);
    assert.ok(reconnects > HAND_OVERS, `${reconnects} reconnects`);
  });

  test('have disturbances of every kind', (t) => {
    t.diagnostic([...day.faults].map(([name, count]) => `${count} × ${name}`).join(', '));
    assert.ok(day.faults.size >= Math.min(25, 3 * HOURS), `${day.faults.size} kinds`);
    assert.equal(day.counts.handOvers, HAND_OVERS);
  });

  test('never see a task say that it misses nothing while it lacks a channel of the account', (t) => {
    t.diagnostic(`others could rely on the stream ${(100 * day.fresh).toFixed(1)} % of the time`);
    assert.deepEqual(day.tasks.untrue, []);
  });

  test('leave each deposit and withdrawal that was told stored once', (t) => {
    const stored = storedTransfers(day.world.store);
    t.diagnostic(`${day.counts.transfers} transfers, ${stored.size} stored`);
    assert.ok(day.heard.size > HOURS);
    assert.deepEqual(
      [...day.heard].filter((name) => stored.get(name) !== 1),
      [],
    );
  });

  test('take at most two in a hundred of the private calls that polling each open order would', (t) => {
    const { tasks, world, ends } = day;
    const asked = sum(tasks.asked.values());
    const polled = openOrderSeconds(world.market.truth(), ends);
    t.diagnostic(
      `${asked} calls against ${polled.toFixed()}: ${(100 * (1 - asked / polled)).toFixed(2)} % fewer`,
    );
    t.diagnostic([...tasks.asked].map(([what, count]) => `${count} × ${what}`).join(', '));
    assert.ok(asked <= 0.02 * polled);
  });

  test('see a task that is asked to end do so within the twenty seconds that it has', (t) => {
    t.diagnostic(
      `${day.drains.length} in order, the slowest in ${Math.max(...day.drains)} ms; ${day.counts.kills} killed`,
    );
    assert.ok(Math.max(...day.drains) < 20_000);
  });

  test('say how soon what was executed is in the ledger', (t) => {
    const delays = bookingDelays(day.world.market.truth(), day.world.store);
    const at = (share: number): number => delays[Math.floor(share * (delays.length - 1))] ?? 0;
    t.diagnostic(`${delays.length} trades; p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`);
    assert.ok(at(0.5) < 2_000);
  });

  test('leave no listen key behind, but for those of killed tasks until they end by themselves', async () => {
    const { world, current } = day;
    const last = current();
    assert.ok(last);
    await world.time.finish(last.close());
    await world.time.playTo(world.time.now() + KEY_LIVES);
    assert.deepEqual(world.market.stream.usage().listenKeys, {});
    await world.stop();
  });
});

test('an hour with the prices of 50 symbols writes at most 1,500 units beside orders and fills', async (t) => {
  const { written, counts, late, world } = await playStreamDay({
    seed: SEED,
    hours: 1,
    handOvers: 8,
    calm: true,
    on: manyMarkets(50),
  });
  const units = sum(written.beside.values());
  t.diagnostic(`${units} units: ${[...written.beside].map(([what, each]) => `${each} ${what}`).join(', ')}`);
  t.diagnostic(`${written.booking} for orders and fills, of ${counts.alerts} alerts`);
  assert.deepEqual(late, []);
  assert.deepEqual(contradictionsOf(world.market, world.store), []);
  assert.ok(units <= 1_500);
  await world.stop();
});

test('a hundred starts and stops leave no listen key behind', async () => {
  const symbols = ['SOLUSDT'];
  const world = await openAccountWorld({ seed: 'starts', start: Date.UTC(2026, 10, 20), symbols });
  const { time, market } = world;
  const tasks = streamTasks({ world, symbols, seed: SEED, watch: { item: () => {} } });
  const random = fractions(SEED);
  for (let n = 0; n < 100; n += 1) {
    const task = tasks.start();
    await time.playTo(time.now() + Math.floor(random() * 2_000));
    await time.finish(task.close());
    assert.deepEqual(market.stream.usage().listenKeys, {}, `start ${n}`);
  }
  assert.equal(tasks.asked.get('POST /api/v3/userDataStream'), 100);
  await world.stop();
});
