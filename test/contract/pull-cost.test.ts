import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pull } from '../../infra/cost/work.ts';
import type { Log } from '../../lib/domain/ports.ts';
import { createCandleStore } from '../../lib/dynamo/candle-store.ts';
import { pullKlines } from '../../lib/usecases/pull-klines.ts';
import { directSource } from '../support/candle-source.ts';
import { makeTables, openStore, standingClock } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = Date.parse('2026-11-22T10:00:00Z');
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

onEveryEngine((engine) => {
  // In memory bytes are kept as text, which is longer.
  if (engine.name === 'memory') return;

  for (const everyMinutes of [1, 5])
    test(`candles of an hour pulled every ${everyMinutes} minutes take the write units of the estimate, within a tenth`, async (t) => {
      const clock = standingClock(TEN);
      const { dynamo, proxy } = await openStore(t, engine, { capacity: true, clock });
      const [table = ''] = await makeTables(engine, ['Candles']);
      const candling = {
        store: createCandleStore(dynamo, table),
        source: directSource(clock),
        clock,
        log: SILENT,
      };
      const task = { series: [{ symbol: 'SOLUSDT', interval: '1m' as const }], depth: 60 };
      const pullAt = async (at: number): Promise<void> => {
        clock.at = at + 5_000;
        await pullKlines(task, candling, { deadline: clock.at + HOUR });
      };
      await pullAt(TEN);
      proxy.forget();

      for (let minute = everyMinutes; minute <= 60; minute += everyMinutes)
        await pullAt(TEN + minute * MINUTE);

      const puts = proxy.calls.filter(({ operation }) => operation === 'PutItem');
      const counted = puts.reduce((sum, { units }) => sum + (units ?? 0), 0);
      const { writes, exchange } = pull([1], everyMinutes);
      // Beside the candles it is a write for each turn in the exchange's budget, which nobody takes here.
      const estimated = (60 / everyMinutes) * (writes - exchange);
      assert.ok(Math.abs(estimated - counted) <= 0.1 * counted, `estimated ${estimated}, counted ${counted}`);
    });
});
