import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { CallOptions } from '../domain/ports.ts';
import type { TransferStore } from '../domain/snapshot-ports.ts';
import { Transfer } from '../domain/transfers.ts';
import { type Dynamo, reachable, until } from './client.ts';
import { type Item, parseItem } from './items.ts';

/** Partition of `Balances` beside the snapshots. */
const TRANSFERS = 'transfers';

const save = async (
  dynamo: Dynamo,
  table: string,
  transfer: Transfer,
  options: CallOptions,
): Promise<void> => {
  await dynamo.client.send(
    // The id begins with the time, and the same event has the same id: a repetition writes the same item.
    new PutCommand({ TableName: table, Item: { ...transfer, account: TRANSFERS, at: transfer.id } }),
    until(dynamo, options),
  );
};

const between = async (
  dynamo: Dynamo,
  table: string,
  from: number,
  to: number,
  options: CallOptions,
): Promise<readonly Transfer[]> => {
  const transfers: Transfer[] = [];
  let start: Item | undefined;
  do {
    const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await dynamo.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#account = :account AND #at BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#account': 'account', '#at': 'at' },
        ExpressionAttributeValues: {
          ':account': TRANSFERS,
          ':from': new Date(from).toISOString(),
          ':to': new Date(to + 1).toISOString(),
        },
        ExclusiveStartKey: start,
        ConsistentRead: true,
      }),
      until(dynamo, options),
    );
    transfers.push(
      ...(page.Items ?? []).map((item) => parseItem(Transfer, item, `transfer ${String(item.at)}`)),
    );
    start = page.LastEvaluatedKey;
  } while (start);
  return transfers;
};

/** Deposits, withdrawals and the like. @param table name of `Balances` */
export const createTransferStore = (dynamo: Dynamo, table: string): TransferStore => ({
  save: (transfer, options) => reachable(save(dynamo, table, transfer, options)),
  between: (from, to, options) => reachable(between(dynamo, table, from, to, options)),
});
