import { randomBytes } from 'node:crypto';
import type { Side, SymbolRules } from '../../domain/exchange.ts';
import { earliest } from '../../domain/exchange-time.ts';
import { type Decimal, decimal, plain, roundUp } from '../../domain/money.ts';
import type { OrderType } from '../../domain/order-type.ts';
import type { Clock, Exchange } from '../../domain/ports.ts';
import { EXCHANGE_TYPE, type Fitted, fit, leastQuantity, type Wish } from '../../domain/rules.ts';
import { marketClosed } from './symbol.ts';
import { refusalOf, type Verdict } from './verdict.ts';

const PATIENCE = 8_000;
const RECV_WINDOW = 5_000;

/** The order that somebody wants to know about; amounts as decimal text. */
export interface AskedOrder {
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity?: string;
  readonly quoteQuantity?: string;
  readonly price?: string;
}

export interface OrderCheck {
  readonly verdicts: Verdict[];
  /** What it would take of the account, in `asset`; absent when no order could be made of it. */
  readonly needs?: { readonly asset: string; readonly amount: Decimal };
}

/**
 * Tries an order without placing it: first against the exchange's published rules, then by `POST /api/v3/order/test`, which
 * never reaches the book. Without a size it is the least order that the rules allow.
 */
export const checkOrder = async (
  asked: AskedOrder,
  rules: SymbolRules,
  last: Decimal,
  { exchange, clock }: { readonly exchange: Exchange; readonly clock: Clock },
): Promise<OrderCheck> => {
  const verdicts: Verdict[] = [];
  const about = rules.symbol;
  const isOpen = rules.orderTypes.includes('MARKET') || asked.type !== 'market';
  const type = isOpen ? asked.type : 'limit';
  const wish = wishOf({ ...asked, type }, rules, last);
  const fitted = fit(wish, rules, last);
  let order = fitted.ok ? fitted.order : undefined;
  if (!fitted.ok) {
    const { refusal, reason } = fitted;
    const again = refusal.nearest && fit({ ...wish, ...decimals(refusal.nearest) }, rules, last);
    order = again?.ok ? again.order : undefined;
    verdicts.push({
      verdict: reason === 'too small' ? 'below_minimum' : 'against_rules',
      level: 'wrong',
      about,
      message: refusal.message,
      ...(order && { advice: `The nearest order that would pass: ${inWords(order, rules)}.` }),
      data: { nearest: refusal.nearest },
    });
  }
  if (!order) return { verdicts };

  const outcome = await tested(order, rules.symbol, { exchange, clock });
  const needs = needsOf(order, rules, last);
  if (outcome === undefined) {
    verdicts.push(taken(fitted.ok ? 'Would be taken' : 'The nearest one would be taken', order, rules));
    return { verdicts, needs };
  }
  const refusal = refusalOf(outcome, about);
  if (refusal.verdict === 'market_closed' && type === 'market') {
    // Closed without a word in the listing: a limit order may still pass.
    const other = await checkOrder({ side: asked.side, type: 'limit' }, rules, last, { exchange, clock });
    return { ...other, verdicts: [...verdicts, marketClosed(about), ...other.verdicts] };
  }
  const larger = refusal.verdict === 'below_minimum' && largerOrder(order, outcome.message, rules, last);
  if (!larger) return { verdicts: [...verdicts, refusal], needs };
  verdicts.push({ ...refusal, advice: `The nearest order that would pass: ${inWords(larger, rules)}.` });
  const again = await tested(larger, about, { exchange, clock });
  verdicts.push(again ? refusalOf(again, about) : taken('The nearest one would be taken', larger, rules));
  return { verdicts, needs: needsOf(larger, rules, last) };
};

const taken = (what: string, order: Fitted, rules: SymbolRules): Verdict => ({
  verdict: 'order',
  level: 'ok',
  about: rules.symbol,
  message: `${what}: ${inWords(order, rules)} (tried by order/test, nothing was placed).`,
  data: { order: { ...order, notes: undefined } },
});

/** The same order with the minimum that the exchange's refusal names, e.g. "cannot be less than: 5USDT" (code 30002). */
const largerOrder = (order: Fitted, said: string, rules: SymbolRules, last: Decimal): Fitted | undefined => {
  const [, least, asset] = /(\d+(?:\.\d+)?)\s*([A-Z0-9]+)\s*$/.exec(said) ?? [];
  if (least === undefined || (asset !== rules.quoteAsset && asset !== rules.baseAsset)) return undefined;
  const price = order.price === undefined ? last : decimal(order.price);
  const byAmount = asset === rules.quoteAsset;
  if (byAmount && order.quoteQuantity !== undefined)
    return decimal(least).gt(order.quoteQuantity) ? { ...order, quoteQuantity: least } : undefined;
  const { quoteQuantity: _, ...rest } = order;
  const quantity = roundUp(byAmount ? decimal(least).div(price) : decimal(least), rules.quantityDecimals);
  return quantity.gt(order.quantity ?? '0') ? { ...rest, quantity: plain(quantity) } : undefined;
};

/** The least order where no size is given; the last price where a limit order has none. */
const wishOf = (
  { side, type, quantity, quoteQuantity, price }: AskedOrder,
  rules: SymbolRules,
  last: Decimal,
): Wish => {
  const limit = type === 'market' ? undefined : decimal(price ?? plain(last));
  const sized = quantity !== undefined || quoteQuantity !== undefined;
  const byAmount = side === 'buy' && !limit;
  const size = decimals({
    ...(quantity !== undefined && { quantity }),
    ...(quoteQuantity !== undefined && { quoteQuantity }),
  });
  // A market buy by amount stays the least one when the price moves.
  const least = byAmount
    ? { quoteQuantity: leastAmount(rules) }
    : { quantity: leastQuantity(rules, type, limit ?? last) };
  return { side, type, ...(limit && { price: limit }), ...(sized ? size : least) };
};

const leastAmount = (rules: SymbolRules): Decimal => {
  const nothing = fit({ side: 'buy', type: 'market', quoteQuantity: decimal('0') }, rules, undefined);
  return decimal((!nothing.ok && nothing.refusal.nearest?.quoteQuantity) || rules.minAmountMarket);
};

const decimals = (
  texts: Readonly<Record<string, string>>,
): Partial<Record<'quantity' | 'quoteQuantity' | 'price', Decimal>> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, decimal(text)]));

/** @returns undefined when the exchange would take it */
const tested = async (
  order: Fitted,
  symbol: string,
  { exchange, clock }: { readonly exchange: Exchange; readonly clock: Clock },
): Promise<{ code: string; message: string; class?: string } | undefined> => {
  const options = { deadline: clock.now() + PATIENCE };
  const time = await exchange.measureTime(options);
  const signed = await exchange.signOrder(
    {
      symbol,
      side: order.side,
      type: EXCHANGE_TYPE[order.type],
      clientOrderId: `doctor-${randomBytes(8).toString('hex')}`,
      ...(order.quantity !== undefined && { quantity: order.quantity }),
      ...(order.quoteQuantity !== undefined && { quoteQuantity: order.quoteQuantity }),
      ...(order.price !== undefined && { price: order.price }),
    },
    { timestamp: earliest(time, clock.now()), recvWindow: RECV_WINDOW, test: true },
  );
  const outcome = await exchange.sendOrder(signed, options);
  switch (outcome.kind) {
    case 'tested':
      return undefined;
    case 'unsent':
      return { code: 'unsent', message: outcome.reason };
    case 'acknowledged':
      return { code: 'acknowledged', message: 'a test order was acknowledged like a real one' };
    default:
      return outcome;
  }
};

/** What it locks of the account. */
const needsOf = ({ side, quantity, quoteQuantity, price }: Fitted, rules: SymbolRules, last: Decimal) => {
  if (side === 'sell') return { asset: rules.baseAsset, amount: decimal(quantity ?? '0') };
  const amount =
    quoteQuantity === undefined ? decimal(quantity ?? '0').times(price ?? last) : decimal(quoteQuantity);
  return { asset: rules.quoteAsset, amount };
};

const inWords = ({ side, type, quantity, quoteQuantity, price }: Fitted, rules: SymbolRules): string => {
  const size =
    quantity === undefined ? `for ${quoteQuantity} ${rules.quoteAsset}` : `${quantity} ${rules.baseAsset}`;
  const how = price === undefined ? 'at market' : `${type} at ${price} ${rules.quoteAsset}`;
  const what = quantity === undefined ? `${rules.baseAsset} ` : '';
  return `${side} ${what}${size} ${how}`;
};
