import '../lib/runtime/zod-jitless.ts';
import * as z from 'zod';
import { AppError } from '../lib/domain/errors.ts';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { CandleSettings, seriesOf } from '../lib/domain/settings.ts';
import { createCandleStore } from '../lib/dynamo/candle-store.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createCandleSource } from '../lib/mexc/candle-source.ts';
import { openSession } from '../lib/mexc/session.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { PullKlinesEnv, readEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { emitMetrics } from '../lib/runtime/metrics.ts';
import { meterWeight, type WeightMeter } from '../lib/runtime/weight-meter.ts';
import { answerBackfill, type BackfillAnswer } from '../lib/usecases/answer-backfill.ts';
import type { Candling } from '../lib/usecases/learn-candles.ts';
import { type PullSummary, type PullTask, pullKlines } from '../lib/usecases/pull-klines.ts';

/** A schedule's event names no backfill; everything else of it is ignored. */
const Event = z.object({ backfill: z.unknown().optional() });

/** Time kept back before Lambda would end the run, ms. */
const RESERVE = 2_000;

interface Services {
  readonly task: PullTask;
  readonly candling: Candling;
  readonly meter: WeightMeter;
}

/** Every few minutes: closed candles of all series; on request: those of a range. */
export const handler = eventHandler(
  { name: 'pull-klines', services: (log) => services(log) },
  async (event, { task, candling, meter }, context): Promise<PullSummary | BackfillAnswer> => {
    const { backfill } = Event.parse(event ?? {});
    const options = { deadline: systemClock.now() + context.getRemainingTimeInMillis() - RESERVE };
    if (backfill !== undefined) {
      const answer = await answerBackfill(backfill, candling, options);
      emitMetrics({ WeightUsed: meter.taken() }, systemClock.now());
      return answer;
    }
    const summary = await pullKlines(task, candling, options);
    const { holes, later, failed } = summary;
    emitMetrics(
      { CandleHoles: holes + later.length + failed.length, WeightUsed: meter.taken() },
      systemClock.now(),
    );
    return summary;
  },
);

const services = (log: Log): Services => {
  const env = readEnv(PullKlinesEnv);
  const settings = readConfig(CandleSettings, import.meta.url);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const pace = createPace(dynamo);
  const meter = meterWeight(createReadBudget(dynamo));
  const session = openSession({
    baseUrl: env.MEXC_REST_URL,
    // It only asks for what anybody may know.
    credentials: () => Promise.reject(new AppError('no_key', 'pull-klines has no key of the exchange')),
    clock: systemClock,
    exchangeClock,
    readBudget: meter.budget,
    onPause: async (until, { why, deadline }) => {
      log[why === 'ban' ? 'error' : 'warn']('the exchange asked for a pause', { why, until });
      await pace.pause(until, { deadline });
    },
  });
  return {
    meter,
    task: { series: seriesOf(settings), depth: settings.depth },
    candling: {
      store: createCandleStore(dynamo, env.CANDLES_TABLE),
      source: createCandleSource(session, exchangeClock),
      clock: systemClock,
      log,
    },
  };
};
