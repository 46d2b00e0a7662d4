import { type TableModel, TableProperties } from '../../../infra/local/stack-model.ts';
import { query, scan } from './queries.ts';
import { batchGet, batchWrite, getItem } from './reads.ts';
import { Refusal, Unsupported } from './refusal.ts';
import type { Request } from './request.ts';
import { createTable, type Delays, type Table } from './table.ts';
import { type Tokens, writeAll } from './transactions.ts';
import { type Attributes, takeAttributes } from './values.ts';
import { writeOne } from './writes.ts';

/** A DynamoDB in memory: every operation is carried out at once and whole. */
export interface MemoryDynamo {
  /**
   * @param operation such as `PutItem`, with its request and answer in wire format
   * @throws Refusal for what DynamoDB answers with an error; Unsupported for what this engine does not know
   */
  execute(operation: string, request: Request): Request;
  /** Time of this store, epoch ms. */
  now(): number;
  /** Everything that lies in a table, for whoever checks. */
  items(table: string): readonly Attributes[];
  /** Writes past everything, at once seen in all indexes whose lag is none. */
  put(table: string, item: Request): void;
}

/**
 * @param clock epoch ms; tokens of transactions, and what lags, end by it
 * @param tables as the local run reads them from the template
 */
export const createMemoryDynamo = (
  clock: { now(): number },
  tables: readonly TableModel[],
  delays: Delays = {},
): MemoryDynamo => {
  const store = new Map<string, Table>();
  for (const model of tables) store.set(model.name, createTable(model, clock, delays));
  const tokens: Tokens = new Map();

  const describe = (request: Request): Request => {
    const name = String(request.TableName);
    const table = store.get(name);
    if (!table)
      throw new Refusal(
        'ResourceNotFoundException',
        `Requested resource not found: Table: ${name} not found`,
      );
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = table.model.properties;
    return {
      Table: {
        TableName: name,
        TableStatus: 'ACTIVE',
        KeySchema,
        AttributeDefinitions,
        ...(GlobalSecondaryIndexes.length > 0 && {
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => ({
            ...index,
            IndexStatus: 'ACTIVE',
          })),
        }),
      },
    };
  };

  const create = (request: Request): Request => {
    const name = String(request.TableName);
    if (store.has(name)) throw new Refusal('ResourceInUseException', 'Cannot create preexisting table');
    store.set(name, createTable({ name, properties: TableProperties.parse(request) }, clock, delays));
    const { Table } = describe(request);
    return { TableDescription: Table };
  };

  const operations: Readonly<Record<string, (request: Request) => Request>> = {
    GetItem: (request) => getItem(store, request),
    PutItem: (request) => writeOne(store, 'Put', request),
    UpdateItem: (request) => writeOne(store, 'Update', request),
    DeleteItem: (request) => writeOne(store, 'Delete', request),
    BatchGetItem: (request) => batchGet(store, request),
    BatchWriteItem: (request) => batchWrite(store, request),
    TransactWriteItems: (request) => writeAll(store, tokens, request, clock.now()),
    Query: (request) => query(store, request, clock.now()),
    Scan: (request) => scan(store, request),
    CreateTable: create,
    DescribeTable: describe,
    ListTables: () => ({ TableNames: [...store.keys()] }),
    // Nothing expires here: DynamoDB deletes within days, so nothing may rely on it.
    UpdateTimeToLive: ({ TimeToLiveSpecification }) => ({ TimeToLiveSpecification }),
  };

  return {
    execute: (operation, request) => {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!run) throw new Unsupported(`the operation ${operation}`);
      return run(request);
    },
    now: () => clock.now(),
    items: (name) => (store.get(name)?.all(true) ?? []).map(([, item]) => item),
    put: (name, item) => {
      const table = store.get(name);
      if (!table) throw new Error(`there is no table ${name}`);
      const taken = takeAttributes(item);
      table.write(table.keyOf(taken), taken);
    },
  };
};
