import '../lib/runtime/zod-jitless.ts';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { StreamConfig, settingsOf } from '../lib/domain/settings.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createRunLease } from '../lib/dynamo/run-lease.ts';
import { createTransferStore } from '../lib/dynamo/transfers.ts';
import { createExchange } from '../lib/mexc/client.ts';
import { createMarketData } from '../lib/mexc/market-data.ts';
import { openSession } from '../lib/mexc/session.ts';
import { channels, PRIVATE_CHANNELS } from '../lib/mexc/stream/channels.ts';
import { openFeed } from '../lib/mexc/stream/feed.ts';
import { createListenKeys } from '../lib/mexc/stream/listen-keys.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { readEnv, StreamEnv } from '../lib/runtime/env.ts';
import { lambdaWaker } from '../lib/runtime/invoke.ts';
import { emitMetrics } from '../lib/runtime/metrics.ts';
import { nonce } from '../lib/runtime/random.ts';
import { ApiKey, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { runTask, type Task } from '../lib/runtime/task.ts';
import { meterWeight } from '../lib/runtime/weight-meter.ts';
import { createCrowd } from '../lib/usecases/crowd.ts';
import { followBooks } from '../lib/usecases/follow-books.ts';
import { followStream } from '../lib/usecases/follow-stream.ts';

/** Follows the account and the prices by the exchange's stream until it is asked to end. It never sends an order. */
export const main = (): Promise<void> =>
  runTask({ name: 'stream', healthPort: () => readEnv(StreamEnv).HEALTH_PORT, start });

const start = (log: Log): Task => {
  const env = readEnv(StreamEnv);
  const { trading: config, books } = readConfig(StreamConfig, import.meta.url);
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
  const bookChannels = new Map(books.map((symbol) => [channels.bookChanges(symbol), symbol]));
  const feed = openFeed({
    url: env.MEXC_WS_URL,
    channels: [...config.symbols.map((symbol) => channels.price(symbol)), ...bookChannels.keys()],
    private: createListenKeys(session),
    clock: systemClock,
    log,
  });
  const ledger = createLedger(dynamo);
  const following = followStream({
    trading: {
      clock: systemClock,
      exchange: createExchange(session),
      exchangeClock,
      ledger,
      pace,
      lease: createRunLease(dynamo),
      crowd: createCrowd(systemClock),
      waker: lambdaWaker(env.RECONCILE_FUNCTION, log),
      log,
      nonce,
      random: Math.random,
      settingsOf: (strategy) => settingsOf(config, strategy),
    },
    modes: createModes(dynamo),
    items: feed.items,
    privateChannels: PRIVATE_CHANNELS,
    symbols: config.symbols,
    books: followBooks({
      channels: bookChannels,
      market: createMarketData(session),
      clock: systemClock,
      log,
      random: Math.random,
    }),
    save: async (state, options) => {
      await ledger.saveStreamState(state, options);
      emitMetrics({ WeightUsed: meter.taken() }, state.at);
    },
    transfers: createTransferStore(dynamo, env.BALANCES_TABLE),
  });
  return {
    health: following.health,
    done: following.done,
    // The feed deletes its listen keys over the session's connections.
    close: async () => {
      await feed.close();
      await following.done;
      await session.close();
    },
  };
};
