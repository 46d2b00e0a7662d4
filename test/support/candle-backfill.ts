import { numberAt } from '../../lib/domain/candle-interval.ts';
import type { CandleRange, Series } from '../../lib/domain/candle-window.ts';
import type { SymbolSetup } from '../../lib/simulator/symbols.ts';
import { backfillCandles } from '../../lib/usecases/backfill-candles.ts';
import { chanceOf } from '../simulation/chance.ts';
import type { CandleProcess, CandleWorld } from './candle-world.ts';

const DAY = 86_400_000;
/** When these worlds begin. */
export const NOW = Date.parse('2026-11-22T00:00:30Z');

const coin = (symbol: string, hidden: SymbolSetup['hidden'] = {}): SymbolSetup => ({
  symbol,
  baseAsset: symbol.replace('USDT', ''),
  lastPrice: '142.50',
  baseAssetPrecision: 3,
  quotePrecision: 2,
  quoteAssetPrecision: 2,
  hidden,
});

/** The new one is listed in the middle of the range that is asked for. */
export const COINS = [
  coin('SOLUSDT'),
  coin('QUIETUSDT', { quietShare: 0.3 }),
  coin('SELDOMUSDT', { quietShare: 0.98 }),
  coin('NEWUSDT', { listedAt: NOW - 2 * DAY }),
];

/** The minutes of the last days. */
export const lastDays = (days: number): CandleRange => ({
  first: numberAt('1m', NOW - days * DAY),
  end: numberAt('1m', NOW),
});

/** Backfills to the end as a user does: one process after the other, each with the cursor of the one before. */
export const backfill = async (world: CandleWorld, series: Series, range: CandleRange, kills = 0) => {
  const chance = chanceOf('kills');
  let rest = range;
  const sums = { requested: 0, written: 0, killed: 0 };
  for (;;) {
    let gates = 0;
    const victim = sums.killed < kills ? chance.whole(10, 80) : Number.POSITIVE_INFINITY;
    const stops = () => {
      gates += 1;
      return gates === victim ? ({ kind: 'kill' } as const) : undefined;
    };
    const process = world.process({ stops });
    const deadline = process.clock.now() + 50_000;
    const run = backfillCandles({ series, range: rest }, process.candling, { deadline });
    const result = await world.until(Promise.race([run, death(world, process)]));
    process.end();
    if (!result) {
      sums.killed += 1;
      continue;
    }
    sums.requested += result.requested;
    sums.written += result.written;
    if (result.cursor === undefined) return { ...sums, holes: result.holes };
    rest = { ...range, first: numberAt(series.interval, result.cursor) };
  }
};

const death = ({ timeline }: CandleWorld, process: CandleProcess): Promise<undefined> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (process.isDead()) resolve(undefined);
      else timeline.at(timeline.now() + 1_000, look);
    };
    look();
  });
