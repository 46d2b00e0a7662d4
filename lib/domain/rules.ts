import type { ExchangeOrderType, Side, SymbolRules } from './exchange.ts';
import { type Decimal, type DecimalText, decimal, larger, plain, roundDown, roundUp } from './money.ts';
import type { Refusal } from './order-record.ts';
import type { OrderType } from './order-type.ts';
import { againstRules } from './refusals.ts';

/** An order before it is fitted to the exchange's rules. Exactly one size; `price` for the limit family. */
export interface Wish {
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity?: Decimal;
  readonly quoteQuantity?: Decimal;
  readonly price?: Decimal;
}

export interface Fitted {
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity?: DecimalText;
  readonly quoteQuantity?: DecimalText;
  readonly price?: DecimalText;
  readonly notes: readonly string[];
}

/** `reason` tells a caller for whom "too small" means "nothing to do" from one who has to be told. */
export type Fit =
  | { readonly ok: true; readonly order: Fitted }
  | { readonly ok: false; readonly reason: 'too small' | 'refused'; readonly refusal: Refusal };

/** The exchange's word for each order type. */
export const EXCHANGE_TYPE: Readonly<Record<OrderType, ExchangeOrderType>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  limit_maker: 'LIMIT_MAKER',
  ioc: 'IMMEDIATE_OR_CANCEL',
  fok: 'FILL_OR_KILL',
};

/** Whether the symbol takes orders of this side over the API at all; `undefined` when it does. */
export const closedTo = (rules: SymbolRules | undefined, symbol: string, side: Side): Refusal | undefined => {
  if (!rules) return againstRules('symbol', `${symbol} is not a symbol of the exchange's spot market.`);
  if (!rules.online)
    return againstRules('symbol', `Trading of ${symbol} is paused or ended on the exchange.`);
  if (!rules.openToApi) {
    return againstRules(
      'symbol',
      `${symbol} is not open to orders over the API for this key (MEXC closes some pairs, usually BTCUSDT and ETHUSDT among them; others are chosen in the key's settings).`,
    );
  }
  const allowed = side === 'buy' ? rules.buyAllowed : rules.sellAllowed;
  return allowed
    ? undefined
    : againstRules('action', `${symbol} may only be ${side === 'buy' ? 'sold' : 'bought'} at the moment.`);
};

/**
 * Fits an order to the symbol: quantities down to the step, prices to the tick in the passive direction (buy down,
 * sell up), every adjustment noted. A violation answers with the nearest order that would pass.
 * @param last last price; needed for orders without a limit price that are sized in base
 */
export const fit = (wish: Wish, rules: SymbolRules, last: Decimal | undefined): Fit => {
  const notes: string[] = [];
  const price = wish.price && fitPrice(wish.price, wish.side, rules, notes);
  if (price?.eq('0')) {
    return refused(
      againstRules(
        'price',
        `The price is below the tick of ${rules.symbol}.`,
        nearestAt(tick(rules), wish, rules, last),
      ),
    );
  }
  const outside = price && outsideBand(price, wish, rules, last);
  if (outside) return refused(outside);
  if (wish.quoteQuantity && !price) return fitQuote(wish, wish.quoteQuantity, rules, notes);

  const asked = wish.quoteQuantity && price ? wish.quoteQuantity.div(price) : wish.quantity;
  if (!asked) return refused(againstRules('quantity', 'The order has no size.'));
  const quantity = roundDown(asked, rules.quantityDecimals);
  if (!quantity.eq(asked)) {
    notes.push(
      `quantity ${plain(roundDown(asked, 18))} rounded down to ${plain(quantity)} (${rules.quantityDecimals} decimals)`,
    );
  }
  const reference = price ?? last;
  const tooSmall = belowMinimum(quantity, reference, wish, rules);
  if (tooSmall) return { ok: false, reason: 'too small', refusal: tooSmall };
  const tooLarge = aboveMaximum(quantity, reference, wish, rules);
  if (tooLarge) return refused(tooLarge);
  return {
    ok: true,
    order: {
      side: wish.side,
      type: wish.type,
      quantity: plain(quantity),
      ...(price && { price: plain(price) }),
      notes,
    },
  };
};

/** The nearest order at another price: its size may have to change with the price. */
const nearestAt = (
  price: Decimal,
  wish: Wish,
  rules: SymbolRules,
  last: Decimal | undefined,
): Record<string, string> => {
  const there = price.gt('0') ? fit({ ...wish, price }, rules, last) : undefined;
  return { price: plain(price), ...(there?.ok === false && there.refusal.nearest) };
};

const refused = (refusal: Refusal): Fit => ({ ok: false, reason: 'refused', refusal });

const tick = (rules: SymbolRules): Decimal => decimal(`1e-${rules.priceDecimals}`);
const step = (rules: SymbolRules): Decimal => decimal(`1e-${rules.quantityDecimals}`);

const fitPrice = (price: Decimal, side: Side, rules: SymbolRules, notes: string[]): Decimal => {
  const fitted = side === 'buy' ? roundDown(price, rules.priceDecimals) : roundUp(price, rules.priceDecimals);
  if (!fitted.eq(price)) {
    notes.push(`price ${plain(price)} moved ${side === 'buy' ? 'down' : 'up'} to the tick ${plain(fitted)}`);
  }
  return fitted;
};

/** The exchange's price filter, read as a deviation ratio (reference section 7.3, advisory). */
const outsideBand = (
  price: Decimal,
  wish: Wish,
  rules: SymbolRules,
  last: Decimal | undefined,
): Refusal | undefined => {
  if (!last || wish.type === 'limit_maker') return undefined;
  if (wish.side === 'buy' && rules.maxBuyAbove !== undefined) {
    const highest = roundDown(last.times(decimal(rules.maxBuyAbove).plus('1')), rules.priceDecimals);
    if (price.gt(highest)) return bandRefusal('above', highest, nearestAt(highest, wish, rules, last));
  }
  if (wish.side === 'sell' && rules.maxSellBelow !== undefined) {
    const lowest = roundUp(last.times(decimal('1').minus(rules.maxSellBelow)), rules.priceDecimals);
    if (price.lt(lowest)) return bandRefusal('below', lowest, nearestAt(lowest, wish, rules, last));
  }
  return undefined;
};

const bandRefusal = (direction: string, bound: Decimal, nearest: Readonly<Record<string, string>>): Refusal =>
  againstRules(
    'price',
    `The price is too far ${direction} the last price for the exchange; ${plain(bound)} would pass.`,
    nearest,
  );

/** A market buy by amount: the exchange takes at most the decimals that its prices have. */
const fitQuote = (wish: Wish, asked: Decimal, rules: SymbolRules, notes: string[]): Fit => {
  const amount = roundDown(asked, rules.priceDecimals);
  if (!amount.eq(asked)) notes.push(`amount ${plain(asked)} rounded down to ${plain(amount)}`);
  const least = larger(decimal(rules.minAmountMarket), decimal(rules.minAmount));
  if (amount.lt(least) || amount.eq('0')) {
    const nearest = larger(roundUp(least, rules.priceDecimals), tick(rules));
    return {
      ok: false,
      reason: 'too small',
      refusal: againstRules(
        'quoteQuantity',
        `The amount is below the exchange's minimum of ${plain(least)} ${rules.quoteAsset}; ${plain(nearest)} would pass.`,
        { quoteQuantity: plain(nearest) },
      ),
    };
  }
  const most = rules.maxAmountMarket ?? rules.maxAmount;
  if (most !== undefined && amount.gt(most)) {
    return refused(
      againstRules(
        'quoteQuantity',
        `The amount is above the exchange's maximum of ${most} ${rules.quoteAsset}.`,
        {
          quoteQuantity: most,
        },
      ),
    );
  }
  return { ok: true, order: { side: wish.side, type: wish.type, quoteQuantity: plain(amount), notes } };
};

/** Least quantity that the exchange takes at this price, on the step. */
export const leastQuantity = (
  rules: SymbolRules,
  type: OrderType,
  reference: Decimal | undefined,
): Decimal => {
  const least =
    type === 'market'
      ? larger(decimal(rules.minAmountMarket), decimal(rules.minAmount))
      : decimal(rules.minAmount);
  const byAmount = reference?.gt('0') ? least.div(reference) : decimal('0');
  return larger(roundUp(larger(decimal(rules.minQuantity), byAmount), rules.quantityDecimals), step(rules));
};

const belowMinimum = (
  quantity: Decimal,
  reference: Decimal | undefined,
  wish: Wish,
  rules: SymbolRules,
): Refusal | undefined => {
  const least = leastQuantity(rules, wish.type, reference);
  if (quantity.gte(least)) return undefined;
  return againstRules(
    wish.quoteQuantity ? 'quoteQuantity' : 'quantity',
    `The quantity is below the exchange's minimum; ${plain(least)} ${rules.baseAsset} would pass.`,
    { quantity: plain(least) },
  );
};

const aboveMaximum = (
  quantity: Decimal,
  reference: Decimal | undefined,
  wish: Wish,
  rules: SymbolRules,
): Refusal | undefined => {
  const most = wish.type === 'market' ? (rules.maxAmountMarket ?? rules.maxAmount) : rules.maxAmount;
  if (most === undefined || !reference?.gt('0') || quantity.times(reference).lte(most)) return undefined;
  const nearest = roundDown(decimal(most).div(reference), rules.quantityDecimals);
  return againstRules(
    'quantity',
    `The order is above the exchange's maximum of ${most} ${rules.quoteAsset}; ${plain(nearest)} ${rules.baseAsset} would pass.`,
    { quantity: plain(nearest) },
  );
};
