import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PullSummary, pullKlines } from '../../../lib/usecases/pull-klines.ts';
import { MEASURED } from '../../support/candle-source.ts';
import { openCandleWorld } from '../../support/candle-world.ts';

const START = Date.UTC(2026, 10, 22, 10, 30, 20);
const MINUTE = 60_000;
const SERIES = [{ symbol: 'SOLUSDT', interval: '1m' }] as const;

/** A world in which the exchange withholds the candles that opened at these times. */
const withholding = async (...hidden: readonly number[]) => {
  const world = await openCandleWorld({
    seed: 1,
    start: START,
    symbols: MEASURED.filter(({ symbol }) => symbol === 'SOLUSDT'),
  });
  const { candling, clock } = world.process();
  const { source } = candling;
  const partly = {
    ...source,
    candles: async (...query: Parameters<typeof source.candles>) =>
      (await source.candles(...query)).filter(({ openTime }) => !hidden.includes(openTime)),
  };
  return (): Promise<PullSummary> =>
    world.until(
      pullKlines(
        { series: SERIES, depth: 300 },
        { ...candling, source: partly },
        {
          deadline: clock.now() + 240_000,
        },
      ),
    );
};

test('a candle that should have been there half an hour ago is a hole until its absence is sure', async () => {
  const pull = await withholding(Date.UTC(2026, 10, 22, 9, 58), Date.UTC(2026, 10, 22, 9, 59));

  const [first, second] = [await pull(), await pull()];

  assert.deepEqual([first.holes, second.holes], [2, 0]);
});

test('one that closed lately is none yet', async () => {
  const pull = await withholding(Date.UTC(2026, 10, 22, 10, 20));

  assert.equal((await pull()).holes, 0);
});

test('what nobody has traded since is none at all', async () => {
  const all = Array.from({ length: 60 }, (_, n) => Date.UTC(2026, 10, 22, 9, 31) + n * MINUTE);
  const pull = await withholding(...all);

  assert.equal((await pull()).holes, 0);
});
