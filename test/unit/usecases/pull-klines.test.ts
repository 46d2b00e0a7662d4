import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INTERVALS } from '../../../lib/domain/candle-interval.ts';
import type { Series } from '../../../lib/domain/candle-window.ts';
import type { Candling } from '../../../lib/usecases/learn-candles.ts';
import { pullKlines } from '../../../lib/usecases/pull-klines.ts';
import { COINS, NOW } from '../../support/candle-backfill.ts';
import { openCandleWorld } from '../../support/candle-world.ts';

const MINUTE = 60_000;
const SOL: Series = { symbol: 'SOLUSDT', interval: '1m' };
type World = Awaited<ReturnType<typeof openCandleWorld>>;

/** One run of the schedule, in a process of its own. */
const pull = async (
  world: World,
  series: readonly Series[],
  change: (candling: Candling) => Partial<Candling['source']> = () => ({}),
  depth = 120,
) => {
  const run = world.process();
  const source = { ...run.candling.source, ...change(run.candling) };
  const deadline = run.clock.now() + MINUTE;
  const result = await world.until(pullKlines({ series, depth }, { ...run.candling, source }, { deadline }));
  run.end();
  return result;
};
const recordOf = (world: World) =>
  world.until(world.store.series(SOL, { deadline: Number.POSITIVE_INFINITY }));

test('every interval works with the depth that a new series has by default', async () => {
  const world = await openCandleWorld({ seed: 1, start: NOW, symbols: COINS });
  const all = INTERVALS.map((interval) => ({ symbol: 'SOLUSDT', interval }));

  for (let n = 1; n <= 4; n += 1) {
    const { failed } = await pull(world, all, undefined, 1440);
    assert.deepEqual(failed, []);
    await world.reach(NOW + n * 5 * MINUTE);
  }
});

test('a delisted symbol stays delisted while it cannot be asked which are', async () => {
  const world = await openCandleWorld({ seed: 1, start: NOW, symbols: COINS });
  await pull(world, [SOL]);
  const goneAt = NOW + 10 * MINUTE;
  await world.reach(goneAt);
  const hidden = { offlineAt: goneAt };
  world.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', status: '3', hidden } });
  await world.reach(NOW + 40 * MINUTE);
  await pull(world, [SOL]);
  await world.reach(NOW + 45 * MINUTE);
  await pull(world, [SOL]);
  const before = await recordOf(world);
  assert.equal(before?.state, 'delisted');

  world.exchange.faults.add({ kind: 'html', match: { path: '/api/v3/symbol/offline' } });
  await world.reach(NOW + 60 * MINUTE);
  const { left } = await pull(world, [SOL]);

  assert.deepEqual([left, await recordOf(world)], [['SOLUSDT 1m'], before]);
});

test('a symbol that was delisted before it was ever pulled, nobody says when, is recorded', async () => {
  const world = await openCandleWorld({ seed: 1, start: NOW, symbols: COINS });

  const { failed } = await pull(world, [SOL], () => ({
    offline: async () => new Map([['SOLUSDT', { state: 'delisted' as const }]]),
    candles: async () => [],
  }));

  assert.deepEqual(failed, []);
  assert.equal((await recordOf(world))?.state, 'delisted');
});
