import { type Decimal, decimal, sum, ZERO } from '../../lib/domain/money.ts';
import type { StrategySettings } from '../../lib/domain/settings.ts';
import { checkAdmission, checkSkipped } from './check-admission.ts';
import { checkOrder } from './check-orders.ts';
import type { Findings } from './invariants.ts';
import {
  type Ledger,
  laneKey,
  type StoredFill,
  type StoredLane,
  type StoredOrder,
  type StoredStrategy,
  type Written,
} from './ledger-mirror.ts';
import { executedQuote, isDoubted, isExternal, isLive, mayRest, openQuantity } from './order-rules.ts';

/** An attempt that was admitted, in the order in which that was committed. */
export interface Admission {
  readonly lane: string;
  readonly clientOrderId: string;
}

/** What the checker of writes remembers beside the tables. */
export interface Watch {
  readonly check: (written: Written) => void;
  readonly admissions: readonly Admission[];
  /** Client order ids that were ever held not to exist, with what was said of them first, and when: ms after the start. */
  readonly denied: ReadonlyMap<string, { readonly outcome: string; readonly at: number }>;
  readonly states: ReadonlySet<string>;
}

const DENIALS = new Set(['unsent', 'not_executed', 'refused', 'absent', 'tested']);

/** Checks every committed write: what it changed, and the items that have to agree with that. */
export const watchWrites = (
  ledger: Ledger,
  settingsOf: (strategy: string) => StrategySettings,
  findings: Findings,
  now: () => number,
): Watch => {
  const admissions: Admission[] = [];
  const denied = new Map<string, { readonly outcome: string; readonly at: number }>();
  const states = new Set<string>();
  /** Orders that are not settled, by lane and by strategy. */
  const open = new Map<string, Set<string>>();
  const days = new Map<string, Set<string>>();
  const position = new Map<string, Decimal>();
  const filled = new Map<string, Decimal>();

  const mark = (key: string, { id, settled }: StoredOrder): void => {
    const ids = open.get(key) ?? new Set();
    if (settled) ids.delete(id);
    else ids.add(id);
    open.set(key, ids);
  };
  const ofDay = (strategy: string, day: string): Set<string> => {
    const ids = days.get(`${strategy} ${day}`) ?? new Set();
    days.set(`${strategy} ${day}`, ids);
    return ids;
  };
  const openOf = (key: string): StoredOrder[] =>
    [...(open.get(key) ?? [])].flatMap((id) => ledger.orders.get(id) ?? []);

  const note = ({ before, after }: Written['orders'][number], at: number): void => {
    states.add(after.state);
    if (after.test || isExternal(after)) return;
    mark(after.strategy, after);
    if (after.symbol !== undefined) mark(laneKey(after), after);
    if (after.day !== undefined) ofDay(after.strategy, after.day).add(after.id);
    if (after.attempts.length > (before?.attempts.length ?? 0))
      admissions.push({ lane: laneKey(after), clientOrderId: after.attempts.at(-1)?.clientOrderId ?? '' });
    for (const { clientOrderId, outcome } of after.attempts)
      if (DENIALS.has(outcome) && !denied.has(clientOrderId)) denied.set(clientOrderId, { outcome, at });
  };

  const noteFill = (fill: StoredFill, before: StoredFill | undefined, at: number): void => {
    if (before) {
      findings.say('fills-of-order', `trade ${fill.tradeId} was written twice`, at);
      return;
    }
    const order = ledger.orders.get(fill.order);
    filled.set(fill.order, (filled.get(fill.order) ?? ZERO).plus(fill.quantity));
    if (order?.test) return;
    const fee = fill.commissionAsset === fill.symbol.replace(/USDT$/, '') ? fill.commission : '0';
    const change = fill.side === 'buy' ? decimal(fill.quantity) : ZERO.minus(fill.quantity);
    const key = laneKey(fill);
    position.set(key, (position.get(key) ?? ZERO).plus(change).minus(fee));
  };

  return {
    admissions,
    denied,
    states,
    check: (written) => {
      const at = now();
      const { say } = findings;
      for (const each of written.orders) {
        note(each, at);
        checkOrder(each, say, at);
      }
      for (const { before, after } of written.fills) noteFill(after, before, at);
      for (const { before, after } of written.strategies)
        if (before && after.day < before.day)
          say('day-forward', `${after.strategy}: ${before.day} → ${after.day}`, at);

      const lanes = new Set<string>();
      const strategies = new Set<string>();
      for (const { after } of written.lanes) lanes.add(laneKey(after));
      for (const { after } of written.strategies) strategies.add(after.strategy);
      for (const { after } of written.orders) {
        if (!(filled.get(after.id) ?? ZERO).eq(after.fillsQty))
          say(
            'fills-of-order',
            `${after.id}: ${after.fillsQty}, Fills has ${filled.get(after.id)?.toFixed()}`,
            at,
          );
        if (after.test || isExternal(after)) continue;
        if (after.symbol !== undefined) lanes.add(laneKey(after));
        strategies.add(after.strategy);
      }
      for (const key of lanes)
        checkLane(key, ledger.lanes.get(key), openOf(key), position.get(key) ?? ZERO, say, at);
      for (const name of strategies) {
        const record = ledger.strategies.get(name);
        checkStrategy(name, record, openOf(name), say, at);
        if (record) {
          const today = [...ofDay(name, record.day)].flatMap((id) => ledger.orders.get(id) ?? []);
          checkDay(record, today, say, at);
        }
      }
      checkAdmission(written, settingsOf, say, at);
      checkSkipped(written, say, at);
    },
  };
};

type Say = Findings['say'];

const checkLane = (
  key: string,
  lane: StoredLane | undefined,
  orders: readonly StoredOrder[],
  traded: Decimal,
  say: Say,
  at: number,
): void => {
  const tell = (invariant: Parameters<Say>[0], message: string) => say(invariant, `${key}: ${message}`, at);
  const { holder, resting = {}, queue = [], quantity = '0', adopted } = lane ?? {};
  for (const order of orders) {
    const { id, attempts, state } = order;
    const isHolder = holder?.order === id;
    if (isDoubted(order) && !(isHolder && holder.attempt === attempts.length))
      tell(
        'doubt-holds-lane',
        `${id} attempt ${attempts.length} is in doubt, held by ${JSON.stringify(holder)}`,
      );
    if (isLive(order) && !mayRest(order) && !order.contradiction && !isHolder)
      tell('live-immediate-holds-lane', `${id} is ${state}, held by ${JSON.stringify(holder)}`);
    const rests = isLive(order) && (mayRest(order) || order.contradiction === true);
    if (rests !== (resting[id] !== undefined))
      tell('resting-is-live', `${id} is ${state}, ${rests ? 'and not resting' : 'and resting'}`);
    if (rests && resting[id] && !openQuantity(order).eq(resting[id].open))
      tell('open-quantity', `${id}: ${resting[id].open}, not ${openQuantity(order).toFixed()}`);
    if ((state === 'accepted') !== queue.some((entry) => entry.id === id))
      tell('accepted-is-queued', `${id} is ${state}, the queue ${queue.map((entry) => entry.id).join(', ')}`);
  }
  const known = new Map(orders.map((order) => [order.id, order]));
  const held = holder && known.get(holder.order);
  if (holder && !(held && (isDoubted(held) || (isLive(held) && !mayRest(held)))))
    tell('holder-moves-position', `${JSON.stringify(holder)} is ${held?.state ?? 'settled or unknown'}`);
  for (const id of Object.keys(resting))
    if (!known.has(id)) tell('resting-is-live', `${id} rests and is settled or unknown`);
  for (const { id } of queue)
    if (!known.has(id)) tell('accepted-is-queued', `${id} waits and is settled or unknown`);
  const sorted = queue.toSorted((a, b) => a.arrival - b.arrival || (a.id < b.id ? -1 : 1));
  if (queue.some(({ id }, index) => sorted[index]?.id !== id) || queue.length > 50)
    tell('queue-sorted', queue.map(({ id, arrival }) => `${arrival} ${id}`).join(', '));
  if (!traded.plus(adopted?.total ?? '0').eq(quantity))
    tell('position-is-fills', `holds ${quantity}, its fills say ${traded.toFixed()}`);
};

const checkStrategy = (
  name: string,
  strategy: StoredStrategy | undefined,
  orders: readonly StoredOrder[],
  say: Say,
  at: number,
): void => {
  const flying = orders.filter((order) => isDoubted(order) || isLive(order));
  const { inFlight = {}, reserved = '0', dayOrders = 0, dayNotional = '0' } = strategy ?? {};
  const ids = flying.map(({ id }) => id).sort();
  const entries = Object.keys(inFlight).sort();
  if (ids.join() !== entries.join())
    say(
      'in-flight',
      `${name}: ${entries.join(', ') || 'none'}; in doubt or live: ${ids.join(', ') || 'none'}`,
      at,
    );
  for (const order of flying)
    if (inFlight[order.id] && inFlight[order.id]?.attempt !== order.attempts.length)
      say('in-flight', `${name}: ${order.id} is in flight under another attempt`, at);
  const total = sum(flying.map((order) => order.reserved));
  if (!total.eq(reserved)) say('reserved-sum', `${name}: ${reserved}, in flight are ${total.toFixed()}`, at);
  for (const order of orders)
    if (order.reserved !== '0' && !inFlight[order.id])
      say('reserved-sum', `${name}: ${order.id} (${order.state}) keeps ${order.reserved}`, at);
  if (decimal(reserved).lt('0') || dayOrders < 0 || decimal(dayNotional).lt('0'))
    say('reserved-sum', `${name}: ${reserved} reserved, ${dayOrders} orders, ${dayNotional} of the day`, at);
};

const checkDay = (
  { strategy, day, dayNotional }: StoredStrategy,
  orders: readonly StoredOrder[],
  say: Say,
  at: number,
): void => {
  const parts = orders
    .filter((order) => order.day === day)
    .map((order) => (isDoubted(order) || isLive(order) ? order.reserved : executedQuote(order).toFixed()));
  if (!sum(parts).eq(dayNotional))
    say(
      'day-counters',
      `${strategy} ${day}: ${dayNotional}, orders of the day say ${sum(parts).toFixed()}`,
      at,
    );
};
