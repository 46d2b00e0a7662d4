import type { CallOptions } from '../domain/ports.ts';
import type { Dynamo } from './client.ts';
import { fillsAfter, fillsOf } from './fills.ts';
import { getOrder, listingKey, listOrders, type OrderFilter, unsettledIds } from './orders.ts';
import { scanLanes } from './positions.ts';

/** The stores as the read API sees them. */
export const createStateReader = (dynamo: Dynamo) => ({
  order: (id: string, options: CallOptions) => getOrder(dynamo, id, options),
  fills: (order: string, options: CallOptions) => fillsOf(dynamo, order, options),
  fillsAfter: (
    lane: Parameters<typeof fillsAfter>[1],
    page: Parameters<typeof fillsAfter>[2],
    options: CallOptions,
  ) => fillsAfter(dynamo, lane, page, options),
  orders: (filter: OrderFilter, page: Parameters<typeof listOrders>[2], options: CallOptions) =>
    listOrders(dynamo, filter, page, options),
  listingKey,
  lanes: (options: CallOptions) => scanLanes(dynamo, options),
  unsettled: (options: CallOptions) => unsettledIds(dynamo, options),
});
