import type * as z from 'zod';
import { orderIdOf } from '../../usecases/identity.ts';
import { RefusedError } from './api.ts';
import type { Session } from './session.ts';
import { OrderDetail, OrderPage, type OrderView, Positions } from './shapes.ts';
import { type Column, second, shortened, tableOf } from './table.ts';
import { timelineOf } from './timeline.ts';
import { explanationOf } from './why.ts';

export interface OrdersAsked {
  readonly strategy?: string;
  readonly state?: string;
  readonly symbol?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

const PAGE = 1_000;
const REASON_WIDTH = 60;
const ORDER_ID = /^m[a-z2-7]{25}$/;

const COLUMNS: readonly Column<OrderView>[] = [
  ['created (UTC)', ({ createdAt }) => second(createdAt)],
  ['id', ({ id }) => id],
  ['strategy', ({ strategy }) => strategy],
  ['symbol', ({ symbol }) => symbol],
  ['order', ({ side, type, action }) => [side ?? action, type].filter(Boolean).join(' ')],
  ['state', ({ state, test }) => (test && state !== 'tested' ? `${state} (test)` : state)],
  ['filled', ({ filledQuantity }) => filledQuantity],
  ['average', ({ averagePrice }) => averagePrice],
  ['reason', ({ reason, code }) => shortened(reason ?? code, REASON_WIDTH)],
];

/** `orders`: newest first. @returns exit status */
export const showOrders = async (asked: OrdersAsked, { api, json, say, print }: Session): Promise<number> => {
  const { limit, ...filter } = asked;
  const orders: OrderView[] = [];
  let cursor: string | undefined;
  do {
    const query = { ...filter, limit: Math.min(PAGE, limit - orders.length), cursor };
    const page = await api.get('/orders', OrderPage, query);
    orders.push(...page.orders);
    cursor = page.next;
  } while (cursor !== undefined && orders.length < limit);
  if (json) print({ orders, more: cursor !== undefined });
  else if (orders.length === 0) say('There is no such order.');
  else for (const line of tableOf(orders, COLUMNS)) say(line);
  if (!json && cursor !== undefined) say(`There are more: --limit ${limit * 5}.`);
  return 0;
};

/** `order <id>`: its whole life. @returns exit status */
export const showOrder = async (id: string, { api, json, say, print }: Session): Promise<number> => {
  const order = await find(id, api);
  if (!order) throw new RefusedError('not_found', `There is no order ${id}.`, [], undefined);
  if (json) print(order);
  else for (const line of timelineOf(order)) say(line);
  return 0;
};

/**
 * `why <alert id>`: what became of the alerts that a strategy sent under this id, as test and in earnest. An order's own id is
 * taken too: an alert without an id has no other.
 * @returns exit status
 */
export const showWhy = async (
  alert: string,
  strategy: string | undefined,
  session: Session,
): Promise<number> => {
  const { api, json, say, print } = session;
  const strategies = strategy === undefined ? await strategiesOf(api) : [strategy];
  const ids = [
    ...(ORDER_ID.test(alert) ? [alert] : []),
    ...strategies.flatMap((name) => [false, true].map((test) => orderIdOf(name, test, alert))),
  ];
  const found: z.infer<typeof OrderDetail>[] = [];
  for (const id of ids) {
    const order = await find(id, api);
    if (order) found.push(order);
  }
  if (found.length === 0) {
    const whose = strategy === undefined ? `any of ${strategies.length} strategies` : strategy;
    const message = `There is no alert ${alert} of ${whose}: it never arrived, or its token was wrong, or its id is spelt otherwise.${strategy === undefined ? ' Name the strategy: --strategy.' : ''}`;
    throw new RefusedError('not_found', message, [], undefined);
  }
  const said = [];
  for (const order of found)
    said.push({
      id: order.id,
      state: order.state,
      why: explanationOf(order),
      again: await repeatsOf(order, api),
      order,
    });
  if (json) print({ alerts: said });
  else
    for (const { why, again } of said) {
      say(why);
      for (const { createdAt, id } of again)
        say(`Another alert with the same id came at ${createdAt} and was refused: order ${id}.`);
    }
  return 0;
};

/** Alerts that used the same id again, among the newest of the strategy: they are kept under an id of their own. */
const repeatsOf = async (
  { id, strategy }: OrderDetail,
  api: Session['api'],
): Promise<readonly OrderView[]> => {
  const { orders } = await api.get('/orders', OrderPage, { strategy, limit: PAGE });
  return orders.filter(({ code, reason }) => code === 'id_reused' && reason?.includes(id));
};

const find = async (id: string, api: Session['api']): Promise<OrderDetail | undefined> => {
  try {
    return await api.get(`/orders/${encodeURIComponent(id)}`, OrderDetail);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'not_found') return undefined;
    throw error;
  }
};

/** Strategies that hold or held something, or sent one of the newest alerts. */
const strategiesOf = async (api: Session['api']): Promise<string[]> => {
  const [{ positions }, { orders }] = await Promise.all([
    api.get('/positions', Positions),
    api.get('/orders', OrderPage, { limit: PAGE }),
  ]);
  return [...new Set([...positions, ...orders].map(({ strategy }) => strategy))].sort();
};
