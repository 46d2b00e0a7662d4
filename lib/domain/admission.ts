import type { Alert } from './alert.ts';
import { checkAge } from './alert-time.ts';
import { decide, refusedOutright } from './decide.ts';
import type { Balance, SymbolRules } from './exchange.ts';
import { type Intent, isItsTurn, isQueued, type Lane, QUEUE_LIMIT } from './lane.ts';
import type { NeverSent } from './ledger.ts';
import { MAX_ATTEMPTS, type Plan } from './order.ts';
import { attemptNumber, type Order, type Refusal } from './order-record.ts';
import type { Equity } from './ports.ts';
import { limitReached, stale } from './refusals.ts';
import type { StrategySettings } from './settings.ts';
import { requirementOf, type Strategy } from './strategy.ts';

/** Why an order waits: for its turn, for resting orders to end, for a cancel to be carried out, or for the outside. */
export type Why = 'turn' | 'gate' | 'cancel' | 'market' | 'pace';

/** What the exchange said for sizing, or that it did not. */
export interface Market {
  readonly last?: string;
  readonly balances?: readonly Balance[];
  /** Why price or balances could not be read. */
  readonly failed?: string;
}

/** Everything one admission is judged on. */
export interface Bench {
  /** Local epoch ms. */
  readonly at: number;
  readonly order: Order;
  readonly alert: Alert;
  readonly settings: StrategySettings;
  readonly strategy: Strategy;
  /** A test order, which stays outside lanes and counters, sees one without holder, queue and open orders. */
  readonly lane: Lane;
  /** `undefined`: the exchange does not know the symbol. `unavailable`: it did not say. */
  readonly rules: SymbolRules | undefined | 'unavailable';
  readonly market: Market;
  /** Send ticket, local epoch ms; absent when there was none in time. */
  readonly ticket: number | undefined;
  readonly pauseUntil: number;
  /** What the account was worth at the last snapshot. */
  readonly equity: Equity | undefined;
}

export type Verdict =
  | {
      readonly kind: 'send';
      readonly plan: Plan;
      readonly intent?: Intent;
      readonly reduces: boolean;
      readonly ticket: number;
      /** Fewer coins are free than the strategy holds. */
      readonly shortfall?: string;
    }
  | { readonly kind: 'wait'; readonly why: Why; readonly reason: string }
  | {
      readonly kind: 'end';
      readonly event: NeverSent;
      readonly intent?: Intent;
      readonly shortfall?: string;
    };

/**
 * What becomes of an order that is not sent yet (order protocol, T1 – T6), in the order of the checks: age,
 * attempts, turn, market, rules, mode and limits, pace. Pure.
 */
export const judgeAdmission = (bench: Bench): Verdict => {
  const { at, order, alert, settings, strategy, lane, market } = bench;
  const cancels = alert.action === 'cancel';

  // A cancel that was taken in time is carried out, however long it waited for its turn.
  const ageless = alert.time === undefined || (cancels && order.version > 0);
  const tooOld = ageless ? undefined : checkAge(alert.time ?? 0, at, settings.staleAfterSeconds);
  if (tooOld && order.version > 0) {
    const limit = `${settings.staleAfterSeconds} seconds`;
    const message = `The alert waited until it was older than the limit of ${limit}: ${lastReason(order)}.`;
    return refuse(bench, { ...stale(tooOld), message, details: [{ path: 'time', message }] }, 'expired');
  }
  if (tooOld)
    return refuse(bench, stale(tooOld), alert.time !== undefined && alert.time > at ? 'refused' : 'expired');
  if (attemptNumber(order) >= MAX_ATTEMPTS) {
    const reason = `${MAX_ATTEMPTS} attempts were not executed`;
    return { kind: 'end', event: { kind: 'ended', at, state: 'expired', reason } };
  }
  const needs = (reduces: boolean) => requirementOf(order, reduces);
  // A halt and a closed symbol are said at once; sizes and limits are judged when the turn has come.
  const outright = refusedOutright(alert, { settings, strategy, needs, rules: bench.rules });
  if (outright) return refuse(bench, outright);
  if (!isItsTurn(lane, order.id)) return wait(bench, 'turn', 'waits for its turn in the lane');
  if (cancels && order.test) {
    const reason = 'a test: a cancel alert like this would cancel the open orders';
    return { kind: 'end', event: { kind: 'ended', at, state: 'tested', reason } };
  }
  if (cancels) return wait(bench, 'cancel', 'cancels the open orders of the strategy on the symbol');
  if (bench.rules === 'unavailable')
    return wait(bench, 'market', 'the exchange did not say its rules for the symbol');
  if (market.failed !== undefined) {
    return wait(bench, 'market', `the exchange did not say price or balance: ${market.failed}`);
  }
  const decision = decide(alert, {
    at,
    settings,
    strategy,
    needs,
    lane,
    rules: bench.rules,
    last: market.last,
    equity: bench.equity,
    balances: market.balances,
  });
  switch (decision.kind) {
    case 'refuse':
      return refuse(bench, decision.refusal);
    case 'skip':
      return {
        kind: 'end',
        event: {
          kind: 'ended',
          at,
          state: 'skipped',
          reason: decision.reason,
          ...(decision.shortfall && { note: decision.shortfall }),
        },
        ...(decision.shortfall && { shortfall: decision.shortfall }),
        ...(decision.intent && { intent: decision.intent }),
      };
    case 'gate':
      return wait(bench, 'gate', "waits for the lane's open orders to be cancelled");
    case 'send':
      if (bench.pauseUntil > at) return wait(bench, 'pace', 'the exchange asked for a pause');
      if (bench.ticket === undefined) return wait(bench, 'pace', 'no send ticket within the time to answer');
      return { ...decision, ticket: bench.ticket };
  }
};

/** What a waiting order waited for last. */
const lastReason = ({ history }: Order): string => history.at(-1)?.detail ?? 'for its turn';

const refuse = ({ at }: Bench, refusal: Refusal, state: 'refused' | 'expired' = 'refused'): Verdict => ({
  kind: 'end',
  event: { kind: 'refused', at, state, refusal },
});

const wait = (bench: Bench, why: Why, reason: string): Verdict => {
  const { lane, order } = bench;
  if (!isQueued(lane, order.id) && lane.queue.length >= QUEUE_LIMIT) {
    return refuse(bench, limitReached('queue', `${QUEUE_LIMIT} alerts wait in this lane already.`));
  }
  return { kind: 'wait', why, reason };
};
