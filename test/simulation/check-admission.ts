import { type Decimal, decimal, larger, sum, ZERO } from '../../lib/domain/money.ts';
import type { StrategySettings } from '../../lib/domain/settings.ts';
import { MARKETS } from './draw-alerts.ts';
import type { Findings } from './invariants.ts';
import {
  laneKey,
  type StoredLane,
  type StoredOrder,
  type StoredStrategy,
  type Written,
} from './ledger-mirror.ts';
import { isExternal } from './order-rules.ts';

type Tell = (invariant: Parameters<Findings['say']>[0], message: string) => void;

/** T1 and T4: turn, mode, limits and size, as the very transaction found and left them. */
export const checkAdmission = (
  { orders, lanes, strategies }: Written,
  settingsOf: (strategy: string) => StrategySettings,
  say: Findings['say'],
  at: number,
): void => {
  const order = orders.find(
    ({ before, after }) =>
      after.attempts.length > (before?.attempts.length ?? 0) && !after.test && !isExternal(after),
  )?.after;
  if (!order) return;
  const tell: Tell = (invariant, message) => say(invariant, `${order.id}: ${message}`, at);
  const [lane] = lanes;
  const [record] = strategies;
  const first = lane?.before?.queue[0];
  if (!lane || lane.before?.holder || (first && first.id !== order.id))
    tell('turn-by-arrival', `held by ${JSON.stringify(lane?.before?.holder)}, first ${first?.id}`);
  checkMode(order, record?.before, tell);
  if (record) checkLimits(order, record.after, settingsOf(order.strategy), tell);
  checkSize(order, lane?.before, tell);
};

const checkMode = ({ side, origin }: StoredOrder, record: StoredStrategy | undefined, tell: Tell): void => {
  const mode = record?.mode;
  const mayGo = mode === 'ACTIVE' || (mode === 'REDUCE_ONLY' && side === 'sell');
  if (!mayGo && origin !== 'flatten') tell('mode-in-transaction', `${side} under ${mode}`);
};

const checkLimits = (
  { side, notional = '0' }: StoredOrder,
  { dayOrders, dayNotional, inFlight }: StoredStrategy,
  { maxOrdersPerDay, maxNotionalPerDay, maxOpenOrders, maxOrderNotional }: StrategySettings,
  tell: Tell,
): void => {
  const open = Object.keys(inFlight).length;
  const exceeded = [
    ...(dayOrders > maxOrdersPerDay ? [`${dayOrders} orders of the day`] : []),
    ...(decimal(dayNotional).gt(maxNotionalPerDay) ? [`${dayNotional} of the day`] : []),
    ...(open > maxOpenOrders ? [`${open} open`] : []),
    ...(side === 'buy' && decimal(notional).gt(maxOrderNotional) ? [`${notional} of one order`] : []),
  ];
  if (exceeded.length > 0) tell('limit-in-transaction', exceeded.join(', '));
};

interface Asked {
  readonly action: string;
  readonly targetQuantity?: string;
  readonly marketPosition?: string;
}

const checkSize = (order: StoredOrder, lane: StoredLane | undefined, tell: Tell): void => {
  if (order.origin !== 'alert') return;
  const { side, quantity = '0', alertTime, sequence } = order;
  const asked = JSON.parse(order.asked) as Asked;
  const held = decimal(lane?.quantity ?? '0');
  const resting = Object.values(lane?.resting ?? {});
  const sells = sum(resting.flatMap((each) => (each.side === 'sell' ? [each.open] : [])));
  if (side === 'sell' && decimal(quantity).gt(held.minus(sells)))
    tell('sells-own-only', `sells ${quantity} of ${held.toFixed()}, ${sells.toFixed()} rest as sells`);
  const closes = asked.marketPosition === 'flat' || asked.marketPosition === 'short';
  const newest = asked.action === 'target' || asked.action === 'close';
  if ((newest || (asked.action === 'sell' && closes)) && resting.length > 0)
    tell('gate-closed', `${asked.action} while ${resting.length} rest`);
  if (asked.action === 'target' && asked.targetQuantity !== undefined) {
    const goal = closes || decimal(asked.targetQuantity).lt('0') ? ZERO : decimal(asked.targetQuantity);
    if (changeBy(order).abs().gt(goal.minus(held).abs()) || changeBy(order).times(goal.minus(held)).lt('0'))
      tell('target-size', `${side} ${quantity} from ${held.toFixed()} to ${goal.toFixed()}`);
  }
  const last = lane?.intent;
  if (newest && last && alertTime !== undefined && isOlder({ time: alertTime, sequence }, last))
    tell('newest-intent', `${asked.action} of ${alertTime} after one of ${last.time}`);
};

/** Share of a target, and worth in quote, that no order is made for; the exchange takes nothing below half of that worth. */
const NEAR = '0.02';
const LITTLE = 2;

/** T6: a target that is called reached is so with all that may still execute. */
export const checkSkipped = ({ orders, lanes }: Written, say: Findings['say'], at: number): void => {
  for (const { before, after } of orders) {
    const reason = after.history.at(-1)?.detail;
    if (after.state !== 'skipped' || before?.settled || !reason?.startsWith('at target')) continue;
    const { targetQuantity } = JSON.parse(after.asked) as Asked;
    const price = MARKETS[after.symbol ?? '']?.price;
    if (targetQuantity === undefined || price === undefined) continue;
    const lane = lanes.find((each) => laneKey(each.after) === laneKey(after))?.before;
    const open = Object.values(lane?.resting ?? {}).map((each) =>
      each.side === 'sell' ? ZERO.minus(each.open) : decimal(each.open),
    );
    const planned = open.reduce((total, each) => total.plus(each), decimal(lane?.quantity ?? '0'));
    const tolerance = larger(decimal(targetQuantity).times(NEAR), decimal(String(LITTLE / price)));
    if (planned.minus(targetQuantity).abs().gt(tolerance))
      say('target-reached', `${after.id}: ${planned.toFixed()} is called ${targetQuantity}`, at);
  }
};

const changeBy = ({ side, quantity = '0' }: StoredOrder): Decimal =>
  side === 'buy' ? decimal(quantity) : ZERO.minus(quantity);

interface Intent {
  readonly time: number;
  readonly sequence?: number | undefined;
}

/** Times of whole seconds say nothing of the order within that second; then the sequence numbers do, if there are any. */
const isOlder = (a: Intent, b: Intent): boolean => {
  const coarse = a.time % 1_000 === 0 || b.time % 1_000 === 0;
  const [one, other] = coarse ? [Math.floor(a.time / 1_000), Math.floor(b.time / 1_000)] : [a.time, b.time];
  if (one !== other) return one < other;
  return a.sequence !== undefined && b.sequence !== undefined && a.sequence < b.sequence;
};
