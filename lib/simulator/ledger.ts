import type { Account, Balance } from './accounts.ts';
import { type Decimal, decimal, floorTo, plain } from './decimal.ts';
import type { Order, Side } from './state.ts';
import type { Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';

/** The balance of an asset, created empty when the account never had any. */
function balanceOf(account: Account, asset: string): Balance {
  const found = account.balances[asset] ?? { free: '0', locked: '0' };
  account.balances[asset] = found;
  return found;
}

export function freeOf(account: Account, asset: string): Decimal {
  return decimal(account.balances[asset]?.free ?? '0');
}

export function accountOf(store: Store, uid: string): Account {
  const account = store.accounts.get(uid);
  if (account === undefined) throw new Error(`simulator: no account ${uid}`);
  return account;
}

/** Adds to (or takes from) a free balance. A negative result is a bug of the simulator, never an answer. */
export function changeFree(account: Account, asset: string, amount: Decimal): void {
  const balance = balanceOf(account, asset);
  balance.free = notNegative(decimal(balance.free).plus(amount), asset);
}

function changeLocked(account: Account, asset: string, amount: Decimal): void {
  const balance = balanceOf(account, asset);
  balance.locked = notNegative(decimal(balance.locked).plus(amount), asset);
}

function notNegative(amount: Decimal, asset: string): string {
  if (amount.lt(0)) throw new Error(`simulator: negative balance of ${asset}`);
  return plain(amount);
}

/** The asset an order locks. */
export function lockedAsset(rules: SymbolRules, side: Side): string {
  return side === 'BUY' ? rules.quoteAsset : rules.baseAsset;
}

/** Moves the reserve of an order up or down to `target`, between the free and the locked balance. */
export function reserve(account: Account, rules: SymbolRules, order: Order, target: Decimal): void {
  const difference = target.minus(order.reserved);
  const asset = lockedAsset(rules, order.side);
  changeFree(account, asset, difference.neg());
  changeLocked(account, asset, difference);
  order.reserved = plain(target);
}

/** Takes `amount` out of the order's reserve for good: it is paid to the other side. */
export function spendReserve(account: Account, rules: SymbolRules, order: Order, amount: Decimal): void {
  changeLocked(account, lockedAsset(rules, order.side), amount.neg());
  order.reserved = plain(decimal(order.reserved).minus(amount));
}

/** Books what the house gets (negative: gives). */
export function bookHouse(store: Store, asset: string, amount: Decimal): void {
  store.state.house[asset] = plain(decimal(store.state.house[asset] ?? '0').plus(amount));
}

/** A fee in quote, rounded down to the symbol's precision, so that fills never cost more than was reserved. */
export function feeOf(rules: SymbolRules, quote: Decimal, rate: string): Decimal {
  return floorTo(quote.times(rate), rules.quoteCommissionPrecision);
}

/** The account's maker and taker rates on a symbol. */
export function ratesOf(account: Account, rules: SymbolRules): { maker: string; taker: string } {
  return account.fees[rules.symbol] ?? { maker: rules.makerCommission, taker: rules.takerCommission };
}

/**
 * A fee in MX at the last MX price, or null when deduction is off or there is no such price. A quote asset without an
 * MX pair is valued through USDT. The page tells of no discount, so there is none.
 */
export function inMx(store: Store, account: Account, rules: SymbolRules, fee: Decimal): Decimal | null {
  if (!account.mxDeduct) return null;
  const direct = lastOf(store, `MX${rules.quoteAsset}`);
  if (direct !== null) return floorTo(fee.div(direct), 8);
  const mx = lastOf(store, 'MXUSDT');
  const quote = lastOf(store, `${rules.quoteAsset}USDT`);
  return mx === null || quote === null ? null : floorTo(fee.times(quote).div(mx), 8);
}

function lastOf(store: Store, symbol: string): string | null {
  return store.state.markets[symbol]?.last ?? null;
}

/** What an open order must hold: the rest of a sell, or the rest of a buy with its maker fee. */
export function needOf(order: Order): Decimal {
  const rest = decimal(order.quantity).minus(order.executed);
  if (order.side === 'SELL') return rest;
  return rest.times(order.price).times(decimal(1).plus(order.makerRate));
}
