import { type Decimal, decimal, floorTo, plain, step } from './decimal.ts';
import type { Level, Side } from './state.ts';
import { marketOf, type Offer, openOrdersOf, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';

const LEVELS = 40;
/** Quote amount on the first level of the generated book; each further level holds a quarter of it more. */
const LEVEL_AMOUNT = 5000;

/**
 * What an incoming order of `taker` side meets, best price first, resting orders before the house at one price.
 *
 * The generated house book is refilled after every order, so that prices do not drift during a long run. It gives
 * way to resting orders: no house level crosses one, so a large limit order fills partially and then rests.
 * A literal book is taken as it was set, and what is eaten stays eaten.
 */
export function offersFor(store: Store, rules: SymbolRules, taker: Side): readonly Offer[] {
  const makerSide = taker === 'BUY' ? 'SELL' : 'BUY';
  const resting = openOrdersOf(store, rules.symbol)
    .filter((order) => order.side === makerSide)
    .map((order) => ({
      price: decimal(order.price),
      quantity: decimal(order.quantity).minus(order.executed),
      order,
    }));
  const house = houseOffers(store, rules, makerSide);
  if (resting.length === 0) return house;
  const offers: Offer[] = [...resting, ...house];
  return offers.sort((a, b) => (taker === 'BUY' ? a.price.cmp(b.price) : b.price.cmp(a.price)));
}

function houseOffers(store: Store, rules: SymbolRules, side: Side): readonly Offer[] {
  const market = marketOf(store, rules.symbol);
  if (market.literal !== null) {
    const levels = side === 'BUY' ? market.literal.bids : market.literal.asks;
    return levels.map(([price, quantity]) => ({
      price: decimal(price),
      quantity: decimal(quantity),
      order: null,
    }));
  }
  const wall = bestResting(store, rules.symbol, side === 'BUY' ? 'SELL' : 'BUY');
  const offers = generated(store, rules, market.anchor, side);
  if (wall === null) return offers;
  return offers.filter((offer) => (side === 'BUY' ? offer.price.lt(wall) : offer.price.gt(wall)));
}

function bestResting(store: Store, symbol: string, side: Side): Decimal | null {
  let best: Decimal | null = null;
  for (const order of openOrdersOf(store, symbol)) {
    if (order.side !== side) continue;
    const price = decimal(order.price);
    if (best === null || (side === 'BUY' ? price.gt(best) : price.lt(best))) best = price;
  }
  return best;
}

/** The generated levels, kept as long as they hold: they are a matter of the rules and the anchor alone. */
function generated(store: Store, rules: SymbolRules, anchor: string, side: Side): readonly Offer[] {
  const name = `${rules.symbol} ${side}`;
  const key = `${anchor} ${rules.quotePrecision} ${rules.baseAssetPrecision}`;
  const known = store.houseBooks.get(name);
  if (known?.key === key) return known.offers;
  const offers = generate(rules, decimal(anchor), side);
  store.houseBooks.set(name, { key, offers });
  return offers;
}

function generate(rules: SymbolRules, anchor: Decimal, side: Side): Offer[] {
  const tick = step(rules.quotePrecision);
  const offers: Offer[] = [];
  for (let i = 0; i < LEVELS; i++) {
    // The best ask is the price itself, the best bid one tick below it.
    const price = side === 'SELL' ? anchor.plus(tick.times(i)) : anchor.minus(tick.times(i + 1));
    if (price.lte(0)) break;
    const amount = decimal(LEVEL_AMOUNT)
      .times(4 + i)
      .div(4);
    const quantity = floorTo(amount.div(price), rules.baseAssetPrecision);
    if (quantity.gt(0)) offers.push({ price, quantity, order: null });
  }
  return offers;
}

/** Takes a filled quantity out of a literal book; the generated book refills itself. */
export function eatHouse(store: Store, symbol: string, taker: Side, price: Decimal, quantity: Decimal): void {
  const market = marketOf(store, symbol);
  if (market.literal === null) return;
  const eat = (levels: Level[]): Level[] =>
    levels
      .map(
        (level): Level => (price.eq(level[0]) ? [level[0], plain(decimal(level[1]).minus(quantity))] : level),
      )
      .filter(([, left]) => decimal(left).gt(0));
  if (taker === 'BUY') market.literal.asks = eat(market.literal.asks);
  else market.literal.bids = eat(market.literal.bids);
}

/** The book as depth and bookTicker show it: house and resting orders, one row per price. */
export function bookView(store: Store, rules: SymbolRules, limit: number): { bids: Level[]; asks: Level[] } {
  return {
    bids: rows(offersFor(store, rules, 'SELL'), limit),
    asks: rows(offersFor(store, rules, 'BUY'), limit),
  };
}

function rows(offers: readonly Offer[], limit: number): Level[] {
  const byPrice = new Map<string, Decimal>();
  for (const { price, quantity } of offers) {
    const key = plain(price);
    byPrice.set(key, (byPrice.get(key) ?? decimal(0)).plus(quantity));
  }
  return [...byPrice].slice(0, limit).map(([price, quantity]): Level => [price, plain(quantity)]);
}
