import {
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { CallOptions } from '../domain/ports.ts';
import { DayProfit } from '../domain/profit.ts';
import { Snapshot } from '../domain/snapshot.ts';
import type { Balances } from '../domain/snapshot-ports.ts';
import { type Dynamo, reachable, until } from './client.ts';
import { fillsOfLane } from './fills.ts';
import { type Item, parseItem } from './items.ts';

/** Names of the tables beside those of the order path. */
export interface BalanceTables {
  readonly balances: string;
  readonly profit: string;
}

/** The one account of a deployment. */
const ACCOUNT = 'spot';

const slotKey = (slot: number): string => new Date(slot).toISOString();

const parseSnapshot = (item: Item): Snapshot => parseItem(Snapshot, item, `balances ${String(item.at)}`);

/** Snapshots by slot, profit by day. */
export const createBalances = (dynamo: Dynamo, tables: BalanceTables): Balances => ({
  latest: async (options) =>
    reachable(
      (async () => {
        const { Items = [] } = await dynamo.client.send(
          new QueryCommand({
            TableName: tables.balances,
            KeyConditionExpression: '#account = :account',
            ExpressionAttributeNames: { '#account': 'account' },
            ExpressionAttributeValues: { ':account': ACCOUNT },
            ScanIndexForward: false,
            Limit: 1,
            ConsistentRead: true,
          }),
          until(dynamo, options),
        );
        return Items[0] && parseSnapshot(Items[0]);
      })(),
    ),

  save: (snapshot, options) =>
    reachable(
      putIf(
        dynamo,
        {
          TableName: tables.balances,
          Item: { ...snapshot, account: ACCOUNT, at: slotKey(snapshot.slot) },
          ...(snapshot.version === 1
            ? { ConditionExpression: 'attribute_not_exists(account)' }
            : {
                ConditionExpression: '#version = :read',
                ExpressionAttributeNames: { '#version': 'version' },
                ExpressionAttributeValues: { ':read': snapshot.version - 1 },
              }),
        },
        options,
        options.after,
      ),
    ),

  between: (from, to, page, options) =>
    reachable(
      (async () => {
        const snapshots: Snapshot[] = [];
        let start: Item | undefined =
          page.after === undefined ? undefined : { account: ACCOUNT, at: slotKey(page.after) };
        do {
          const answer: { Items?: Item[]; LastEvaluatedKey?: Item } = await dynamo.client.send(
            new QueryCommand({
              TableName: tables.balances,
              KeyConditionExpression: '#account = :account AND #at BETWEEN :from AND :to',
              ExpressionAttributeNames: { '#account': 'account', '#at': 'at' },
              ExpressionAttributeValues: {
                ':account': ACCOUNT,
                ':from': slotKey(from),
                ':to': slotKey(to),
              },
              Limit: page.limit + 1 - snapshots.length,
              ExclusiveStartKey: start,
            }),
            until(dynamo, options),
          );
          snapshots.push(...(answer.Items ?? []).map(parseSnapshot));
          start = answer.LastEvaluatedKey;
        } while (start && snapshots.length <= page.limit);
        return { snapshots: snapshots.slice(0, page.limit), more: snapshots.length > page.limit };
      })(),
    ),

  fills: (lane, range, options) => reachable(fillsOfLane(dynamo, lane, range, options)),

  dayProfit: (key, options) =>
    reachable(
      (async () => {
        const { Item: stored } = await dynamo.client.send(
          new GetCommand({
            TableName: tables.profit,
            Key: { day: key.day, lane: `${key.strategy} ${key.symbol}` },
            ConsistentRead: true,
          }),
          until(dynamo, options),
        );
        return stored && parseItem(DayProfit, stored, `profit ${key.day}`);
      })(),
    ),

  saveDayProfit: (profit, before, options) =>
    reachable(
      putIf(
        dynamo,
        {
          TableName: tables.profit,
          Item: { ...profit, lane: `${profit.strategy} ${profit.symbol}` },
          ...(before === undefined
            ? {
                ConditionExpression: 'attribute_not_exists(#day)',
                ExpressionAttributeNames: { '#day': 'day' },
              }
            : {
                ConditionExpression: '#through = :read',
                ExpressionAttributeNames: { '#through': 'through' },
                ExpressionAttributeValues: { ':read': before.through },
              }),
        },
        options,
      ),
    ),

  profitOfDay: (day, options) =>
    reachable(
      (async () => {
        const rows: DayProfit[] = [];
        let from: Item | undefined;
        do {
          const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await dynamo.client.send(
            new QueryCommand({
              TableName: tables.profit,
              KeyConditionExpression: '#day = :day',
              ExpressionAttributeNames: { '#day': 'day' },
              ExpressionAttributeValues: { ':day': day },
              ExclusiveStartKey: from,
            }),
            until(dynamo, options),
          );
          rows.push(...(page.Items ?? []).map((item) => parseItem(DayProfit, item, `profit ${day}`)));
          from = page.LastEvaluatedKey;
        } while (from);
        return rows;
      })(),
    ),
});

/** @returns false when the condition did not hold */
const putIf = async (
  dynamo: Dynamo,
  put: PutCommandInput,
  options: CallOptions,
  after?: Pick<Snapshot, 'slot' | 'version'>,
): Promise<boolean> => {
  const { client } = dynamo;
  try {
    if (after)
      await client.send(
        new TransactWriteCommand({ TransactItems: [{ Put: put }, unchanged(put.TableName, after)] }),
        until(dynamo, options),
      );
    else await client.send(new PutCommand(put), until(dynamo, options));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (error instanceof TransactionCanceledException && error.CancellationReasons?.some(wasOther))
      return false;
    throw error;
  }
};

/** Somebody else's write came before this one, or at the same time. */
const wasOther = ({ Code }: CancellationReason): boolean =>
  Code === 'ConditionalCheckFailed' || Code === 'TransactionConflict';

const unchanged = (TableName: string | undefined, { slot, version }: Pick<Snapshot, 'slot' | 'version'>) => ({
  ConditionCheck: {
    TableName,
    Key: { account: ACCOUNT, at: slotKey(slot) },
    ConditionExpression: '#version = :read',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':read': version },
  },
});
