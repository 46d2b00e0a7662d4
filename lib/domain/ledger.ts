import type { ExchangeTrade } from './exchange.ts';
import { executedQuantity, executedQuote } from './facts.ts';
import type { Fill, NewFill } from './fill.ts';
import {
  dequeued,
  enqueued,
  held,
  type Intent,
  isItsTurn,
  type Lane,
  type Resting,
  released,
  rested,
  unrested,
  withDenial,
} from './lane.ts';
import { type DecimalText, decimal, larger, plain, sum, ZERO } from './money.ts';
import { type OrderEvent, transition } from './order.ts';
import { attemptNumber, currentAttempt, type Facts, factsIn, inDoubt, type Order } from './order-record.ts';
import { isResting } from './order-type.ts';
import { withFill } from './positions.ts';
import type { CounterChange } from './strategy.ts';

/**
 * One atomic write: the order, and with it the lane, the counters and the fills that its transition moves. Order and
 * lane are conditioned on the version before (`after.version - 1`), so a change that was decided on an old view
 * never applies: whoever loses reads again and decides again.
 */
export interface Change {
  readonly order: Order;
  readonly lane?: Lane;
  readonly counters?: CounterChange;
  readonly fills?: readonly Fill[];
}

/** What a transition is decided on. Test orders, and alerts refused before their symbol was read, have no lane. */
export interface View {
  readonly order: Order;
  readonly lane?: Lane;
}

type Admitted = Extract<OrderEvent, { kind: 'admitted' }>;
export type Over = Extract<
  OrderEvent,
  { kind: 'unsent' | 'not-executed' | 'rejected' | 'lost' | 'absent' | 'tested' }
>;
export type NeverSent = Extract<OrderEvent, { kind: 'ended' | 'refused' }>;

const next = <Item extends { readonly version: number }>(item: Item): Item => ({
  ...item,
  version: item.version + 1,
});

/** The lane after, if it differs from the lane before. */
const moved = (before: Lane | undefined, after: Lane | undefined): { lane?: Lane } =>
  after !== undefined && after !== before ? { lane: next(after) } : {};

/** T1, T4: at its turn the attempt takes the lane and its reservation. `intent` is carried out by this very order. */
export const admit = (
  { order, lane }: View,
  event: Admitted,
  counters: CounterChange | undefined,
  intent: Intent | undefined,
): Change | undefined => {
  const after = transition(order, event);
  if (!after || (lane && !isItsTurn(lane, order.id))) return undefined;
  const mine = lane && held(dequeued(lane, order.id), order.id, attemptNumber(after));
  return {
    order: next(after),
    ...moved(lane, mine && withIntent(mine, intent)),
    ...(counters && { counters }),
  };
};

/** T2: not its turn; the order waits at its place in the lane. */
export const queue = (
  { order, lane }: View,
  event: { readonly at: number; readonly reason: string },
): Change | undefined => {
  const after = transition(order, { kind: 'queued', ...event });
  if (!after) return undefined;
  return {
    order: next(after),
    ...moved(lane, lane && enqueued(lane, { id: order.id, arrival: order.arrival })),
  };
};

/** T3, T5, T6: refused, expired, skipped or done; nothing was sent for it. `intent` is set by what is skipped at its turn. */
export const endUnsent = ({ order, lane }: View, event: NeverSent, intent?: Intent): Change | undefined => {
  const after = transition(order, event);
  if (!after) return undefined;
  const waits = lane?.queue.some((entry) => entry.id === order.id) === true;
  const left = lane && withIntent(waits ? dequeued(lane, order.id) : lane, intent);
  // "Not needed" was read from the lane, so it holds only for the version that was read.
  if (left && after.state === 'skipped') return { order: next(after), lane: next(left) };
  return { order: next(after), ...moved(lane, left) };
};

/** A cancel alert at its turn remembers whose end it waits for. `undefined`: it knows them all. */
export const cancelling = (order: Order, ids: readonly string[], at: number): Change | undefined => {
  const known = order.cancelledIds ?? [];
  const fresh = ids.filter((id) => !known.includes(id));
  if (fresh.length === 0 || order.state !== 'accepted') return undefined;
  return { order: next({ ...order, cancelledIds: [...known, ...fresh], updatedAt: at }) };
};

/** T7, T9 – T14: what became of an attempt that the exchange does not show. */
export const resolve = ({ order, lane }: View, event: Over): Change | undefined => {
  const after = transition(order, event);
  if (!after) return undefined;
  if (event.kind === 'lost') return { order: next(after) };
  const signedAt = order.attempts.find(({ n }) => n === event.attempt)?.signedAt ?? event.at;
  const freed = lane && withDenial(released(lane, order.id, event.attempt), signedAt, event.at);
  // An attempt of this order is on the exchange after all: its reservation stays until that one is settled.
  if (after.attempts.some(({ facts }) => facts))
    return settle({ order: after, lane: freed }, order, lane, event.at, []);
  if (after.state === 'accepted') {
    const back = freed && enqueued(freed, { id: order.id, arrival: order.arrival });
    return { order: next(after), ...moved(lane, back), ...giveBack(order, 'undone') };
  }
  const end = { executed: '0', overrun: false, rejected: after.state === 'rejected' };
  return { order: next(after), ...moved(lane, freed), ...giveBack(order, end) };
};

/** Facts by attempt, and own trades, as the exchange has shown them. */
export interface Findings {
  readonly at: number;
  readonly facts: Iterable<readonly [attempt: number, facts: Facts]>;
  /** Trades of this order that `Fills` does not hold yet. */
  readonly trades: readonly (ExchangeTrade & { readonly attempt: number })[];
  readonly assets: { readonly base: string; readonly quote: string };
}

/**
 * T8, T15 – T18: what the exchange shows is merged into order, lane and position; when everything is known and
 * applied the order settles in the same write. `undefined`: nothing new. `refresh`: the trades say more than the
 * facts; ask for the order again first.
 */
export const observe = ({ order, lane }: View, findings: Findings): Change | 'refresh' | undefined => {
  let after = order;
  let lane_ = lane;
  for (const [n, facts] of findings.facts) {
    const updated = transition(after, { kind: 'found', at: findings.at, attempt: n, facts });
    if (!updated) continue;
    const firstSeen = !after.attempts.find((attempt) => attempt.n === n)?.facts;
    after = updated;
    if (firstSeen && lane_) lane_ = acknowledged(lane_, order, after, n);
  }
  if (contradicts(order, after) && lane_) {
    lane_ = rested(dequeued(lane_, order.id), order.id, restingEntry(after));
  }

  const total = sum(findings.trades.map(({ quantity }) => quantity));
  if (decimal(after.fillsQty).plus(total).gt(executedQuantity(after))) return 'refresh';
  const fills: Fill[] = [];
  if (lane_ && findings.trades.length > 0) {
    after = transition(after, { kind: 'traded', at: findings.at, quantity: plain(total) }) ?? after;
    for (const trade of findings.trades) {
      const fill = fillOf(after, trade, findings.at);
      const moved: Lane = withFill(lane_, fill, findings.assets);
      const realised = plain(decimal(moved.realised).minus(lane_.realised));
      fills.push({ ...fill, n: moved.fillCount, realised });
      lane_ = moved;
    }
  }
  const resting = lane_?.resting[order.id];
  if (lane_ && resting && resting.open !== openQuantity(after)) {
    lane_ = rested(lane_, order.id, { ...resting, open: openQuantity(after) });
  }
  return settle({ order: after, lane: lane_ }, order, lane, findings.at, fills);
};

/** A resting order hands the lane on once it is in the book; an immediate one keeps it until it is settled. */
const acknowledged = (lane: Lane, before: Order, after: Order, n: number): Lane => {
  const doubted = inDoubt(before.attempts.find((attempt) => attempt.n === n));
  if (!doubted || after.type === undefined || !isResting(after.type)) return lane;
  return rested(released(lane, before.id, n), before.id, restingEntry(after));
};

const restingEntry = (order: Order): Resting => ({
  side: order.side ?? 'buy',
  open: openQuantity(order),
  ...(order.price !== undefined && { price: order.price }),
});

/** What of a resting order may still move the position: all that its attempts may execute, less the trades in it. */
const openQuantity = (order: Order): DecimalText => {
  const possible = order.attempts
    .flatMap(factsIn)
    .map((facts) => (facts.terminal ? facts.cumQty : (order.quantity ?? facts.cumQty)));
  return plain(larger(sum(possible).minus(order.fillsQty), ZERO));
};

/** T17 if it is due, and the counters that go with whatever happened. */
const settle = (
  after: View,
  before: Order,
  laneBefore: Lane | undefined,
  at: number,
  fills: readonly Fill[],
): Change | undefined => {
  const newlyContradicts = contradicts(before, after.order);
  const reserved = newlyContradicts ? reserveAgain(after.order) : after.order;
  // Reserving again and giving back are two writes to one item: what is settled now is given back by the next look.
  const settled = newlyContradicts ? undefined : transition(reserved, { kind: 'settled', at });
  if (!settled) {
    if (reserved === before && after.lane === laneBefore && fills.length === 0) return undefined;
    return {
      order: next(reserved),
      ...moved(laneBefore, after.lane),
      ...(newlyContradicts && contradiction(reserved, before)),
      ...(fills.length > 0 && { fills }),
    };
  }
  let lane = after.lane;
  if (lane) {
    for (const { n } of settled.attempts) lane = released(lane, settled.id, n);
    if (lane.resting[settled.id]) lane = unrested(lane, settled.id);
  }
  return {
    order: next(settled),
    ...moved(laneBefore, lane),
    ...giveBack(
      { ...before, reserved: after.order.reserved },
      { executed: executedQuote(settled), overrun: isOverrun(settled), rejected: false },
    ),
    ...(fills.length > 0 && { fills }),
  };
};

/** A purchase that cost more than was reserved for it. A sale that brought more harms nobody. */
const isOverrun = (order: Order): boolean =>
  order.side === 'buy' && order.notional !== undefined && decimal(executedQuote(order)).gt(order.notional);

const reserveAgain = (order: Order): Order => ({
  ...order,
  reserved: plain(decimal(order.reserved).plus(order.notional ?? '0')),
});

/** What was held to be over is not, for the first time or once more after it had been settled. */
const contradicts = (before: Order, after: Order): boolean =>
  before.settled ? !after.settled : after.contradiction === true && before.contradiction !== true;

const contradiction = (order: Order, before: Order): { counters?: CounterChange } => {
  const attempt = currentAttempt(order);
  if (order.test || !attempt || order.day === undefined) return {};
  const notional = order.notional ?? '0';
  const counted = before.settled ? executedQuote(before) : '0';
  return {
    counters: {
      kind: 'contradict',
      strategy: order.strategy,
      order: order.id,
      attempt: attempt.n,
      until: attempt.until,
      notional,
      counts: { day: order.day, notional: plain(decimal(notional).minus(counted)) },
    },
  };
};

/** Gives the reservation back: once, in the transition's own write, under the order's own day. */
const giveBack = (
  order: Order,
  how: 'undone' | { readonly executed: DecimalText; readonly overrun: boolean; readonly rejected: boolean },
): { counters?: CounterChange } => {
  if (order.test || order.day === undefined) return {};
  const { strategy, id, reserved, day } = order;
  const common = { strategy, order: id, notional: reserved, day };
  return { counters: how === 'undone' ? { kind: 'undo', ...common } : { kind: 'finish', ...common, ...how } };
};

const withIntent = (lane: Lane, intent: Intent | undefined): Lane => (intent ? { ...lane, intent } : lane);

const fillOf = (order: Order, trade: Findings['trades'][number], at: number): NewFill => ({
  symbol: trade.symbol,
  tradeId: trade.tradeId,
  order: order.id,
  strategy: order.strategy,
  attempt: trade.attempt,
  exchangeOrderId: trade.exchangeOrderId,
  side: trade.side,
  price: trade.price,
  quantity: trade.quantity,
  quoteQuantity: trade.quoteQuantity,
  commission: trade.commission,
  commissionAsset: trade.commissionAsset,
  maker: trade.maker,
  time: trade.time,
  appliedAt: at,
});
