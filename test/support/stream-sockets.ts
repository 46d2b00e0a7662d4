import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import type { Log } from '../../lib/domain/ports.ts';
import { createDynamo, type Tables } from '../../lib/dynamo/client.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { createPace } from '../../lib/dynamo/pace.ts';
import { createReadBudget } from '../../lib/dynamo/read-budget.ts';
import { createRunLease } from '../../lib/dynamo/run-lease.ts';
import { createTransferStore } from '../../lib/dynamo/transfers.ts';
import { createExchange } from '../../lib/mexc/client.ts';
import { openSession } from '../../lib/mexc/session.ts';
import { channels, PRIVATE_CHANNELS } from '../../lib/mexc/stream/channels.ts';
import { openFeed } from '../../lib/mexc/stream/feed.ts';
import { createListenKeys } from '../../lib/mexc/stream/listen-keys.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { nonce } from '../../lib/runtime/random.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import { type Following, followStream } from '../../lib/usecases/follow-stream.ts';
import { settings } from './builders.ts';

const TABLES: Tables = {
  orders: 'Orders',
  strategies: 'Strategies',
  positions: 'Positions',
  symbols: 'Symbols',
  fills: 'Fills',
  control: 'Control',
};
const SYMBOL = 'SOLUSDT';

/** A stream task as `functions/stream.ts` wires it, in this process, over sockets. */
export interface SocketTask {
  readonly health: Following['health'];
  close(): Promise<void>;
}

/**
 * @param url of the simulator, http; the store is the one that the environment names, as in a function
 * @param errors what it logs as an error
 */
export const startSocketTask = (url: string, errors: string[]): SocketTask => {
  const log: Log = { info: () => {}, warn: () => {}, error: (message) => void errors.push(message) };
  const dynamo = createDynamo(TABLES, systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const session = openSession({
    baseUrl: url,
    credentials: async () => SIMULATOR_KEYS.read,
    clock: systemClock,
    exchangeClock,
    readBudget: createReadBudget(dynamo),
  });
  const feed = openFeed({
    url: `${url.replace('http', 'ws')}/ws`,
    channels: [channels.price(SYMBOL)],
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
      pace: createPace(dynamo),
      lease: createRunLease(dynamo),
      crowd: createCrowd(systemClock),
      waker: { wake: async () => {} },
      log,
      nonce,
      random: Math.random,
      settingsOf: () => settings(),
    },
    modes: createModes(dynamo),
    items: feed.items,
    privateChannels: PRIVATE_CHANNELS,
    symbols: [SYMBOL],
    save: ledger.saveStreamState,
    transfers: createTransferStore(dynamo, 'Balances'),
  });
  return {
    health: following.health,
    close: async () => {
      await feed.close();
      await following.done;
      await session.close();
      dynamo.client.destroy();
    },
  };
};
