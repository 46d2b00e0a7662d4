import * as z from 'zod';

const positive = z.int().min(1);
const Budget = z.strictObject({ most: positive, windowMs: positive });

const budget = (most: number, windowMs: number) => Budget.default({ most, windowMs });

/**
 * The budgets of section 6, each over a sliding window. The defaults are its "current best reading", and the stricter
 * one where it knows two.
 */
const LimitRules = z.strictObject({
  /** Order-class calls per account: place, batch, cancel, cancel all. */
  order: budget(12, 1000),
  /** Calls of batchOrders per account. */
  batch: budget(2, 1000),
  /** Calls of account per account. */
  account: budget(2, 1000),
  /** Weight per address, of all calls but the order class. */
  ipWeight: budget(300, 10_000),
  /** Weight per account, of signed calls but the order class. */
  uidWeight: budget(500, 10_000),
  /** Calls of any kind per address. */
  ipCalls: budget(20, 1000),
  /** Signed calls of any kind per account. */
  uidCalls: budget(20, 1000),
  ban: z
    .strictObject({
      /** So many refusals within the window turn into a ban of the address. */
      refusals: positive.default(10),
      windowMs: positive.default(60_000),
      /** The first ban; each further one is twice as long. */
      seconds: positive.default(120),
      mostSeconds: positive.default(259_200),
    })
    .prefault({}),
  /** Whether 429 and 418 carry Retry-After: promised, relied on by nobody (section 13, question 3). */
  retryAfter: z.boolean().default(true),
  /** The share of refusals that say 510 in place of 429. */
  share510: z.number().min(0).max(1).default(0),
});
export type LimitRules = z.infer<typeof LimitRules>;
export type BudgetName = Exclude<keyof LimitRules, 'ban' | 'retryAfter' | 'share510'>;

/** 'strict' is section 6, 'off' counts and refuses nothing, numbers replace those of 'strict'. */
export const Limits = z.union([z.enum(['strict', 'off']), LimitRules]);
export type Limits = z.infer<typeof Limits>;
export type LimitsInput = z.input<typeof Limits>;

/** What an exchange opens with when it is not told. */
export const DEFAULT_LIMITS: LimitsInput = 'strict';

const STRICT = LimitRules.parse({});

/** The numbers in force, null when nothing is limited. */
export function rulesIn(limits: Limits): LimitRules | null {
  if (limits === 'off') return null;
  return limits === 'strict' ? STRICT : limits;
}
