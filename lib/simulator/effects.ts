import * as z from 'zod';
import { Answer } from './answer.ts';

/** Orders by what they are; empty is every order. */
export const OrderMatch = z.strictObject({
  orderId: z.string().optional(),
  clientOrderId: z.string().optional(),
  symbol: z.string().optional(),
  side: z.string().optional(),
  type: z.string().optional(),
});
export type OrderMatch = z.infer<typeof OrderMatch>;

/** 'drop' ends the connection, 'hang' keeps it open without a word. */
const Silence = z.enum(['drop', 'hang']);

/** Cuts the true answer, at a byte or at a fraction of its length. */
const Cut = z.strictObject({ at: z.int().nullable(), fraction: z.number(), short: z.boolean() });

/** What all faults hitting one request do together. Kept with a request that is executed later. */
export const Effects = z.strictObject({
  names: z.array(z.string()),
  /** Sent without executing the request; 'drop' means that it never arrived. */
  instead: z.union([Answer, Silence]).nullable(),
  /** Sent in place of the true answer. */
  afterwards: z.union([Answer, Silence, Cut]).nullable(),
  delayMs: z.int(),
  hideMs: z.int(),
  /** How far off the clock is that judges the timestamp, and the one that stamps what the request does. */
  skew: z.strictObject({ checkMs: z.int(), stampMs: z.int() }),
  late: z.strictObject({ ms: z.int(), held: z.boolean() }).nullable(),
  /** Orders this read does not see. */
  unseen: z.array(OrderMatch),
  /** The share of its size to which an order created is filled before the exchange ends it. */
  share: z.number().nullable(),
});
export type Effects = z.infer<typeof Effects>;

export function noEffects(): Effects {
  return {
    names: [],
    instead: null,
    afterwards: null,
    delayMs: 0,
    hideMs: 0,
    skew: { checkMs: 0, stampMs: 0 },
    late: null,
    unseen: [],
    share: null,
  };
}
