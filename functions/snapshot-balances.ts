import '../lib/runtime/zod-jitless.ts';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { SnapshotConfig } from '../lib/domain/settings.ts';
import { createBalances } from '../lib/dynamo/balances.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createTransferStore } from '../lib/dynamo/transfers.ts';
import { createExchange } from '../lib/mexc/client.ts';
import { createMarketData } from '../lib/mexc/market-data.ts';
import { openSession } from '../lib/mexc/session.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { readEnv, SnapshotBalancesEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { ApiKey, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { type SnapshotTask, snapshotAccount } from '../lib/usecases/snapshot-account.ts';

/** Time kept back before Lambda would end the run, ms. */
const RESERVE = 2_000;

/** Every quarter of an hour: the account's value, and the proof that nothing is missing. */
export const handler = eventHandler(
  { name: 'snapshot-balances', services: (log) => services(log) },
  (_event, task, context) =>
    snapshotAccount(task, {
      deadline: systemClock.now() + context.getRemainingTimeInMillis() - RESERVE,
    }),
);

const services = (log: Log): SnapshotTask => {
  const env = readEnv(SnapshotBalancesEnv);
  const { everyMinutes, quote, triggers } = readConfig(SnapshotConfig, import.meta.url);
  const key = cachedSecret(env.READ_KEY_SECRET, ApiKey, createSecretsClient(), systemClock);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const pace = createPace(dynamo);
  const session = openSession({
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
  };
};
