import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { LatestAlert, Notes } from '../domain/watch-ports.ts';
import { type Dynamo, reachable, until } from './client.ts';
import { parseItem } from './items.ts';
import { listOrders } from './orders.ts';

const Stored = z.object({ text: z.string() });

const keyOf = (name: string): string => `note/${name}`;

/** Notes, one item of `Control` each. */
export const createNotes = (dynamo: Dynamo): Notes => {
  const { client, tables } = dynamo;
  return {
    read: async (name, options) => {
      const get = new GetCommand({
        TableName: tables.control,
        Key: { name: keyOf(name) },
        ConsistentRead: true,
      });
      const { Item } = await reachable(client.send(get, until(dynamo, options)));
      return Item && parseItem(Stored, Item, `Control/${keyOf(name)}`).text;
    },
    write: async (name, text, options) => {
      const put = new PutCommand({ TableName: tables.control, Item: { name: keyOf(name), text } });
      await reachable(client.send(put, until(dynamo, options)));
    },
  };
};

/** By the newest order of the strategy: every authenticated alert is one, refused ones too. */
export const createLatestAlert =
  (dynamo: Dynamo): LatestAlert =>
  async (strategy, options) => {
    const { orders } = await reachable(listOrders(dynamo, { strategy }, { limit: 1 }, options));
    return orders[0]?.createdAt;
  };
