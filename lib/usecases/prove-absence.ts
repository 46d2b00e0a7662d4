import { judgeAbsence, type Round } from '../domain/absence.ts';
import { checkAge } from '../domain/alert-time.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { MAX_ATTEMPTS } from '../domain/order.ts';
import { type Attempt, currentAttempt, type Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import { proofAt, REACH, ROUND_GAP, searchFrom } from '../domain/timing.ts';
import { ordersIn, tradesIn } from './complete-history.ts';
import { factsFrom, type OrderPlace, recordShown, resolveAttempt } from './settle-order.ts';
import type { Trading } from './trading.ts';

/** Rounds of evidence collected in this run, by client order id. Evidence of another run proves nothing. */
export type Evidence = Map<string, Round[]>;

/**
 * Collects one round of evidence when it is time and judges what there is (order protocol, section 9): T13 or T14 when
 * the proof is complete, T8 when the attempt is found after all. @returns the order as it is stored then
 */
export const proveAbsence = async (
  place: OrderPlace,
  order: Order,
  evidence: Evidence,
  time: TimeEstimate,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const { clock, log, settingsOf } = trading;
  const attempt = currentAttempt(order);
  if (!attempt) return order;
  const rounds = evidence.get(attempt.clientOrderId) ?? [];
  const owned = new Set(order.attempts.flatMap(({ facts }) => (facts ? [facts.exchangeOrderId] : [])));
  const known = judgeAbsence(order, attempt, rounds, owned);
  if (known.kind === 'wait') {
    if (earliest(time, clock.now()) < known.notBefore || earliest(time, clock.now()) <= proofAt(attempt))
      return order;
    if (latest(time, clock.now()) >= attempt.signedAt + REACH) {
      log.error(
        'an order is unknown beyond the reach of the exchange: the owner has to state what became of it',
        { order: order.id },
      );
      return order;
    }
    rounds.push(await collect(place, attempt, time, trading, options));
    evidence.set(attempt.clientOrderId, rounds);
  }
  const judgement = judgeAbsence(order, attempt, rounds, owned);
  switch (judgement.kind) {
    case 'wait':
      return order;
    case 'found':
      evidence.delete(attempt.clientOrderId);
      return recordShown(
        place,
        { facts: factsFrom(place.id, [judgement.order]), trades: [] },
        trading,
        options,
      );
    case 'traded': {
      evidence.delete(attempt.clientOrderId);
      const by = { exchangeOrderId: judgement.exchangeOrderId };
      const row = await trading.exchange.findOrder({ symbol: place.symbol, by }, options);
      return row && recordShown(place, { facts: factsFrom(place.id, [row]), trades: [] }, trading, options);
    }
    case 'void':
      evidence.delete(attempt.clientOrderId);
      log.warn('a round of evidence proves nothing', { order: order.id, reason: judgement.reason });
      return order;
    case 'look-alike':
      evidence.delete(attempt.clientOrderId);
      log.error('an order without owner looks like one that is in doubt: no proof of absence', {
        order: order.id,
        exchangeOrderId: judgement.exchangeOrderId,
      });
      return order;
    case 'absent': {
      const at = clock.now();
      const { resendAbsent, staleAfterSeconds } = settingsOf(order.strategy);
      const fresh =
        order.alertTime === undefined || checkAge(order.alertTime, at, staleAfterSeconds) === undefined;
      const again = resendAbsent && fresh && attempt.n < MAX_ATTEMPTS;
      return resolveAttempt(
        place,
        { kind: 'absent', at, attempt: attempt.n, evidence: judgement.evidence, again },
        trading,
        options,
      );
    }
  }
};

/**
 * The four sources, each asked for after `proofAt`; any failure voids the round by throwing. The clock is measured again
 * after the last answer, and what is less sure of the two measurements counts.
 */
const collect = async (
  place: OrderPlace,
  attempt: Attempt,
  time: TimeEstimate,
  trading: Trading,
  options: CallOptions,
): Promise<Round> => {
  const { clock, exchange } = trading;
  const { symbol } = place;
  const askedAt = clock.now();
  const since = searchFrom(attempt);
  const window = { from: since, to: latest(time, askedAt) + ROUND_GAP };
  const by = { clientOrderId: attempt.clientOrderId };
  const [order, openOrders, allOrders, ownTrades] = await Promise.all([
    exchange.findOrder({ symbol, by }, options),
    exchange.openOrders(undefined, options),
    ordersIn(symbol, window, trading, options),
    tradesIn({ symbol }, window, trading, options),
  ]);
  const answeredAt = clock.now();
  const again = await exchange.measureTime(options);
  return {
    from: Math.min(earliest(time, askedAt), earliest(again, askedAt)),
    to: Math.max(latest(time, answeredAt), latest(again, answeredAt)),
    ownTime: time.own && again.own,
    order,
    openOrders,
    allOrders: allOrders.rows,
    allOrdersComplete: allOrders.complete,
    ownTrades: ownTrades.rows,
    ownTradesComplete: ownTrades.complete,
  };
};
