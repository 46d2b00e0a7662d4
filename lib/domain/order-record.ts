import * as z from 'zod';
import { Alert } from './alert.ts';
import { Side } from './exchange.ts';
import { DecimalText } from './money.ts';
import { OrderType } from './order-type.ts';

/** States of an order; the README says what each means. */
export const OrderState = z.enum([
  'accepted',
  'submitting',
  'open',
  'partially_filled',
  'filled',
  'canceled',
  'partially_canceled',
  'unknown',
  'rejected',
  'refused',
  'skipped',
  'expired',
  'absent',
  'tested',
  'done',
  'external',
]);
export type OrderState = z.infer<typeof OrderState>;

/** What the exchange has said about one attempt. It only ever grows (order protocol, section 7). */
export const Facts = z.object({
  exchangeOrderId: z.string(),
  /** Executed base quantity. */
  cumQty: DecimalText,
  /** Executed quote amount. */
  cumQuote: DecimalText,
  /** The exchange's own word. */
  status: z.string(),
  /** Sticky: once the exchange called the order ended, it stays ended. */
  terminal: z.boolean(),
});
export type Facts = z.infer<typeof Facts>;

/**
 * What became of one attempt. `sending` and `unknown` are in doubt: the request is, may be, or may still come to
 * be on the exchange.
 */
export const AttemptOutcome = z.enum([
  'sending',
  'unknown',
  'unsent',
  'not_executed',
  'refused',
  'absent',
  'tested',
  'found',
]);
export type AttemptOutcome = z.infer<typeof AttemptOutcome>;

/** One signed request: one byte string, sent at most once. */
export const Attempt = z.object({
  n: z.int().min(1),
  clientOrderId: z.string(),
  /** Known to the owner alone; only who holds it may send. */
  nonce: z.string(),
  /** *s*, the signed timestamp, exchange ms. */
  signedAt: z.int(),
  /** `s + W + D + Q`: after it the attempt cannot come into being, exchange ms. */
  until: z.int(),
  outcome: AttemptOutcome,
  code: z.string().optional(),
  message: z.string().optional(),
  facts: Facts.optional(),
  /** Further orders of the exchange under the same client order id: a relay repeated the request. */
  twins: z.array(Facts).optional(),
  /** Proof of absence: the rounds of evidence, as they were collected. */
  evidence: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).optional(),
});
export type Attempt = z.infer<typeof Attempt>;

/** One transition, as the owner reads it. Repeats of the same are collapsed into `times`. */
export const HistoryEntry = z.object({
  /** Local epoch ms. */
  at: z.int(),
  state: OrderState,
  detail: z.string().optional(),
  times: z.int().optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** Why an alert was not carried out, exactly as the alerting tool was told; a repeat gets the same answer. */
export const Refusal = z.object({
  status: z.int(),
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** The nearest order that would have passed. */
  nearest: z.record(z.string(), z.string()).optional(),
  /** When a day's limit starts anew, ISO 8601. */
  resetsAt: z.string().optional(),
  /** Order whose id was used a second time. */
  storedId: z.string().optional(),
});
export type Refusal = z.infer<typeof Refusal>;

/** The ledger item of one alert. Amounts are decimal text, times epoch ms. */
export const Order = z.object({
  id: z.string(),
  strategy: z.string(),
  /** Absent when the alert was refused before its symbol could be read. */
  symbol: z.string().optional(),
  key: z.string(),
  digest: z.string(),
  /** `external`: found on the account, not ours, never touched. */
  origin: z.enum(['alert', 'flatten', 'external']),
  test: z.boolean(),
  /** The alert as received, without its token: JSON text. */
  asked: z.string(),
  /** The same, read; absent when it could not be. */
  alert: Alert.optional(),
  /** Arrival at the API (`requestContext.timeEpoch`); orders of a lane go out in this order. */
  arrival: z.int(),
  /** When the alert fired by its own account. */
  alertTime: z.int().optional(),
  sequence: z.int().optional(),
  action: z.string().optional(),
  type: OrderType.optional(),
  side: Side.optional(),
  /** Size as computed at admission, rounded to the exchange's rules. */
  quantity: DecimalText.optional(),
  quoteQuantity: DecimalText.optional(),
  price: DecimalText.optional(),
  /** Resting orders are cancelled by the first reconcile after this moment. */
  cancelAfter: z.int().optional(),
  state: OrderState,
  attempts: z.array(Attempt),
  /** UTC day of the counters that hold this order, `YYYY-MM-DD`. */
  day: z.string().optional(),
  /** N: the notional fixed at admission, quote. */
  notional: DecimalText.optional(),
  /** What of it the strategy's record holds reserved now. */
  reserved: DecimalText,
  /** Base quantity of the own trades applied so far. */
  fillsQty: DecimalText,
  settled: z.boolean(),
  /** Positive evidence arrived for an attempt that was held to be over. */
  contradiction: z.boolean().optional(),
  code: z.string().optional(),
  errorClass: z.string().optional(),
  reason: z.string().optional(),
  refusal: Refusal.optional(),
  cancelledIds: z.array(z.string()).optional(),
  history: z.array(HistoryEntry),
  createdAt: z.int(),
  updatedAt: z.int(),
  /** Time to live, epoch seconds; only on alerts that never were orders. */
  expiresAt: z.int().optional(),
  /** Counts the writes; every write is conditioned on the version that was read. 0 = not stored yet. */
  version: z.int(),
});
export type Order = z.infer<typeof Order>;

/** The newest attempt. */
export const currentAttempt = (order: Order): Attempt | undefined => order.attempts.at(-1);

/** Number of the newest attempt, 0 before the first. */
export const attemptNumber = (order: Order): number => order.attempts.length;

/** True while the attempt is, may be, or may still come to be on the exchange unseen. */
export const inDoubt = (attempt: Attempt | undefined): boolean =>
  attempt !== undefined && (attempt.outcome === 'sending' || attempt.outcome === 'unknown');

/** True when the exchange has it and not every attempt of it has ended there. */
export const isLive = (order: Order): boolean =>
  order.attempts.some((attempt) => attempt.facts !== undefined) && !order.settled;

/** Everything the exchange has of an attempt: one order, unless a relay repeated the request. */
export const factsIn = (attempt: Attempt): readonly Facts[] =>
  attempt.facts ? [attempt.facts, ...(attempt.twins ?? [])] : [];

/** The client order id of an attempt: `<id>-<n>`, at most 32 characters. */
export const clientOrderIdOf = (id: string, attempt: number): string => `${id}-${attempt}`;

const CLIENT_ORDER_ID = /^(m[a-z2-7]{25})-([1-9]\d?)$/;

/** Reads a client order id of our form; `undefined` for anything else. */
export const parseClientOrderId = (text: string | undefined): { id: string; attempt: number } | undefined => {
  const match = text === undefined ? null : CLIENT_ORDER_ID.exec(text);
  return match?.[1] && match[2] ? { id: match[1], attempt: Number(match[2]) } : undefined;
};
