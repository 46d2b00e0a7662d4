import { AppError } from '../domain/errors.ts';
import type { ExchangeOrder } from '../domain/exchange.ts';
import { externalIdOf, externalOrder } from '../domain/external-order.ts';
import { mergeFacts, sameFacts } from '../domain/facts.ts';
import { decimal } from '../domain/money.ts';
import { factsIn, type Order, parseClientOrderId } from '../domain/order-record.ts';
import { tradesOfOrder } from './complete-history.ts';
import { inParallel, note, type Run } from './reconcile-run.ts';
import { factsFrom, firstSecond, recordShown } from './settle-order.ts';

const ROWS_AT_ONCE = 8;

/** Judges each row in its own try. */
export const judgeRows = (rows: readonly ExchangeOrder[], run: Run): Promise<void> =>
  inParallel(rows, ROWS_AT_ONCE, async (row) => {
    await run.guarded(`judge ${row.exchangeOrderId}`, () => judgeRow(row, run));
  });

/**
 * What one order that the exchange shows means for the ledger: news of an order of ours is booked; one that is not ours is
 * recorded as `external` and left alone; one of our form that the ledger does not know means a second or a restored ledger.
 * @returns the order of ours that it shows, as it is stored now
 */
export const judgeRow = async (row: ExchangeOrder, run: Run): Promise<Order | undefined> => {
  const { ledger, exchange } = run.trading;
  const { symbol, exchangeOrderId } = row;
  const named = parseClientOrderId(row.clientOrderId);
  const known = named ? await ledger.order(named.id, run.options) : undefined;
  if (named && known) return heal(known, named.attempt, row, run);
  const stored = await ledger.order(externalIdOf(row), run.options);
  if (stored || row.clientOrderId !== undefined) return recordExternal(row, stored, named !== undefined, run);
  // Only the order object itself says for certain that it has no client order id (order protocol, 7.4).
  const asked = await exchange.findOrder({ symbol, by: { exchangeOrderId } }, run.options);
  if (!asked) throw new AppError('not_shown', 'a listed order is not shown by itself');
  const ours = parseClientOrderId(asked.clientOrderId);
  const order = ours && (await ledger.order(ours.id, run.options));
  if (ours && order) return heal(order, ours.attempt, asked, run);
  return recordExternal(asked, stored, ours !== undefined, run);
};

/** T8, T15, T18: whatever the row says beyond what is stored of this attempt. */
const heal = async (
  order: Order,
  attempt: number,
  row: ExchangeOrder,
  run: Run,
): Promise<Order | undefined> => {
  const { trading, options } = run;
  const { symbol, exchangeOrderId } = row;
  const [shown] = factsFrom(order, [row]);
  const stored = order.attempts
    .filter(({ n }) => n === attempt)
    .flatMap(factsIn)
    .find((facts) => facts.exchangeOrderId === exchangeOrderId);
  if (!shown || (stored && sameFacts(stored, mergeFacts(stored, shown[1])))) return order;
  const trades = decimal(row.cumQty).gt('0')
    ? await tradesOfOrder({ symbol, exchangeOrderId }, firstSecond(order), trading, options)
    : [];
  const after = await recordShown({ ...order, symbol }, { facts: [shown], trades }, trading, options);
  note(run, order, after);
  return after;
};

/** @param ofOurForm its client order id is one that only this system makes */
const recordExternal = async (
  row: ExchangeOrder,
  stored: Order | undefined,
  ofOurForm: boolean,
  { trading, modes, options }: Run,
): Promise<undefined> => {
  const { clock, ledger, log, nonce } = trading;
  const order = externalOrder(row, stored, clock.now());
  if (!order) return undefined;
  const { symbol, exchangeOrderId, clientOrderId } = row;
  if (!stored && ofOurForm) {
    const reason = `the exchange has ${clientOrderId}, which the ledger does not know: another ledger is in use`;
    await modes.restrict('all', { id: order.id, at: clock.now(), reason }, options);
    log.error('an order of our form is not in the ledger', { symbol, exchangeOrderId, clientOrderId });
  } else if (!stored) {
    log.warn('an order that is not ours is on the account', { symbol, exchangeOrderId, clientOrderId });
  }
  await ledger.commit({ order }, { ...options, token: nonce() });
  return undefined;
};
