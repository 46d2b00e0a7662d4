import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import type { Clock } from '../domain/ports.ts';

/** What a request is handed to: an undici client, or a stand-in with the same contract. */
export type HttpDispatcher = Pick<Dispatcher, 'dispatch'>;

/** One HTTP/1.1 connection, used by one request at a time. */
export interface Connection {
  readonly dispatcher: HttpDispatcher;
  /** New, or used within the last 3 s by the clock (order protocol 5.5). */
  isFresh(): boolean;
}

/** A pool of connections. */
export interface Connections {
  /** The most recently used idle connection that is fresh, else a new one; `undefined` when all are taken. */
  take(): Connection | undefined;
  /** Resolves when a connection was given back; ask again then. */
  freed(): Promise<void>;
  /** @param clean a complete answer was read: only then may it be used again */
  give(connection: Connection, clean: boolean): void;
  readonly closed: boolean;
  /** Ends idle connections at once, taken ones when they are given back. */
  close(): Promise<void>;
}

/** Idle for longer, a socket may be dead without anybody knowing: a frozen function's timers stand still. */
const FRESH_MS = 3000;
const CONNECT_TIMEOUT_MS = 3000;
const MAX_CONNECTIONS = 6;

interface Pooled extends Connection {
  readonly client: Client;
  usedAt: number | undefined;
}

/**
 * The pool is ours because undici's measures idleness with timers and knows only its sockets' age, not their last use.
 * Nothing of undici's retries or follows redirects here.
 * @param origin e.g. `https://api.mexc.com`
 */
export const createConnections = (origin: string, clock: Pick<Clock, 'now'>): Connections => {
  const idle: Pooled[] = [];
  const taken = new Set<Pooled>();
  const waiting: (() => void)[] = [];
  let closed = false;

  const open = (): Pooled => {
    const client = new Client(origin, {
      allowH2: false,
      useMilo: false, // the bundle leaves the experimental parser out: the tests use the one that runs
      pipelining: 1,
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: 0, // every request has a deadline of its own
      bodyTimeout: 0,
      keepAliveTimeout: FRESH_MS,
      keepAliveMaxTimeout: FRESH_MS,
    });
    const pooled: Pooled = {
      client,
      dispatcher: client,
      usedAt: undefined,
      isFresh: () => {
        if (pooled.usedAt === undefined) return true;
        const age = clock.now() - pooled.usedAt;
        return age >= 0 && age <= FRESH_MS;
      },
    };
    return pooled;
  };

  const end = async (pooled: Pooled): Promise<void> => {
    await pooled.client.destroy().catch(() => undefined);
  };

  return {
    get closed() {
      return closed;
    },
    take: () => {
      if (closed) return undefined;
      for (let pooled = idle.pop(); pooled; pooled = idle.pop()) {
        if (pooled.isFresh()) {
          taken.add(pooled);
          return pooled;
        }
        void end(pooled);
      }
      if (taken.size >= MAX_CONNECTIONS) return undefined;
      const pooled = open();
      taken.add(pooled);
      return pooled;
    },
    freed: () => new Promise((resolve) => waiting.push(resolve)),
    give: (connection, clean) => {
      const pooled = [...taken].find((one) => one === connection);
      if (!pooled) return;
      taken.delete(pooled);
      if (clean && !closed) {
        pooled.usedAt = clock.now();
        idle.push(pooled);
      } else {
        void end(pooled);
      }
      for (const wake of waiting.splice(0)) wake();
    },
    close: async () => {
      closed = true;
      for (const wake of waiting.splice(0)) wake();
      await Promise.all(idle.splice(0).map(end));
    },
  };
};

/** Hands everything to one given dispatcher, which keeps its own connections and is closed by its owner. */
export const borrowedConnections = (dispatcher: HttpDispatcher): Connections => {
  const connection: Connection = { dispatcher, isFresh: () => true };
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    take: () => (closed ? undefined : connection),
    freed: () => Promise.resolve(),
    give: () => undefined,
    close: async () => {
      closed = true;
    },
  };
};
