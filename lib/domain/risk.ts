import { committedQuantity, type Lane, openCost, openResting } from './lane.ts';
import { type Decimal, type DecimalText, decimal, larger, plain, roundUp } from './money.ts';
import type { Plan } from './order.ts';
import type { Refusal } from './order-record.ts';
import { flattenOver, halted, limitReached, overrun, reduceOnly } from './refusals.ts';
import type { Fitted } from './rules.ts';
import type { StrategySettings } from './settings.ts';
import { type CounterLimits, dayOf, type ModeRequirement, type Strategy } from './strategy.ts';

/** Decimals of a reservation, rounded up. */
const NOTIONAL_DECIMALS = 8;

/**
 * N (order protocol, section 8): what the order may cost at most, fixed at admission.
 * @param reference last price; without one only orders with their own price or amount can be judged
 */
export const notionalOf = (
  order: Fitted,
  reference: Decimal | undefined,
  maxSlippagePercent: DecimalText,
): DecimalText => {
  if (order.quoteQuantity !== undefined) return order.quoteQuantity;
  const quantity = decimal(order.quantity ?? '0');
  if (order.side === 'buy' && order.price !== undefined)
    return plain(roundUp(quantity.times(order.price), NOTIONAL_DECIMALS));
  const price = larger(decimal(order.price ?? '0'), reference ?? decimal('0'));
  const reserve = decimal(maxSlippagePercent).div('100').plus('1');
  return plain(roundUp(quantity.times(price).times(reserve), NOTIONAL_DECIMALS));
};

/** The mode's word on an order; the sending transaction checks it again. */
export const modeRefusal = (strategy: Strategy, needs: ModeRequirement): Refusal | undefined => {
  if ('flatten' in needs)
    return strategy.flatten === needs.flatten ? undefined : flattenOver(strategy.strategy);
  if (strategy.mode === 'HALTED') return halted(strategy.strategy);
  if (strategy.overrun !== undefined && !needs.reduces) return overrun(strategy.strategy, strategy.overrun);
  return strategy.mode === 'REDUCE_ONLY' && !needs.reduces ? reduceOnly(strategy.strategy) : undefined;
};

/** Limits that the transaction checks as conditions, in the form it needs them. */
export const counterLimits = (settings: StrategySettings): CounterLimits => ({
  maxOrdersPerDay: settings.maxOrdersPerDay,
  maxNotionalPerDay: settings.maxNotionalPerDay,
  maxOpenOrders: settings.maxOpenOrders,
});

/** The day that an order admitted now is counted in: the later of today and the record's (order protocol, 8.2). */
export const countingDay = (
  strategy: Strategy,
  now: number,
): { readonly day: string; readonly opensDay: boolean } => {
  const today = dayOf(now);
  return today > strategy.day ? { day: today, opensDay: true } : { day: strategy.day, opensDay: false };
};

/** Limits of the day and of the orders in flight, as the record shows them now. */
export const counterRefusal = (
  strategy: Strategy,
  notional: DecimalText,
  limits: CounterLimits,
  now: number,
): Refusal | undefined => {
  const { day, opensDay } = countingDay(strategy, now);
  const orders = opensDay ? 0 : strategy.dayOrders;
  const used = decimal(opensDay ? '0' : strategy.dayNotional);
  if (orders >= limits.maxOrdersPerDay) {
    return limitReached(
      'maxOrdersPerDay',
      `The strategy has used its ${limits.maxOrdersPerDay} orders of the day.`,
      day,
    );
  }
  if (used.plus(notional).gt(limits.maxNotionalPerDay)) {
    return limitReached(
      'maxNotionalPerDay',
      `The order of ${notional} would exceed the day's notional of ${limits.maxNotionalPerDay}; ${plain(used)} is used.`,
      day,
    );
  }
  if (Object.keys(strategy.inFlight).length >= limits.maxOpenOrders) {
    return limitReached('maxOpenOrders', `The strategy has its ${limits.maxOpenOrders} open orders.`);
  }
  return undefined;
};

/** Limits of this very order and of its position. They are judged on the lane whose version the transaction checks. */
export const orderRefusal = (
  plan: Pick<Plan, 'side' | 'price' | 'notional'>,
  lane: Lane,
  settings: StrategySettings,
  market: { readonly last: Decimal | undefined; readonly signalPrice: DecimalText | undefined },
): Refusal | undefined => {
  if (decimal(plan.notional).gt(settings.maxOrderNotional)) {
    return limitReached(
      'maxOrderNotional',
      `The order's notional of ${plan.notional} is above the limit of ${settings.maxOrderNotional} per order.`,
    );
  }
  return deviationRefusal(plan, settings, market) ?? positionRefusal(plan, lane, settings, market.last);
};

const deviationRefusal = (
  plan: Pick<Plan, 'price'>,
  settings: StrategySettings,
  {
    last,
    signalPrice,
  }: { readonly last: Decimal | undefined; readonly signalPrice: DecimalText | undefined },
): Refusal | undefined => {
  if (!last?.gt('0')) return undefined;
  for (const [path, price] of [
    ['price', plan.price],
    ['signalPrice', signalPrice],
  ] as const) {
    if (price === undefined) continue;
    const percent = decimal(price).minus(last).abs().div(last).times('100');
    if (percent.gt(settings.maxDeviationPercent)) {
      return limitReached(
        'maxDeviationPercent',
        `${path} is ${percent.toFixed(2)} % away from the last price ${plain(last)}; the limit is ${settings.maxDeviationPercent} %.`,
      );
    }
  }
  return undefined;
};

/**
 * Position after the order, open buys included: what was and would be paid for it, or its worth at the last price
 * where that is known and higher. A market buy by amount is judged without asking the exchange for a price.
 */
const positionRefusal = (
  plan: Pick<Plan, 'side' | 'notional'>,
  lane: Lane,
  settings: StrategySettings,
  last: Decimal | undefined,
): Refusal | undefined => {
  if (plan.side === 'sell') return undefined;
  const exposed = last
    ? decimal(committedQuantity(lane)).plus(openResting(lane, 'sell')).times(last)
    : decimal('0');
  const after = larger(exposed, decimal(lane.cost).plus(openCost(lane))).plus(plan.notional);
  if (after.lte(settings.maxPositionNotional)) return undefined;
  return limitReached(
    'maxPositionNotional',
    `The position in ${lane.symbol} would be worth ${after.toFixed(2)}; the limit is ${settings.maxPositionNotional}.`,
  );
};
