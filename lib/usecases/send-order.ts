import type { PlacementOutcome } from '../domain/exchange.ts';
import { latest } from '../domain/exchange-time.ts';
import type { Over } from '../domain/ledger.ts';
import { decimal } from '../domain/money.ts';
import { attemptNumber, currentAttempt, type Facts, type Order } from '../domain/order-record.ts';
import { isResting } from '../domain/order-type.ts';
import type { CallOptions } from '../domain/ports.ts';
import { RECV_WINDOW } from '../domain/timing.ts';
import type { Admission } from './admit-order.ts';
import { allOf } from './all-of.ts';
import { tradesOfOrder } from './complete-history.ts';
import { factsFrom, firstSecond, type OrderPlace, recordShown, resolveAttempt } from './settle-order.ts';
import type { Trading } from './trading.ts';

/** What must be left of the budget after the request, to write its outcome. */
const OUTCOME_RESERVE = 500;
/** A request leaves at most this long after the time of its ticket, ms: then no second ever sees more than twelve. */
const TICKET_SLACK = 150;
/** Looks at an order after its acknowledgement, and after an answer was lost. */
const LOOKS = 3;
/** How long a read of an order may wait for its share of the budget, ms. */
const LOOK_PATIENCE = 800;
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
  options: CallOptions & { readonly looks: boolean },
): Promise<Order> => {
  const { order, signed } = owner;
  const { clock, exchange, log } = trading;
  const place: OrderPlace = { id: order.id, strategy: order.strategy, test: order.test, symbol };
  const begun = clock.now();
  const outcome: PlacementOutcome = (await mayLeave(owner, trading, options))
    ? await exchange.sendOrder(signed, { deadline: options.deadline - OUTCOME_RESERVE })
    : { kind: 'unsent', reason: 'the signature had grown too old before sending' };
  log.info('order sent', {
    order: order.id,
    attempt: attemptNumber(order),
    outcome: outcome.kind,
    ...('code' in outcome && { code: outcome.code }),
    ms: clock.now() - begun,
  });
  if (outcome.kind === 'refused' && outcome.class === 'C') {
    const { code, message } = outcome;
    log.error('the exchange refuses this key or account: the owner has to act', {
      order: order.id,
      code,
      message,
    });
  }
  try {
    return (await record(place, order, outcome, trading, options)) ?? order;
  } catch (error) {
    // The order stays in doubt and the reconciler ends it; whoever asked learns that it is on its way.
    log.error('the outcome of an order could not be written', { order: order.id, error: String(error) });
    return order;
  }
};

/**
 * True while the signature is young enough (order protocol, 5.5). A ticket says when the request may leave; who comes much
 * later than that would crowd those after it, and takes another.
 */
const mayLeave = async (
  { order, ticket, time }: Owner,
  { clock, pace }: Trading,
  options: CallOptions,
): Promise<boolean> => {
  const attempt = currentAttempt(order);
  if (!attempt) return false;
  const isYoung = (at: number): boolean => latest(time, at) <= attempt.signedAt + RECV_WINDOW / 2;
  for (let due = ticket; isYoung(clock.now()); ) {
    if (order.test || clock.now() <= due + TICKET_SLACK) return true;
    const last = clock.now() + attempt.signedAt + RECV_WINDOW / 2 - latest(time, clock.now());
    const next = await pace.ticket(last, options).catch(() => undefined);
    if (next === undefined) return false;
    due = next;
    if (due > clock.now()) await clock.sleep(due - clock.now());
  }
  return false;
};

const record = async (
  place: OrderPlace,
  order: Order,
  outcome: PlacementOutcome,
  trading: Trading,
  options: CallOptions & { readonly looks: boolean },
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
      if (!options.looks) return recordShown(place, shown, trading, options);
      if (order.type !== undefined && isResting(order.type)) {
        await recordShown(place, shown, trading, options);
        return look(place, order, outcome.exchangeOrderId, 1, trading, options);
      }
      // The acknowledgement is stored while the exchange is already asked for the fills.
      const [stored, looked] = await Promise.allSettled([
        recordShown(place, shown, trading, options),
        look(place, order, outcome.exchangeOrderId, LOOKS, trading, options),
      ]);
      const [first, second] = [stored, looked].map((each) =>
        each.status === 'fulfilled' ? each.value : undefined,
      );
      if (!first && !second && stored.status === 'rejected') throw stored.reason;
      const newest = first && second && first.version > second.version ? first : (second ?? first);
      // It holds its lane until its fills are applied: who could not see them here has them seen at once.
      if (!newest?.settled) await trading.waker.wake(place);
      return newest;
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
      const found =
        order.test || !options.looks
          ? undefined
          : await look(place, order, undefined, LOOKS, trading, options);
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

/** Refused before execution: the order waits again, and a wrong clock is forgotten. */
const recordNotExecuted = async (
  place: OrderPlace,
  attempt: number,
  { code, message, clock: isClock }: Extract<PlacementOutcome, { kind: 'not-executed' }>,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const { clock, exchange, exchangeClock, log } = trading;
  const event = { kind: 'not-executed', at: clock.now(), attempt, code, message } as const;
  const stored = await resolveAttempt(place, event, trading, options);
  if (!isClock) return stored;
  try {
    exchangeClock.forget();
    await trading.ledger.saveTime(await exchange.measureTime(options), options);
  } catch (error) {
    log.warn('after a refused timestamp the clock could not be measured', {
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
  const rests = order.type !== undefined && isResting(order.type);
  // What the budget has no room for soon, a pass of the reconciler sees for all orders at once.
  const within = {
    deadline: options.deadline - OUTCOME_RESERVE,
    leaveWithin: trading.crowd.isNear() ? LOOK_PATIENCE / 4 : LOOK_PATIENCE,
  };
  let stored: Order | undefined;
  for (let n = 0; n < looks; n += 1) {
    const pause = n === 0 ? 0 : LOOK_PAUSE * 2 ** (n - 1);
    if (clock.now() + pause >= within.deadline) break;
    if (pause > 0) await clock.sleep(pause);
    try {
      const tradesOf = (id: string) =>
        tradesOfOrder({ symbol: place.symbol, exchangeOrderId: id }, firstSecond(order), trading, within);
      // What ends at once has trades by now; what rests mostly has none.
      const [row, early] = await allOf([
        exchange.findOrder({ symbol: place.symbol, by: { clientOrderId } }, within),
        exchangeOrderId === undefined || rests ? Promise.resolve(undefined) : tradesOf(exchangeOrderId),
      ]);
      if (!row) continue;
      const trades = early ?? (decimal(row.cumQty).gt('0') ? await tradesOf(row.exchangeOrderId) : []);
      stored = await recordShown(place, { facts: factsFrom(order, [row]), trades }, trading, options);
      if (!stored || stored.settled || (rests && !currentAttempt(stored)?.facts?.terminal)) return stored;
      exchangeOrderId = row.exchangeOrderId;
    } catch (error) {
      log.warn('an order could not be read back', { order: place.id, error: String(error) });
      break;
    }
  }
  return stored ?? trading.ledger.order(place.id, options);
};
