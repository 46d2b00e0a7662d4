import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { windowOf } from '../../lib/domain/candle-interval.ts';
import { isCandle, type Series } from '../../lib/domain/candle-window.ts';
import { listCandles, windowsIn } from '../../lib/usecases/read-candles.ts';
import { type CandleProblem, verifySeries } from '../../lib/usecases/verify-candles.ts';
import { chanceOf } from '../simulation/chance.ts';
import { backfill, COINS, lastDays, NOW } from '../support/candle-backfill.ts';
import { type CandleWorld, openCandleWorld } from '../support/candle-world.ts';

const LONG = { deadline: Number.MAX_SAFE_INTEGER };

describe('verifying', () => {
  const series: Series = { symbol: 'QUIETUSDT', interval: '1m' };
  const range = lastDays(2);

  const hashes = async (world: CandleWorld): Promise<ReadonlyMap<number, string>> => {
    const all = new Map<number, string>();
    const read = async (): Promise<void> => {
      for await (const each of world.store.range(series, windowOf(range.first), windowOf(range.end), LONG))
        if (each.kind === 'window') all.set(each.window.window, each.hash);
    };
    await world.until(read());
    return all;
  };
  const verify = async (world: CandleWorld, task: { sample: number; repair: boolean }) => {
    const process = world.process();
    const stored = await world.until(world.store.allSeries(LONG));
    const record = stored.find((each) => each.kind === 'series');
    return world.until(
      verifySeries(
        series,
        record?.kind === 'series' ? record.record : undefined,
        task,
        process.candling,
        LONG,
      ),
    );
  };
  const names = (problems: readonly CandleProblem[]) =>
    problems.map(({ window }) => window ?? 'record').toSorted();

  test('finds every deletion and every flipped bit by name, and a repair restores the exact hash', async () => {
    const world = await openCandleWorld({ seed: 3, start: NOW, symbols: COINS });
    await backfill(world, series, range);
    const untouched = await hashes(world);
    const clean = await verify(world, { sample: 5, repair: false });
    assert.deepEqual([clean.problems, clean.windows, clean.compared > 3], [[], 48, true]);
    assert.equal(clean.candles + clean.holes['no-trades'], 48 * 60);

    const damaged = damage(world, chanceOf('damage'));

    assert.ok(damaged.length > 15);
    assert.deepEqual(names((await verify(world, { sample: 0, repair: false })).problems), damaged);
    const repaired = await verify(world, { sample: 0, repair: true });
    assert.ok(
      repaired.problems.every((each) => each.repaired),
      JSON.stringify(repaired.problems),
    );
    assert.deepEqual(names(repaired.problems), damaged);
    assert.deepEqual((await verify(world, { sample: 0, repair: false })).problems, []);
    assert.deepEqual(await hashes(world), untouched);
  });

  test('finds what the exchange says differently by now', async () => {
    const world = await openCandleWorld({ seed: 3, start: NOW, symbols: COINS });
    await backfill(world, series, range);
    const windows = await world.until(windowsIn(series, range, world.store, LONG));
    const [candle] = [...windows.values()][10]?.slots.filter(isCandle) ?? [];
    const bar = { open: '1', high: '2', low: '1', close: '2', base: '3', quote: '5' };
    world.exchange.apply({
      do: 'candle',
      with: { symbol: series.symbol, openTime: candle?.openTime ?? 0, bar },
    });

    const { problems } = await verify(world, { sample: 100, repair: true });

    assert.equal(problems.length, 1);
    assert.match(problems[0]?.problem ?? '', /differs from the exchange in slots \d+$/);
    assert.deepEqual((await verify(world, { sample: 100, repair: false })).problems, []);
    const answer = await world.until(
      listCandles(
        { symbol: series.symbol, interval: '1m', from: String(candle?.openTime), limit: '1' },
        world.store,
        NOW,
        LONG,
      ),
    );
    assert.deepEqual(answer.rows, [[candle?.openTime, '1', '2', '1', '2', '3', '5']]);
  });
});

const MARK = 'bytes:';

/** Deletes some windows and flips one bit of others, in any attribute. @returns their names */
const damage = ({ dynamo }: CandleWorld, chance: ReturnType<typeof chanceOf>): readonly string[] => {
  const names: string[] = [];
  for (const item of dynamo.items('Candles')) {
    const { series, start } = item;
    if (!series || !start || !('S' in series) || !('S' in start) || series.S === '#series') continue;
    const what = chance.fraction();
    if (what > 0.5) continue;
    names.push(start.S);
    if (what < 0.2) {
      dynamo.execute('DeleteItem', { TableName: 'Candles', Key: { series, start } });
      continue;
    }
    const attributes = Object.keys(item).filter((name) => name !== 'series' && name !== 'start');
    const name = attributes[chance.whole(0, attributes.length - 1)] ?? '';
    dynamo.put('Candles', { ...item, [name]: flipped(item[name], chance) });
  }
  return names.toSorted();
};

const flipped = (value: unknown, chance: ReturnType<typeof chanceOf>): unknown => {
  assert.ok(typeof value === 'object' && value !== null);
  if ('N' in value) return { N: String(Number(value.N) ^ 1) };
  assert.ok('S' in value && typeof value.S === 'string');
  const isBytes = value.S.startsWith(MARK);
  const bytes = isBytes ? Buffer.from(value.S.slice(MARK.length), 'base64') : Buffer.from(value.S, 'latin1');
  const at = chance.whole(0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 5));
  return { S: isBytes ? `${MARK}${bytes.toString('base64')}` : bytes.toString('latin1') };
};
