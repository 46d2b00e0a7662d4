import * as z from 'zod';

/** Which requests a fault hits. Empty matches every request of the exchange (never the control interface). */
const FaultMatch = z.strictObject({
  method: z.string().optional(),
  /** The exact path, e.g. `/api/v3/order`. */
  path: z.string().optional(),
  /** The value of newClientOrderId or origClientOrderId. */
  clientOrderId: z.string().optional(),
  /** Only the n-th matching request since the fault was added, counted from 1. */
  nth: z.int().min(1).optional(),
  /** At most this often. */
  times: z.int().min(1).optional(),
  /** With this chance each time, drawn from the seeded generator. */
  probability: z.number().min(0).max(1).optional(),
});

const match = FaultMatch.default({});
const status = z.int().min(200).max(599);
/** Text is sent as it is; anything else as JSON. */
const body = z.json();
const headers = z.record(z.string(), z.string()).default({});
const ms = z.int().min(0);

/**
 * One disturbance. Adding a kind: a line here and a case in `faults.ts`.
 * - drop-before: never executed, connection lost
 * - drop-after: executed, reply lost
 * - answer: this answer, not executed
 * - answer-after: executed, then this answer
 * - delay: executed at once, answered `ms` later
 * - visibility: the order created is hidden from order, openOrders, allOrders and myTrades for `ms`
 */
export const FaultRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop-before'), match }),
  z.strictObject({ kind: z.literal('drop-after'), match }),
  z.strictObject({ kind: z.literal('answer'), match, status, body, headers }),
  z.strictObject({ kind: z.literal('answer-after'), match, status, body, headers }),
  z.strictObject({ kind: z.literal('delay'), match, ms }),
  z.strictObject({ kind: z.literal('visibility'), match, ms }),
]);
export type FaultRule = z.infer<typeof FaultRule>;

/** A fault as given to `faults.add`: `match` and `headers` may be left out. */
export type FaultInput = z.input<typeof FaultRule>;
