import * as z from 'zod';
import { Account, AccountSetup, DEFAULT_ACCOUNTS } from './accounts.ts';
import { DecimalText, decimal } from './decimal.ts';
import { FaultRule } from './fault-rule.ts';
import { seedOf } from './random.ts';
import { DEFAULT_SYMBOLS, SymbolRules, SymbolSetup } from './symbols.ts';

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

const Market = z.strictObject({
  /** Price of the last trade. */
  last: DecimalText,
  /** Price the generated house book is built around; only a control call moves it. */
  anchor: DecimalText,
  open: DecimalText,
  high: DecimalText,
  low: DecimalText,
  volume: DecimalText,
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
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/** Everything the exchange knows, as plain JSON. */
export const State = z.strictObject({
  rng: z.int(),
  counters: z.strictObject({ trade: z.int(), fault: z.int(), request: z.int() }),
  symbols: z.array(SymbolRules),
  markets: z.record(z.string(), Market),
  accounts: z.array(Account),
  /** What the house won or lost against the accounts, fees included. */
  house: z.record(z.string(), DecimalText),
  /** What was ever paid in less what was paid out: accounts and house together always add up to it. */
  deposits: z.record(z.string(), DecimalText),
  orders: z.array(Order),
  trades: z.array(Trade),
  faults: z.array(ActiveFault),
  journal: z.array(JournalEntry),
});
export type State = z.infer<typeof State>;

export type StateSetup = {
  seed: string | number;
  symbols?: readonly SymbolSetup[];
  accounts?: readonly AccountSetup[];
};

/** The state of an exchange that has just opened. */
export function openingState(setup: StateSetup): State {
  const state: State = {
    rng: seedOf(setup.seed),
    counters: { trade: 0, fault: 0, request: 0 },
    symbols: [],
    markets: {},
    accounts: [],
    house: {},
    deposits: {},
    orders: [],
    trades: [],
    faults: [],
    journal: [],
  };
  for (const given of setup.symbols ?? DEFAULT_SYMBOLS) {
    const { lastPrice, ...rules } = SymbolSetup.parse(given);
    state.symbols.push(rules);
    state.markets[rules.symbol] = marketAt(lastPrice);
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
    open: price,
    high: price,
    low: price,
    volume: '0',
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
