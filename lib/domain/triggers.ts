import type { Lane } from './lane.ts';
import { decimal, plain, sum } from './money.ts';
import { realisedOn } from './positions.ts';
import type { TriggerSettings } from './settings.ts';
import { dayOf, type Strategy } from './strategy.ts';

/** Share of refused orders is judged from this many orders of the day on. */
const LEAST_ORDERS = 10;

/** What the triggers of one strategy are judged on. */
export interface Health {
  readonly strategy: Strategy;
  /** All lanes of the strategy. */
  readonly lanes: readonly Lane[];
  /** Orders of the strategy in the state `unknown`. */
  readonly unknowns: number;
  /** Local epoch ms. */
  readonly at: number;
}

/** Why a strategy is to reduce only. */
export interface Cause {
  /** Names cause and day: after the operator re-armed, the same one does not count again. */
  readonly id: string;
  /** In words for the owner. */
  readonly reason: string;
}

/**
 * Why a strategy is to reduce only from now on; `undefined`: all is well. Only an ACTIVE one is judged:
 * what happens by itself never loosens, and re-arming is by hand (design, section 7).
 */
export const triggered = (
  { strategy, lanes, unknowns, at }: Health,
  { maxDailyLoss, maxRejectPercent, maxUnknown }: TriggerSettings,
): Cause | undefined => {
  if (strategy.mode !== 'ACTIVE') return undefined;
  const { overrun } = strategy;
  if (overrun !== undefined)
    return { id: `overrun/${overrun}`, reason: `order ${overrun} cost more than was reserved for it` };
  const cause = (name: string, reason: string): Cause => ({ id: `${name}/${dayOf(at)}`, reason });
  if (unknowns > maxUnknown)
    return cause('unknown', `${unknowns} orders are unknown; the limit is ${maxUnknown}`);
  const { dayOrders, dayRejects } = strategy;
  const today = strategy.day === dayOf(at);
  if (today && dayOrders >= LEAST_ORDERS && dayRejects * 100 > maxRejectPercent * dayOrders)
    return cause(
      'rejects',
      `${dayRejects} of ${dayOrders} orders of the day were refused by the exchange; the limit is ${maxRejectPercent} %`,
    );
  if (maxDailyLoss === undefined) return undefined;
  const result = sum(lanes.map((lane) => plain(realisedOn(lane, dayOf(at)))));
  if (decimal(maxDailyLoss).plus(result).gte('0')) return undefined;
  return cause(
    'loss',
    `the day's realised loss of ${plain(result.abs())} exceeds the limit of ${maxDailyLoss}`,
  );
};
