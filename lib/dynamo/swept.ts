import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { CallOptions, Swept } from '../domain/ports.ts';
import { type Dynamo, until } from './client.ts';
import { updateItem } from './conditional-update.ts';
import { parseItem } from './items.ts';

/** Item of `Control`. */
const SWEEP = { name: 'sweep' };
const Stored = z.object({
  swept: z.record(z.string(), z.object({ until: z.int(), deepAt: z.int(), triedAt: z.int() })).default({}),
});

/** How far each symbol's history was swept. */
export const swept = async (dynamo: Dynamo, options: CallOptions): Promise<Record<string, Swept>> => {
  const { Item } = await dynamo.client.send(
    new GetCommand({ TableName: dynamo.tables.control, Key: SWEEP, ConsistentRead: true }),
    until(dynamo, options),
  );
  return parseItem(Stored, Item ?? {}, 'Control/sweep').swept;
};

/** Overlapping runs may set it back: then a history is read twice, and nothing else. */
export const saveSwept = async (
  dynamo: Dynamo,
  symbol: string,
  how: Swept,
  options: CallOptions,
): Promise<void> => {
  const place = { TableName: dynamo.tables.control, Key: SWEEP };
  const before = await swept(dynamo, options);
  await updateItem(
    dynamo,
    place,
    { change: 'SET #swept = :swept', values: { ':swept': { ...before, [symbol]: how } }, returns: 'ALL_NEW' },
    options,
  );
};
