import type { PlacementOutcome } from '../domain/exchange.ts';
import { latest } from '../domain/exchange-time.ts';
import type { Over } from '../domain/ledger.ts';
import { attemptNumber, currentAttempt, type Facts, type Order } from '../domain/order-record.ts';
import { isResting } from '../domain/order-type.ts';
import type { CallOptions } from '../domain/ports.ts';
import { RECV_WINDOW } from '../domain/timing.ts';
import type { Admission } from './admit-order.ts';
import { tradesOfOrder } from './complete-history.ts';
import { factsFrom, firstSecond, type OrderPlace, recordShown, resolveAttempt } from './settle-order.ts';
import type { Trading } from './trading.ts';

/** What must be left of the budget after the request, to write its outcome. */
const OUTCOME_RESERVE = 500;
/** Looks at an order after its acknowledgement, and after an answer was lost. */
const LOOKS = 3;
/** Pause before the second look, doubled for the third: fills may lag the acknowledgement. */
const LOOK_PAUSE = 150;

/** Only the owner of an admission gets here, with the bytes that were signed for it. */
export type Owner = Extract<Admission, { kind: 'owner' }>;

/**
 * Sends the attempt once and writes what became of it before anything else (order protocol, 5.5 and 5.6); then, while
 * the budget lasts, looks at what the exchange shows of it. @returns the order as it is stored now
 */
export const sendOrder = async (
  owner: Owner,
  symbol: string,
  trading: Trading,
  options: CallOptions,
): Promise<Order> => {
  const { order, signed, time } = owner;
  const { clock, exchange, log } = trading;
  const place: OrderPlace = { id: order.id, strategy: order.strategy, test: order.test, symbol };
  const attempt = currentAttempt(order);
  const sentAt = clock.now();

  const tooLate = attempt === undefined || latest(time, sentAt) > attempt.signedAt + RECV_WINDOW / 2;
  const outcome: PlacementOutcome = tooLate
    ? { kind: 'unsent', reason: 'the signature had grown too old before sending' }
    : await exchange.sendOrder(signed, { deadline: options.deadline - OUTCOME_RESERVE });
  log.info('order sent', {
    order: order.id,
    attempt: attemptNumber(order),
    outcome: outcome.kind,
    ...('code' in outcome && { code: outcome.code }),
    ms: clock.now() - sentAt,
  });
  try {
    return (await record(place, order, outcome, trading, options)) ?? order;
  } catch (error) {
    // The order stays in doubt and the reconciler ends it; whoever asked learns that it is on its way.
    log.error('the outcome of an order could not be written', { order: order.id, error: String(error) });
    return order;
  }
};

const record = async (
  place: OrderPlace,
  order: Order,
  outcome: PlacementOutcome,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const attempt = attemptNumber(order);
  switch (outcome.kind) {
    case 'acknowledged': {
      const facts: Facts = {
        exchangeOrderId: outcome.exchangeOrderId,
        cumQty: '0',
        cumQuote: '0',
        status: 'NEW',
        terminal: false,
      };
      const shown = { facts: [[attempt, facts]] as const, trades: [] };
      if (order.type !== undefined && isResting(order.type)) {
        await recordShown(place, shown, trading, options);
        return look(place, order, outcome.exchangeOrderId, 1, trading, options);
      }
      // The acknowledgement is stored while the exchange is already asked for the fills.
      const [stored, looked] = await Promise.allSettled([
        recordShown(place, shown, trading, options),
        look(place, order, outcome.exchangeOrderId, LOOKS, trading, options),
      ]);
      if (looked.status === 'fulfilled' && looked.value) return looked.value;
      if (stored.status === 'rejected') throw stored.reason;
      return stored.value;
    }
    case 'not-executed':
      return recordNotExecuted(place, attempt, outcome, trading, options);
    case 'unknown': {
      const { code, message } = outcome;
      const unknown = await resolveAttempt(
        place,
        { kind: 'lost', at: trading.clock.now(), attempt, code, message },
        trading,
        options,
      );
      const found = order.test ? undefined : await look(place, order, undefined, LOOKS, trading, options);
      if (found && found.state !== 'unknown') return found;
      await trading.waker.wake(place);
      return unknown;
    }
    default:
      return resolveAttempt(place, eventOf(outcome, attempt, trading.clock.now()), trading, options);
  }
};

const eventOf = (
  outcome: Extract<PlacementOutcome, { kind: 'tested' | 'refused' | 'unsent' }>,
  attempt: number,
  at: number,
): Over => {
  switch (outcome.kind) {
    case 'tested':
      return { kind: 'tested', at, attempt };
    case 'unsent':
      return { kind: 'unsent', at, attempt, reason: outcome.reason };
    case 'refused':
      return {
        kind: 'rejected',
        at,
        attempt,
        class: outcome.class,
        code: outcome.code,
        message: outcome.message,
      };
  }
};

/** Refused before execution: the order waits again; a pause is shared with all processes, a wrong clock forgotten. */
const recordNotExecuted = async (
  place: OrderPlace,
  attempt: number,
  outcome: Extract<PlacementOutcome, { kind: 'not-executed' }>,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const { clock, pace, exchange, exchangeClock, log } = trading;
  const { code, message } = outcome;
  const stored = await resolveAttempt(
    place,
    { kind: 'not-executed', at: clock.now(), attempt, code, message },
    trading,
    options,
  );
  try {
    if (outcome.pauseMs !== undefined) await pace.pause(clock.now() + outcome.pauseMs, options);
    if (outcome.clock) {
      exchangeClock.forget();
      await trading.ledger.saveTime(await exchange.measureTime(options), options);
    }
  } catch (error) {
    log.warn('after a refusal the pause or the clock could not be stored', {
      order: place.id,
      error: String(error),
    });
  }
  return stored;
};

/** Reads the order and its trades while the budget lasts, until it is settled. A failing read only ends the looking. */
const look = async (
  place: OrderPlace,
  order: Order,
  exchangeOrderId: string | undefined,
  looks: number,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const { clock, exchange, log } = trading;
  const clientOrderId = currentAttempt(order)?.clientOrderId ?? '';
  const within = { deadline: options.deadline - OUTCOME_RESERVE };
  let stored: Order | undefined;
  for (let n = 0; n < looks; n += 1) {
    const pause = n === 0 ? 0 : LOOK_PAUSE * 2 ** (n - 1);
    if (clock.now() + pause >= within.deadline) break;
    if (pause > 0) await clock.sleep(pause);
    try {
      const [row, trades] = await Promise.all([
        exchange.findOrder({ symbol: place.symbol, by: { clientOrderId } }, within),
        exchangeOrderId === undefined
          ? []
          : tradesOfOrder({ symbol: place.symbol, exchangeOrderId }, firstSecond(order), trading, within),
      ]);
      if (!row) continue;
      stored = await recordShown(place, { facts: factsFrom(place.id, [row]), trades }, trading, options);
      if (
        !stored ||
        stored.settled ||
        (stored.type !== undefined && isResting(stored.type) && !currentAttempt(stored)?.facts?.terminal)
      ) {
        return stored;
      }
      exchangeOrderId = row.exchangeOrderId;
    } catch (error) {
      log.warn('an order could not be read back', { order: place.id, error: String(error) });
      break;
    }
  }
  return stored ?? trading.ledger.order(place.id, options);
};
