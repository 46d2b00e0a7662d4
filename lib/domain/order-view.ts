import { executedQuantity, executedQuote } from './facts.ts';
import type { Fill } from './fill.ts';
import { decimal, plain, roundDown } from './money.ts';
import { type Attempt, currentAttempt, type Order } from './order-record.ts';

/** Decimals of an average price in an answer. */
const AVERAGE_DECIMALS = 12;

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * An order as every answer shows it: lower-case `side` and `type`, amounts as decimal text, times
 * as ISO 8601 UTC.
 */
export const orderView = (order: Order) => {
  const quantity = decimal(executedQuantity(order));
  const quote = decimal(executedQuote(order));
  const attempt = currentAttempt(order);
  const exchangeOrderId = order.attempts.findLast(({ facts }) => facts)?.facts?.exchangeOrderId;
  return {
    id: order.id,
    strategy: order.strategy,
    symbol: order.symbol,
    action: order.action,
    side: order.side,
    type: order.type,
    state: order.state,
    quantity: order.quantity,
    quoteQuantity: order.quoteQuantity,
    price: order.price,
    filledQuantity: plain(quantity),
    filledQuote: plain(quote),
    averagePrice: quantity.gt('0') ? plain(roundDown(quote.div(quantity), AVERAGE_DECIMALS)) : undefined,
    exchangeOrderId,
    clientOrderId: attempt?.clientOrderId,
    ...saidOf(order),
    ...(order.test && { test: true }),
    ...(order.cancelledIds && { cancelledIds: order.cancelledIds }),
    ...(order.contradiction && { contradiction: true }),
    createdAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    history: order.history.map(({ at, ...entry }) => ({ at: iso(at), ...entry })),
  };
};

/** Why the order is where it is: what ended it, or what the exchange said last to one that is in doubt or waits again. */
const saidOf = (order: Order) => {
  const { code, message: reason, outcome } = currentAttempt(order) ?? {};
  if (order.state === 'unknown') return { code, class: 'U', reason };
  if (order.state === 'accepted' && outcome === 'not_executed') return { code, class: 'T', reason };
  return { code: order.code, class: order.errorClass, reason: order.reason };
};

/** One order with everything that is known of it. The nonce stays inside. */
export const orderDetailView = (order: Order, fills: readonly Fill[]) => ({
  ...orderView(order),
  settled: order.settled,
  reserved: order.reserved,
  alert: order.asked,
  ...(order.refusal && { refusal: order.refusal }),
  attempts: order.attempts.map(attemptView),
  fills: fills.map(fillView),
});

/** An own trade as every answer shows it. */
export const fillView = ({ appliedAt, time, ...fill }: Fill) => ({
  ...fill,
  time: iso(time),
  appliedAt: iso(appliedAt),
});

const attemptView = ({ nonce: _, signedAt, until, ...attempt }: Attempt) => ({
  ...attempt,
  signedAt: iso(signedAt),
  until: iso(until),
});
