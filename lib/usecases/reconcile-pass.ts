import type { ExchangeOrder } from '../domain/exchange.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { executedQuantity, isTerminal } from '../domain/facts.ts';
import { decimal } from '../domain/money.ts';
import { currentAttempt, factsIn, inDoubt, isLive, type Order } from '../domain/order-record.ts';
import { isResting } from '../domain/order-type.ts';
import { proofAt } from '../domain/timing.ts';
import { cancelOne } from './cancel-orders.ts';
import { carryOutCommands } from './carry-out-commands.ts';
import { recordSurvey, unsettledOrders } from './observe-orders.ts';
import { proveAbsences } from './prove-absence.ts';
import { inParallel, note, type Run, type SentOrder } from './reconcile-run.ts';
import { resolveAttempt } from './settle-order.ts';
import { sweep } from './sweep.ts';
import { takeTurns } from './take-turns.ts';
import { watchTriggers } from './watch-triggers.ts';

/** Orders that are written at the same time. */
const WRITES_AT_ONCE = 8;
const CANCELS_AT_ONCE = 4;
const DAY = 86_400_000;
/** An immediate order that has not ended this long after its `until` is cancelled, ms. */
const IMMEDIATE_WITHIN = 60_000;
/** Trades that are missing for longer call for the owner, ms. */
const TRADES_WITHIN = 3_600_000;

export interface Pass {
  /** Orders still unsettled at the end. */
  readonly unsettled: number;
  /** Something is in doubt, immediate or waiting, and may be settled within this run. */
  readonly urgent: boolean;
  /** Orders in the state `unknown`, by strategy. */
  readonly unknowns: ReadonlyMap<string, number>;
  /** Since when the oldest of them is in that state, local epoch ms; absent: there is none. */
  readonly unknownSince?: number;
}

type Look = Pass & {
  /** The account's open orders, if they were listed. */
  readonly open?: readonly ExchangeOrder[];
  /** The exchange's ids of the orders that were looked at. */
  readonly looked: ReadonlySet<string>;
  /** The exchange asked for silence: what is due once is due when that is over. */
  readonly paused?: true;
};

/** One look at every unsettled order, then one step of every command of the operator's. */
export const reconcilePass = async (run: Run): Promise<Pass> => {
  const { open, looked, paused, ...pass } = await lookAtOrders(run);
  if (run.onceDue && !paused) {
    run.onceDue = false;
    await run.guarded('sweep', async () =>
      sweep(open ?? (await run.trading.exchange.openOrders(undefined, run.options)), looked, run),
    );
    await run.guarded('watch the triggers', () => watchTriggers(pass.unknowns, run));
  }
  const running = await run.guarded('carry out commands', () => carryOutCommands(run, run.modes));
  return { ...pass, urgent: pass.urgent || running !== false };
};

/**
 * One look at every unsettled order (order protocol, section 11.1): one listing of the open orders for all of them, then
 * what that does not settle, then evidence where only absence is left, then the cancels that are due and the turns of
 * waiting orders. Each order in its own try.
 */
const lookAtOrders = async (run: Run): Promise<Look> => {
  const { trading, options } = run;
  const orders = await unsettledOrders(run);
  const [first] = orders;
  if (!first) return { urgent: false, unsettled: 0, unknowns: new Map(), looked: new Set() };
  const { control } = await trading.ledger.read(first, options);
  if (control.pauseUntil > trading.clock.now()) {
    return {
      urgent: true,
      unsettled: orders.length,
      unknowns: new Map(),
      ...sinceIn(orders),
      looked: new Set(),
      paused: true,
    };
  }

  const now = new Map(orders.map((order) => [order.id, order]));
  const update = (before: SentOrder, after: Order | undefined): void => {
    note(run, before, after);
    if (after) now.set(before.id, { ...after, symbol: before.symbol });
  };
  const sent = () => [...now.values()].filter(({ state, settled }) => state !== 'accepted' && !settled);

  // Only a doubt needs a clock measured now; anything else makes do with what this process knows.
  const doubted = sent().filter((order) => inDoubt(currentAttempt(order)));
  const time = doubted.length > 0 ? await run.measuredTime() : trading.exchangeClock.estimate();
  await inParallel(doubted, WRITES_AT_ONCE, async (order) =>
    update(order, await run.guarded(`look at ${order.id}`, () => withoutOwner(order, time, run))),
  );
  const real = sent().filter(({ test }) => !test);
  const open = await listing(real, run);
  if (open) {
    await recordSurvey(real, open, time, run, update);
    const left = sent().filter((order) => !order.test && inDoubt(currentAttempt(order)));
    const measured = left.length > 0 ? await run.measuredTime() : undefined;
    if (measured)
      for (const [before, after] of await proveAbsences(left, measured, run)) update(before, after);
  }
  const due = sent().filter((order) => isLive(order) && isDue(order, time, trading));
  await inParallel(due, CANCELS_AT_ONCE, (order) => cancelOne(order.id, order.symbol, trading, options));
  await takeTurns(run);

  const left = [...now.values()].filter(({ settled }) => !settled);
  for (const order of left) warnOfMissingTrades(order, trading);
  return {
    urgent: due.length > 0 || left.some(isUrgent),
    unsettled: left.length,
    unknowns: countsOf(left.filter(({ state }) => state === 'unknown').map(({ strategy }) => strategy)),
    ...sinceIn(left),
    looked: new Set(
      real.flatMap(({ attempts }) => attempts.flatMap(factsIn)).map((facts) => facts.exchangeOrderId),
    ),
    ...(open && real.some(mayBeListed) && { open }),
  };
};

const countsOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

const sinceIn = (orders: readonly Order[]): Pick<Pass, 'unknownSince'> => {
  const moments = orders.flatMap(({ state, history, updatedAt }) => {
    const before = history.findLastIndex((entry) => entry.state !== 'unknown');
    return state === 'unknown' ? [history[before + 1]?.at ?? updatedAt] : [];
  });
  return moments.length === 0 ? {} : { unknownSince: Math.min(...moments) };
};

const mayBeListed = (order: SentOrder): boolean =>
  inDoubt(currentAttempt(order)) || order.type === undefined || isResting(order.type);

/** The listing cannot show what ends at once and is known to exist: those are asked for by themselves. */
const listing = async (
  sent: readonly SentOrder[],
  { trading, options, guarded }: Run,
): Promise<readonly ExchangeOrder[] | undefined> => {
  if (!sent.some(mayBeListed)) return sent.length === 0 ? undefined : [];
  return guarded('list the open orders', () => trading.exchange.openOrders(undefined, options));
};

/**
 * To be cancelled now: past what the alert said; resting for longer than the exchange remembers; or one that should have ended
 * at once and has not (order protocol, 6.6 and 11.5).
 */
const isDue = (
  order: SentOrder,
  time: TimeEstimate | undefined,
  { clock, log, settingsOf }: Run['trading'],
): boolean => {
  const at = clock.now();
  const { cancelAfter, type, strategy } = order;
  const attempt = currentAttempt(order);
  if (isTerminal(order) || !attempt) return false;
  if (cancelAfter !== undefined && cancelAfter <= at) return true;
  if (!time) return false;
  const now = earliest(time, at);
  if (type === undefined || isResting(type))
    return now > attempt.signedAt + settingsOf(strategy).maxRestingDays * DAY;
  if (now <= attempt.until + IMMEDIATE_WITHIN) return false;
  log.error('an order that ends at once has not ended: it is cancelled', { order: order.id });
  return true;
};

/** Fills are waited for, never invented; the owner is told when they do not come. */
const warnOfMissingTrades = (order: SentOrder, { clock, log }: Run['trading']): void => {
  const missing = isTerminal(order) && decimal(order.fillsQty).lt(executedQuantity(order));
  if (missing && clock.now() > order.updatedAt + TRADES_WITHIN)
    log.error('the trades of an order are missing', { order: order.id, executed: executedQuantity(order) });
};

const isUrgent = (order: Order): boolean =>
  order.state === 'accepted' ||
  inDoubt(currentAttempt(order)) ||
  (isLive(order) && order.type !== undefined && !isResting(order.type));

/** T12: the owner never wrote an outcome and cannot send any more. A test order is then over, as it never reaches a book. */
const withoutOwner = async (
  order: SentOrder,
  time: TimeEstimate | undefined,
  { trading, options }: Run,
): Promise<Order | undefined> => {
  const at = trading.clock.now();
  const attempt = currentAttempt(order);
  if (!time || !attempt || !inDoubt(attempt)) return undefined;
  const lo = earliest(time, at);
  if (order.test && lo > proofAt(attempt)) {
    const evidence = [{ from: lo, to: latest(time, at), order: 'a test order never reaches the book' }];
    const over = { kind: 'absent', at, attempt: attempt.n, evidence, again: false } as const;
    return resolveAttempt(order, over, trading, options);
  }
  if (attempt.outcome !== 'sending' || lo <= attempt.until) return undefined;
  const lost = { kind: 'lost', at, attempt: attempt.n, message: 'no outcome was ever stored' } as const;
  return resolveAttempt(order, lost, trading, options);
};
