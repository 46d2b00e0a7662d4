import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, until } from './client.ts';
import { type Place, updateItem } from './conditional-update.ts';
import { parseStrategy } from './strategies.ts';

/** Keeps the highest sequence number of a strategy that has a record. @returns the highest before this one */
export const noteSequence = async (
  dynamo: Dynamo,
  strategy: string,
  sequence: number,
  options: CallOptions,
): Promise<{ last: number | undefined }> => {
  const place: Place = { TableName: dynamo.tables.strategies, Key: { strategy } };
  const before = await updateItem(
    dynamo,
    place,
    {
      change: 'SET #lastSequence = :sequence',
      condition:
        'attribute_exists(#strategy) AND (attribute_not_exists(#lastSequence) OR #lastSequence < :sequence)',
      values: { ':sequence': sequence },
      returns: 'UPDATED_OLD',
    },
    options,
  );
  if (before) {
    const { lastSequence } = before;
    return { last: lastSequence === undefined ? undefined : Number(lastSequence) };
  }
  const { Item: stored } = await dynamo.client.send(
    new GetCommand({ ...place, ConsistentRead: true }),
    until(dynamo, options),
  );
  return { last: stored && parseStrategy(stored).lastSequence };
};
