import { cancelling, endUnsent } from '../domain/ledger.ts';
import { decimal } from '../domain/money.ts';
import { isLive, type Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import { tradesOfOrder } from './complete-history.ts';
import { factsFrom, firstSecond, recordShown } from './settle-order.ts';
import type { Trading } from './trading.ts';

/** Pause between two looks at orders that are being cancelled, ms. */
const LOOK_PAUSE = 200;

export interface CancelTask {
  /** The waiting order on whose behalf the others are cancelled. */
  readonly order: Order;
  readonly symbol: string;
  /** Ids of the strategy's own resting orders in the lane. */
  readonly resting: readonly string[];
  /** True for a cancel alert: it is `done` when the others have ended. */
  readonly ends: boolean;
}

/**
 * Cancels resting orders of a lane and sees their end: a cancel's answer proves nothing, only a status does (order
 * protocol, section 7.2). Cancels are no attempts and may be repeated. @returns the waiting order as it is stored
 */
export const cancelOrders = async (
  task: CancelTask,
  trading: Trading,
  options: CallOptions,
): Promise<Order> => {
  const { symbol, resting } = task;
  const order = task.ends ? await noteCancelling(task, trading, options) : task.order;
  for (const id of resting) await cancelOne(id, symbol, trading, options);
  for (;;) {
    const ended = await Promise.all(resting.map((id) => hasEnded(id, symbol, trading, options)));
    if (ended.every(Boolean)) return task.ends ? finish(order, symbol, trading, options) : order;
    if (trading.clock.now() + LOOK_PAUSE >= options.deadline) return order;
    await trading.clock.sleep(LOOK_PAUSE);
  }
};

/** Asks the exchange to cancel one order of ours. A failure is only noted: the next look or run asks again. */
export const cancelOne = async (
  id: string,
  symbol: string,
  trading: Trading,
  options: CallOptions,
): Promise<void> => {
  const { clock, pace, exchange, ledger, log } = trading;
  try {
    const order = await ledger.order(id, options);
    const open = order?.attempts.find(({ facts }) => facts && !facts.terminal);
    if (!open?.facts) return;
    const ticket = await pace.ticket(options.deadline, options);
    if (ticket === undefined) return;
    if (ticket > clock.now()) await clock.sleep(ticket - clock.now());
    const answer = await exchange.cancelOrder(
      { symbol, by: { exchangeOrderId: open.facts.exchangeOrderId } },
      options,
    );
    log.info('cancel sent', { order: id, answer });
  } catch (error) {
    log.warn('a cancel was not taken', { order: id, error: String(error) });
  }
};

/** Looks at one order; true when it is settled. */
const hasEnded = async (
  id: string,
  symbol: string,
  trading: Trading,
  options: CallOptions,
): Promise<boolean> => {
  const { exchange, ledger, log } = trading;
  try {
    const order = await ledger.order(id, options);
    if (!order || !isLive(order)) return true;
    const exchangeOrderId = order.attempts.find(({ facts }) => facts)?.facts?.exchangeOrderId ?? '';
    const row = await exchange.findOrder({ symbol, by: { exchangeOrderId } }, options);
    if (!row) return false;
    const trades = decimal(row.cumQty).gt(order.fillsQty)
      ? await tradesOfOrder({ symbol, exchangeOrderId }, firstSecond(order), trading, options)
      : [];
    const stored = await recordShown(
      { ...order, symbol },
      { facts: factsFrom(order, [row]), trades },
      trading,
      options,
    );
    return stored?.settled === true;
  } catch (error) {
    log.warn('an order that is being cancelled could not be read', { order: id, error: String(error) });
    return false;
  }
};

/** Remembers which orders this alert cancels, so that a successor can say so too. */
const noteCancelling = async (
  { order, symbol, resting }: CancelTask,
  trading: Trading,
  options: CallOptions,
): Promise<Order> => {
  const change = cancelling(order, resting, trading.clock.now());
  if (!change) return order;
  const result = await trading.ledger.commit(change, { ...options, token: trading.nonce() });
  if (result.kind === 'committed') return change.order;
  const { order: stored } = await trading.ledger.read(
    { id: order.id, strategy: order.strategy, symbol },
    options,
  );
  return stored ?? order;
};

/** T6 of a cancel alert. Who loses against another write leaves it to the next try. */
const finish = async (
  order: Order,
  symbol: string,
  trading: Trading,
  options: CallOptions,
): Promise<Order> => {
  const { ledger, clock, nonce, waker } = trading;
  const read = await ledger.read({ id: order.id, strategy: order.strategy, symbol }, options);
  if (read.order?.state !== 'accepted' || Object.keys(read.lane.resting).length > 0)
    return read.order ?? order;
  const cancelledIds = read.order.cancelledIds ?? [];
  const reason = cancelledIds.length === 0 ? 'there was no open order' : `${cancelledIds.length} cancelled`;
  const change = endUnsent(
    { order: read.order, ...(!read.order.test && { lane: read.lane }) },
    { kind: 'ended', at: clock.now(), state: 'done', reason, cancelledIds },
  );
  const result = change && (await ledger.commit(change, { ...options, token: nonce() }));
  if (result?.kind !== 'committed' || !change) return read.order;
  if (change.lane && change.lane.queue.length > 0) await waker.wake(change.lane);
  return change.order;
};
