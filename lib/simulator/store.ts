import type { Account, ApiKey } from './accounts.ts';
import type { Reply } from './answer.ts';
import type { Decimal } from './decimal.ts';
import type { GeneratedHistory } from './generated-history.ts';
import type { Market, Order, State, Trade } from './state.ts';
import type { SymbolRules } from './symbols.ts';
import { indexTapes, type Tape } from './tape.ts';
import type { Watcher } from './watch.ts';

/** Something a taker can trade against: a level of the house, or a resting order. */
export type Offer = { price: Decimal; quantity: Decimal; order: Order | null };

/** The state and its indexes, so that no request costs more because of what happened before it. */
export type Store = {
  state: State;
  symbols: Map<string, SymbolRules>;
  keys: Map<string, { account: Account; key: ApiKey }>;
  accounts: Map<string, Account>;
  orders: Map<string, Order>;
  /** By account and client order id, oldest first: duplicates are accepted. */
  byClientId: Map<string, Order[]>;
  /** By account and symbol, oldest first. */
  bySymbol: Map<string, Order[]>;
  open: { ofSymbol: Map<string, Map<string, Order>>; ofAccount: Map<string, Map<string, Order>> };
  tradesOfOrder: Map<string, Trade[]>;
  tradesOfSymbol: Map<string, Trade[]>;
  /** Generated house levels by symbol and side, with what they were generated from. */
  houseBooks: Map<string, { key: string; offers: readonly Offer[] }>;
  /** Replies of requests executed later, by number, until they are fetched. Nobody waits after a restart. */
  lateReplies: Map<number, Reply>;
  tapes: Map<string, Tape>;
  /** Generated history by symbol, with what it was generated from. */
  histories: Map<string, { key: string; history: GeneratedHistory }>;
  /** The stream, while somebody is connected to it. */
  watch: Watcher | null;
};

export function buildStore(state: State): Store {
  const store: Store = {
    state,
    symbols: new Map(state.symbols.map((rules) => [rules.symbol, rules])),
    keys: new Map(),
    accounts: new Map(state.accounts.map((account) => [account.uid, account])),
    orders: new Map(),
    byClientId: new Map(),
    bySymbol: new Map(),
    open: { ofSymbol: new Map(), ofAccount: new Map() },
    tradesOfOrder: new Map(),
    tradesOfSymbol: new Map(),
    houseBooks: new Map(),
    lateReplies: new Map(),
    tapes: indexTapes(state),
    histories: new Map(),
    watch: null,
  };
  for (const account of state.accounts) {
    for (const key of account.keys) store.keys.set(key.accessKey, { account, key });
  }
  for (const order of state.orders) indexOrder(store, order);
  for (const trade of state.trades) indexTrade(store, trade);
  return store;
}

export function addOrder(store: Store, order: Order): void {
  store.state.orders.push(order);
  indexOrder(store, order);
}

export function addTrade(store: Store, trade: Trade): void {
  store.state.trades.push(trade);
  indexTrade(store, trade);
}

export function isOpen(order: Order): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED';
}

/** Takes a finished order out of the open ones. */
export function closeIndex(store: Store, order: Order): void {
  store.open.ofSymbol.get(order.symbol)?.delete(order.orderId);
  store.open.ofAccount.get(order.uid)?.delete(order.orderId);
}

/** Open orders of a symbol in the order of their placing. */
export function openOrdersOf(store: Store, symbol: string): Order[] {
  return [...(store.open.ofSymbol.get(symbol)?.values() ?? [])];
}

/** Open orders of an account in the order of their placing. */
export function openOrdersBy(store: Store, uid: string): Order[] {
  return [...(store.open.ofAccount.get(uid)?.values() ?? [])];
}

export function marketOf(store: Store, symbol: string): Market {
  const market = store.state.markets[symbol];
  if (market === undefined) throw new Error(`simulator: no market for ${symbol}`);
  return market;
}

function indexOrder(store: Store, order: Order): void {
  store.orders.set(order.orderId, order);
  insert(store.bySymbol, `${order.uid} ${order.symbol}`, order);
  if (order.clientOrderId !== null) append(store.byClientId, `${order.uid} ${order.clientOrderId}`, order);
  if (!isOpen(order)) return;
  nested(store.open.ofSymbol, order.symbol).set(order.orderId, order);
  nested(store.open.ofAccount, order.uid).set(order.orderId, order);
}

function indexTrade(store: Store, trade: Trade): void {
  insert(store.tradesOfOrder, trade.orderId, trade);
  insert(store.tradesOfSymbol, `${trade.uid} ${trade.symbol}`, trade);
}

function append<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [value]);
  else list.push(value);
}

/** Keeps a list by time: clocks that differ stamp a later order with an earlier time. */
function insert<T extends { time: number }>(index: Map<string, T[]>, key: string, value: T): void {
  append(index, key, value);
  const list = index.get(key) ?? [];
  for (let i = list.length - 1; i > 0; i--) {
    const before = list[i - 1];
    if (before === undefined || before.time <= value.time) return;
    list[i] = before;
    list[i - 1] = value;
  }
}

function nested(index: Map<string, Map<string, Order>>, key: string): Map<string, Order> {
  const found = index.get(key) ?? new Map<string, Order>();
  index.set(key, found);
  return found;
}
