import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { Lane } from '../domain/lane.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, until } from './client.ts';
import { type Item, parseItem } from './items.ts';
import type { TransactItem } from './orders.ts';

export const parseLane = (item: Item): Lane =>
  parseItem(Lane, item, `position ${String(item.strategy)} ${String(item.symbol)}`);

/** The lane's write: first ever, or over exactly the version that was read. */
export const putLane = ({ tables }: Dynamo, lane: Lane): TransactItem => ({
  Put: {
    TableName: tables.positions,
    Item: lane,
    ...(lane.version === 1
      ? { ConditionExpression: 'attribute_not_exists(strategy)' }
      : {
          ConditionExpression: '#version = :read',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':read': lane.version - 1 },
        }),
  },
});

/** All lanes, by a consistent scan: one per strategy and symbol that ever traded. */
export const scanLanes = async (dynamo: Dynamo, options: CallOptions): Promise<Lane[]> => {
  const all: Lane[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new ScanCommand({ TableName: dynamo.tables.positions, ConsistentRead: true, ExclusiveStartKey: from }),
      until(dynamo, options),
    );
    all.push(...(page.Items ?? []).map(parseLane));
    from = page.LastEvaluatedKey;
  } while (from);
  return all;
};
