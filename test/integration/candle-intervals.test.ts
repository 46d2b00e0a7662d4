import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INTERVALS, numberAt } from '../../lib/domain/candle-interval.ts';
import { isCandle, slotAt } from '../../lib/domain/candle-window.ts';
import { pullKlines } from '../../lib/usecases/pull-klines.ts';
import { windowsIn } from '../../lib/usecases/read-candles.ts';
import { askTruth, openCandleWorld } from '../support/candle-world.ts';

const NOW = Date.parse('2026-11-22T13:37:10Z');
const LONG = { deadline: Number.MAX_SAFE_INTEGER };
const DEPTH = 20;

const SYMBOL = 'SOLUSDT';
const SYMBOLS = [
  {
    ...{ symbol: SYMBOL, baseAsset: 'SOL', lastPrice: '142.50', baseAssetPrecision: 3 },
    ...{ quotePrecision: 2, quoteAssetPrecision: 2 },
  },
];

describe('all nine intervals', () => {
  for (const dayOpensAt of [0, -8, 8]) {
    test(`are kept as the exchange has them, when its days open ${dayOpensAt} hours from 00:00 UTC`, async () => {
      const world = await openCandleWorld({ seed: 2, start: NOW, symbols: SYMBOLS });
      world.exchange.apply({ do: 'candleForm', with: { dayOpensAt } });
      const process = world.process();
      const series = INTERVALS.map((interval) => ({ symbol: SYMBOL, interval }));

      const pull = pullKlines({ series, depth: DEPTH }, process.candling, { deadline: NOW + 120_000 });
      const summary = await world.until(pull);

      assert.deepEqual([summary.done, summary.failed], [9, []]);
      const truth = askTruth(world);
      for (const each of series) {
        const end = numberAt(each.interval, NOW);
        const range = { first: end - DEPTH, end };
        const windows = await world.until(windowsIn(each, range, world.store, LONG));
        const candles = truth(each, { first: range.first - 1, end: end + 1 });
        // One whose day ends after 00:00 UTC, or before, is taken a little later.
        for (let number = range.first; number < end - 1; number += 1) {
          const slot = slotAt(windows, number);
          assert.ok(isCandle(slot), `${each.interval} ${number} is ${JSON.stringify(slot)}`);
          const { open, high, low, close, volume, quoteVolume } = slot;
          assert.deepEqual([open, high, low, close, volume, quoteVolume], candles.get(number), each.interval);
        }
      }
    });
  }
});
