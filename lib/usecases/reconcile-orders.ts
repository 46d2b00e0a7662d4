import { StoreUnavailableError } from '../domain/errors.ts';
import type { ExchangeOrder } from '../domain/exchange.ts';
import type { TimeEstimate } from '../domain/exchange-time.ts';
import type { Lane } from '../domain/lane.ts';
import { currentAttempt, inDoubt, isLive, type Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Draft } from './admit-order.ts';
import { cancelOne } from './cancel-orders.ts';
import { placeOrder } from './place-order.ts';
import type { Evidence } from './prove-absence.ts';
import { pauseAsAsked } from './read-market.ts';
import { reconcileOrder } from './reconcile-order.ts';
import { refreshSymbols } from './refresh-symbols.ts';
import type { Trading } from './trading.ts';

/** First pause between two looks of one run, ms; it doubles while nothing changes. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 2_000;
/** A run stops taking on work when less than this is left, ms. */
const RUN_RESERVE = 3_000;
/** Time that one waiting order gets in a run, ms. */
const TURN_BUDGET = 6_000;

export interface ReconcileTask {
  /** Only this lane; absent: everything. */
  readonly lane?: { readonly strategy: string; readonly symbol: string };
  /** Symbols of the configuration, whose rules are kept fresh. */
  readonly symbols: readonly string[];
}

export interface ReconcileReport {
  /** Orders whose state this run changed, by the state they ended in. */
  readonly settled: Readonly<Record<string, number>>;
  /** Orders still unsettled at the end. */
  readonly unsettled: number;
  /** Orders, or parts of the run, that failed; the next run tries them again. */
  readonly failed: number;
}

/**
 * Drives every unsettled order to its truth (order protocol, section 11): measures the exchange's clock, asks for the
 * open orders once, looks at what differs, proves absence where only that is left, and takes the turns of waiting
 * orders. While something is unknown or waiting it goes on until the deadline. One failing order never stops the others.
 */
export const reconcileOrders = async (
  task: ReconcileTask,
  trading: Trading,
  options: CallOptions,
): Promise<ReconcileReport> => {
  const run: Run = { trading, options, evidence: new Map(), settled: {}, failed: 0 };
  const time = await guarded(run, 'measure the clock', () => measure(trading, options));
  if (!task.lane)
    await guarded(run, 'refresh the symbols', () => refreshSymbols(task.symbols, trading, options));
  let unsettled = 0;
  let pause = FIRST_PAUSE;
  for (;;) {
    const done = total(run.settled);
    const pass = await guarded(run, 'look at the orders', () => onePass(task, run, time));
    unsettled = pass?.unsettled ?? unsettled;
    if (pass && !pass.urgent) break;
    pause = total(run.settled) > done ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
    if (trading.clock.now() + RUN_RESERVE + pause >= options.deadline) break;
    await trading.clock.sleep(pause);
  }
  return { settled: run.settled, unsettled, failed: run.failed };
};

const total = (settled: Readonly<Record<string, number>>): number =>
  Object.values(settled).reduce((sum, each) => sum + each, 0);

/** State of one run. */
interface Run {
  readonly trading: Trading;
  readonly options: CallOptions;
  /** Rounds of evidence by client order id. */
  readonly evidence: Evidence;
  readonly settled: Record<string, number>;
  failed: number;
}

const measure = async ({ exchange, ledger }: Trading, options: CallOptions): Promise<TimeEstimate> => {
  const estimate = await exchange.measureTime(options);
  await ledger.saveTime(estimate, options);
  return estimate;
};

/** Runs one part; its failure is noted and stops nothing else. */
const guarded = async <T>(run: Run, what: string, part: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await part();
  } catch (error) {
    run.failed += 1;
    await pauseAsAsked(error, run.trading, run.options);
    run.trading.log.error('a part of the reconciliation failed', { part: what, error: String(error) });
    return undefined;
  }
};

/** One look at everything. `urgent`: something is in doubt or waiting and may be settled within this run. */
const onePass = async (
  task: ReconcileTask,
  run: Run,
  time: TimeEstimate | undefined,
): Promise<{ urgent: boolean; unsettled: number }> => {
  const { trading, options } = run;
  const orders = await unsettledOrders(task, trading, options);
  if (orders.length === 0) return { urgent: false, unsettled: 0 };

  const { pauseUntil } = await pauseOf(orders, trading, options);
  if (pauseUntil > trading.clock.now()) return { urgent: true, unsettled: orders.length };

  const sent = orders.filter((order) => order.state !== 'accepted');
  const open = sent.some(({ test }) => !test) ? await trading.exchange.openOrders(undefined, options) : [];
  const after: Order[] = orders.filter((order) => order.state === 'accepted');
  for (const order of sent) {
    const settled = await guarded(run, `settle ${order.id}`, () => settleOne(order, open, run, time));
    if (settled) after.push(settled);
  }
  for (const order of after)
    await guarded(run, `cancel ${order.id}`, () => cancelIfDue(order, trading, options));
  await takeTurns(task, run);
  const left = after.filter((order) => !order.settled);
  const urgent = left.some(
    (order) => inDoubt(currentAttempt(order)) || order.state === 'accepted' || isImmediate(order),
  );
  return { urgent, unsettled: left.length };
};

/** What `Control` says of a pause that the exchange asked for: no order, no listing, no evidence before its end. */
const pauseOf = async (
  [first]: readonly (Order & { readonly symbol: string })[],
  { ledger }: Trading,
  options: CallOptions,
) => (first ? (await ledger.read(first, options)).control : { pauseUntil: 0 });

const isImmediate = (order: Order): boolean =>
  isLive(order) && order.type !== 'limit' && order.type !== 'limit_maker';

const lanesOf = async (
  { lane }: ReconcileTask,
  { ledger }: Trading,
  options: CallOptions,
): Promise<readonly Lane[]> =>
  (await ledger.lanes(options)).filter(
    (each) => !lane || (each.strategy === lane.strategy && each.symbol === lane.symbol),
  );

/** What is in flight, held, resting or waiting by consistent reads; the index adds test orders, which have no lane. */
const unsettledOrders = async (
  task: ReconcileTask,
  trading: Trading,
  options: CallOptions,
): Promise<(Order & { readonly symbol: string })[]> => {
  const { lane } = task;
  const { ledger } = trading;
  const ids = new Set<string>();
  for (const { holder, resting, queue } of await lanesOf(task, trading, options)) {
    if (holder) ids.add(holder.order);
    for (const id of [...Object.keys(resting), ...queue.map((entry) => entry.id)]) ids.add(id);
  }
  for (const { strategy, inFlight } of await ledger.strategies(options)) {
    if (!lane || lane.strategy === strategy) for (const id of Object.keys(inFlight)) ids.add(id);
  }
  if (!lane) for (const id of await ledger.unsettled(options)) ids.add(id);
  const orders = await Promise.all([...ids].map((id) => readable(id, trading, options)));
  return orders.flatMap((order) =>
    order?.symbol !== undefined && !order.settled && (!lane || order.symbol === lane.symbol)
      ? [{ ...order, symbol: order.symbol }]
      : [],
  );
};

/** One item that cannot be read stops only itself. */
const readable = async (
  id: string,
  { ledger, log }: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  try {
    return await ledger.order(id, options);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    log.error('an order cannot be read from the ledger', { order: id, error: String(error) });
    return undefined;
  }
};

const settleOne = async (
  before: Order & { readonly symbol: string },
  open: readonly ExchangeOrder[],
  { trading, options, evidence, settled }: Run,
  time: TimeEstimate | undefined,
): Promise<Order | undefined> => {
  const order = await reconcileOrder(before, open, evidence, time, trading, options);
  if (order && order.state !== before.state) settled[order.state] = (settled[order.state] ?? 0) + 1;
  return order;
};

const cancelIfDue = async (order: Order, trading: Trading, options: CallOptions): Promise<void> => {
  const due = order.cancelAfter !== undefined && order.cancelAfter <= trading.clock.now();
  if (due && isLive(order) && order.symbol !== undefined)
    await cancelOne(order.id, order.symbol, trading, options);
};

/** Turns of waiting orders, lane by lane; within a lane one after the other, as long as the lane is free. */
const takeTurns = async (task: ReconcileTask, run: Run): Promise<void> => {
  const { trading, options } = run;
  const lanes = (await lanesOf(task, trading, options)).filter(
    (lane) => !lane.holder && lane.queue.length > 0,
  );
  await Promise.all(
    lanes.map((lane) => guarded(run, `drain ${lane.strategy} ${lane.symbol}`, () => drain(lane, run))),
  );
  if (task.lane) return;
  for (const id of await trading.ledger.unsettled(options)) {
    const order = await trading.ledger.order(id, options);
    if (order?.test && order.state === 'accepted') await guarded(run, `send ${id}`, () => turnOf(order, run));
  }
};

const drain = async (lane: Lane, run: Run): Promise<void> => {
  for (const { id } of lane.queue) {
    if (run.trading.clock.now() + RUN_RESERVE + TURN_BUDGET >= run.options.deadline) return;
    const order = await run.trading.ledger.order(id, run.options);
    const after = order?.state === 'accepted' ? await turnOf(order, run) : order;
    if (after?.state === 'accepted' || inDoubt(after && currentAttempt(after))) return;
  }
};

const turnOf = async (order: Order, { trading, options, settled }: Run): Promise<Order | undefined> => {
  if (!isDraft(order)) return order;
  const deadline = Math.min(options.deadline - RUN_RESERVE, trading.clock.now() + TURN_BUDGET);
  const placed = await placeOrder(order, trading, { deadline });
  if (placed.kind !== 'order') return order;
  if (placed.order.state !== 'accepted') settled[placed.order.state] = (settled[placed.order.state] ?? 0) + 1;
  return placed.order;
};

const isDraft = (order: Order): order is Draft => order.alert !== undefined;
