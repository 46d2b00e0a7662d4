import * as z from 'zod';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import type { Log } from '../../lib/domain/ports.ts';
import type { StreamItem } from '../../lib/domain/stream.ts';
import type { Tables } from '../../lib/dynamo/client.ts';
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
import type { Connect } from '../../lib/mexc/stream/socket.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import { type Following, followStream } from '../../lib/usecases/follow-stream.ts';
import { type AccountWorld, fractions, wireTo } from './account-world.ts';
import { settings } from './builders.ts';
import { connect } from './memory-dynamo/client.ts';
import type { Attempt } from './memory-dynamo/faults.ts';
import { meteredStore, type StoreUse } from './metered-store.ts';
import { listenKeyIn } from './stream-peer.ts';
import { streamWire } from './stream-wire.ts';

const TABLES: Tables = {
  orders: 'Orders',
  strategies: 'Strategies',
  positions: 'Positions',
  symbols: 'Symbols',
  fills: 'Fills',
  control: 'Control',
};

/** What becomes of the items of one task, and of itself. */
export interface TaskWatch {
  /** Told of each item before the task has it. */
  item(task: StreamRun, item: StreamItem): void;
  /** The task ended by itself. */
  gaveUp?(task: StreamRun, reason: string): void;
}

/** One stream task as a process of its own. */
export interface StreamRun {
  readonly n: number;
  readonly health: Following['health'];
  /** Private channels that are live by what its feed has told. */
  readonly followed: ReadonlySet<string>;
  readonly state: 'running' | 'closing' | 'over';
  /** As SIGTERM does. @returns ms that it took */
  close(): Promise<number>;
  /** From one moment to the next nothing of it happens any more. */
  kill(): void;
}

/** Stream tasks beside the order path, over all of them counted. */
export interface StreamTasks {
  start(): StreamRun;
  /** Signed requests of all tasks, by method and path. */
  readonly asked: Map<string, number>;
  /** What they wrote. */
  readonly use: StoreUse;
  /** Lines logged as errors, with their number. */
  readonly errors: Map<string, number>;
  /** Times a task shared that it misses nothing while a private channel was not live. */
  readonly untrue: string[];
}

/** Of how many the tasks know the prices, and what else they are told from. */
interface TaskOptions {
  readonly world: Pick<AccountWorld, 'time' | 'market' | 'store' | 'reconcile'>;
  readonly symbols: readonly string[];
  readonly watch: TaskWatch;
  readonly seed: number;
  /** Whether a reconciler that is woken now comes. */
  readonly wakes?: () => boolean;
  /** Where connections without a listen key lead. @default to the simulator too */
  readonly prices?: Connect;
}

/** The stream task as `functions/stream.ts` wires it, on the parts of a world in virtual time. */
export const streamTasks = ({ world, symbols, watch, seed, wakes, prices }: TaskOptions): StreamTasks => {
  const { time, market } = world;
  const asked: StreamTasks['asked'] = new Map();
  const errors: StreamTasks['errors'] = new Map();
  const untrue: string[] = [];
  const { store, use } = meteredStore(world.store);
  const random = fractions(seed);
  const count = (counts: Map<string, number>, what: string): void =>
    void counts.set(what, (counts.get(what) ?? 0) + 1);
  let started = 0;

  const start = (): StreamRun => {
    started += 1;
    const n = started;
    let isAlive = true;
    let state: StreamRun['state'] = 'running';
    const at = (due: number, run: () => void): void =>
      time.at(due, () => {
        if (isAlive) run();
      });
    const clock = {
      now: time.now,
      sleep: (ms: number) => new Promise<void>((resolve) => void at(time.now() + ms, resolve)),
    };
    const setTimer: typeof time.setTimer = (ms, run) =>
      time.setTimer(ms, () => {
        if (isAlive) run();
      });
    const log: Log = {
      info: () => {},
      warn: () => {},
      error: (message) => count(errors, message),
    };
    const followed = new Set<string>();
    /** What is shared as live must be so when it leaves. */
    const checkShared = ({ operation, request }: Attempt): void => {
      if (operation !== 'PutItem' || !SharedAsLive.safeParse(request.Item).success) return;
      const missing = PRIVATE_CHANNELS.filter((channel) => !followed.has(channel));
      if (missing.length > 0 && state === 'running') untrue.push(`task ${n} without ${missing.join()}`);
    };
    const dynamo = connect({
      dynamo: store,
      tables: TABLES,
      clock,
      random,
      fates: (attempt) => {
        checkShared(attempt);
        return { there: 1 + random() * 4, back: 1 + random() * 4 };
      },
    });
    const exchangeClock = createExchangeClock(time.now);
    const pace = createPace(dynamo);
    const session = openSession({
      baseUrl: 'http://exchange.invalid',
      credentials: async () => SIMULATOR_KEYS.read,
      clock,
      exchangeClock,
      readBudget: createReadBudget(dynamo),
      onPause: (until, { deadline }) => pace.pause(until, { deadline }),
      random,
      setTimer,
      dispatcher: counted(
        wireTo(market, { now: time.now, at }, random, () => {}),
        (what) => count(asked, what),
      ),
    });
    const wire = streamWire(market, { now: time.now, at });
    const feed = openFeed({
      url: 'ws://exchange.invalid/ws',
      channels: symbols.map((symbol) => channels.price(symbol)),
      private: createListenKeys(session),
      clock,
      log,
      random,
      setTimer,
      connect: (url, on) => (prices && listenKeyIn(url) === undefined ? prices : wire.connect)(url, on),
    });
    const ledger = createLedger(dynamo);
    let nonces = 0;
    const modes = createModes(dynamo);
    const tapped = async function* (): AsyncGenerator<StreamItem> {
      for await (const item of feed.items) {
        note(followed, item);
        watch.item(run, item);
        yield item;
      }
    };
    const following = followStream({
      trading: {
        clock,
        exchange: createExchange(session),
        exchangeClock,
        ledger,
        pace,
        lease: createRunLease(dynamo),
        crowd: createCrowd(clock),
        waker: {
          wake: async () => {
            if (wakes?.() === false) return;
            time.at(time.now() + 40, () => void world.reconcile(true));
          },
        },
        log,
        nonce: () => {
          nonces += 1;
          return `t${n}-${String(nonces).padStart(18, '0')}`.padEnd(22, '0');
        },
        random,
        settingsOf: () => settings(),
      },
      modes,
      items: tapped(),
      privateChannels: PRIVATE_CHANNELS,
      symbols,
      save: ledger.saveStreamState,
      transfers: createTransferStore(dynamo, 'Balances'),
    });
    const end = async (): Promise<void> => {
      await feed.close();
      await following.done;
      await session.close();
      state = 'over';
    };
    const run: StreamRun = {
      n,
      health: following.health,
      followed,
      get state() {
        return state;
      },
      close: async () => {
        state = 'closing';
        const from = time.now();
        await end();
        return time.now() - from;
      },
      kill: () => {
        isAlive = false;
        state = 'over';
        wire.cut();
      },
    };
    void following.done.then(async (reason) => {
      if (reason === undefined || state !== 'running') return;
      state = 'closing';
      watch.gaveUp?.(run, reason);
      await end();
    });
    return run;
  };
  return { start, asked, use, errors, untrue };
};

/** In wire format. */
const SharedAsLive = z.object({
  name: z.object({ S: z.literal('stream') }),
  live: z.object({ BOOL: z.literal(true) }),
});

const note = (followed: Set<string>, item: StreamItem): void => {
  if (item.kind !== 'live' && item.kind !== 'hole') return;
  for (const channel of item.channels) {
    if (!PRIVATE_CHANNELS.includes(channel)) continue;
    if (item.kind === 'live') followed.add(channel);
    else followed.delete(channel);
  }
};

/** Counts what is signed. */
const counted = (
  dispatcher: ReturnType<typeof wireTo>,
  count: (what: string) => void,
): ReturnType<typeof wireTo> => ({
  dispatch: (request, handler) => {
    const [path = '', query = ''] = request.path.split('?');
    if (query.includes('signature=')) count(`${request.method} ${path}`);
    return dispatcher.dispatch(request, handler);
  },
});
