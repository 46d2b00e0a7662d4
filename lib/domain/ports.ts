import type {
  Balance,
  BestPrices,
  Candle,
  CandleInterval,
  DayTicker,
  ExchangeOrder,
  ExchangeTrade,
  KeyInfo,
  MarketTrade,
  OrderBook,
  OrderRequest,
  PlacementOutcome,
  SignedOrder,
  SymbolRules,
  TradeFee,
} from './exchange.ts';
import type { TimeEstimate } from './exchange-time.ts';
import type { Lane } from './lane.ts';
import type { Change } from './ledger.ts';
import type { DecimalText } from './money.ts';
import type { Order } from './order-record.ts';
import type { ReadNeed } from './read-budget.ts';
import type { Mode, Strategy } from './strategy.ts';
import type { StreamState } from './stream-state.ts';

/** Local time of this process. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Whose requests leave first when the exchange's budgets are short (order protocol, 12.5; `bulk`: candles and the like). */
export type Priority = 'cancel' | 'reduction' | 'entry' | 'evidence' | 'listing' | 'bulk';

/** Every call to the exchange ends by `deadline` (local epoch ms) at the latest. */
export interface CallOptions {
  readonly deadline: number;
  /** Of the exchange's reads and cancels. @default what each of them says */
  readonly priority?: Priority;
  /** A read that cannot leave within so many ms, for want of budget, fails at once instead of waiting its turn. */
  readonly leaveWithin?: number;
}

/**
 * Reads of the exchange. Each throws an `ExchangeError` of one class; reads are retried with jitter inside the deadline.
 * Each try takes its share of the request budget: `TransientError` `budget` or `paused` means that nothing was sent.
 */
interface ExchangeReads {
  /**
   * Measures the exchange's clock (up to three samples until one is sure, the best wins), adopts and returns the estimate.
   * Priority: entry, since nothing can be signed without it.
   */
  measureTime(options: CallOptions): Promise<TimeEstimate>;
  /**
   * Rules of the named symbols, or of all. A symbol that the exchange does not know is missing in the result.
   * Priority: entry, or bulk for all.
   */
  symbolRules(symbols: readonly string[] | 'all', options: CallOptions): Promise<readonly SymbolRules[]>;
  /** Last price, decimal text. Throws `FatalError` for an unknown symbol. Priority: entry. */
  lastPrice(symbol: string, options: CallOptions): Promise<string>;
  /** Priority: entry. At most two a second leave. */
  balances(options: CallOptions): Promise<readonly Balance[]>;
  /** `undefined` exactly when the exchange answered −2013; every other failure throws. Priority: evidence. */
  findOrder(query: OrderQuery, options: CallOptions): Promise<ExchangeOrder | undefined>;
  /** All open orders of the account, or of one symbol. Priority: listing. */
  openOrders(symbol: string | undefined, options: CallOptions): Promise<readonly ExchangeOrder[]>;
  /** Orders of a symbol created in `[from, to]`, epoch ms; at most `limit` (≤ 1000). Priority: listing. */
  allOrders(query: HistoryQuery, options: CallOptions): Promise<readonly ExchangeOrder[]>;
  /** Own trades of a symbol in `[from, to]`, or of one order; at most `limit` (≤ 100). Priority: evidence. */
  ownTrades(
    query: HistoryQuery & { readonly exchangeOrderId?: string },
    options: CallOptions,
  ): Promise<readonly ExchangeTrade[]>;
}

export interface OrderQuery {
  readonly symbol: string;
  readonly by: { readonly clientOrderId: string } | { readonly exchangeOrderId: string };
}

export interface HistoryQuery {
  readonly symbol: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
}

/** The trading side of the exchange: what changes state there. Nothing here is ever repeated by itself. */
export interface Exchange extends ExchangeReads {
  /**
   * Signs one attempt over the exact bytes that will be sent.
   * @param timestamp exchange time *s*, epoch ms; `recvWindow` *W*, ms
   */
  signOrder(
    request: OrderRequest,
    terms: { readonly timestamp: number; readonly recvWindow: number; readonly test: boolean },
  ): Promise<SignedOrder>;
  /**
   * Sends those bytes exactly once, at once: the budget delays nothing that is signed. While a pause is in force it is
   * `unsent`, reason `paused`. Never throws: every failure is an outcome.
   */
  sendOrder(order: SignedOrder, options: CallOptions): Promise<PlacementOutcome>;
  /**
   * Asks for a cancel. `accepted` only means that the request was taken: the order's end is read from its status.
   * `not-found` (−2011) proves nothing. May be repeated. Priority: cancel.
   */
  cancelOrder(query: OrderQuery, options: CallOptions): Promise<'accepted' | 'not-found'>;
}

/**
 * Public market data, for symbols closed to API orders too. Errors and retries as in `Exchange`. Of an answer about all
 * symbols, rows that cannot be read are left out; any other answer is read whole or not at all. Priority: bulk.
 */
export interface MarketData {
  /**
   * Candles that open in `[from, to]`, ascending, each once; at most `limit` (≤ 500). The exchange may cut a longer window
   * at either end: page by time.
   */
  candles(
    query: HistoryQuery & { readonly interval: CandleInterval },
    options: CallOptions,
  ): Promise<readonly Candle[]>;
  /** At most `limit` levels a side (≤ 5000); thin books have fewer. */
  orderBook(symbol: string, limit: number, options: CallOptions): Promise<OrderBook>;
  /** The latest trades, newest first; at most `limit` (≤ 1000). */
  trades(symbol: string, limit: number, options: CallOptions): Promise<readonly MarketTrade[]>;
  /** Last prices of all symbols. */
  prices(options: CallOptions): Promise<ReadonlyMap<string, string>>;
  /** Best bid and ask of one symbol, or of all. */
  bestPrices(symbol: string | 'all', options: CallOptions): Promise<readonly BestPrices[]>;
  /** The last 24 hours of one symbol, or of all. */
  dayTickers(symbol: string | 'all', options: CallOptions): Promise<readonly DayTicker[]>;
}

/** What the exchange says of the account and its key, beside trading. Priority: listing. */
export interface AccountInfo {
  tradeFee(symbol: string, options: CallOptions): Promise<TradeFee>;
  /** Of the very key that is used. */
  keyInfo(options: CallOptions): Promise<KeyInfo>;
}

/** What names one order and everything that is read with it. */
export interface OrderKeys {
  readonly id: string;
  readonly strategy: string;
  readonly symbol: string;
}

/** What `Control` says to every process. */
export interface ControlView {
  /** Mode that new strategies start with. */
  readonly mode: Mode;
  /** The exchange's clock as another process measured it: good to choose a timestamp, never to prove. */
  readonly time?: TimeEstimate;
  /** No request of the account before this local epoch ms: the exchange asked for a pause. */
  readonly pauseUntil: number;
  /** When the latest send ticket of the account comes due at the latest, local epoch ms. */
  readonly lastTicket: number;
  /** What the account was worth at the last snapshot. */
  readonly equity?: Equity;
  /** What the stream task knows, if there ever was one. */
  readonly stream?: StreamState;
}

/** Worth of the whole account. */
export interface Equity {
  readonly total: DecimalText;
  /** Asset that it is valued in. */
  readonly quote: string;
  /** Local epoch ms. */
  readonly at: number;
}

/** Everything an admission or an observation is decided on, read at once and strongly consistently. */
export interface LedgerView {
  readonly order?: Order;
  readonly strategy?: Strategy;
  /** An empty lane of version 0 when none is stored yet. */
  readonly lane: Lane;
  readonly rules?: SymbolRules;
  readonly control: ControlView;
}

/** What a commit met. Which condition failed says why; what was stored there comes with it. */
export type CommitResult =
  | { readonly kind: 'committed' }
  | {
      readonly kind: 'refused';
      /** The order was not as read; its stored form, if there is one. */
      readonly order?: { readonly stored: Order | undefined };
      /** The strategy's record did not allow it (mode, counters). */
      readonly strategy?: boolean;
      /** The lane was not as read. */
      readonly lane?: boolean;
      /** Trades that `Fills` holds already. */
      readonly fills?: readonly string[];
    };

/** The ledger of orders: reads are strongly consistent, writes are atomic and conditioned on what was read. */
export interface Ledger {
  /** One round trip. */
  read(keys: OrderKeys, options: CallOptions): Promise<LedgerView>;
  order(id: string, options: CallOptions): Promise<Order | undefined>;
  control(options: CallOptions): Promise<ControlView>;
  saveEquity(equity: Equity, options: CallOptions): Promise<void>;
  saveStreamState(state: StreamState, options: CallOptions): Promise<void>;
  /** The strategy's record, made at first use with the mode last set for all. */
  ensureStrategy(strategy: string, options: CallOptions): Promise<Strategy>;
  /**
   * Writes one change. Conflicts, throttling and lost answers are repeated with the same token until the deadline.
   * @param options.token at most 36 characters, random per decision, never derived from the alert
   * @throws StoreUnavailableError when no answer came in time: the write may have been applied, or may be later
   */
  commit(change: Change, options: CallOptions & { readonly token: string }): Promise<CommitResult>;
  /** Keeps the highest sequence number of the strategy's alerts. @returns the highest before this one */
  noteSequence(
    strategy: string,
    sequence: number,
    options: CallOptions,
  ): Promise<{ readonly last: number | undefined }>;
  /** Which of these trades are applied already. */
  appliedTrades(
    symbol: string,
    tradeIds: readonly string[],
    options: CallOptions,
  ): Promise<ReadonlySet<string>>;
  /** All records, consistently: what is in flight, held, resting and waiting. */
  strategies(options: CallOptions): Promise<readonly Strategy[]>;
  lanes(options: CallOptions): Promise<readonly Lane[]>;
  /** Ids in the sparse index of unsettled orders; it may lag, so it never decides that something does not exist. */
  unsettled(options: CallOptions): Promise<readonly string[]>;
  saveRules(rules: readonly SymbolRules[], options: CallOptions): Promise<void>;
  rules(options: CallOptions): Promise<readonly SymbolRules[]>;
  saveTime(estimate: TimeEstimate, options: CallOptions): Promise<void>;
  /** How far each symbol's history was compared with the ledger. */
  swept(options: CallOptions): Promise<Readonly<Record<string, Swept>>>;
  saveSwept(symbol: string, swept: Swept, options: CallOptions): Promise<void>;
}

/** How far a history was compared with the ledger, exchange ms. */
export interface Swept {
  /** Up to then. */
  readonly until: number;
  /** When it was last looked through for a whole day back. */
  readonly deepAt: number;
  /** When that was last tried, whether it worked or not. */
  readonly triedAt: number;
}

/** Send tickets, shared by all processes of the account (order protocol, section 12). */
export interface Pace {
  /** The next free send time at or before `latest`, local epoch ms; `undefined` when there is none. */
  ticket(latest: number, options: CallOptions): Promise<number | undefined>;
  /** No request of the account before `until`; only ever later. */
  pause(until: number, options: CallOptions): Promise<void>;
}

/**
 * The reads of one account, which has many processes and addresses with one budget: hands out the times at which they may
 * leave, so that they are spaced wherever they come from.
 */
export interface ReadBudget {
  /**
   * The time at or after now at which reads with this need may leave, local epoch ms. `undefined` when there is none at or
   * before `latest`: then nothing is taken.
   */
  take(need: ReadNeed, latest: number, options: { readonly deadline: number }): Promise<number | undefined>;
}

/**
 * Single flight of the reconciler, to save calls and nothing else: overlapping runs are harmless, so a lease that is lost or
 * expired only means that two are at work. Who finds it taken leaves a mark, on which its owner looks once more.
 */
export interface RunLease {
  /** Leaves a mark, and takes the lease if it is free. @returns the marks so far; `undefined`: another run has it */
  begin(owner: string, options: CallOptions): Promise<number | undefined>;
  /** Keeps the lease. @returns the marks so far; `undefined`: it is another's by now */
  keep(owner: string, options: CallOptions): Promise<number | undefined>;
  /** Gives it back, if given `marks` only while there are no more. @returns false when somebody left another mark */
  end(owner: string, marks: number | undefined, options: CallOptions): Promise<boolean>;
}

/** Asks `reconcile-orders` to look at a lane now. Losing the request costs a minute, nothing else. */
export interface Waker {
  wake(lane: { readonly strategy: string; readonly symbol: string }): Promise<void>;
}

/** One line per decision; the message is constant, the data is fields. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
