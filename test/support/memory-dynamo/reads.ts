import { type Meter, meterOf, type Written } from './capacity.ts';
import { readExpressions } from './expressions.ts';
import { type Path, projected } from './paths.ts';
import { invalid, Refusal } from './refusal.ts';
import { fieldsOf, type Request } from './request.ts';
import type { Table } from './table.ts';
import { type Attributes, isRecord, sizeOf, takeAttributes } from './values.ts';
import { draftOf, type Store, tableOf, writeFields } from './writes.ts';

const MOST_READ = 100;
const MOST_WRITTEN = 25;
const READ = ['ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];
const GET = new Set(['TableName', 'Key', 'ReturnConsumedCapacity', ...READ]);
const GET_KEYS = new Set(['Keys', ...READ]);
const BATCH_GET = new Set(['RequestItems', 'ReturnConsumedCapacity']);
const BATCH_WRITE = new Set(['RequestItems', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics']);
const WRITE_REQUEST = new Set(['PutRequest', 'DeleteRequest']);

const fetchItem = (
  table: Table,
  given: unknown,
  {
    consistent,
    projection,
  }: { readonly consistent: boolean; readonly projection: readonly Path[] | undefined },
  meter: Meter,
): Attributes | undefined => {
  if (!isRecord(given)) throw invalid('The provided key element does not match the schema');
  const key = table.keyOnly(takeAttributes(given));
  const item = consistent ? table.get(key) : table.seen(key);
  meter.read(table, item ? sizeOf(item) : 0, consistent ? 1 : 0.5);
  return item && projection ? projected(item, projection) : item;
};

export const getItem = (store: Store, request: Request): Request => {
  const fields = fieldsOf(request, GET, 'GetItem');
  const meter = meterOf(fields);
  const { projection } = readExpressions(fields);
  const table = tableOf(store, fields.required('TableName'));
  const how = { consistent: fields.flag('ConsistentRead'), projection };
  const item = fetchItem(table, fields.record('Key'), how, meter);
  return { ...(item && { Item: item }), ...meter.answer('one') };
};

/** Never leaves a key unprocessed. */
export const batchGet = (store: Store, request: Request): Request => {
  const fields = fieldsOf(request, BATCH_GET, 'BatchGetItem');
  const meter = meterOf(fields);
  const tables = Object.entries(fields.record('RequestItems') ?? {}).map(([name, given]) => {
    const asked = fieldsOf(given, GET_KEYS, 'KeysAndAttributes');
    return { name, asked, keys: asked.list('Keys') ?? [] };
  });
  const count = tables.reduce((sum, { keys }) => sum + keys.length, 0);
  if (count === 0 || tables.some(({ keys }) => keys.length === 0))
    throw invalid(
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (count > MOST_READ) throw invalid('Too many items requested for the BatchGetItem call');
  const responses = tables.map(({ name, asked, keys }) => {
    const { projection } = readExpressions(asked);
    const table = tableOf(store, name);
    const how = { consistent: asked.flag('ConsistentRead'), projection };
    const distinct = new Set(keys.map((key) => table.keyOnly(takeAttributes(isRecord(key) ? key : {}))));
    if (distinct.size < keys.length) throw invalid('Provided list of item keys contains duplicates');
    const found = keys.map((key) => fetchItem(table, key, how, meter)).filter((item) => item !== undefined);
    return [name, found] as const;
  });
  return { Responses: Object.fromEntries(responses), UnprocessedKeys: {}, ...meter.answer('list') };
};

/** Never leaves an item unprocessed. */
export const batchWrite = (store: Store, request: Request): Request => {
  const fields = fieldsOf(request, BATCH_WRITE, 'BatchWriteItem');
  const meter = meterOf(fields);
  const drafts = Object.entries(fields.record('RequestItems') ?? {}).flatMap(([TableName, requests]) => {
    if (!Array.isArray(requests))
      throw new Refusal('SerializationException', 'Unexpected value type in payload');
    return requests.map((each) => {
      const asked = fieldsOf(each, WRITE_REQUEST, 'WriteRequest');
      const [put, gone] = [asked.record('PutRequest'), asked.record('DeleteRequest')];
      if ((put === undefined) === (gone === undefined))
        throw invalid('Supplied AttributeValue has more than one datatypes set');
      const [kind, given] = put ? (['Put', put] as const) : (['Delete', gone ?? {}] as const);
      return draftOf(store, kind, writeFields(kind, { TableName, ...given }, 'within'));
    });
  });
  if (drafts.length === 0)
    throw invalid(
      "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (drafts.length > MOST_WRITTEN) throw invalid('Too many items requested for the BatchWriteItem call');
  if (new Set(drafts.map(({ table, key }) => `${table.name} ${key}`)).size < drafts.length)
    throw invalid('Provided list of item keys contains duplicates');
  for (const { table, key, after } of drafts) {
    const before = table.get(key);
    const written: Written = { table, key, before, after: after(before) };
    table.write(key, written.after);
    meter.wrote(written, 1);
  }
  return { UnprocessedItems: {}, ...meter.answer('list') };
};
