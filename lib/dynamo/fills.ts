import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../domain/errors.ts';
import { Fill } from '../domain/fill.ts';
import { laneKey } from '../domain/lane.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, pauses, until } from './client.ts';
import { type Item, parseItem } from './items.ts';
import type { TransactItem } from './orders.ts';

/** Index of `Fills`. */
const FILLS_BY_ORDER = 'by-order';
const FILLS_BY_LANE = 'by-lane';
/** Keys that one BatchGet takes. */
const BATCH = 100;

const parseFill = (item: Item): Fill =>
  parseItem(Fill, item, `fill ${String(item.symbol)} ${String(item.tradeId)}`);

/** A trade is stored once, or the whole write fails. */
export const putFill = ({ tables }: Dynamo, fill: Fill): TransactItem => ({
  Put: {
    TableName: tables.fills,
    Item: { ...fill, lane: laneKey(fill), place: placeOf(fill.n) },
    ConditionExpression: 'attribute_not_exists(tradeId)',
  },
});

/** Digits of a fill's number in its lane, as a sort key. */
const PLACES = 12;

const placeOf = (n: number): string => String(n).padStart(PLACES, '0');

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

/**
 * Fills of one lane with numbers in `(after, upTo]`, in that order. The index may lag, but numbers have no holes: what is
 * missing is asked for again.
 * @throws StoreUnavailableError when the index did not show them all in time
 */
export const fillsOfLane = async (
  dynamo: Dynamo,
  lane: { readonly strategy: string; readonly symbol: string },
  { after, upTo }: { readonly after: number; readonly upTo: number },
  options: CallOptions,
): Promise<Fill[]> => {
  const pause = pauses(dynamo.random);
  for (;;) {
    const fills = await queryLane(dynamo, laneKey(lane), after, upTo, options);
    if (fills.length === upTo - after) return fills;
    const wait = pause();
    if (dynamo.clock.now() + wait >= options.deadline)
      throw new StoreUnavailableError(`the index of fills shows ${fills.length} of ${upTo - after}`);
    await dynamo.clock.sleep(wait);
  }
};

/** Fills of one lane with numbers above `after`, in that order, at most `limit`; a listing that may lag. */
export const fillsAfter = async (
  dynamo: Dynamo,
  lane: { readonly strategy: string; readonly symbol: string },
  { after, limit }: { readonly after: number; readonly limit: number },
  options: CallOptions,
): Promise<Fill[]> => {
  const fills: Fill[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.fills,
        IndexName: FILLS_BY_LANE,
        KeyConditionExpression: '#lane = :lane AND #place > :after',
        ExpressionAttributeNames: { '#lane': 'lane', '#place': 'place' },
        ExpressionAttributeValues: { ':lane': laneKey(lane), ':after': placeOf(after) },
        Limit: limit - fills.length,
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    fills.push(...(page.Items ?? []).map(parseFill));
    from = page.LastEvaluatedKey;
  } while (from && fills.length < limit);
  return fills;
};

const queryLane = async (
  dynamo: Dynamo,
  lane: string,
  after: number,
  upTo: number,
  options: CallOptions,
): Promise<Fill[]> => {
  const fills: Fill[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new QueryCommand({
        TableName: dynamo.tables.fills,
        IndexName: FILLS_BY_LANE,
        KeyConditionExpression: '#lane = :lane AND #place BETWEEN :first AND :last',
        ExpressionAttributeNames: { '#lane': 'lane', '#place': 'place' },
        ExpressionAttributeValues: {
          ':lane': lane,
          ':first': placeOf(after + 1),
          ':last': placeOf(upTo),
        },
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    fills.push(...(page.Items ?? []).map(parseFill));
    from = page.LastEvaluatedKey;
  } while (from);
  return fills;
};
