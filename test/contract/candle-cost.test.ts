import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { numberAt } from '../../lib/domain/candle-interval.ts';
import type { Log } from '../../lib/domain/ports.ts';
import { createCandleStore } from '../../lib/dynamo/candle-store.ts';
import { backfillCandles } from '../../lib/usecases/backfill-candles.ts';
import { pullKlines } from '../../lib/usecases/pull-klines.ts';
import { windowsIn } from '../../lib/usecases/read-candles.ts';
import { directSource, MEASURED, SHARES } from '../support/candle-source.ts';
import { makeTables, openStore, soon, standingClock } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TEN = Date.parse('2026-11-22T10:00:00Z');
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const SYMBOLS = MEASURED.map(({ symbol }) => symbol);

onEveryEngine((engine) => {
  // In memory bytes are kept as text, which is longer.
  if (engine.name === 'memory') return;

  const open = async (t: TestContext) => {
    const clock = standingClock(TEN);
    const opened = await openStore(t, engine, { capacity: true, clock });
    const [table = ''] = await makeTables(engine, ['Candles']);
    const store = createCandleStore(opened.dynamo, table);
    const candling = { store, source: directSource(clock), clock, log: SILENT };
    /** Units of the writes since the last time. */
    const units = (operation: string): number => {
      const all = opened.proxy.calls.filter((call) => call.operation === operation);
      const sum = all.reduce((total, call) => total + (call.units ?? 0), 0);
      opened.proxy.forget();
      return sum;
    };
    return { ...opened, clock, store, candling, units };
  };

  /** The mean over fifty symbols. @param of units per candle of one of each kind */
  const overFifty = (of: Readonly<Record<string, number>>): number =>
    SYMBOLS.reduce((sum, symbol) => sum + (of[symbol] ?? Number.NaN) * (SHARES[symbol] ?? 0), 0) / 50;

  const live = async (t: TestContext, everyMinutes: number): Promise<number> => {
    const { clock, candling, units } = await open(t);
    const each: Record<string, number> = {};
    for (const symbol of SYMBOLS) {
      const task = { series: [{ symbol, interval: '1m' as const }], depth: 60 };
      const pull = async (at: number): Promise<number> => {
        clock.at = at + 5_000;
        return (await pullKlines(task, candling, { deadline: clock.at + HOUR })).written;
      };
      await pull(TEN);
      units('PutItem');
      let written = 0;
      for (let minute = everyMinutes; minute <= 60; minute += everyMinutes)
        written += await pull(TEN + minute * MINUTE);
      each[symbol] = units('PutItem') / written;
    }
    t.diagnostic(JSON.stringify(each));
    return overFifty(each);
  };

  describe('what candles cost in units', () => {
    test('written live: at most 1.2 a candle with a pull a minute, 0.3 with one in five minutes', async (t) => {
      const [minutely, usual] = [await live(t, 1), await live(t, 5)];

      t.diagnostic(`${minutely.toFixed(3)} and ${usual.toFixed(3)} write units a candle`);
      assert.ok(minutely <= 1.2, `${minutely}`);
      assert.ok(usual <= 0.3, `${usual}`);
    });

    test('written by a backfill: at most 40 for a thousand candles', async (t) => {
      const { candling, units } = await open(t);
      const each: Record<string, number> = {};
      for (const symbol of SYMBOLS) {
        const range = { first: numberAt('1m', TEN - DAY), end: numberAt('1m', TEN) };
        const task = { series: { symbol, interval: '1m' as const }, range };
        const { written } = await backfillCandles(task, candling, { deadline: TEN + HOUR });
        each[symbol] = (1_000 * units('PutItem')) / written;
      }
      t.diagnostic(`${overFifty(each).toFixed(1)} ${JSON.stringify(each)}`);
      assert.ok(overFifty(each) <= 40, JSON.stringify(each));
    });

    test('read: at most a tenth of one item a candle, in units and in round trips', async (t) => {
      const { candling, store, units, proxy } = await open(t);
      const series = { symbol: 'SOLUSDT', interval: '1m' } as const;
      const days = 20;
      const range = { first: numberAt('1m', TEN - days * DAY), end: numberAt('1m', TEN) };
      await backfillCandles({ series, range }, candling, { deadline: TEN + HOUR });
      proxy.forget();

      const windows = await windowsIn(series, range, store, soon());

      const trips = proxy.calls.length;
      const ours = units('Query');
      assert.equal(windows.size, days * 24);
      const bytes = (range.end - range.first) * ITEM_BYTES;
      // A query costs half a unit for 4 KB, and ends a page after 1 MB.
      const theirs = { units: Math.ceil(bytes / 4_096) / 2, trips: Math.ceil(bytes / 2 ** 20) };
      t.diagnostic(JSON.stringify({ ours, trips, theirs }));
      assert.ok(ours <= theirs.units / 10, `${ours} of ${theirs.units}`);
      assert.ok(trips <= Math.max(1, theirs.trips / 10), `${trips} of ${theirs.trips}`);
    });
  });
});

/** One item a candle, its amounts as text and its time as a number: names and values as DynamoDB counts them. */
const ITEM_BYTES =
  'series'.length +
  'SOLUSDT#1m'.length +
  ('openTime'.length + 8) +
  [
    ['open', '142.51'],
    ['high', '142.55'],
    ['low', '142.43'],
    ['close', '142.5'],
    ['volume', '12.345'],
    ['quoteVolume', '1759.16255'],
  ].reduce((sum, [name = '', value = '']) => sum + name.length + value.length, 0);
