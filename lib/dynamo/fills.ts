import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Fill } from '../domain/fill.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, pauses, until } from './client.ts';
import { type Item, parseItem } from './items.ts';
import type { TransactItem } from './orders.ts';

/** Index of `Fills`. */
const FILLS_BY_ORDER = 'by-order';
/** Keys that one BatchGet takes. */
const BATCH = 100;

const parseFill = (item: Item): Fill =>
  parseItem(Fill, item, `fill ${String(item.symbol)} ${String(item.tradeId)}`);

/** A trade is stored once, or the whole write fails. */
export const putFill = ({ tables }: Dynamo, fill: Fill): TransactItem => ({
  Put: { TableName: tables.fills, Item: fill, ConditionExpression: 'attribute_not_exists(tradeId)' },
});

/** Which of these trades are stored; strongly consistent. */
export const appliedTrades = async (
  dynamo: Dynamo,
  symbol: string,
  tradeIds: readonly string[],
  options: CallOptions,
): Promise<Set<string>> => {
  const found = new Set<string>();
  const pause = pauses(dynamo.random);
  let keys = [...new Set(tradeIds)].map((tradeId): Item => ({ symbol, tradeId }));
  while (keys.length > 0) {
    const { Responses, UnprocessedKeys } = await dynamo.client.send(
      new BatchGetCommand({
        RequestItems: { [dynamo.tables.fills]: { Keys: keys.slice(0, BATCH), ConsistentRead: true } },
      }),
      until(dynamo, options),
    );
    for (const item of Responses?.[dynamo.tables.fills] ?? []) found.add(parseFill(item).tradeId);
    const again = UnprocessedKeys?.[dynamo.tables.fills]?.Keys ?? [];
    keys = [...again, ...keys.slice(BATCH)];
    if (again.length > 0) await dynamo.clock.sleep(pause());
  }
  return found;
};

/** Fills of one order, in the order of their trade ids; a listing, not a decision. */
export const fillsOf = async (dynamo: Dynamo, order: string, options: CallOptions): Promise<Fill[]> => {
  const fills: Fill[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.fills,
        IndexName: FILLS_BY_ORDER,
        KeyConditionExpression: '#order = :order',
        ExpressionAttributeNames: { '#order': 'order' },
        ExpressionAttributeValues: { ':order': order },
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    fills.push(...(page.Items ?? []).map(parseFill));
    from = page.LastEvaluatedKey;
  } while (from);
  return fills;
};
