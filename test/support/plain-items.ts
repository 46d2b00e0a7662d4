import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { MemoryDynamo } from './memory-dynamo/engine.ts';

const Wire = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
);

/** Everything in a table, in plain values. */
export const itemsOf = (store: MemoryDynamo, table: string): readonly Record<string, unknown>[] =>
  store.items(table).map((item) => unmarshall(Wire.parse(item)));

/** One item by its key, which is text. */
export const itemOf = (
  store: MemoryDynamo,
  table: string,
  key: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined => {
  const Key = Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { S: value }]));
  const { Item } = store.execute('GetItem', { TableName: table, Key, ConsistentRead: true });
  return Item === undefined ? undefined : unmarshall(Wire.parse(Item));
};
