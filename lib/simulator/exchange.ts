import * as z from 'zod';
import type { Account, AccountSetup } from './accounts.ts';
import type { Reply } from './answer.ts';
import { applyCommand, type CommandResult } from './apply-command.ts';
import type { Clock } from './clock.ts';
import { Command, type CommandInput } from './commands.ts';
import type { FaultInput } from './fault-rule.ts';
import { catchUp, takeRequest } from './intake.ts';
import type { LimitsInput } from './limit-rules.ts';
import { type Usage, usageOf } from './limits.ts';
import { type ExchangeRequest, toWire, Wire } from './request.ts';
import { type JournalEntry, type Level, type Order, openingState, State, type Trade } from './state.ts';
import { buildStore } from './store.ts';
import { createStreamHub, type StreamHub } from './stream/hub.ts';
import type { SymbolSetup } from './symbols.ts';
import type { AccountEvent } from './world.ts';

export { SIMULATOR_KEYS } from './accounts.ts';
export { CommandError } from './apply-command.ts';
export { type ManualClock, manualClock, systemClock } from './clock.ts';
export type { CommandInput } from './commands.ts';

/** One input of the exchange with its time. The same inputs on the same state give the same answers. */
export const Input = z.union([
  z.strictObject({ at: z.int(), request: Wire }),
  z.strictObject({ at: z.int(), command: Command }),
]);
export type Input = z.infer<typeof Input>;

/** The exchange's own account of what is so, regardless of what it answered. */
type Truth = {
  orders: Order[];
  trades: Trade[];
  accounts: { uid: string; balances: Account['balances'] }[];
  house: Record<string, string>;
  deposits: Record<string, string>;
  /** Deposits, withdrawals and the like, oldest first. */
  accountEvents: AccountEvent[];
};

/**
 * What a request came to. `delayMs` is how long the reply is to be held back; Infinity means that none ever comes. The
 * reply of a request executed later is known only then: `later` gives it, once the clock has moved by `delayMs`.
 */
export type Outcome = { reply: Reply; delayMs: number; later?: () => Reply };

export type Exchange = {
  clock: Clock;
  /** Executes a request and answers, after any delay on the exchange's clock; never, when the fault is to hang. */
  handle(request: ExchangeRequest): Promise<Reply>;
  /** The same without waiting. */
  step(request: ExchangeRequest): Outcome;
  faults: { add(fault: FaultInput): number; clear(): void };
  /** Moves the market; resting orders it reaches are filled at their limit. */
  setPrice(symbol: string, price: string): void;
  /** Replaces the house book by these [price, quantity] levels. */
  setBook(symbol: string, book: { bids: readonly Level[]; asks: readonly Level[] }): void;
  /** A trade of strangers that fills resting orders up to `quantity`. */
  trade(symbol: string, trade: { price: string; quantity: string }): void;
  /** Any command, those above included; throws `CommandError` or a zod error naming the field. */
  apply(command: CommandInput): CommandResult;
  journal(filter?: { path?: string }): JournalEntry[];
  /** The whole journal as text, one JSON line per request; equal seeds and scripts give equal bytes. */
  trace(): string;
  truth(): Truth;
  /** How far the budgets of section 6 were used, and how often they refused; empty while limits are off. */
  usage(): Usage;
  /** The WebSocket side. */
  stream: StreamHub;
  /** Everything as plain JSON; `createExchange({state})` goes on from there. */
  snapshot(): State;
  /** Puts a snapshot in place of the present state. */
  restore(state: unknown): void;
  /** Takes an input of the past again, at its own time, without recording it. */
  replay(input: Input): void;
  /** Calls `sink` with every input after it was executed and before it is answered. */
  record(sink: ((input: Input) => void) | null): void;
};

export type ExchangeOptions = {
  seed: string | number;
  clock: Clock;
  /** @default the market of `DEFAULT_SYMBOLS` */
  symbols?: readonly SymbolSetup[];
  /** @default one account, opened by `SIMULATOR_KEYS` */
  accounts?: readonly AccountSetup[];
  /** The limits of section 6. @default `DEFAULT_LIMITS` */
  limits?: LimitsInput;
  /** A snapshot to continue from; seed, limits, symbols and accounts are then those of the snapshot. */
  state?: unknown;
};

/**
 * A strict, deterministic MEXC spot exchange in memory. All time comes from `clock`, all chance from `seed`.
 * Built from reference/mexc-api.md alone.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const { clock } = options;
  let store = buildStore(options.state === undefined ? openingState(options) : State.parse(options.state));
  let sink: ((input: Input) => void) | null = null;

  /** The time by the exchange's clock, with everything done that was put off until then. */
  const now = (): number => {
    const at = clock.now();
    catchUp(store, at);
    return at;
  };

  /** The same for whoever only looks: connections hear what was due as well. */
  const look = (): void => {
    now();
    stream.flush();
  };

  const stream = createStreamHub({ store: () => store, clock, sync: () => void now() });

  const lateReply = (seq: number): Reply => {
    look();
    const reply = store.lateReplies.get(seq) ?? 'drop';
    store.lateReplies.delete(seq);
    return reply;
  };

  const command = (given: Command, at: number): CommandResult =>
    // The state keeps its own copy: the recorded input must stay as it was given.
    applyCommand(store, structuredClone(given), at + store.state.world.skewMs);

  const step = (request: ExchangeRequest): Outcome => {
    const input = { at: now(), request: toWire(request) };
    const { reply, delayMs, later } = takeRequest(store, input.request, input.at);
    sink?.(input);
    stream.flush();
    return later === null ? { reply, delayMs } : { reply, delayMs, later: () => lateReply(later) };
  };

  const apply = (given: CommandInput): CommandResult => {
    const input = { at: now(), command: Command.parse(given) };
    const result = command(input.command, input.at);
    sink?.(input);
    stream.flush();
    return result;
  };

  return {
    clock,
    step,
    apply,
    async handle(request) {
      const { reply, delayMs, later } = step(request);
      if (delayMs === Number.POSITIVE_INFINITY) return new Promise<never>(() => {});
      if (delayMs > 0) await clock.sleep(delayMs);
      return later?.() ?? reply;
    },
    faults: {
      add: (fault) => apply({ do: 'fault', with: fault }).faultId ?? 0,
      clear: () => void apply({ do: 'faultsCleared', with: {} }),
    },
    setPrice: (symbol, price) => void apply({ do: 'price', with: { symbol, price } }),
    setBook: (symbol, { bids, asks }) =>
      void apply({ do: 'book', with: { symbol, bids: [...bids], asks: [...asks] } }),
    trade: (symbol, { price, quantity }) => void apply({ do: 'trade', with: { symbol, price, quantity } }),
    journal(filter = {}) {
      look();
      return structuredClone(
        store.state.journal.filter((entry) => filter.path === undefined || entry.path === filter.path),
      );
    },
    trace() {
      look();
      return store.state.journal.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    },
    truth() {
      look();
      const { orders, trades, accounts, house, deposits, accountEvents } = store.state;
      const held = accounts.map(({ uid, balances }) => ({ uid, balances }));
      return structuredClone({ orders, trades, accounts: held, house, deposits, accountEvents });
    },
    usage: () => usageOf(store.state.limits),
    stream,
    snapshot() {
      look();
      return structuredClone(store.state);
    },
    restore(state) {
      stream.reset();
      store = buildStore(State.parse(state));
    },
    replay(input) {
      catchUp(store, input.at);
      if ('request' in input) takeRequest(store, input.request, input.at);
      else command(input.command, input.at);
    },
    record(next) {
      sink = next;
    },
  };
}
