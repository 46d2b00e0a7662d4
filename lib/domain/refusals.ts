import type { AlertProblem } from './alert.ts';
import type { Refusal } from './order-record.ts';
import { resetsAt } from './strategy.ts';

/** All problems of an alert's fields at once. */
export const invalid = (problems: readonly AlertProblem[]): Refusal => ({
  status: 422,
  code: 'invalid',
  message: `The alert cannot be carried out: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}, each named in details.`,
  details: problems.map(({ path, message }) => ({ path, message })),
});

/** Too old, or from the future. */
export const stale = (problem: AlertProblem): Refusal => ({
  status: 422,
  code: 'stale',
  message: problem.message,
  details: [problem],
});

/** The exchange would not take this order; `nearest` is what it would take. */
export const againstRules = (
  path: string,
  message: string,
  nearest?: Readonly<Record<string, string>>,
): Refusal => ({
  status: 422,
  code: 'rules',
  message,
  details: [{ path, message }],
  ...(nearest && { nearest: { ...nearest } }),
});

/** A limit of the owner's own configuration. */
export const limitReached = (limit: string, message: string, day?: string): Refusal => ({
  status: 429,
  code: 'limit_reached',
  message,
  details: [{ path: limit, message }],
  ...(day !== undefined && { resetsAt: resetsAt(day) }),
});

export const halted = (strategy: string): Refusal => ({
  status: 423,
  code: 'halted',
  message: `Strategy ${strategy} is halted: nothing but cancel alerts is carried out until the owner re-arms it.`,
});

/** The order of a flatten that another order of the operator's has ended. */
export const flattenOver = (strategy: string): Refusal => ({
  status: 423,
  code: 'halted',
  message: `The flatten of strategy ${strategy} that this order belongs to is over.`,
});

/** Entries are held back after an order cost more than could be reserved for it. */
export const overrun = (strategy: string, order: string): Refusal => ({
  status: 423,
  code: 'reduce_only',
  message: `Order ${order} executed more than was reserved for it: strategy ${strategy} may only reduce its positions until the owner re-arms it.`,
});

export const reduceOnly = (strategy: string): Refusal => ({
  status: 423,
  code: 'reduce_only',
  message: `Strategy ${strategy} may only reduce its positions until the owner re-arms it.`,
});
