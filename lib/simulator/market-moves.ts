import { eatHouse } from './book.ts';
import { type Decimal, decimal, plain, smaller, step } from './decimal.ts';
import { settleFill, touch } from './settlement.ts';
import type { Level, Order, Side } from './state.ts';
import { marketOf, openOrdersOf, type Store } from './store.ts';
import { addPrint } from './tape.ts';

/**
 * Moves the market of a symbol to `price`: the generated house book is rebuilt around it (a literal one is dropped),
 * and every resting order the price reached is filled completely at its own limit, in the order of placing.
 */
export function movePrice(store: Store, symbol: string, price: Decimal, at: number): void {
  const market = marketOf(store, symbol);
  market.literal = null;
  market.anchor = plain(price);
  for (const order of openOrdersOf(store, symbol)) {
    if (isReached(order, price)) fillResting(store, order, restOf(order), at);
  }
  printPrice(store, symbol, price, null, at);
}

/**
 * Prints a trade of strangers: resting orders the price reached are filled at their own limit, best price and
 * oldest first, up to `quantity` in base. The house book stays as it is.
 */
export function printTrade(
  store: Store,
  symbol: string,
  price: Decimal,
  quantity: Decimal,
  at: number,
): void {
  let left = quantity;
  for (const side of ['BUY', 'SELL'] as const) {
    for (const order of byPriority(store, symbol, side)) {
      if (left.lte(0)) break;
      if (!isReached(order, price)) continue;
      const part = smaller(left, restOf(order));
      fillResting(store, order, part, at);
      left = left.minus(part);
    }
  }
  printPrice(store, symbol, price, left.gt(0) ? left : null, at);
}

/**
 * Replaces the house book by exactly these levels (price, quantity). Resting orders they cross are filled at their
 * own limit as far as the levels reach, which uses the levels up.
 */
export function replaceBook(
  store: Store,
  symbol: string,
  book: { bids: readonly Level[]; asks: readonly Level[] },
  at: number,
): void {
  const market = marketOf(store, symbol);
  market.literal = {
    bids: book.bids.toSorted((a, b) => decimal(b[0]).cmp(a[0])),
    asks: book.asks.toSorted((a, b) => decimal(a[0]).cmp(b[0])),
  };
  for (const side of ['BUY', 'SELL'] as const) {
    for (const order of byPriority(store, symbol, side)) fillFromLiteral(store, order, at);
  }
  touch(store, symbol);
}

function fillFromLiteral(store: Store, order: Order, at: number): void {
  const literal = marketOf(store, order.symbol).literal;
  const levels = [...((order.side === 'BUY' ? literal?.asks : literal?.bids) ?? [])];
  for (const [price, quantity] of levels) {
    const rest = restOf(order);
    if (rest.lte(0) || !isReached(order, decimal(price))) return;
    const part = smaller(rest, decimal(quantity));
    fillResting(store, order, part, at);
    eatHouse(store, order.symbol, order.side, decimal(price), part);
  }
}

function isReached(order: Order, price: Decimal): boolean {
  return order.side === 'BUY' ? price.lte(order.price) : price.gte(order.price);
}

function restOf(order: Order): Decimal {
  return decimal(order.quantity).minus(order.executed);
}

function byPriority(store: Store, symbol: string, side: Side): Order[] {
  return openOrdersOf(store, symbol)
    .filter((order) => order.side === side)
    .sort((a, b) => (side === 'BUY' ? decimal(b.price).cmp(a.price) : decimal(a.price).cmp(b.price)));
}

function fillResting(store: Store, order: Order, quantity: Decimal, at: number): void {
  settleFill(store, order, {
    price: decimal(order.price),
    quantity,
    at,
    isMaker: true,
    payInMx: true,
    house: true,
    self: false,
  });
}

/** Puts a trade at `price` on the tape; without a quantity of its own it is the smallest lot there is. */
function printPrice(
  store: Store,
  symbol: string,
  price: Decimal,
  quantity: Decimal | null,
  at: number,
): void {
  const market = marketOf(store, symbol);
  const lot = step(store.symbols.get(symbol)?.baseAssetPrecision ?? 0);
  addPrint(store, symbol, {
    time: at,
    price: plain(price),
    qty: plain(quantity ?? lot),
    buyerMaker: price.lt(market.last),
  });
  market.last = plain(price);
  touch(store, symbol);
}
