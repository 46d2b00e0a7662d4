import * as z from 'zod';
import { decimal, ZERO } from '../../lib/domain/money.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import { contradictions, ledgerOf } from './ledger-truth.ts';
import type { MemoryDynamo } from './memory-dynamo/engine.ts';
import { itemOf, itemsOf } from './plain-items.ts';

type Truth = ReturnType<Exchange['truth']>;
type There = Truth['orders'][number];

/** What the exchange's order has to be called in the ledger. */
const STATES: Readonly<Record<string, string>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'partially_filled',
  FILLED: 'filled',
  CANCELED: 'canceled',
  PARTIALLY_CANCELED: 'partially_canceled',
};

const Stored = z.object({
  state: z.string(),
  fillsQty: z.string(),
  attempts: z.array(z.object({ facts: z.object({ cumQty: z.string(), status: z.string() }).optional() })),
});

const isOver = ({ status }: There): boolean => status !== 'NEW' && status !== 'PARTIALLY_FILLED';

/** Orders that this system sent, without those placed by hand. */
const isOurs = ({ clientOrderId, byHand }: There): boolean => clientOrderId !== null && !byHand;

const idIn = (clientOrderId: string | null): string => clientOrderId?.split('-')[0] ?? '';

/** Compares the ledger with the exchange again and again; what was once over and equal stays so, facts only grow. */
export const createOrderCheck = (store: MemoryDynamo) => {
  const settled = new Set<string>();
  const stored = (id: string) => Stored.optional().parse(itemOf(store, 'Orders', { id }));
  return {
    /** Orders of which something may be missing in the ledger yet. */
    unsure: (truth: Truth): readonly There[] =>
      truth.orders.filter((order) => isOurs(order) && !settled.has(order.orderId)),
    /** @returns what the ledger lacks of what was so then */
    lacking: (then: readonly There[]): readonly string[] =>
      then.flatMap((order) => {
        const id = idIn(order.clientOrderId);
        const item = stored(id);
        const lacks =
          !item ||
          decimal(item.fillsQty).lt(order.executed) ||
          (isOver(order) && item.state !== STATES[order.status]) ||
          (decimal(order.executed).gt('0') && item.state === 'open');
        if (lacks)
          return [`${id} ${order.status} ${order.executed}, in the ledger ${item?.state} ${item?.fillsQty}`];
        if (isOver(order)) settled.add(order.orderId);
        return [];
      }),
  };
};

const Sent = z.object({
  origin: z.string().refine((origin) => origin !== 'external'),
  attempts: z.array(z.unknown()).min(1),
});

/** Everything in which the tables contradict the exchange once all is over. */
export const contradictionsOf = (market: Exchange, store: MemoryDynamo): readonly string[] => {
  const truth = market.truth();
  const ours = { ...truth, orders: truth.orders.filter(isOurs) };
  const items = (table: string) => itemsOf(store, table);
  // Neither what is not ours, nor what was refused before anything was sent.
  const orders = items('Orders').filter((item) => Sent.safeParse(item).success);
  const ledger = ledgerOf({ orders, strategies: items('Strategies'), lanes: items('Positions') });
  return [
    ...contradictions({ ...market, truth: () => ours }, ledger),
    ...aboutFills(truth, items('Fills')),
    ...aboutTransfers(truth, items('Balances')),
  ];
};

const Fill = z.object({
  symbol: z.string(),
  tradeId: z.string(),
  quantity: z.string(),
  order: z.string(),
  appliedAt: z.number(),
});

/** Each trade of ours is one item, and no item is anything else. */
const aboutFills = ({ trades }: Truth, items: readonly unknown[]): string[] => {
  const fills = z.array(Fill).parse(items);
  const booked = Map.groupBy(fills, ({ symbol, tradeId }) => `${symbol} ${tradeId}`);
  const ours = trades.filter(({ clientOrderId }) => /^m[a-z0-9]{25}-\d+$/u.test(clientOrderId ?? ''));
  const said = ours.flatMap(({ symbol, id, qty, clientOrderId }) => {
    const [fill, ...more] = booked.get(`${symbol} ${id}`) ?? [];
    const same =
      fill && more.length === 0 && decimal(fill.quantity).eq(qty) && fill.order === idIn(clientOrderId);
    return same ? [] : [`trade ${id} of ${clientOrderId} is booked as ${JSON.stringify([fill, ...more])}`];
  });
  const total = (all: readonly { readonly amount: string }[]) =>
    all.reduce((sum, { amount }) => sum.plus(amount), ZERO);
  const there = total(ours.map(({ qty }) => ({ amount: qty })));
  const here = total(fills.map(({ quantity }) => ({ amount: quantity })));
  if (!there.eq(here)) said.push(`${here.toFixed()} is booked in all, ${there.toFixed()} was traded`);
  return said;
};

/** From the execution on the exchange to the ledger, trade by trade, ms: the shortest first. */
export const bookingDelays = ({ trades }: Truth, store: MemoryDynamo): readonly number[] => {
  const times = new Map(trades.map(({ symbol, id, time }) => [`${symbol} ${id}`, time]));
  return z
    .array(Fill)
    .parse(itemsOf(store, 'Fills'))
    .map(({ symbol, tradeId, appliedAt }) => appliedAt - (times.get(`${symbol} ${tradeId}`) ?? 0))
    .sort((a, b) => a - b);
};

const StoredTransfer = z.object({
  account: z.literal('transfers'),
  asset: z.string(),
  amount: z.string(),
  cause: z.string(),
});

const nameOf = (asset: string, cause: string, amount: string): string =>
  `${cause} of ${decimal(amount).toFixed()} ${asset}`;

/** Transfers as they are stored, by what they are called, with their number. */
export const storedTransfers = (store: MemoryDynamo): ReadonlyMap<string, number> =>
  countedTransfers(itemsOf(store, 'Balances'));

const countedTransfers = (items: readonly unknown[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) {
    const { data } = StoredTransfer.safeParse(item);
    if (!data) continue;
    const name = nameOf(data.asset, data.cause, data.amount);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
};

/** None is known that never was, none twice; amounts are all different. */
const aboutTransfers = ({ accountEvents }: Truth, items: readonly unknown[]): string[] => {
  const real = new Set(accountEvents.map(({ asset, type, amount }) => nameOf(asset, type, amount)));
  return [...countedTransfers(items)].flatMap(([name, count]) => [
    ...(real.has(name) ? [] : [`${name} never was`]),
    ...(count > 1 ? [`${name} is known ${count} times`] : []),
  ]);
};

/** Name of the transfer that a change of a balance is. */
export const transferName = nameOf;

/** Seconds that orders of ours were open on the exchange until then, added up. */
export const openOrderSeconds = ({ orders }: Truth, until: number): number =>
  orders
    .filter(isOurs)
    .reduce(
      (sum, order) => sum + ((isOver(order) ? (order.updateTime ?? until) : until) - order.time) / 1_000,
      0,
    );
