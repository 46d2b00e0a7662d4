import '../lib/runtime/zod-jitless.ts';
import * as z from 'zod';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Modes } from '../lib/domain/mode-change.ts';
import type { Log } from '../lib/domain/ports.ts';
import { expectedAlerts, settingsOf, TradingConfig } from '../lib/domain/settings.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createLatestAlert, createNotes } from '../lib/dynamo/notes.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createRunLease } from '../lib/dynamo/run-lease.ts';
import { createAccountInfo } from '../lib/mexc/account-info.ts';
import { createExchange } from '../lib/mexc/client.ts';
import { openSession } from '../lib/mexc/session.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { ReconcileOrdersEnv, readEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { emitMetrics } from '../lib/runtime/metrics.ts';
import { nonce } from '../lib/runtime/random.ts';
import { ApiKey, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { meterWeight, type WeightMeter } from '../lib/runtime/weight-meter.ts';
import { createKeyCheck } from '../lib/usecases/check-key.ts';
import { createCrowd } from '../lib/usecases/crowd.ts';
import { type ReconcileReport, reconcileOrders } from '../lib/usecases/reconcile-orders.ts';
import { sharedReads } from '../lib/usecases/shared-reads.ts';
import type { Trading } from '../lib/usecases/trading.ts';
import type { Watch } from '../lib/usecases/watch-run.ts';

/** A schedule's event names no lane; everything else of it is ignored. */
const Event = z.object({
  lane: z.object({ strategy: z.string(), symbol: z.string() }).optional(),
  /** The operator has given a command. */
  commands: z.boolean().optional(),
});

/** Time kept back before Lambda would end the run, ms. */
const RESERVE = 2_000;

interface Services {
  readonly trading: Trading;
  readonly modes: Modes;
  readonly symbols: readonly string[];
  readonly watch: Watch;
  readonly meter: WeightMeter;
}

/** Every minute, and for one lane on request: drives every unsettled order to its truth. */
export const handler = eventHandler(
  { name: 'reconcile-orders', services: (log) => services(log) },
  async (event, { trading, modes, symbols, watch, meter }, context) => {
    const { lane, commands } = Event.parse(event ?? {});
    const task = { woken: lane !== undefined || commands === true, symbols, modes, watch };
    const report = await reconcileOrders(task, trading, {
      deadline: trading.clock.now() + context.getRemainingTimeInMillis() - RESERVE,
    });
    tell(report, meter.taken(), trading);
    return report;
  },
);

const tell = (
  { settled, unknownSeconds, watched }: ReconcileReport,
  weight: number | undefined,
  { clock, log }: Trading,
): void => {
  for (const [state, count] of Object.entries(settled))
    log.info('orders came into a state', { state, count });
  emitMetrics(
    {
      UnknownOrderAge: unknownSeconds,
      OverdueAlerts: watched?.overdue,
      StreamAge: watched?.streamSeconds,
      KeyDaysLeft: watched?.keyDays,
      WeightUsed: weight,
    },
    clock.now(),
  );
};

const services = (log: Log): Services => {
  const env = readEnv(ReconcileOrdersEnv);
  const config = readConfig(TradingConfig, import.meta.url);
  const key = cachedSecret(env.TRADE_KEY_SECRET, ApiKey, createSecretsClient(), systemClock);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const pace = createPace(dynamo);
  const meter = meterWeight(createReadBudget(dynamo));
  const session = openSession({
    baseUrl: env.MEXC_REST_URL,
    credentials: () => key.value(),
    clock: systemClock,
    exchangeClock,
    readBudget: meter.budget,
    onPause: async (until, { why, deadline }) => {
      log[why === 'ban' ? 'error' : 'warn']('the exchange asked for a pause', { why, until });
      await pace.pause(until, { deadline });
    },
  });
  const notes = createNotes(dynamo);
  return {
    symbols: config.symbols,
    modes: createModes(dynamo),
    meter,
    watch: {
      expected: expectedAlerts(config),
      latestAlert: createLatestAlert(dynamo),
      notes,
      keyDays: createKeyCheck({
        key: 'trade',
        account: createAccountInfo(session),
        notes,
        clock: systemClock,
        log,
      }),
    },
    trading: {
      clock: systemClock,
      exchange: sharedReads(createExchange(session), systemClock),
      exchangeClock,
      ledger: createLedger(dynamo),
      pace,
      lease: createRunLease(dynamo),
      crowd: createCrowd(systemClock),
      // A run goes over all lanes again until nothing waits: nobody has to be woken.
      waker: { wake: async () => {} },
      log,
      nonce,
      random: Math.random,
      settingsOf: (strategy) => settingsOf(config, strategy),
    },
  };
};
