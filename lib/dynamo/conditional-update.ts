import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, reachable, until } from './client.ts';
import type { Item } from './items.ts';

export interface ConditionalUpdate {
  /** With attributes as `#name`, values as `:value`. */
  readonly change: string;
  readonly condition?: string;
  readonly values?: Item;
  readonly returns: 'UPDATED_OLD' | 'ALL_NEW';
}

/** One item, by table and key. */
export interface Place {
  readonly TableName: string;
  readonly Key: Item;
}

/**
 * Updates one item of `Control` under a condition. @returns what was asked for of the item, `undefined` when the condition did
 * not hold
 * @throws StoreUnavailableError when no answer came in time
 */
export const updateControl = (
  dynamo: Dynamo,
  name: string,
  update: ConditionalUpdate,
  options: CallOptions,
): Promise<Item | undefined> =>
  reachable(updateItem(dynamo, { TableName: dynamo.tables.control, Key: { name } }, update, options));

/** The same for any item; throws whatever the client throws. */
export const updateItem = async (
  dynamo: Dynamo,
  place: Place,
  { change, condition, values, returns }: ConditionalUpdate,
  options: CallOptions,
): Promise<Item | undefined> => {
  const used = [...new Set(`${change} ${condition ?? ''}`.match(/#\w+/g))];
  try {
    const { Attributes } = await dynamo.client.send(
      new UpdateCommand({
        ...place,
        UpdateExpression: change,
        ConditionExpression: condition,
        ExpressionAttributeNames: Object.fromEntries(used.map((each) => [each, each.slice(1)])),
        ExpressionAttributeValues: values,
        ReturnValues: returns,
      }),
      until(dynamo, options),
    );
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};
