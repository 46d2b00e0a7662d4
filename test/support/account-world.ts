import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import type { Exchange as ExchangePort, Log } from '../../lib/domain/ports.ts';
import type { StrategySettings } from '../../lib/domain/settings.ts';
import type { TransferStore } from '../../lib/domain/snapshot-ports.ts';
import { createBalances } from '../../lib/dynamo/balances.ts';
import type { Dynamo, Tables } from '../../lib/dynamo/client.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { createRunLease } from '../../lib/dynamo/run-lease.ts';
import { createTransferStore } from '../../lib/dynamo/transfers.ts';
import { createExchange } from '../../lib/mexc/client.ts';
import type { HttpDispatcher } from '../../lib/mexc/connections.ts';
import { createMarketData } from '../../lib/mexc/market-data.ts';
import { type MexcSession, openSession } from '../../lib/mexc/session.ts';
import {
  createExchange as createSimulator,
  type Exchange,
  SIMULATOR_KEYS,
} from '../../lib/simulator/exchange.ts';
import { DEFAULT_SYMBOLS } from '../../lib/simulator/symbols.ts';
import { type Answer, acceptAlert } from '../../lib/usecases/accept-alert.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import { reconcileOrders } from '../../lib/usecases/reconcile-orders.ts';
import { type SnapshotTask, snapshotAccount } from '../../lib/usecases/snapshot-account.ts';
import type { Trading } from '../../lib/usecases/trading.ts';
import { settings } from './builders.ts';
import { tableModels } from './engines.ts';
import { connect } from './memory-dynamo/client.ts';
import { createMemoryDynamo, type MemoryDynamo } from './memory-dynamo/engine.ts';
import type { Fates } from './memory-dynamo/faults.ts';
import { type VirtualTimeline, virtualTimeline } from './virtual-timeline.ts';

const TABLES: Tables = {
  orders: 'Orders',
  strategies: 'Strategies',
  positions: 'Positions',
  symbols: 'Symbols',
  fills: 'Fills',
  control: 'Control',
};

export const SLOT = 900_000;

/** One reading of the account, as the exchange answered it. */
export interface Reading {
  /** When the exchange read it, true epoch ms: odd, and everything else happens at even ones. */
  readonly at: number;
  /** Free and locked, decimal text. */
  readonly rows: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
}

/** The order path and the snapshots in one process on a virtual clock, against the simulator and the engine in memory. */
export interface AccountWorld {
  readonly time: VirtualTimeline;
  readonly market: Exchange;
  readonly store: MemoryDynamo;
  readonly task: SnapshotTask;
  readonly transfers: TransferStore;
  /** Requests that reached the exchange with the key of the snapshots, path by path. */
  readonly asked: string[];
  /** What the account said each time the snapshots read it. */
  readonly readings: Reading[];
  /** What was logged as an error. */
  readonly errors: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  alert(strategy: string, fields: Readonly<Record<string, unknown>>): Promise<Answer>;
  reconcile(woken?: boolean): Promise<unknown>;
  /** One run of the schedule, in a fresh process. */
  snapshot(own?: Partial<SnapshotTask>): Promise<Awaited<ReturnType<typeof snapshotAccount>>>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly seed: string;
  /** Epoch ms. */
  readonly start: number;
  readonly exchange?: Partial<Parameters<typeof createSimulator>[0]>;
  readonly settings?: Partial<StrategySettings>;
  readonly symbols?: readonly string[];
  /** Until a write shows in an index, ms. */
  readonly indexLag?: number;
  /** Of the snapshots' requests to the store. */
  readonly fates?: Fates;
  readonly triggers?: SnapshotTask['triggers'];
  /** Whether a reconciler that is woken now comes. @default always */
  readonly wakes?: () => boolean;
}

/** Evenly distributed in [0, 1), the same for the same seed (mulberry32). */
export const fractions = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const even = (time: number): number => Math.ceil(time / 2) * 2;

export const openAccountWorld = async (options: WorldOptions): Promise<AccountWorld> => {
  const time = virtualTimeline(options.start);
  const symbols = options.symbols ?? ['SOLUSDT', 'XRPUSDT'];
  const random = fractions([...options.seed].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) | 0);
  const market = createSimulator({
    seed: options.seed,
    clock: time,
    limits: 'off',
    symbols: DEFAULT_SYMBOLS.filter(({ symbol }) => symbols.includes(symbol) || symbol === 'MXUSDT'),
    ...options.exchange,
  });
  const lag = options.indexLag ?? 0;
  const store = createMemoryDynamo(time, await tableModels(), {
    indexLag: () => (lag > 0 ? Math.floor(random() * lag) : 0),
  });
  const asked: string[] = [];
  const readings: Reading[] = [];
  const errors: AccountWorld['errors'] = [];
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (message, fields = {}) => void errors.push({ message, fields }),
  };
  const storeFor = (fates?: Fates): Dynamo =>
    connect({ dynamo: store, tables: TABLES, clock: time, random, ...(fates && { fates }) });

  const session = (key: keyof typeof SIMULATOR_KEYS): MexcSession & { readonly exchangeClock: Known } => {
    const exchangeClock = createExchangeClock(time.now);
    const opened = openSession({
      baseUrl: 'http://exchange.invalid',
      credentials: async () => SIMULATOR_KEYS[key],
      clock: time,
      exchangeClock,
      random,
      setTimer: time.setTimer,
      dispatcher: wireTo(market, time, random, (path, at, body, isWhole) => {
        if (key !== 'read') return;
        asked.push(path);
        if (path === '/api/v3/account' && isWhole) readings.push({ at, rows: JSON.parse(body).balances });
      }),
    });
    return { ...opened, exchangeClock };
  };
  type Known = ReturnType<typeof createExchangeClock>;

  const orders = storeFor();
  const trade = session('trade');
  const exchange: ExchangePort = createExchange(trade);
  let nonces = 0;
  const wakes = new Set<Promise<unknown>>();
  const trading: Trading = {
    clock: time,
    exchange,
    exchangeClock: trade.exchangeClock,
    ledger: createLedger(orders),
    pace: { ticket: async () => time.now(), pause: async () => {} },
    lease: createRunLease(orders),
    crowd: createCrowd(time),
    waker: {
      wake: async () => {
        time.at(time.now() + 40, () => {
          if (options.wakes?.() === false) return;
          const run: Promise<unknown> = reconcile(true).finally(() => wakes.delete(run));
          wakes.add(run);
        });
      },
    },
    log,
    nonce: () => {
      nonces += 1;
      return `n${String(nonces).padStart(21, '0')}`;
    },
    random,
    settingsOf: () =>
      settings({ maxOrdersPerDay: 10_000, maxNotionalPerDay: '100000000', ...options.settings }),
  };
  const modes = createModes(orders);
  const reconcile = (woken = false): Promise<unknown> =>
    reconcileOrders({ woken, symbols, modes }, trading, { deadline: time.now() + 56_000 });

  const read = session('read');
  const snapshots = storeFor(options.fates);
  const transfers = createTransferStore(snapshots, 'Balances');
  const task = (): SnapshotTask => ({
    clock: time,
    exchangeClock: read.exchangeClock,
    exchange: createExchange(read),
    market: createMarketData(read),
    ledger: createLedger(snapshots),
    balances: createBalances(snapshots, { balances: 'Balances', profit: 'Profit' }),
    transfers,
    modes: createModes(snapshots),
    triggers: options.triggers ?? {},
    log,
    quote: 'USDT',
    slotMs: SLOT,
  });
  return {
    time,
    market,
    store,
    task: task(),
    transfers,
    asked,
    readings,
    errors,
    alert: (strategy, fields) => {
      const body = { token: 'demo-token', strategy, time: time.now(), ...fields };
      return acceptAlert(
        {
          contentType: 'application/json',
          authorization: undefined,
          body: Buffer.from(JSON.stringify(body)),
          arrival: time.now(),
          sourceAddress: '127.0.0.1',
        },
        { allowedAddresses: undefined, authenticate: async () => ['demo-token'] },
        trading,
      );
    },
    reconcile,
    snapshot: (own) => {
      read.exchangeClock.forget();
      return snapshotAccount({ ...task(), ...own }, { deadline: time.now() + 28_000 });
    },
    stop: async () => {
      await time.finish(Promise.all(wakes));
      await trade.close();
      await read.close();
    },
  };
};

/** Carries requests to the simulator and back, some milliseconds each way. */
export const wireTo = (
  market: Exchange,
  time: Pick<VirtualTimeline, 'now' | 'at'>,
  random: () => number,
  seen: (path: string, at: number, body: string, isWhole: boolean) => void,
): HttpDispatcher => ({
  dispatch: (request, handler) => {
    const controller = {
      aborted: false,
      paused: false,
      reason: null,
      abort: () => {
        controller.aborted = true;
      },
      pause: () => undefined,
      resume: () => undefined,
    };
    handler.onRequestStart?.(controller, {});
    if (controller.aborted) return true;
    const [path = ''] = request.path.split('?');
    // Accounts are read at odd milliseconds and all else is at even ones: which trades a reading shows is never in doubt.
    const arrives = even(time.now() + 2 + random() * 30) + (path === '/api/v3/account' ? 1 : 0);
    time.at(arrives, () => {
      const { reply, delayMs, later } = market.step({
        method: request.method,
        target: request.path,
        headers: headersOf(request.headers),
      });
      const isWhole = reply !== 'drop' && reply.status === 200 && isAccount(String(reply.body));
      seen(path, time.now(), reply === 'drop' ? '' : String(reply.body), isWhole);
      if (delayMs === Number.POSITIVE_INFINITY) return;
      time.at(even(time.now() + delayMs + 2 + random() * 30), () => {
        const said = later?.() ?? reply;
        if (controller.aborted) return;
        if (said === 'drop') {
          handler.onResponseError?.(
            controller,
            Object.assign(new Error('reset'), { code: 'UND_ERR_SOCKET' }),
          );
          return;
        }
        const headers = Object.entries(said.headers).map(([name, value]) => [name.toLowerCase(), value]);
        handler.onResponseStart?.(controller, said.status, Object.fromEntries(headers));
        handler.onResponseData?.(controller, Buffer.from(said.body, said.encoding ?? 'utf8'));
        if (said.announced === undefined) handler.onResponseEnd?.(controller, {});
        else handler.onResponseError?.(controller, cutOff());
      });
    });
    return true;
  },
});

const cutOff = (): Error => Object.assign(new Error('reset'), { code: 'UND_ERR_SOCKET' });

/** A complete answer, as far as a look at both ends can tell. */
const isAccount = (body: string): boolean => /^\{.*"balances".*\}$/su.test(body);

const headersOf = (given: unknown): Record<string, string> => {
  const flat = Array.isArray(given) ? given.map(String) : [];
  const headers: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) headers[flat[at] ?? ''] = flat[at + 1] ?? '';
  return headers;
};
