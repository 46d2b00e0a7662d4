import * as z from 'zod';
import type { Fill } from '../domain/fill.ts';
import type { Lane } from '../domain/lane.ts';
import { decimal, plain, roundDown } from '../domain/money.ts';
import { type Order, OrderState } from '../domain/order-record.ts';
import { orderDetailView, orderView } from '../domain/order-view.ts';
import type { CallOptions } from '../domain/ports.ts';
import { BadQueryError, badQuery, readCursor, Time, writeCursor } from './query.ts';

interface OrderFilter {
  readonly strategy?: string;
  readonly state?: string;
  readonly symbol?: string;
  /** Created at or after, and before; epoch ms. */
  readonly from?: number;
  readonly to?: number;
}

/** What the read API needs of the stores. Listings may lag; a single order is read consistently. */
export interface StateReader {
  order(id: string, options: CallOptions): Promise<Order | undefined>;
  fills(order: string, options: CallOptions): Promise<readonly Fill[]>;
  orders(
    filter: OrderFilter,
    page: { readonly limit: number; readonly from?: Record<string, string> },
    options: CallOptions,
  ): Promise<{ readonly orders: readonly Order[]; readonly more: boolean }>;
  /** Where a listing stands after an order. */
  listingKey(order: Order, filter: OrderFilter): Record<string, string>;
  lanes(options: CallOptions): Promise<readonly Lane[]>;
  unsettled(options: CallOptions): Promise<readonly string[]>;
}

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** Most bytes of JSON in one answer of a listing: a function's answer ends at 6 MB. */
const MAX_ANSWER = 5_000_000;

const OrdersQuery = z.strictObject({
  strategy: z.string().min(1).optional(),
  state: OrderState.optional(),
  symbol: z.string().min(1).optional(),
  from: Time.optional(),
  to: Time.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional(),
});

/** Of a cursor of orders: those of one strategy are listed by another index than all. */
const formOf = (strategy: string | undefined): Readonly<Record<string, RegExp>> => ({
  id: /./,
  listed: /./,
  ...(strategy === undefined ? { ledger: /./ } : { strategy: new RegExp(`^${RegExp.escape(strategy)}$`) }),
});

/** `GET /orders`: newest first. @throws BadQueryError naming the parameter */
export const listOrders = async (
  parameters: Readonly<Record<string, string | undefined>>,
  reader: StateReader,
  options: CallOptions,
) => {
  const query = OrdersQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error, 'strategy, state, symbol, from, to, limit and cursor');
  const { limit, cursor, ...filter } = query.data;
  if ((filter.from ?? 0) > (filter.to ?? Number.MAX_SAFE_INTEGER))
    throw new BadQueryError('from', 'must not be after "to"');
  const from = cursor === undefined ? {} : { from: readCursor(cursor, formOf(filter.strategy)) };
  const page = await reader.orders(filter, { limit, ...from }, options);
  const shown: unknown[] = [];
  let size = 0;
  let last: Order | undefined;
  for (const order of page.orders) {
    const view = orderView(order);
    size += JSON.stringify(view).length;
    if (size > MAX_ANSWER) break;
    shown.push(view);
    last = order;
  }
  const more = page.more || shown.length < page.orders.length;
  return { orders: shown, ...(more && last && { next: writeCursor(reader.listingKey(last, filter)) }) };
};

/** `GET /orders/{id}`: with history, attempts and fills. */
export const readOrder = async (id: string, reader: StateReader, options: CallOptions) => {
  const [order, fills] = await Promise.all([reader.order(id, options), reader.fills(id, options)]);
  return order && orderDetailView(order, fills);
};

/** `GET /positions`: what each strategy holds. */
export const listPositions = async (reader: StateReader, options: CallOptions) => ({
  positions: (await reader.lanes(options)).map(positionView),
});

const AVERAGE_DECIMALS = 12;

const positionView = ({
  strategy,
  symbol,
  quantity,
  cost,
  realised,
  fees,
  adopted,
  holder,
  resting,
  queue,
}: Lane) => ({
  strategy,
  symbol,
  quantity,
  cost,
  averagePrice: decimal(quantity).gt('0')
    ? plain(roundDown(decimal(cost).div(quantity), AVERAGE_DECIMALS))
    : undefined,
  realised,
  fees,
  adopted: adopted && {
    total: adopted.total,
    entries: adopted.entries.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() })),
  },
  openOrders: Object.entries(resting).map(([id, { side, open }]) => ({ id, side, open })),
  waiting: queue.map(({ id }) => id),
  sending: holder?.order,
});

/** `GET /health`: whether the ledger answers; with the token also how much is unsettled. */
export const readHealth = async (authenticated: boolean, reader: StateReader, options: CallOptions) => {
  const unsettled = await reader.unsettled(options);
  return { status: 'ok', ...(authenticated && { unsettledOrders: unsettled.length }) };
};
