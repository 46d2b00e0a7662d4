import type { Lane } from '../domain/lane.ts';
import type { Order } from '../domain/order-record.ts';
import type { Draft } from './admit-order.ts';
import { placeOrder } from './place-order.ts';
import { inParallel, note, type Run } from './reconcile-run.ts';

/** Nothing is begun any more when less than this is left of the run, ms. */
export const RUN_RESERVE = 3_000;
/** Time that one waiting order gets, ms. */
const TURN_BUDGET = 6_000;
const LANES_AT_ONCE = 10;

/**
 * Sends what waits in free lanes, lane by lane, within a lane one after the other until it is taken. Then test orders that
 * wait, which have no lane. Fills are not waited for here: the next pass sees those of all lanes at once.
 */
export const takeTurns = async (run: Run): Promise<void> => {
  const { ledger } = run.trading;
  const lanes = (await ledger.lanes(run.options)).filter((lane) => !lane.holder && lane.queue.length > 0);
  await inParallel(lanes, LANES_AT_ONCE, async (lane) => {
    await run.guarded(`drain ${lane.strategy} ${lane.symbol}`, () => drain(lane, run));
  });
  for (const id of await ledger.unsettled(run.options)) {
    const order = await ledger.order(id, run.options);
    if (order?.test && order.state === 'accepted') await run.guarded(`send ${id}`, () => turnOf(order, run));
  }
};

const drain = async (lane: Lane, run: Run): Promise<void> => {
  const { ledger, clock } = run.trading;
  for (const { id } of lane.queue) {
    if (clock.now() + RUN_RESERVE + TURN_BUDGET >= run.options.deadline) return;
    const order = await ledger.order(id, run.options);
    const after = order?.state === 'accepted' ? await turnOf(order, run) : order;
    if (after?.state === 'accepted') return;
    const { holder } = (await ledger.read({ ...lane, id }, run.options)).lane;
    if (holder) return;
  }
};

const turnOf = async (order: Order, run: Run): Promise<Order> => {
  const { trading, options } = run;
  if (!isDraft(order)) return order;
  const now = trading.clock.now();
  const deadline = Math.min(options.deadline - RUN_RESERVE, now + TURN_BUDGET);
  const placed = await placeOrder(order, trading, { deadline, turnBy: now, looks: false });
  if (placed.kind !== 'order') return order;
  note(run, order, placed.order);
  return placed.order;
};

const isDraft = (order: Order): order is Draft => order.alert !== undefined;
