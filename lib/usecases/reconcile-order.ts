import type { ExchangeOrder } from '../domain/exchange.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import {
  currentAttempt,
  type Facts,
  factsIn,
  inDoubt,
  type Order,
  parseClientOrderId,
} from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import { proofAt } from '../domain/timing.ts';
import { tradesOfOrder } from './complete-history.ts';
import { type Evidence, proveAbsence } from './prove-absence.ts';
import { factsFrom, firstSecond, type OrderPlace, recordShown, resolveAttempt } from './settle-order.ts';
import type { Trading } from './trading.ts';

/** Drives one order as far as the exchange's answers allow. @returns it as it is stored then */
export const reconcileOrder = async (
  unsettled: Order & { readonly symbol: string },
  open: readonly ExchangeOrder[],
  evidence: Evidence,
  time: TimeEstimate | undefined,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const place: OrderPlace = unsettled;
  let order: Order = unsettled;
  const before = order.state;
  const attempt = currentAttempt(order);
  const now = () => trading.clock.now();

  if (attempt?.outcome === 'sending' && time && earliest(time, now()) > attempt.until) {
    const message = 'no outcome was ever stored';
    order =
      (await resolveAttempt(
        place,
        { kind: 'lost', at: now(), attempt: attempt.n, message },
        trading,
        options,
      )) ?? order;
  }
  if (order.test) {
    order = (await endTest(place, order, time, trading, options)) ?? order;
  } else {
    order = (await lookAt(place, order, open, trading, options)) ?? order;
    if (time && inDoubt(currentAttempt(order))) {
      order = (await proveAbsence(place, order, evidence, time, trading, options)) ?? order;
    }
  }
  if (order.state !== before) {
    trading.log.info('order reconciled', { order: order.id, from: before, to: order.state });
  }
  return order;
};

/** A test order never reaches the book: once its request cannot be accepted any more, it is over. */
const endTest = async (
  place: OrderPlace,
  order: Order,
  time: TimeEstimate | undefined,
  trading: Trading,
  options: CallOptions,
) => {
  const attempt = currentAttempt(order);
  if (!attempt || !time || !inDoubt(attempt) || earliest(time, trading.clock.now()) <= proofAt(attempt))
    return order;
  const evidence = [
    {
      from: earliest(time, trading.clock.now()),
      to: latest(time, trading.clock.now()),
      order: 'a test order never reaches the book',
    },
  ];
  return resolveAttempt(
    place,
    { kind: 'absent', at: trading.clock.now(), attempt: attempt.n, evidence, again: false },
    trading,
    options,
  );
};

/** T8, T15 – T17: an order is asked for by itself only where the listing does not settle it. */
const lookAt = async (
  place: OrderPlace,
  order: Order,
  open: readonly ExchangeOrder[],
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const rows = open.filter((row) => parseClientOrderId(row.clientOrderId)?.id === place.id);
  const listed = factsFrom(place.id, rows);
  const known = order.attempts.flatMap(factsIn);
  const asListed = (facts: Facts) =>
    listed.some(
      ([, row]) =>
        row.exchangeOrderId === facts.exchangeOrderId &&
        row.cumQty === facts.cumQty &&
        row.status === facts.status,
    );
  if (!inDoubt(currentAttempt(order)) && listed.length === known.length && known.every(asListed))
    return order;

  const untouched = new Set(listed.filter(([, facts]) => facts.cumQty === '0').map(([n]) => n));
  const asked = await Promise.all(
    order.attempts
      .filter((attempt) => (attempt.facts || inDoubt(attempt)) && !untouched.has(attempt.n))
      .map(({ clientOrderId }) =>
        trading.exchange.findOrder({ symbol: place.symbol, by: { clientOrderId } }, options),
      ),
  );
  const found = [...rows, ...asked.flatMap((row) => (row ? [row] : []))];
  const executed = new Set(found.filter((row) => row.cumQty !== '0').map((row) => row.exchangeOrderId));
  const trades = await Promise.all(
    [...executed].map((exchangeOrderId) =>
      tradesOfOrder({ symbol: place.symbol, exchangeOrderId }, firstSecond(order), trading, options),
    ),
  );
  if (found.length === 0) return order;
  return recordShown(place, { facts: factsFrom(place.id, found), trades: trades.flat() }, trading, options);
};
