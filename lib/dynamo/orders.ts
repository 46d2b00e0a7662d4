import {
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, until } from './client.ts';
import { type Item, parseItem } from './items.ts';

export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Indexes of `Orders`. */
const ORDERS_BY_TIME = 'by-time';
const ORDERS_BY_STRATEGY = 'by-strategy';
const ORDERS_UNSETTLED = 'unsettled';

/** Partition of the sparse index; every unsettled order is in it, no other. */
const UNSETTLED = 'yes';
/**
 * The one partition of the index by time. One is enough: an account sends at most twelve orders a second, some 200
 * write units, and a partition takes 1,000.
 */
const LEDGER = 'orders';

export const parseOrder = (item: Item): Order => parseItem(Order, item, `order ${String(item.id)}`);

/** Sort key of listings: creation time, then id. */
const listedOf = (order: Order): string => `${new Date(order.createdAt).toISOString()}#${order.id}`;

/** The order's write: first ever, or over exactly the version that was read. */
export const putOrder = ({ tables }: Dynamo, order: Order): TransactItem => ({
  Put: {
    TableName: tables.orders,
    Item: {
      ...order,
      ledger: LEDGER,
      listed: listedOf(order),
      ...(!order.settled && { unsettled: UNSETTLED }),
    },
    ...(order.version === 1
      ? { ConditionExpression: 'attribute_not_exists(id)' }
      : {
          ConditionExpression: '#version = :read',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':read': order.version - 1 },
        }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

/** Strongly consistent. */
export const getOrder = async (
  dynamo: Dynamo,
  id: string,
  options: CallOptions,
): Promise<Order | undefined> => {
  const { Item } = await dynamo.client.send(
    new GetCommand({ TableName: dynamo.tables.orders, Key: { id }, ConsistentRead: true }),
    until(dynamo, options),
  );
  return Item && parseOrder(Item);
};

/** Ids of the sparse index; it may lag. */
export const unsettledIds = async (dynamo: Dynamo, options: CallOptions): Promise<string[]> => {
  const ids: string[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.orders,
        IndexName: ORDERS_UNSETTLED,
        KeyConditionExpression: 'unsettled = :yes',
        ExpressionAttributeValues: { ':yes': UNSETTLED },
        ProjectionExpression: 'id',
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    for (const item of page.Items ?? []) if (typeof item.id === 'string') ids.push(item.id);
    from = page.LastEvaluatedKey;
  } while (from);
  return ids;
};

/** What a listing of orders is narrowed to. */
export interface OrderFilter {
  readonly strategy?: string;
  readonly state?: string;
  readonly symbol?: string;
  /** Created at or after, and before; epoch ms. */
  readonly from?: number;
  readonly to?: number;
}

/** One page of orders, newest first. @param from key to go on after: `listingKey` of the last order of the page before */
export const listOrders = async (
  dynamo: Dynamo,
  filter: OrderFilter,
  page: { readonly limit: number; readonly from?: Item },
  options: CallOptions,
): Promise<{ readonly orders: Order[]; readonly more: boolean }> => {
  const orders: Order[] = [];
  // A limit counts before the filter: with one, whole pages are read, or a rare state would take a call per hit.
  const filtered = filter.state !== undefined || filter.symbol !== undefined;
  let from = page.from;
  do {
    const answer = await dynamo.client.send(
      new QueryCommand({
        ...listing(dynamo, filter),
        ...(!filtered && { Limit: page.limit + 1 - orders.length }),
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    orders.push(...(answer.Items ?? []).map(parseOrder));
    from = answer.LastEvaluatedKey;
  } while (from && orders.length <= page.limit);
  return { orders: orders.slice(0, page.limit), more: orders.length > page.limit };
};

/** Where a listing stands after this order: the key attributes of its index. */
export const listingKey = (order: Order, { strategy }: OrderFilter): Record<string, string> => ({
  id: order.id,
  listed: listedOf(order),
  ...(strategy === undefined ? { ledger: LEDGER } : { strategy }),
});

/** Sorts after every time. */
const END_OF_TIME = '~';

const listing = (
  { tables }: Dynamo,
  { strategy, state, symbol, from, to }: OrderFilter,
): QueryCommandInput => {
  const bounded = from !== undefined || to !== undefined;
  const filters = [
    ...(state === undefined ? [] : ['#state = :state']),
    ...(symbol === undefined ? [] : ['#symbol = :symbol']),
  ];
  return {
    TableName: tables.orders,
    ScanIndexForward: false,
    IndexName: strategy === undefined ? ORDERS_BY_TIME : ORDERS_BY_STRATEGY,
    KeyConditionExpression: `#partition = :partition${bounded ? ' AND listed BETWEEN :from AND :to' : ''}`,
    ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
    ExpressionAttributeNames: {
      '#partition': strategy === undefined ? 'ledger' : 'strategy',
      ...(state !== undefined && { '#state': 'state' }),
      ...(symbol !== undefined && { '#symbol': 'symbol' }),
    },
    ExpressionAttributeValues: {
      ':partition': strategy ?? LEDGER,
      // A key has the id behind its time, so the one at `to` itself sorts after it.
      ...(bounded && {
        ':from': new Date(from ?? 0).toISOString(),
        ':to': to === undefined ? END_OF_TIME : new Date(to).toISOString(),
      }),
      ...(state !== undefined && { ':state': state }),
      ...(symbol !== undefined && { ':symbol': symbol }),
    },
  };
};
