import type { Exchange } from '../../lib/simulator/exchange.ts';
import type { End } from './check-end.ts';
import type { Ledger } from './ledger-mirror.ts';
import { haltsOf } from './operator.ts';
import { allFacts, isExternal, isFinal, isLess } from './order-rules.ts';
import type { Plan } from './plan.ts';
import type { World } from './world.ts';

type Truth = ReturnType<Exchange['truth']>;
type Journal = ReturnType<Exchange['journal']>;
type Order = Truth['orders'][number];

/** What concerns the account as a whole: foreign orders, halts, alarms. */
export const checkAccount = (end: End, truth: Truth, journal: Journal): void => {
  checkForeign(end, truth, journal);
  checkHalts(end, journal);
  checkAlarms(end, truth);
};

/** Orders that are not ours are the ledger's to show, and nobody's to touch. */
const checkForeign = ({ world, ledger, findings: { say } }: End, truth: Truth, journal: Journal): void => {
  for (const { orderId, clientOrderId, symbol } of unrecorded(world.plan, ledger, truth))
    say('external-recorded', `${orderId} (${clientOrderId ?? 'by hand'}) of ${symbol} is not in the ledger`);
  const strangers = new Map(strangersOf(world.plan, truth).map((order) => [order.orderId, order]));
  for (const order of ledger.orders.values()) {
    const [facts] = allFacts(order);
    const real = strangers.get(facts?.exchangeOrderId ?? '');
    if (!isExternal(order)) continue;
    if (!real || !facts || real.symbol !== order.symbol || real.side.toLowerCase() !== order.side)
      say('external-recorded', `${order.id} is ${real ? 'another order' : 'no order of a stranger'}`);
    else if (isLess(real.executed, facts.cumQty))
      say('external-recorded', `${order.id} executed ${real.executed}, the ledger says ${facts.cumQty}`);
  }
  const names = new Set([...strangers.values()].flatMap(({ clientOrderId }) => clientOrderId ?? []));
  for (const { method, path, params } of journal)
    if (method === 'DELETE' && path === '/api/v3/order')
      if (strangers.has(params.orderId ?? '') || names.has(params.origClientOrderId ?? ''))
        say('external-untouched', `${params.orderId ?? params.origClientOrderId} was cancelled by us`);
  checkSecondLedger(world, ledger, strangers.values(), say);
};

/** An order of our form that nobody here sent: another ledger is in use, and nobody enters a position any more. */
const checkSecondLedger = (
  { plan, alarms }: World,
  ledger: Ledger,
  strangers: Iterable<Order>,
  say: End['findings']['say'],
): void => {
  const twin = [...strangers].find(
    ({ clientOrderId, symbol }) => clientOrderId?.startsWith('m') && isTraded(ledger, symbol),
  );
  if (!twin) return;
  if (!alarms.has('an order of our form is not in the ledger'))
    say('alarmed', `${twin.clientOrderId} is of our form and unknown, and nobody was told`);
  if (plan.operator.some(({ mode }) => mode === 'ACTIVE')) return;
  for (const { strategy, mode } of ledger.strategies.values())
    if (mode === 'ACTIVE')
      say('alarmed', `${strategy} is ACTIVE, though ${twin.clientOrderId} shows another ledger`);
};

const isTraded = ({ lanes }: Ledger, symbol: string): boolean =>
  [...lanes.values()].some((lane) => lane.symbol === symbol);

const strangersOf = ({ moves }: Plan, { orders }: Truth): readonly Order[] => {
  const names = new Set(moves.flatMap((move) => ('foreign' in move ? [move.foreign.clientOrderId] : [])));
  return orders.filter(({ byHand, clientOrderId }) => byHand || names.has(clientOrderId ?? ''));
};

/**
 * Orders of strangers that the ledger does not show, of symbols that are traded here. Where listings hide orders for minutes
 * nobody can know of them: their ids are not known.
 */
export const unrecorded = (plan: Plan, ledger: Ledger, truth: Truth): readonly Order[] => {
  if (plan.exchangeFaults.some(({ lasting }) => lasting)) return [];
  const shown = new Set(
    [...ledger.orders.values()]
      .filter(isExternal)
      .flatMap((order) => allFacts(order).map((each) => each.exchangeOrderId)),
  );
  return strangersOf(plan, truth).filter(
    ({ orderId, symbol }) => !shown.has(orderId) && isTraded(ledger, symbol),
  );
};

const checkHalts = ({ world, ledger, findings: { say } }: End, journal: Journal): void => {
  for (const { strategy, from, to } of haltsOf(world.ordered)) {
    for (const { method, path, params, executedAt, orderId } of journal) {
      const id = params.newClientOrderId?.split('-')[0] ?? '';
      if (method !== 'POST' || path !== '/api/v3/order' || orderId === null || executedAt === null) continue;
      const order = ledger.orders.get(id);
      const halted = order && (strategy === undefined || order.strategy === strategy);
      if (halted && executedAt > from && executedAt < to)
        say('quiet-after-halt', `${id} was executed ${executedAt - from} ms after the halt's answer`);
    }
  }
};

/** What was held not to exist and does: the owner hears of it. */
const checkAlarms = ({ world, ledger, watch, findings: { say } }: End, { orders }: Truth): void => {
  const denied = orders.filter(({ clientOrderId }) => watch.denied.has(clientOrderId ?? ''));
  for (const { clientOrderId } of denied) {
    const order = ledger.orders.get(clientOrderId?.split('-')[0] ?? '');
    if (!order?.contradiction || !isFinal(order.state) || world.alarms.size === 0)
      say('alarmed', `${clientOrderId} was denied and exists, and nobody was told`);
  }
};
