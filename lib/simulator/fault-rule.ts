import * as z from 'zod';
import { OrderMatch } from './effects.ts';

/** Which requests a fault hits. Empty matches every request of the exchange (never the control interface). */
const FaultMatch = z.strictObject({
  method: z.string().optional(),
  /** The exact path, e.g. `/api/v3/order`. */
  path: z.string().optional(),
  /** The value of newClientOrderId or origClientOrderId. Of a batch, one order that fits is enough. */
  clientOrderId: z.string().optional(),
  symbol: z.string().optional(),
  side: z.string().optional(),
  type: z.string().optional(),
  /** Only the n-th matching request since the fault was added, counted from 1. */
  nth: z.int().min(1).optional(),
  /** At most this often. */
  times: z.int().min(1).optional(),
  /** With this chance each time, drawn from the seeded generator. */
  probability: z.number().min(0).max(1).optional(),
  /** From this true time on (Unix ms). */
  from: z.int().optional(),
  /** Before this true time (Unix ms). */
  to: z.int().optional(),
});
export type FaultMatch = z.infer<typeof FaultMatch>;

const match = FaultMatch.default({});
const status = z.int().min(200).max(599);
/** Text is sent as it is; anything else as JSON. */
const body = z.json();
const headers = z.record(z.string(), z.string()).default({});
const ms = z.int().min(0);
const executed = z.boolean();
const READS = ['order', 'openOrders', 'allOrders', 'myTrades'] as const;

/**
 * One disturbance. Adding a kind: a line here and a case in `faults.ts`.
 * - drop-before: never executed, connection lost
 * - drop-after: executed, reply lost
 * - answer: this answer, not executed
 * - answer-after: executed, then this answer
 * - code: an error of section 10.2 by number, at its usual HTTP status or another
 * - html: a page of the gateway or firewall in front
 * - limit: turned away as one request too many, whatever was really used
 * - empty: an answer without a body
 * - garbage: random bytes that claim to be JSON
 * - cut: the true answer ends early, after `at` bytes or anywhere; 'connection' promises the whole length and then
 *   ends, 'short' is a complete HTTP answer with half a text. Not executed, the text is an error 500
 * - hang: no answer as long as the other side waits
 * - delay: executed at once, answered `ms` later
 * - late: let in at its arrival, executed `ms` later; the reply waits for that or is lost
 * - skew: handled by a clock that is off by `ms`; without `stamps` that clock only judges the timestamp
 * - visibility: the order created is hidden from order, openOrders, allOrders and myTrades for `ms`
 * - flap: these reads answer as if the matching orders did not exist, each read by itself; `reads` numbers them per
 *   endpoint, from 1
 * - partial-cancel: the order created is filled to a share of its size and then ended by the exchange
 */
export const FaultRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drop-before'), match }),
  z.strictObject({ kind: z.literal('drop-after'), match }),
  z.strictObject({ kind: z.literal('answer'), match, status, body, headers }),
  z.strictObject({ kind: z.literal('answer-after'), match, status, body, headers }),
  z.strictObject({
    kind: z.literal('code'),
    match,
    code: z.int(),
    status: status.optional(),
    msg: z.string().optional(),
    executed: executed.default(false),
  }),
  z.strictObject({
    kind: z.literal('html'),
    match,
    status: status.default(502),
    executed: executed.default(false),
  }),
  z.strictObject({
    kind: z.literal('limit'),
    match,
    code: z.union([z.literal(429), z.literal(418), z.literal(510)]).default(429),
    /** Seconds; null leaves the header out. */
    retryAfter: z.int().min(0).nullable().default(1),
  }),
  z.strictObject({ kind: z.literal('empty'), match, executed, status: status.default(200) }),
  z.strictObject({ kind: z.literal('garbage'), match, executed, status: status.default(200) }),
  z.strictObject({
    kind: z.literal('cut'),
    match,
    executed,
    at: z.int().min(0).optional(),
    form: z.enum(['connection', 'short']).default('connection'),
  }),
  z.strictObject({ kind: z.literal('hang'), match, executed }),
  z.strictObject({ kind: z.literal('delay'), match, ms }),
  z.strictObject({ kind: z.literal('late'), match, ms, reply: z.enum(['held', 'lost']).default('held') }),
  z.strictObject({ kind: z.literal('skew'), match, ms: z.int(), stamps: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('visibility'), match, ms }),
  z.strictObject({
    kind: z.literal('flap'),
    match,
    orders: OrderMatch.default({}),
    endpoints: z.array(z.enum(READS)).default([...READS]),
    reads: z.array(z.int().min(1)).optional(),
  }),
  z.strictObject({ kind: z.literal('partial-cancel'), match, share: z.number().min(0).max(1) }),
]);
export type FaultRule = z.infer<typeof FaultRule>;

/** A fault as given to `faults.add`: `match` and whatever has a default may be left out. */
export type FaultInput = z.input<typeof FaultRule>;
