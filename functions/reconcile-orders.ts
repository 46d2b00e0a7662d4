import '../lib/runtime/zod-jitless.ts';
import * as z from 'zod';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Modes } from '../lib/domain/mode-change.ts';
import type { Log } from '../lib/domain/ports.ts';
import { settingsOf, TradingConfig } from '../lib/domain/settings.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createRunLease } from '../lib/dynamo/run-lease.ts';
import { createMexcClient } from '../lib/mexc/client.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { ReconcileOrdersEnv, readEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { nonce } from '../lib/runtime/random.ts';
import { ApiKey, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { createCrowd } from '../lib/usecases/crowd.ts';
import { reconcileOrders } from '../lib/usecases/reconcile-orders.ts';
import { sharedReads } from '../lib/usecases/shared-reads.ts';
import type { Trading } from '../lib/usecases/trading.ts';

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
}

/** Every minute, and for one lane on request: drives every unsettled order to its truth. */
export const handler = eventHandler(
  { name: 'reconcile-orders', services: (log) => services(log) },
  (event, { trading, modes, symbols }, context) => {
    const { lane, commands } = Event.parse(event ?? {});
    const task = { woken: lane !== undefined || commands === true, symbols, modes };
    return reconcileOrders(task, trading, {
      deadline: trading.clock.now() + context.getRemainingTimeInMillis() - RESERVE,
    });
  },
);

const services = (log: Log): Services => {
  const env = readEnv(ReconcileOrdersEnv);
  const config = readConfig(TradingConfig, import.meta.url);
  const key = cachedSecret(env.TRADE_KEY_SECRET, ApiKey, createSecretsClient(), systemClock);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const pace = createPace(dynamo);
  const client = createMexcClient({
    baseUrl: env.MEXC_REST_URL,
    credentials: () => key.value(),
    clock: systemClock,
    exchangeClock,
    readBudget: createReadBudget(dynamo),
    onPause: async (until, { why, deadline }) => {
      log[why === 'ban' ? 'error' : 'warn']('the exchange asked for a pause', { why, until });
      await pace.pause(until, { deadline });
    },
  });
  return {
    symbols: config.symbols,
    modes: createModes(dynamo),
    trading: {
      clock: systemClock,
      exchange: sharedReads(client, systemClock),
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
