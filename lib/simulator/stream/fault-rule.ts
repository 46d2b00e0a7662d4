import * as z from 'zod';

/** Which moments a fault of the stream hits. Empty is every one of its kind. */
const StreamMatch = z.strictObject({
  /** The channel or the beginning of its name, e.g. `spot@private`. */
  channel: z.string().optional(),
  symbol: z.string().optional(),
  /** The number of the connection, counted from 1 since the exchange opened. */
  connection: z.int().min(1).optional(),
  /** Only the n-th matching moment since the fault was added, counted from 1. */
  nth: z.int().min(1).optional(),
  /** At most this often. */
  times: z.int().min(1).optional(),
  /** With this chance each time. */
  probability: z.number().min(0).max(1).optional(),
  /** From this true time on (Unix ms). */
  from: z.int().optional(),
  /** Before this true time (Unix ms). */
  to: z.int().optional(),
});
export type StreamMatch = z.infer<typeof StreamMatch>;

const match = StreamMatch.default({});
/** Each push to each connection, each channel asked for, each PING. */
const on = z.enum(['push', 'subscribe', 'ping']).default('push');
const onAny = z.enum(['push', 'subscribe', 'ping', 'connect']).default('push');
const ms = z.int().min(0);
const positive = z.int().min(1);

/**
 * One disturbance of the stream. What is hit is a push, or the moment that `on` names.
 * - drop: the connection ends in its place, with a close frame or without
 * - silence: from then on the connection stays open and says nothing, no PONG either; for `ms`, or for ever
 * - lose: it never arrives
 * - gap: the same for differences of the book only, so that versions are missing
 * - repeat: it arrives `copies` times more
 * - hold: it arrives after the next `after` pushes of the connection, or `ms` later where no such come
 * - delay: it and everything behind it arrive `ms` later
 * - garbage: random bytes in its place
 * - cut: it ends early, after `at` bytes or anywhere
 * - unknown-field: it has fields that no table names
 * - wrong-type: a push as a text frame, an answer as a binary one
 * - no-client-id: an own order or trade without its client order id
 * - refuse: a channel asked for is blocked
 * - no-connect: no connection comes about
 * - expire-key: a listen key that is made is valid for `ms` only
 */
export const StreamFaultRule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('drop'),
    match,
    on: onAny,
    how: z.enum(['close', 'destroy']).default('destroy'),
  }),
  z.strictObject({ kind: z.literal('silence'), match, on: onAny, ms: ms.nullable().default(null) }),
  z.strictObject({ kind: z.literal('lose'), match, on }),
  z.strictObject({ kind: z.literal('gap'), match }),
  z.strictObject({ kind: z.literal('repeat'), match, copies: positive.default(1) }),
  z.strictObject({ kind: z.literal('hold'), match, after: positive.default(1), ms: ms.default(1000) }),
  z.strictObject({ kind: z.literal('delay'), match, on, ms }),
  z.strictObject({ kind: z.literal('garbage'), match }),
  z.strictObject({ kind: z.literal('cut'), match, at: z.int().min(0).optional() }),
  z.strictObject({ kind: z.literal('unknown-field'), match }),
  z.strictObject({ kind: z.literal('wrong-type'), match, on }),
  z.strictObject({ kind: z.literal('no-client-id'), match }),
  z.strictObject({ kind: z.literal('refuse'), match }),
  z.strictObject({ kind: z.literal('no-connect'), match }),
  z.strictObject({ kind: z.literal('expire-key'), match, ms }),
]);
export type StreamFaultRule = z.infer<typeof StreamFaultRule>;
