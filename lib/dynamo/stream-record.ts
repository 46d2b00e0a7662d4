import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Order } from '../domain/order-record.ts';
import type { Strategy } from '../domain/strategy.ts';
import { TRANSLATION } from './client.ts';
import type { Item } from './items.ts';
import { parseOrder } from './orders.ts';
import { parseStrategy } from './strategies.ts';

const Image = z.custom<Record<string, AttributeValue>>(
  (value) => typeof value === 'object' && value !== null,
);

/** One record of a table's stream, as Lambda hands it over. */
export const StreamRecord = z.object({
  dynamodb: z.object({
    SequenceNumber: z.string(),
    Keys: Image,
    OldImage: Image.optional(),
    NewImage: Image.optional(),
  }),
});
export type StreamRecord = z.infer<typeof StreamRecord>;

/** A write, with the item before and after it. */
export type Write =
  | { readonly table: 'orders'; readonly before: Order | undefined; readonly after: Order }
  | { readonly table: 'strategies'; readonly before: Strategy | undefined; readonly after: Strategy };

/**
 * The write of an order or a strategy that a record tells of; undefined when the item is gone.
 * @throws AppError `corrupt_item`
 */
export const writeIn = ({ dynamodb }: StreamRecord): Write | undefined => {
  const { Keys, OldImage, NewImage } = dynamodb;
  if (!NewImage) return undefined;
  const after = itemOf(NewImage);
  const before = OldImage && itemOf(OldImage);
  return 'id' in Keys
    ? { table: 'orders', before: before && parseOrder(before), after: parseOrder(after) }
    : { table: 'strategies', before: before && parseStrategy(before), after: parseStrategy(after) };
};

const itemOf = (image: Record<string, AttributeValue>): Item =>
  unmarshall(image, TRANSLATION.unmarshallOptions);
