import { StoreUnavailableError } from '../domain/errors.ts';
import type { ExchangeOrder } from '../domain/exchange.ts';
import type { TimeEstimate } from '../domain/exchange-time.ts';
import type { Order } from '../domain/order-record.ts';
import { inParallel, type Run, type SentOrder } from './reconcile-run.ts';
import { recordShown } from './settle-order.ts';
import { survey } from './survey.ts';

/** Orders that are read or written at the same time. */
const AT_ONCE = 8;

/** What is in flight, held, resting or waiting by consistent reads; the index adds test orders, which have no lane. */
export const unsettledOrders = async ({ trading, options }: Run): Promise<SentOrder[]> => {
  const { ledger, log } = trading;
  const [lanes, strategies, indexed] = await Promise.all([
    ledger.lanes(options),
    ledger.strategies(options),
    ledger.unsettled(options),
  ]);
  const ids = new Set([
    ...lanes.flatMap(({ holder, resting, queue }) => [
      ...(holder ? [holder.order] : []),
      ...Object.keys(resting),
      ...queue.map(({ id }) => id),
    ]),
    ...strategies.flatMap(({ inFlight }) => Object.keys(inFlight)),
    ...indexed,
  ]);
  const orders: SentOrder[] = [];
  await inParallel([...ids], AT_ONCE, async (id) => {
    try {
      const order = await ledger.order(id, options);
      if (order?.symbol !== undefined && !order.settled) orders.push({ ...order, symbol: order.symbol });
    } catch (error) {
      // One item that cannot be read stops only itself.
      if (error instanceof StoreUnavailableError) throw error;
      log.error('an order cannot be read from the ledger', { order: id, error: String(error) });
    }
  });
  return orders;
};

/**
 * Writes what the exchange shows of these orders. Each in its own try.
 * @param open the account's open orders, listed in this run
 * @param update is told of each order that something was shown of
 */
export const recordSurvey = async (
  orders: readonly SentOrder[],
  open: readonly ExchangeOrder[],
  time: TimeEstimate | undefined,
  run: Run,
  update: (before: SentOrder, after: Order | undefined) => void,
): Promise<void> => {
  const shown = await survey(orders, open, time, run);
  await inParallel(
    orders.filter(({ id }) => shown.has(id)),
    AT_ONCE,
    async (order) => {
      const { facts, trades } = shown.get(order.id) ?? { facts: [], trades: [] };
      update(
        order,
        await run.guarded(`settle ${order.id}`, () =>
          recordShown(order, { facts, trades }, run.trading, run.options),
        ),
      );
    },
  );
};
