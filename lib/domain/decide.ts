import type { Alert } from './alert.ts';
import type { Balance, SymbolRules } from './exchange.ts';
import { wantedBy } from './intent.ts';
import type { Intent, Lane } from './lane.ts';
import { type DecimalText, decimal } from './money.ts';
import type { Plan } from './order.ts';
import type { Refusal } from './order-record.ts';
import type { Equity } from './ports.ts';
import { counterLimits, counterRefusal, modeRefusal, notionalOf, orderRefusal } from './risk.ts';
import { closedTo } from './rules.ts';
import type { StrategySettings } from './settings.ts';
import { sizeOf } from './sizing.ts';
import type { ModeRequirement, Strategy } from './strategy.ts';

/** Everything an admission is decided on. What of it may change meanwhile, the transaction checks again. */
export interface Situation {
  readonly at: number;
  readonly settings: StrategySettings;
  readonly strategy: Strategy;
  readonly lane: Lane;
  readonly rules: SymbolRules | undefined;
  readonly last: DecimalText | undefined;
  /** What the order needs of the mode, if it reduces the position or not. */
  readonly needs: (reduces: boolean) => ModeRequirement;
  /** What the account was worth at the last snapshot. */
  readonly equity: Equity | undefined;
  /** Absent when the order needs no balance. */
  readonly balances: readonly Balance[] | undefined;
}

export type Decision =
  | {
      readonly kind: 'send';
      readonly plan: Plan;
      readonly intent?: Intent;
      readonly reduces: boolean;
      readonly shortfall?: string;
    }
  | { readonly kind: 'gate' }
  | { readonly kind: 'skip'; readonly reason: string; readonly intent?: Intent; readonly shortfall?: string }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/**
 * What is refused whatever the size and the turn: a halt, a symbol that this strategy may not trade or that is closed to
 * it. It needs nothing of the market, so it is said at once.
 * @param rules `undefined`: the exchange does not know the symbol; `unavailable`: it did not say
 */
export const refusedOutright = (
  alert: Alert,
  {
    settings,
    strategy,
    needs,
    rules,
  }: Pick<Situation, 'settings' | 'strategy' | 'needs'> & {
    readonly rules: SymbolRules | undefined | 'unavailable';
  },
): Refusal | undefined => {
  const wanted = wantedBy(alert, settings.shortAs);
  if (wanted.kind === 'cancel') return undefined;
  const held = modeRefusal(strategy, needs(true));
  if (held) return held;
  // The operator sells whatever there is; the setting is for alerts.
  const byHand = 'flatten' in needs(true);
  if (!byHand && settings.symbols && !settings.symbols.includes(alert.symbol))
    return notAllowed(alert.symbol, settings.symbols);
  if (rules === 'unavailable') return undefined;
  if (rules && (wanted.kind === 'skip' || wanted.kind === 'invalid')) return undefined;
  // Which side a target needs is known once it is sized; until then the open one counts.
  const sides =
    wanted.kind === 'target'
      ? (['buy', 'sell'] as const)
      : ([wanted.kind === 'buy' ? 'buy' : 'sell'] as const);
  const closed = sides.map((side) => closedTo(rules, alert.symbol, side));
  return closed.every(Boolean) ? closed[0] : undefined;
};

/** What is to be done with an alert whose turn it is: pure, so that every reason can be tested. */
export const decide = (alert: Alert, situation: Situation): Decision => {
  const { at, settings, strategy, lane, rules } = situation;
  const wanted = wantedBy(alert, settings.shortAs);
  const outright = refusedOutright(alert, situation);
  if (outright || !rules) return refuse(outright);
  const intent = intentOf(alert, wanted.kind === 'target' || (wanted.kind === 'exit' && wanted.newest));
  if (intent && lane.intent && isOlder(intent, lane.intent)) return { kind: 'skip', reason: 'superseded' };

  const last = situation.last === undefined ? undefined : decimal(situation.last);
  const free = (asset: string) =>
    situation.balances && decimal(situation.balances.find((balance) => balance.asset === asset)?.free ?? '0');
  const sized = sizeOf(alert, wanted, {
    rules,
    lane,
    settings,
    equity: worthIn(rules.quoteAsset, situation),
    last,
    freeBase: free(rules.baseAsset),
    freeQuote: free(rules.quoteAsset),
  });
  const carriedOut = intent && { intent: latestOf(intent, lane.intent) };
  if (sized.kind === 'skip') return { ...sized, ...carriedOut };
  if (sized.kind !== 'order') return sized;

  const { order } = sized;
  const reduces = order.side === 'sell';
  const closedSide = closedTo(rules, alert.symbol, order.side);
  if (closedSide) return refuse(closedSide);
  const plan: Plan = { ...order, notional: notionalOf(order, last, settings.maxSlippagePercent) };
  const refusal =
    modeRefusal(strategy, situation.needs(reduces)) ??
    // An exit is never refused for its size or for how far the price has moved: that is when it is needed.
    (reduces ? undefined : orderRefusal(plan, lane, settings, { last, signalPrice: alert.signalPrice })) ??
    counterRefusal(strategy, plan.notional, counterLimits(settings), at);
  return refusal
    ? refuse(refusal)
    : { kind: 'send', plan, reduces, ...carriedOut, ...(sized.shortfall && { shortfall: sized.shortfall }) };
};

/** A snapshot older than a day says nothing about today's capital, ms. */
const EQUITY_FOR = 86_400_000;

const worthIn = (quote: string, { equity, at }: Situation): DecimalText | undefined =>
  equity?.quote === quote && at - equity.at < EQUITY_FOR ? equity.total : undefined;

const intentOf = (alert: Alert, newest: boolean): Intent | undefined =>
  newest && alert.time !== undefined
    ? { time: alert.time, ...(alert.sequence !== undefined && { sequence: alert.sequence }) }
    : undefined;

/** TradingView's `{{timenow}}` has whole seconds. */
const SECOND = 1_000;

/**
 * Intents go by the time of the alert, then by its sequence number. Where one of two times has whole seconds only, what
 * lies within that second is not known to be older: then the order of arrival holds.
 */
const isOlder = (a: Intent, b: Intent): boolean => {
  const coarse = a.time % SECOND === 0 || b.time % SECOND === 0;
  const [timeA, timeB] = coarse
    ? [Math.floor(a.time / SECOND), Math.floor(b.time / SECOND)]
    : [a.time, b.time];
  if (timeA !== timeB) return timeA < timeB;
  return a.sequence !== undefined && b.sequence !== undefined && a.sequence < b.sequence;
};

/** A lane's intent never goes back in time. */
const latestOf = (intent: Intent, before: Intent | undefined): Intent =>
  before && before.time > intent.time ? { ...intent, time: before.time } : intent;

const notAllowed = (symbol: string, allowed: readonly string[]): Refusal => ({
  status: 429,
  code: 'limit_reached',
  message: `The strategy may not trade ${symbol}; its setting "symbols" allows ${allowed.join(', ')}.`,
  details: [{ path: 'symbols', message: `${symbol} is not among the strategy's symbols` }],
});

const refuse = (refusal: Refusal | undefined): Decision => ({
  kind: 'refuse',
  refusal: refusal ?? { status: 422, code: 'rules', message: 'The order is not allowed.' },
});
