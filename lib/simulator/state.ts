import * as z from 'zod';
import { Account, AccountSetup, DEFAULT_ACCOUNTS } from './accounts.ts';
import type { Clock } from './clock.ts';
import { DecimalText, decimal, plain } from './decimal.ts';
import { FaultRule } from './fault-rule.ts';
import { LateRequest } from './late.ts';
import type { LimitsInput } from './limit-rules.ts';
import { LimitState } from './limits.ts';
import { seedOf } from './random.ts';
import { StreamState } from './stream/stream-state.ts';
import { DEFAULT_SYMBOLS, SymbolRules, SymbolSetup } from './symbols.ts';
import { AccountEvent, World } from './world.ts';

export const Side = z.enum(['BUY', 'SELL']);
export type Side = z.infer<typeof Side>;

export const OrderType = z.enum(['LIMIT', 'MARKET', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL']);
export type OrderType = z.infer<typeof OrderType>;

const OrderStatus = z.enum(['NEW', 'FILLED', 'PARTIALLY_FILLED', 'CANCELED', 'PARTIALLY_CANCELED']);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const Level = z.tuple([DecimalText, DecimalText]);
export type Level = z.infer<typeof Level>;

export const Order = z.strictObject({
  orderId: z.string(),
  uid: z.string(),
  symbol: z.string(),
  clientOrderId: z.string().nullable(),
  side: Side,
  type: OrderType,
  /** The limit; for MARKET a reference price, which is not what was paid. */
  price: DecimalText,
  /** "0" for an order sized in quote. */
  quantity: DecimalText,
  quoteOrderQty: DecimalText.nullable(),
  executed: DecimalText,
  quote: DecimalText,
  status: OrderStatus,
  time: z.int(),
  updateTime: z.int().nullable(),
  /** Exchange time from which the four read endpoints show the order and its trades. */
  visibleAt: z.int(),
  /** Maker rate at the time of placing: a later change of rates must not move what is locked. */
  makerRate: DecimalText,
  /** What the order holds of the account's locked balance: quote for a buy, base for a sell. */
  reserved: DecimalText,
  stpMode: z.string(),
  /** `stp_cancel` after self-trade prevention, otherwise empty. */
  cancelReason: z.string(),
  byHand: z.boolean(),
});
export type Order = z.infer<typeof Order>;

const Trade = z.strictObject({
  id: z.string(),
  uid: z.string(),
  symbol: z.string(),
  orderId: z.string(),
  clientOrderId: z.string().nullable(),
  price: DecimalText,
  qty: DecimalText,
  quoteQty: DecimalText,
  commission: DecimalText,
  commissionAsset: z.string(),
  time: z.int(),
  isBuyer: z.boolean(),
  isMaker: z.boolean(),
  isSelfTrade: z.boolean(),
});
export type Trade = z.infer<typeof Trade>;

/** One row of a symbol's public tape: a match, whoever took part in it. */
const Print = z.strictObject({
  time: z.int(),
  price: DecimalText,
  qty: DecimalText,
  /** Whether the seller was the taker. */
  buyerMaker: z.boolean(),
});
export type Print = z.infer<typeof Print>;

/** Prices and volumes of a span of time; `base` and `quote` are the volumes. */
export const Bar = z.strictObject({
  open: DecimalText,
  high: DecimalText,
  low: DecimalText,
  close: DecimalText,
  base: DecimalText,
  quote: DecimalText,
});
export type Bar = z.infer<typeof Bar>;

/** A minute whose candle is not what its trades say: another one, or none at all. */
const CandleOverride = z.strictObject({
  symbol: z.string(),
  /** Minutes since 1970. */
  minute: z.int(),
  bar: Bar.nullable(),
});
export type CandleOverride = z.infer<typeof CandleOverride>;

const Candles = z.strictObject({
  /** Seed of the generated history, apart from `rng`: reading candles must not move any other draw. */
  seed: z.int(),
  /** How a span without trades is shown: the page does not say. */
  emptySpans: z.enum(['absent', 'flat']),
  /** Hours after 00:00 UTC at which 1d, 1W and 1M candles open, -8 for UTC+8 (section 13, question 16). */
  dayOpensAt: z.int().min(-14).max(12),
  /** How many rows from before its start an answer begins with (section 7.5). */
  strayRows: z.int().min(0).default(0),
  /** In the order they were made; the latest of a minute holds. */
  overrides: z.array(CandleOverride),
});

/** A key of a user stream (section 11.6); valid before `expiresAt`. */
const ListenKey = z.strictObject({ key: z.string(), uid: z.string(), expiresAt: z.int() });
export type ListenKey = z.infer<typeof ListenKey>;

/** A self-trade-prevention group: orders of its members may name an stpMode against each other. */
const StpGroup = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** The account that made it. */
  owner: z.string(),
  members: z.array(z.string()),
  createTime: z.int(),
  updateTime: z.int(),
});
export type StpGroup = z.infer<typeof StpGroup>;

const Market = z.strictObject({
  /** Price of the last trade. */
  last: DecimalText,
  /** Price the generated house book is built around; only a control call moves it. */
  anchor: DecimalText,
  /** Price the market had when the exchange opened; the generated history leads up to it. */
  opening: DecimalText,
  /** A book set by hand, taken literally and eaten up by fills; null is the generated one. */
  literal: z.strictObject({ bids: z.array(Level), asks: z.array(Level) }).nullable(),
  version: z.int(),
});
export type Market = z.infer<typeof Market>;

export const ActiveFault = z.strictObject({
  id: z.int(),
  rule: FaultRule,
  seen: z.int(),
  applied: z.int(),
  /** Matching reads by path, for faults that number them per endpoint. */
  reads: z.record(z.string(), z.int()).default({}),
});
export type ActiveFault = z.infer<typeof ActiveFault>;

export const JournalEntry = z.strictObject({
  seq: z.int(),
  at: z.int(),
  method: z.string(),
  path: z.string(),
  params: z.record(z.string(), z.string()),
  /** 'none' on public calls, 'unchecked' when the request was lost or refused before the check. */
  signature: z.enum(['none', 'valid', 'invalid', 'unchecked']),
  key: z.string().nullable(),
  executed: z.boolean(),
  /** HTTP status sent, null when the reply was lost. */
  status: z.int().nullable(),
  code: z.int().nullable(),
  orderId: z.string().nullable(),
  faults: z.array(z.string()),
  /** Digest of the body sent, so that equal journals mean equal answers. */
  digest: z.string(),
  /** The budget that refused it, or 'ban'. */
  limit: z.string().nullable().default(null),
  /** True time of the execution: `at` but for a late one, null when there was none. */
  executedAt: z.int().nullable().default(null),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/** Everything the exchange knows, as plain JSON. */
export const State = z.strictObject({
  rng: z.int(),
  /** Exchange time at which this exchange began; before it there is only generated history. */
  openedAt: z.int(),
  counters: z.strictObject({
    trade: z.int(),
    fault: z.int(),
    request: z.int(),
    listenKey: z.int(),
    stpGroup: z.int(),
  }),
  symbols: z.array(SymbolRules),
  markets: z.record(z.string(), Market),
  accounts: z.array(Account),
  /** What the house won or lost against the accounts, fees included. */
  house: z.record(z.string(), DecimalText),
  /** What was ever paid in less what was paid out: accounts and house together always add up to it. */
  deposits: z.record(z.string(), DecimalText),
  orders: z.array(Order),
  trades: z.array(Trade),
  /** Public trades by symbol, in the order they happened. */
  tape: z.record(z.string(), z.array(Print)),
  candles: Candles,
  listenKeys: z.array(ListenKey),
  stpGroups: z.array(StpGroup),
  faults: z.array(ActiveFault),
  world: World.prefault({}),
  limits: LimitState.prefault({}),
  /** Requests let in and not yet executed, the next one first. */
  late: z.array(LateRequest).default([]),
  /** Deposits, withdrawals and the like, oldest first. */
  accountEvents: z.array(AccountEvent).default([]),
  stream: StreamState.prefault({}),
  journal: z.array(JournalEntry),
});
export type State = z.infer<typeof State>;

export type StateSetup = {
  seed: string | number;
  clock: Clock;
  symbols?: readonly SymbolSetup[];
  accounts?: readonly AccountSetup[];
  limits?: LimitsInput;
};

/** The state of an exchange that has just opened. */
export function openingState(setup: StateSetup): State {
  const state: State = {
    rng: seedOf(setup.seed),
    openedAt: setup.clock.now(),
    counters: { trade: 0, fault: 0, request: 0, listenKey: 0, stpGroup: 0 },
    symbols: [],
    markets: {},
    accounts: [],
    house: {},
    deposits: {},
    orders: [],
    trades: [],
    tape: {},
    candles: {
      seed: seedOf(`candles ${setup.seed}`),
      emptySpans: 'absent',
      dayOpensAt: 0,
      strayRows: 0,
      overrides: [],
    },
    listenKeys: [],
    stpGroups: [],
    faults: [],
    world: World.parse({}),
    limits: LimitState.parse({ limits: setup.limits }),
    late: [],
    accountEvents: [],
    stream: StreamState.parse({}),
    journal: [],
  };
  for (const given of setup.symbols ?? DEFAULT_SYMBOLS) {
    const { lastPrice, ...rules } = SymbolSetup.parse(given);
    state.symbols.push(rules);
    state.markets[rules.symbol] = marketAt(plain(decimal(lastPrice)));
  }
  for (const given of setup.accounts ?? DEFAULT_ACCOUNTS) {
    const { balances, ...account } = AccountSetup.parse(given);
    state.accounts.push({ ...account, balances: {} });
    for (const [asset, amount] of Object.entries(balances)) fund(state, account.uid, asset, amount);
  }
  return state;
}

function marketAt(price: string): Market {
  return {
    last: price,
    anchor: price,
    opening: price,
    literal: null,
    version: 20_000_000_000,
  };
}

function fund(state: State, uid: string, asset: string, amount: string): void {
  const account = state.accounts.find((candidate) => candidate.uid === uid);
  if (account === undefined) return;
  account.balances[asset] = { free: amount, locked: '0' };
  state.deposits[asset] = decimal(state.deposits[asset] ?? '0')
    .plus(amount)
    .toFixed();
}
