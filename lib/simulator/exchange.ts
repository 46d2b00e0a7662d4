import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Account, AccountSetup } from './accounts.ts';
import { applyCommand, type CommandResult } from './apply-command.ts';
import type { Clock } from './clock.ts';
import { Command, type CommandInput } from './commands.ts';
import { execute } from './execute.ts';
import type { FaultInput } from './fault-rule.ts';
import { collectEffects, type Reply } from './faults.ts';
import { type ExchangeRequest, readLoosely, toWire, Wire } from './request.ts';
import { type JournalEntry, type Level, type Order, openingState, State, type Trade } from './state.ts';
import { buildStore } from './store.ts';
import type { SymbolSetup } from './symbols.ts';

export { SIMULATOR_KEYS } from './accounts.ts';
export { CommandError } from './apply-command.ts';
export { type ManualClock, manualClock, systemClock } from './clock.ts';

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
};

/** A request executed; `delayMs` is how long the reply is to be held back. */
export type Outcome = { reply: Reply; delayMs: number };

export type Exchange = {
  clock: Clock;
  /** Executes a request and answers, after any delay on the exchange's clock. */
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
  /** A snapshot to continue from; seed, symbols and accounts are then those of the snapshot. */
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

  const take = (wire: Wire, at: number): Outcome => {
    const params = readLoosely(wire);
    const effects = collectEffects(store, wire, params);
    const done = effects.instead === null ? execute(store, wire, at) : null;
    const order = store.orders.get(done?.orderId ?? '');
    if (order !== undefined) order.visibleAt = at + effects.hideMs;
    const reply = effects.instead ?? effects.afterwards ?? done?.answer ?? 'drop';
    store.state.counters.request += 1;
    store.state.journal.push({
      seq: store.state.counters.request,
      at,
      method: wire.method,
      path: wire.path,
      params: Object.fromEntries(params),
      signature: done?.signature ?? 'unchecked',
      key: store.keys.get(wire.accessKey ?? '')?.key.name ?? null,
      executed: done !== null,
      status: reply === 'drop' ? null : reply.status,
      code: reply === done?.answer ? done.code : codeIn(reply),
      orderId: done?.orderId ?? null,
      faults: effects.names,
      digest: reply === 'drop' ? '' : createHash('sha256').update(reply.body).digest('hex').slice(0, 16),
    });
    return { reply, delayMs: effects.delayMs };
  };

  const step = (request: ExchangeRequest): Outcome => {
    const input = { at: clock.now(), request: toWire(request) };
    const outcome = take(input.request, input.at);
    sink?.(input);
    return outcome;
  };

  const apply = (given: CommandInput): CommandResult => {
    const input = { at: clock.now(), command: Command.parse(given) };
    // The state keeps its own copy: the recorded input must stay as it was given.
    const result = applyCommand(store, structuredClone(input.command), input.at);
    sink?.(input);
    return result;
  };

  return {
    clock,
    step,
    apply,
    async handle(request) {
      const { reply, delayMs } = step(request);
      if (delayMs > 0) await clock.sleep(delayMs);
      return reply;
    },
    faults: {
      add: (fault) => apply({ do: 'fault', with: fault }).faultId ?? 0,
      clear: () => void apply({ do: 'faultsCleared', with: {} }),
    },
    setPrice: (symbol, price) => void apply({ do: 'price', with: { symbol, price } }),
    setBook: (symbol, { bids, asks }) =>
      void apply({ do: 'book', with: { symbol, bids: [...bids], asks: [...asks] } }),
    trade: (symbol, { price, quantity }) => void apply({ do: 'trade', with: { symbol, price, quantity } }),
    journal: (filter = {}) =>
      structuredClone(
        store.state.journal.filter((entry) => filter.path === undefined || entry.path === filter.path),
      ),
    trace: () => store.state.journal.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
    truth() {
      const { orders, trades, accounts, house, deposits } = store.state;
      const held = accounts.map(({ uid, balances }) => ({ uid, balances }));
      return structuredClone({ orders, trades, accounts: held, house, deposits });
    },
    snapshot: () => structuredClone(store.state),
    restore(state) {
      store = buildStore(State.parse(state));
    },
    replay(input) {
      if ('request' in input) take(input.request, input.at);
      else applyCommand(store, structuredClone(input.command), input.at);
    },
    record(next) {
      sink = next;
    },
  };
}

function codeIn(reply: Reply): number | null {
  if (reply === 'drop') return null;
  try {
    return z.object({ code: z.int() }).safeParse(JSON.parse(reply.body)).data?.code ?? null;
  } catch {
    // A fault may answer with anything, HTML included.
    return null;
  }
}
