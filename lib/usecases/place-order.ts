import { isItsTurn, type Lane } from '../domain/lane.ts';
import type { Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Admission, admitOrder, type Draft } from './admit-order.ts';
import { cancelOrders } from './cancel-orders.ts';
import { sendOrder } from './send-order.ts';
import type { Trading } from './trading.ts';

/** A waiting alert is answered when less than this is left of its budget, ms. */
const ANSWER_RESERVE = 1_000;
/** One delivery signs an order anew at most once, after an attempt that was not executed. */
const MOST_SENDS = 2;
/** How often a waiting alert looks whether its turn has come, ms. */
const TURN_PAUSE = 100;

export interface Patience extends CallOptions {
  /** Its turn is waited for until then, local epoch ms. */
  readonly turnBy: number;
  /** Whether an order is looked at after it was sent; who does not has it seen by a pass of the reconciler. */
  readonly looks: boolean;
}

export type Placed =
  /** `created`: this delivery stored it; otherwise the ledger had it already. */
  | { readonly kind: 'order'; readonly order: Order; readonly created: boolean }
  /** Nothing was sent for this delivery; sending the same alert again is safe. */
  | { readonly kind: 'unavailable' };

/**
 * Carries an order out as far as the time to answer allows: admission, one request, its outcome and fills. An order
 * whose turn has not come waits for it while time remains, and stays `accepted` after that.
 * @param options.deadline when the answer has to leave, local epoch ms
 */
export const placeOrder = async (draft: Draft, trading: Trading, options: Patience): Promise<Placed> => {
  let stored: Order | undefined;
  let created = false;
  let sends = 0;
  for (;;) {
    const admission = await admitOrder(draft, trading, options);
    if (admission.kind === 'unavailable')
      return stored ? { kind: 'order', order: stored, created } : admission;
    created ||= admission.created;
    if (admission.kind === 'stored') return { kind: 'order', order: admission.order, created };
    stored = await workOff(admission, draft, trading, options);
    if (stored.state !== 'accepted') return { kind: 'order', order: stored, created };
    if (admission.kind === 'owner') sends += 1;
    // What the exchange withholds or refuses is tried again by the reconciler, not by hammering it from here.
    const withheld = admission.kind === 'waiting' && (admission.why === 'market' || admission.why === 'pace');
    if (withheld || sends >= MOST_SENDS || !(await turnComes(draft, trading, options))) {
      await wakeForHead(draft, trading, options);
      return { kind: 'order', order: stored, created };
    }
  }
};

/**
 * Whoever stops waiting at the head of the queue hands its turn to the reconciler. Those behind need not: a run goes on
 * until the queue is empty, and whoever frees a lane with a queue wakes it too.
 */
const wakeForHead = async (
  draft: Draft,
  { ledger, waker, log }: Trading,
  options: CallOptions,
): Promise<void> => {
  const place = { id: draft.id, strategy: draft.strategy, symbol: draft.alert.symbol };
  try {
    const { lane } = await ledger.read(place, options);
    if (draft.test || lane.queue[0]?.id === draft.id) await waker.wake(place);
  } catch (error) {
    log.warn('the lane could not be looked at before the answer', { order: draft.id, error: String(error) });
  }
};

/** What this delivery can do about its order now. @returns the order as it is stored then */
const workOff = async (
  admission: Exclude<Admission, { kind: 'unavailable' | 'stored' }>,
  draft: Draft,
  trading: Trading,
  options: Patience,
): Promise<Order> => {
  const { symbol } = draft.alert;
  if (admission.kind === 'owner') return sendOrder(admission, symbol, trading, options);
  if (admission.kind === 'ended') return admission.order;
  const { order, lane, why } = admission;
  if ((why !== 'gate' && why !== 'cancel') || isOver(trading, options)) return order;
  return cancelOrders(
    { order, symbol, resting: Object.keys(lane.resting), ends: why === 'cancel' },
    trading,
    options,
  );
};

const isOver = ({ clock }: Trading, { deadline }: CallOptions): boolean =>
  clock.now() + ANSWER_RESERVE >= deadline;

/** Waits while there is time until the order may be tried again. A test order waits for nobody, only a moment. */
const turnComes = async (draft: Draft, trading: Trading, options: Patience): Promise<boolean> => {
  const ready = (lane: Lane) => draft.test || isItsTurn(lane, draft.id);
  while (!isOver(trading, options) && trading.clock.now() < options.turnBy) {
    await trading.clock.sleep(TURN_PAUSE);
    const { lane, order } = await trading.ledger.read(
      { id: draft.id, strategy: draft.strategy, symbol: draft.alert.symbol },
      options,
    );
    if (order?.state !== 'accepted' || ready(lane)) return true;
  }
  return false;
};
