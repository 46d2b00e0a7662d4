import {
  afterLeaving,
  mayLeaveAt,
  NOTHING_USED,
  type ReadNeed,
  type ReadUse,
} from '../domain/read-budget.ts';
import type { Need } from './weights.ts';

/** Order calls within any second, of the twelve that are allowed. With eight reads never more than twenty requests. */
const ORDERS = 10;
const SECOND_MS = 1000;

/** What was used of one process's budgets. */
export interface Budget {
  readonly reads: ReadUse;
  /** The last order calls, local epoch ms. */
  readonly orders: readonly number[];
}

export const UNUSED: Budget = { reads: NOTHING_USED, orders: [] };

/** A request in the order budget beyond its ten a second takes the place of a read. */
const ONE_READ: ReadNeed = { calls: 1, weight: 0, account: false };

export const readNeedOf = ({ kind, calls, weight }: Need): ReadNeed => ({
  calls,
  weight,
  account: kind === 'account',
});

/** When calls with this need may leave: `now` or later. */
export const earliest = (budget: Budget, need: Need, now: number): number => {
  if (need.kind !== 'order') return mayLeaveAt(budget.reads, readNeedOf(need), now);
  const next = (budget.orders.at(-ORDERS) ?? 0) + SECOND_MS;
  // A time further ahead than any that is ever set means that the local clock was set back.
  return next > now + SECOND_MS ? now : Math.max(next, now);
};

/** The budget after calls that left at `at`, even if that was sooner than they should. */
export const charged = (budget: Budget, need: Need, at: number): Budget => {
  if (need.kind !== 'order') return { ...budget, reads: afterLeaving(budget.reads, readNeedOf(need), at) };
  const isOneTooMany = earliest(budget, need, at) > at;
  return {
    reads: isOneTooMany ? afterLeaving(budget.reads, ONE_READ, at) : budget.reads,
    orders: [...budget.orders, at].slice(-ORDERS),
  };
};
