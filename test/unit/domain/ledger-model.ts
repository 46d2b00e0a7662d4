import assert from 'node:assert/strict';
import type { ExchangeTrade } from '../../../lib/domain/exchange.ts';
import { executedQuantity, executedQuote } from '../../../lib/domain/facts.ts';
import type { Fill } from '../../../lib/domain/fill.ts';
import { type Lane, QUEUE_LIMIT } from '../../../lib/domain/lane.ts';
import { admit, type Change, type Findings, observe, type View } from '../../../lib/domain/ledger.ts';
import { decimal, plain, sum } from '../../../lib/domain/money.ts';
import type { OrderEvent, Plan } from '../../../lib/domain/order.ts';
import {
  attemptNumber,
  currentAttempt,
  type Facts,
  inDoubt,
  isLive,
  type Order,
} from '../../../lib/domain/order-record.ts';
import { isResting } from '../../../lib/domain/order-type.ts';
import { baseChange } from '../../../lib/domain/positions.ts';
import { countingDay } from '../../../lib/domain/risk.ts';
import type { CounterChange, Strategy } from '../../../lib/domain/strategy.ts';
import { untilOf } from '../../../lib/domain/timing.ts';
import { aLane, aStrategy, NOW } from '../../support/builders.ts';

export const ASSETS = { base: 'SOL', quote: 'USDT' } as const;
export const LIMITS = { maxOrdersPerDay: 1000, maxNotionalPerDay: '1000000', maxOpenOrders: 50 } as const;

/** What the counters' write does to a strategy's record; `undefined` when its conditions do not hold. */
export const counted = (record: Strategy, change: CounterChange): Strategy | undefined => {
  const more = (amount: string, by: string) => plain(decimal(amount).plus(by));
  const less = (amount: string, by: string) => plain(decimal(amount).minus(by));
  const { [change.order]: entry, ...others } = record.inFlight;
  switch (change.kind) {
    case 'reserve': {
      const { day, opensDay, notional, limits, mode } = change;
      const reduces = 'flatten' in mode ? record.flatten === mode.flatten : mode.reduces;
      if (record.mode === 'HALTED' || (record.mode === 'REDUCE_ONLY' && !reduces)) return undefined;
      if (Object.keys(record.inFlight).length >= limits.maxOpenOrders) return undefined;
      if (opensDay ? !(record.day < day) : record.day !== day) return undefined;
      if (!opensDay && record.dayOrders >= limits.maxOrdersPerDay) return undefined;
      if (!opensDay && decimal(record.dayNotional).plus(notional).gt(limits.maxNotionalPerDay))
        return undefined;
      return {
        ...record,
        day,
        dayOrders: opensDay ? 1 : record.dayOrders + 1,
        dayNotional: opensDay ? notional : more(record.dayNotional, notional),
        reserved: more(record.reserved, notional),
        inFlight: { ...record.inFlight, [change.order]: { attempt: change.attempt, until: change.until } },
      };
    }
    case 'undo':
    case 'finish': {
      if (!entry) return undefined;
      const back = { ...record, reserved: less(record.reserved, change.notional), inFlight: others };
      if (record.day !== change.day) return back;
      return change.kind === 'undo'
        ? { ...back, dayOrders: back.dayOrders - 1, dayNotional: less(back.dayNotional, change.notional) }
        : { ...back, dayNotional: less(more(back.dayNotional, change.executed), change.notional) };
    }
    case 'contradict':
      return {
        ...record,
        ...(record.mode === 'ACTIVE' && { mode: 'REDUCE_ONLY' as const, epoch: record.epoch + 1 }),
        ...(record.day === change.counts?.day && {
          dayNotional: more(record.dayNotional, change.counts.notional),
        }),
        reserved: more(record.reserved, change.notional),
        inFlight: { ...record.inFlight, [change.order]: { attempt: change.attempt, until: change.until } },
      };
  }
};

/** A ledger of one lane in memory, with the conditions that the store checks. */
export interface Model {
  readonly orders: Map<string, Order>;
  readonly fills: Map<string, Fill>;
  lane: Lane;
  strategy: Strategy;
}

export const createModel = (): Model => ({
  orders: new Map(),
  fills: new Map(),
  lane: aLane(),
  strategy: aStrategy(),
});

export const viewOf = (model: Model, id: string): View => {
  const order = model.orders.get(id);
  assert.ok(order);
  return { order, lane: model.lane };
};

/** Writes all of the change or nothing: `false` when a version, a counter or a trade is not as it must be. */
export const commit = (model: Model, change: Change): boolean => {
  const { order, lane, counters, fills = [] } = change;
  if ((model.orders.get(order.id)?.version ?? 0) !== order.version - 1) return false;
  if (lane && model.lane.version !== lane.version - 1) return false;
  if (fills.some((fill) => model.fills.has(fill.tradeId))) return false;
  const strategy = counters ? counted(model.strategy, counters) : model.strategy;
  if (!strategy) return false;
  model.strategy = strategy;
  model.orders.set(order.id, order);
  if (lane) model.lane = lane;
  for (const fill of fills) model.fills.set(fill.tradeId, fill);
  return true;
};

/** A plan for ten coins at a limit of 100, or at market. */
export const aPlan = (own: Partial<Plan> = {}): Plan => ({
  side: 'buy',
  type: 'limit',
  quantity: '10',
  price: '100',
  notional: '1000',
  notes: [],
  ...own,
});

/** T1 or T4 with its counters, as an admission at `at` makes it. */
export const admitting = (
  view: View,
  strategy: Strategy,
  plan: Plan,
  at = NOW,
  nonce = 'nonce',
): { readonly change: Change | undefined; readonly event: Extract<OrderEvent, { kind: 'admitted' }> } => {
  const { day, opensDay } = countingDay(strategy, at);
  const event = { kind: 'admitted', at, nonce, signedAt: at, until: untilOf(at), day, plan } as const;
  const counters: CounterChange = {
    kind: 'reserve',
    strategy: view.order.strategy,
    order: view.order.id,
    attempt: attemptNumber(view.order) + 1,
    until: event.until,
    notional: plan.notional,
    day,
    opensDay,
    limits: LIMITS,
    mode: { reduces: plan.side === 'sell' },
  };
  return { change: admit(view, event, counters, undefined), event };
};

export const findings = (
  facts: Iterable<readonly [number, Facts]>,
  trades: readonly (ExchangeTrade & { readonly attempt?: number })[] = [],
  at = NOW,
): Findings => ({
  at,
  facts: [...facts],
  trades: trades.map((trade) => ({ attempt: 1, ...trade })),
  assets: ASSETS,
});

/** The change that an observation makes; fails the test when there is none. */
export const observed = (view: View, seen: Findings): Change => {
  const change = observe(view, seen);
  assert.ok(change && change !== 'refresh', `expected a change, not ${change}`);
  return change;
};

/** Every invariant of the order protocol, section 3. */
export const assertInvariants = (model: Model): void => {
  const { lane, strategy, orders, fills } = model;
  const all = [...orders.values()];
  const flying = (order: Order) => inDoubt(currentAttempt(order)) || isLive(order);
  const idsOf = (some: readonly Order[]) => some.map(({ id }) => id).sort();
  const immediate = ({ type }: Order) => type !== undefined && !isResting(type);

  const doubted = all.filter((order) => inDoubt(currentAttempt(order)));
  const holders = all.filter(
    (order) =>
      inDoubt(currentAttempt(order)) ||
      (isLive(order) && immediate(order) && (!order.contradiction || lane.holder?.order === order.id)),
  );
  assert.ok(doubted.length <= 1, 'one doubt in a lane at a time');
  assert.deepEqual(
    lane.holder ? [lane.holder.order] : [],
    idsOf(holders),
    'the holder is in doubt, or immediate and live',
  );
  for (const order of doubted)
    assert.equal(lane.holder?.attempt, attemptNumber(order), 'holder is the attempt');

  const resting = all.filter(
    (order) => isLive(order) && order.type && (isResting(order.type) || order.contradiction),
  );
  assert.deepEqual(Object.keys(lane.resting).sort(), idsOf(resting), 'resting: acknowledged and not settled');
  for (const { id, attempts, quantity = '0', fillsQty } of resting) {
    const all = attempts.flatMap(({ facts }) => (facts ? [facts.terminal ? facts.cumQty : quantity] : []));
    assert.equal(lane.resting[id]?.open, plain(sum(all).minus(fillsQty)), 'open: what may still execute');
  }
  const waiting = all.filter(({ state }) => state === 'accepted');
  assert.deepEqual(
    lane.queue.map(({ id }) => id),
    waiting.sort((a, b) => a.arrival - b.arrival || (a.id < b.id ? -1 : 1)).map(({ id }) => id),
    'the queue holds what waits, by arrival and id',
  );
  assert.ok(lane.queue.length <= QUEUE_LIMIT);
  assert.deepEqual(
    Object.keys(strategy.inFlight).sort(),
    idsOf(all.filter(flying)),
    'in flight: in doubt or live',
  );
  assert.equal(
    strategy.reserved,
    plain(sum(all.filter(flying).map(({ reserved }) => reserved))),
    'reserved is the sum over what is in flight',
  );
  for (const order of all) if (!flying(order)) assert.equal(order.reserved, '0', 'nothing stays reserved');

  const today = all.filter(({ day }) => day === strategy.day);
  const due = today.map((order) => (flying(order) ? order.reserved : executedQuote(order)));
  assert.equal(strategy.dayNotional, plain(sum(due)), "the day's notional: reserved, or executed");
  assert.ok(strategy.dayOrders >= 0);

  const moves = [...fills.values()].map((fill) => plain(baseChange(fill, ASSETS.base)));
  assert.equal(lane.quantity, plain(sum(moves)), 'the position is the sum of its trades');
  for (const order of all) {
    const own = [...fills.values()].filter((fill) => fill.order === order.id);
    assert.equal(order.fillsQty, plain(sum(own.map(({ quantity }) => quantity))), 'fills of the order');
    assert.ok(decimal(order.fillsQty).lte(executedQuantity(order)), 'fills never exceed what was executed');
    assert.ok(order.history.length <= 60);
    assert.ok(attemptNumber(order) <= 5);
    if (order.settled && order.attempts.some(({ facts }) => facts)) {
      assert.ok(order.attempts.every(({ facts }) => !facts || facts.terminal));
      assert.equal(order.fillsQty, executedQuantity(order), 'settled with every fill applied');
    }
  }
};
