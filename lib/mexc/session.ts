import { AppError } from '../domain/errors.ts';
import type { ExchangeClock } from '../domain/exchange-time.ts';
import type { Clock, ReadBudget } from '../domain/ports.ts';
import { type Caller, createCaller } from './caller.ts';
import { borrowedConnections, createConnections, type HttpDispatcher } from './connections.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { createPauses, type OnPause, type Pauses } from './pauses.ts';
import type { MexcCredentials } from './signing.ts';
import { createTransport, realTimer, type SetTimer, type Transport } from './transport.ts';

export interface MexcClientOptions {
  /** Origin without a path, e.g. `https://api.mexc.com`. */
  readonly baseUrl: string;
  /** Asked for at every signed call; may throw (`NotConfiguredError`). */
  readonly credentials: () => Promise<MexcCredentials>;
  readonly clock: Clock;
  readonly exchangeClock: ExchangeClock;
  /** Spaces the reads of all processes of the account. @default this process keeps within the budget by itself */
  readonly readBudget?: ReadBudget;
  /** Shares a pause that the exchange asked for. @default this process alone keeps silent */
  readonly onPause?: OnPause;
  /** In `[0, 1)`. @default Math.random */
  readonly random?: () => number;
  /**
   * Takes every request instead of the client's own connections, keeps undici's contract (`onRequestStart` before the
   * first byte), and is closed by its owner.
   */
  readonly dispatcher?: HttpDispatcher;
  /** Deadlines of requests and turns; injected where time is virtual. @default setTimeout */
  readonly setTimer?: SetTimer;
}

/** Connections and request budget of one process, for all that it asks of the exchange. */
export interface MexcSession {
  readonly transport: Transport;
  readonly limiter: Limiter;
  readonly pauses: Pauses;
  readonly caller: Caller;
  readonly credentials: () => Promise<MexcCredentials>;
  readonly clock: Clock;
  close(): Promise<void>;
}

const originOf = (baseUrl: string): string => {
  const url = URL.parse(baseUrl);
  if (url && /^https?:$/u.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
  throw new AppError(
    'invalid_base_url',
    'The exchange address must be http(s)://host[:port] without a path.',
  );
};

/** Opens no connection yet. @throws AppError `invalid_base_url` */
export const openSession = (options: MexcClientOptions): MexcSession => {
  const { clock, credentials, exchangeClock, readBudget, onPause } = options;
  const { setTimer = realTimer, random = Math.random } = options;
  const connections = options.dispatcher
    ? borrowedConnections(options.dispatcher)
    : createConnections(originOf(options.baseUrl), clock);
  const transport = createTransport(connections, clock, setTimer);
  const limiter = createLimiter({ clock, setTimer, ...(readBudget && { readBudget }) });
  const pauses = createPauses(limiter, clock, onPause);
  const parts = { transport, limiter, pauses, credentials, clock, exchangeClock, random, setTimer };
  return { ...parts, caller: createCaller(parts), close: () => connections.close() };
};
