import type { Dynamo, Tables } from '../../lib/dynamo/client.ts';
import { connect, type DynamoInTime } from '../support/memory-dynamo/client.ts';
import type { Fates } from '../support/memory-dynamo/faults.ts';
import type { Chance } from './chance.ts';
import type { Machine } from './machine.ts';
import type { Timeline } from './timeline.ts';

export const TABLES: Tables = {
  orders: 'Orders',
  strategies: 'Strategies',
  positions: 'Positions',
  symbols: 'Symbols',
  fills: 'Fills',
  control: 'Control',
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const tableIn = (item: unknown): string => {
  const write = isRecord(item) ? Object.values(item).find(isRecord) : undefined;
  return String(write?.TableName);
};

const nameIn = (key: unknown): string => {
  const name = isRecord(key) ? key.name : undefined;
  return isRecord(name) ? String(name.S) : String(name);
};

/** What a request to the store is about: its operation with the tables, or the item of `Control`. */
export const storePoint = (operation: string, request: Readonly<Record<string, unknown>>): string => {
  const { TableName, TransactItems, RequestItems, Key, Item } = request;
  if (Array.isArray(TransactItems)) {
    return `${operation} ${[...new Set(TransactItems.map(tableIn))].sort().join('+')}`;
  }
  if (isRecord(RequestItems)) {
    const tables = Object.keys(RequestItems);
    return `${operation} ${tables.length > 1 ? 'view' : tables.join()}`;
  }
  if (TableName === TABLES.control) return `${operation} Control/${nameIn(Key ?? Item)}`;
  return `${operation} ${String(TableName)}`;
};

const OPERATIONS: Readonly<Record<string, string>> = {
  GetCommand: 'GetItem',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  QueryCommand: 'Query',
  ScanCommand: 'Scan',
  BatchGetCommand: 'BatchGetItem',
  BatchWriteCommand: 'BatchWriteItem',
  TransactWriteCommand: 'TransactWriteItems',
};

/** The store as one process has it: each request passes a point before it leaves and after it was answered. */
export const connectStore = (
  machine: Machine,
  dynamo: DynamoInTime,
  timeline: Timeline,
  chance: Chance,
  fates: Fates,
): Dynamo => {
  const connected = connect({
    dynamo,
    tables: TABLES,
    clock: machine.clock,
    world: timeline,
    random: () => chance.fraction(),
    fates,
  });
  const { client } = connected;
  const send = async (
    command: Parameters<typeof client.send>[0],
    options: Parameters<typeof client.send>[1],
  ): Promise<unknown> => {
    const operation = OPERATIONS[command.constructor.name] ?? command.constructor.name;
    const point = storePoint(operation, { ...command.input });
    await machine.gate(`before ${point}`);
    const answer = client.send(command, options);
    // Also what failed is only learnt when the process goes on.
    await answer.catch(() => undefined);
    await machine.gate(`after ${point}`);
    return answer;
  };
  return { ...connected, client: Object.create(client, { send: { value: send } }) };
};
