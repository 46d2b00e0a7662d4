import type { Account } from './accounts.ts';
import { type Decimal, decimal, plain } from './decimal.ts';
import {
  accountOf,
  bookHouse,
  changeFree,
  feeOf,
  freeOf,
  inMx,
  lockedAsset,
  needOf,
  ratesOf,
  reserve,
  spendReserve,
} from './ledger.ts';
import { nextDigits } from './random.ts';
import type { Order, Trade } from './state.ts';
import { addTrade, closeIndex, marketOf, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';
import { addPrint } from './tape.ts';

export type FillTerms = {
  price: Decimal;
  quantity: Decimal;
  at: number;
  isMaker: boolean;
  /** Whether the fee may come out of the account's MX. */
  payInMx: boolean;
  /** Whether the house is the other side. */
  house: boolean;
  self: boolean;
};

/** Books one side of one fill: balances, fee, trade record, the order's totals. The reserve must cover it. */
export function settleFill(store: Store, order: Order, terms: FillTerms): void {
  const account = accountOf(store, order.uid);
  const rules = rulesOf(store, order);
  const quote = terms.price.times(terms.quantity);
  const rate = terms.isMaker ? order.makerRate : ratesOf(account, rules).taker;
  const fee = feeFor(store, account, rules, feeOf(rules, quote, rate), terms.payInMx);
  const feeInQuote = fee.asset === rules.quoteAsset ? fee.amount : decimal(0);
  if (order.side === 'BUY') {
    spendReserve(account, rules, order, quote.plus(feeInQuote));
    changeFree(account, rules.baseAsset, terms.quantity);
  } else {
    spendReserve(account, rules, order, terms.quantity);
    changeFree(account, rules.quoteAsset, quote.minus(feeInQuote));
  }
  if (fee.asset !== rules.quoteAsset) changeFree(account, fee.asset, fee.amount.neg());
  bookHouse(store, fee.asset, fee.amount);
  if (terms.house) payHouse(store, rules, order, terms.quantity, quote);
  order.executed = plain(decimal(order.executed).plus(terms.quantity));
  order.quote = plain(decimal(order.quote).plus(quote));
  const trade = recordTrade(store, order, terms, quote, fee);
  store.watch?.fill(trade);
  if (terms.isMaker) advanceMaker(store, account, rules, order, terms.at);
  moveMarket(store, order, terms);
}

function rulesOf(store: Store, order: Order): SymbolRules {
  const rules = store.symbols.get(order.symbol);
  if (rules === undefined) throw new Error(`simulator: no symbol ${order.symbol}`);
  return rules;
}

function feeFor(
  store: Store,
  account: Account,
  rules: SymbolRules,
  fee: Decimal,
  payInMx: boolean,
): { asset: string; amount: Decimal } {
  const mx = payInMx ? inMx(store, account, rules, fee) : null;
  if (mx === null || mx.gt(freeOf(account, 'MX'))) return { asset: rules.quoteAsset, amount: fee };
  return { asset: 'MX', amount: mx };
}

function payHouse(store: Store, rules: SymbolRules, order: Order, quantity: Decimal, quote: Decimal): void {
  const buys = order.side === 'BUY';
  bookHouse(store, rules.baseAsset, buys ? quantity.neg() : quantity);
  bookHouse(store, rules.quoteAsset, buys ? quote : quote.neg());
}

function recordTrade(
  store: Store,
  order: Order,
  terms: FillTerms,
  quote: Decimal,
  fee: { asset: string; amount: Decimal },
): Trade {
  store.state.counters.trade += 1;
  const trade = {
    // Random digits first: unique, longer than a safe integer, and not increasing (section 8.7).
    id: `${nextDigits(store.state, 10)}${String(store.state.counters.trade).padStart(9, '0')}`,
    uid: order.uid,
    symbol: order.symbol,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    price: plain(terms.price),
    qty: plain(terms.quantity),
    quoteQty: plain(quote),
    commission: plain(fee.amount),
    commissionAsset: fee.asset,
    time: terms.at,
    isBuyer: order.side === 'BUY',
    isMaker: terms.isMaker,
    isSelfTrade: terms.self,
  };
  addTrade(store, trade);
  return trade;
}

/** A resting order after a fill: new status, and the lock shrinks to what the rest still needs. */
function advanceMaker(store: Store, account: Account, rules: SymbolRules, order: Order, at: number): void {
  const filled = decimal(order.executed).gte(order.quantity);
  order.status = filled ? 'FILLED' : 'PARTIALLY_FILLED';
  order.updateTime = at;
  reserve(account, rules, order, needOf(order));
  if (filled) closeIndex(store, order);
  store.watch?.order(order, order.status, at);
  store.watch?.balance(order.uid, lockedAsset(rules, order.side), 'ENTRUST_UNFROZEN', at);
}

function moveMarket(store: Store, order: Order, terms: FillTerms): void {
  const price = plain(terms.price);
  marketOf(store, order.symbol).last = price;
  // A trade between two orders is settled twice but was one trade.
  if (!terms.house && !terms.isMaker) return;
  addPrint(store, order.symbol, {
    time: terms.at,
    price,
    qty: plain(terms.quantity),
    buyerMaker: (order.side === 'BUY') === terms.isMaker,
  });
}

/** Counts a change of the book: lastUpdateId must grow with every one. */
export function touch(store: Store, symbol: string): void {
  marketOf(store, symbol).version += 1;
  store.watch?.book(symbol);
}
