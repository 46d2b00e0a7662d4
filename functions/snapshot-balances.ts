import '../lib/runtime/zod-jitless.ts';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { SnapshotConfig } from '../lib/domain/settings.ts';
import { createBalances } from '../lib/dynamo/balances.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createNotes } from '../lib/dynamo/notes.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createTransferStore } from '../lib/dynamo/transfers.ts';
import { createAccountInfo } from '../lib/mexc/account-info.ts';
import { createExchange } from '../lib/mexc/client.ts';
import { createMarketData } from '../lib/mexc/market-data.ts';
import { openSession } from '../lib/mexc/session.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { readEnv, SnapshotBalancesEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { emitMetrics } from '../lib/runtime/metrics.ts';
import { ApiKey, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { meterWeight, type WeightMeter } from '../lib/runtime/weight-meter.ts';
import { createKeyCheck } from '../lib/usecases/check-key.ts';
import { type SnapshotTask, snapshotAccount } from '../lib/usecases/snapshot-account.ts';

/** Time kept back before Lambda would end the run, ms. */
const RESERVE = 2_000;

/** Every quarter of an hour: the account's value, and the proof that nothing is missing. */
export const handler = eventHandler(
  { name: 'snapshot-balances', services: (log) => services(log) },
  async (_event, { task, keyDays, meter }, context) => {
    const options = { deadline: systemClock.now() + context.getRemainingTimeInMillis() - RESERVE };
    // First, so that it is told of a key that no snapshot can be taken with.
    emitMetrics({ KeyDaysLeft: await keyDays(options) }, systemClock.now());
    const result = await snapshotAccount(task, options);
    emitMetrics(
      { UnexplainedBalance: result.final, Equity: Number(result.total), WeightUsed: meter.taken() },
      systemClock.now(),
    );
    return result;
  },
);

interface Services {
  readonly task: SnapshotTask;
  readonly keyDays: ReturnType<typeof createKeyCheck>;
  readonly meter: WeightMeter;
}

const services = (log: Log): Services => {
  const env = readEnv(SnapshotBalancesEnv);
  const { everyMinutes, quote, triggers } = readConfig(SnapshotConfig, import.meta.url);
  const key = cachedSecret(env.READ_KEY_SECRET, ApiKey, createSecretsClient(), systemClock);
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
  return {
    meter,
    keyDays: createKeyCheck({
      key: 'read',
      account: createAccountInfo(session),
      notes: createNotes(dynamo),
      clock: systemClock,
      log,
    }),
    task: {
      clock: systemClock,
      exchangeClock,
      exchange: createExchange(session),
      market: createMarketData(session),
      ledger: createLedger(dynamo),
      balances: createBalances(dynamo, { balances: env.BALANCES_TABLE, profit: env.PROFIT_TABLE }),
      transfers: createTransferStore(dynamo, env.BALANCES_TABLE),
      modes: createModes(dynamo),
      log,
      quote,
      triggers,
      slotMs: everyMinutes * 60_000,
    },
  };
};
