import type { Attempt } from './order-record.ts';

/** Bounds of the order protocol, section 2, in milliseconds. *D*, *Q* and *V* are assumptions about the exchange. */

/** *W*: `recvWindow` in the signed bytes. */
export const RECV_WINDOW = 3_000;
/** *D*: most by which the exchange's own clocks differ from one another, or step. */
const CLOCK_SPREAD = 1_000;
/** *Q*: longest time from passing the time check to being in the book. */
const QUEUEING = 2_000;
/** *V*: longest time from being in the book to being shown by at least one of the four sources. */
const VISIBILITY = 10_000;
/** *G*: pause between the two rounds of evidence. */
export const ROUND_GAP = 5_000;
/** *R*: how far back the exchange answers, with reserve. */
export const REACH = 6 * 86_400_000;

/** `until = s + W + D + Q`: after it the attempt cannot come into being. Exchange ms. */
export const untilOf = (signedAt: number): number => signedAt + RECV_WINDOW + CLOCK_SPREAD + QUEUEING;

/** `proofAt = until + V`: evidence counts only when it was asked for after this. Exchange ms. */
export const proofAt = (attempt: Pick<Attempt, 'until'>): number => attempt.until + VISIBILITY;

/** Earliest creation time that an order of this attempt can show: the exchange's clocks may be behind. */
export const searchFrom = (attempt: Pick<Attempt, 'signedAt'>): number =>
  attempt.signedAt - 1_000 - CLOCK_SPREAD;
