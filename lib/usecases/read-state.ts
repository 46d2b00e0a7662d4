import * as z from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Fill } from '../domain/fill.ts';
import type { Lane } from '../domain/lane.ts';
import { decimal, plain, roundDown } from '../domain/money.ts';
import { type Order, OrderState } from '../domain/order-record.ts';
import { orderDetailView, orderView } from '../domain/order-view.ts';
import type { CallOptions } from '../domain/ports.ts';

/** What the read API needs of the stores. Listings may lag; a single order is read consistently. */
export interface StateReader {
  order(id: string, options: CallOptions): Promise<Order | undefined>;
  fills(order: string, options: CallOptions): Promise<readonly Fill[]>;
  orders(
    filter: { readonly strategy?: string; readonly state?: string; readonly symbol?: string },
    page: { readonly limit: number; readonly from?: Record<string, unknown> },
    options: CallOptions,
  ): Promise<{ readonly orders: readonly Order[]; readonly next?: Record<string, unknown> }>;
  lanes(options: CallOptions): Promise<readonly Lane[]>;
  unsettled(options: CallOptions): Promise<readonly string[]>;
}

/** A question of the caller's that cannot be answered as asked. */
export class BadQueryError extends AppError {
  readonly path: string;

  constructor(path: string, message: string) {
    super('invalid', message);
    this.path = path;
  }
}

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** Most bytes of JSON in one answer of a listing: a function's answer ends at 6 MB. */
const MAX_ANSWER = 5_000_000;

/** Where a page ended: the key attributes of the index, all text. */
const Cursor = z.record(z.string(), z.string());

const OrdersQuery = z.strictObject({
  strategy: z.string().min(1).optional(),
  state: OrderState.optional(),
  symbol: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional(),
});

/** `GET /orders`: newest first. @throws BadQueryError naming the parameter */
export const listOrders = async (
  parameters: Readonly<Record<string, string | undefined>>,
  reader: StateReader,
  options: CallOptions,
) => {
  const query = OrdersQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error);
  const { limit, cursor, ...filter } = query.data;
  const page = await reader.orders(
    filter,
    { limit, ...(cursor !== undefined && { from: readCursor(cursor) }) },
    options,
  );
  const views: unknown[] = [];
  let size = 0;
  for (const order of page.orders) {
    const view = orderView(order);
    size += JSON.stringify(view).length;
    if (size > MAX_ANSWER)
      return {
        orders: views,
        next: writeCursor(cursorAfter(page.orders[views.length - 1], filter.strategy)),
      };
    views.push(view);
  }
  return { orders: views, ...(page.next && { next: writeCursor(page.next) }) };
};

/** Key of the index entry of an order: where a page goes on that was cut for its size. */
const cursorAfter = (order: Order | undefined, strategy: string | undefined): Record<string, unknown> => {
  if (!order) return {};
  const listed = `${new Date(order.createdAt).toISOString()}#${order.id}`;
  return { id: order.id, listed, ...(strategy === undefined ? { ledger: 'orders' } : { strategy }) };
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
  openOrders: Object.entries(resting).map(([id, { side, open }]) => ({ id, side, open })),
  waiting: queue.map(({ id }) => id),
  sending: holder?.order,
});

/** `GET /health`: whether the ledger answers; with the token also how much is unsettled. */
export const readHealth = async (authenticated: boolean, reader: StateReader, options: CallOptions) => {
  const unsettled = await reader.unsettled(options);
  return { status: 'ok', ...(authenticated && { unsettledOrders: unsettled.length }) };
};

const badQuery = (error: z.ZodError): BadQueryError => {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return new BadQueryError(
      issue.keys[0] ?? '',
      'is not a parameter of this listing; strategy, state, symbol, limit and cursor are',
    );
  }
  return new BadQueryError(issue?.path.join('.') ?? '', issue?.message ?? 'is wrong');
};

const writeCursor = (key: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');

const readCursor = (text: string): Record<string, string> => {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new BadQueryError('cursor', 'is not a cursor of this listing: use the answer\'s "next" as it is');
  }
};
