import type { Exchange } from '../../lib/simulator/exchange.ts';
import type { End } from './check-end.ts';
import { haltsOf } from './operator.ts';
import { isFinal } from './order-rules.ts';

type Truth = ReturnType<Exchange['truth']>;
type Journal = ReturnType<Exchange['journal']>;

/** What concerns the account as a whole: foreign orders, halts, alarms. */
export const checkAccount = (end: End, truth: Truth, journal: Journal): void => {
  checkForeign(end, truth);
  checkHalts(end, journal);
  checkAlarms(end, truth);
};

/** Orders by hand are the ledger's to show, and nobody's to touch. */
const checkForeign = ({ ledger, findings: { say } }: End, { orders }: Truth): void => {
  const external = [...ledger.orders.values()].filter(({ state }) => state === 'external');
  const shown = new Set(external.flatMap((order) => JSON.stringify(order).match(/[\w-]{16,}/g) ?? []));
  for (const { orderId, byHand } of orders)
    if (byHand && !shown.has(orderId)) say('external-recorded', `${orderId} by hand is not in the ledger`);
};

const checkHalts = ({ world, ledger, findings: { say } }: End, journal: Journal): void => {
  for (const { strategy, from, to } of haltsOf(world.ordered)) {
    for (const { method, path, params, executedAt, orderId } of journal) {
      const id = params.newClientOrderId?.split('-')[0] ?? '';
      if (method !== 'POST' || path !== '/api/v3/order' || orderId === null || executedAt === null) continue;
      if (ledger.orders.get(id)?.strategy === strategy && executedAt > from && executedAt < to)
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
