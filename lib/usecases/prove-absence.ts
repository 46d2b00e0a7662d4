import { judgeAbsence, type Round } from '../domain/absence.ts';
import { checkAge } from '../domain/alert-time.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { MAX_ATTEMPTS } from '../domain/order.ts';
import { type Attempt, currentAttempt, inDoubt, type Order } from '../domain/order-record.ts';
import { proofAt, REACH } from '../domain/timing.ts';
import { collectRounds } from './collect-rounds.ts';
import type { Run, SentOrder } from './reconcile-run.ts';
import { factsFrom, recordShown, resolveAttempt } from './settle-order.ts';

/** Rounds of evidence collected in this run, by client order id. Evidence of another run proves nothing. */
export type Evidence = Map<string, Round[]>;

interface Doubt {
  readonly order: SentOrder;
  readonly attempt: Attempt;
}

/**
 * Collects one round of evidence for all attempts that are due, sharing its calls, and judges what there is (order protocol,
 * section 9): T13 or T14 when a proof is complete, T8 when an attempt is found after all.
 * @returns each order that was written, with what is stored now
 */
export const proveAbsences = async (
  orders: readonly SentOrder[],
  time: TimeEstimate,
  run: Run,
): Promise<readonly (readonly [SentOrder, Order | undefined])[]> => {
  const doubts = orders.flatMap((order) => {
    const attempt = currentAttempt(order);
    return attempt && inDoubt(attempt) ? [{ order, attempt }] : [];
  });
  const due = doubts.filter((doubt) => isDue(doubt, time, run));
  for (const [clientOrderId, round] of await collectRounds(due, time, run)) {
    run.evidence.set(clientOrderId, [...(run.evidence.get(clientOrderId) ?? []), round]);
  }
  const written: (readonly [SentOrder, Order | undefined])[] = [];
  for (const doubt of due) {
    const stored = await run.guarded(`judge ${doubt.order.id}`, () => conclude(doubt, run));
    if (stored) written.push([doubt.order, stored]);
  }
  return written;
};

const isDue = ({ order, attempt }: Doubt, time: TimeEstimate, { trading, evidence }: Run): boolean => {
  const now = trading.clock.now();
  const lo = earliest(time, now);
  const known = judgeAbsence(order, attempt, evidence.get(attempt.clientOrderId) ?? [], owned(order));
  if (known.kind === 'wait' && (lo < known.notBefore || lo <= proofAt(attempt))) return false;
  if (latest(time, now) < attempt.signedAt + REACH) return true;
  trading.log.error(
    'an order is unknown beyond the reach of the exchange: the owner has to state what became of it',
    { order: order.id },
  );
  return false;
};

const owned = ({ attempts }: Order): ReadonlySet<string> =>
  new Set(attempts.flatMap(({ facts }) => (facts ? [facts.exchangeOrderId] : [])));

const conclude = async ({ order, attempt }: Doubt, run: Run): Promise<Order | undefined> => {
  const { trading, options, evidence } = run;
  const { clock, exchange, log, settingsOf } = trading;
  const judgement = judgeAbsence(order, attempt, evidence.get(attempt.clientOrderId) ?? [], owned(order));
  if (judgement.kind === 'wait') return undefined;
  // Only a complete proof is kept until it is written: everything else begins anew.
  if (judgement.kind !== 'absent') evidence.delete(attempt.clientOrderId);
  switch (judgement.kind) {
    case 'found':
      return recordShown(order, { facts: factsFrom(order, [judgement.order]), trades: [] }, trading, options);
    case 'traded': {
      const by = { exchangeOrderId: judgement.exchangeOrderId };
      const row = await exchange.findOrder({ symbol: order.symbol, by }, options);
      return row && recordShown(order, { facts: factsFrom(order, [row]), trades: [] }, trading, options);
    }
    case 'void':
      log.warn('a round of evidence proves nothing', { order: order.id, reason: judgement.reason });
      return undefined;
    case 'look-alike':
      log.error('an order without owner looks like one that is in doubt: no proof of absence', {
        order: order.id,
        exchangeOrderId: judgement.exchangeOrderId,
      });
      return undefined;
    case 'absent': {
      const at = clock.now();
      const { resendAbsent, staleAfterSeconds } = settingsOf(order.strategy);
      const fresh =
        order.alertTime === undefined || checkAge(order.alertTime, at, staleAfterSeconds) === undefined;
      const again = resendAbsent && fresh && attempt.n < MAX_ATTEMPTS;
      log.warn('an order never reached the exchange', { order: order.id, attempt: attempt.n, again });
      return resolveAttempt(
        order,
        { kind: 'absent', at, attempt: attempt.n, evidence: judgement.evidence, again },
        trading,
        options,
      );
    }
  }
};
