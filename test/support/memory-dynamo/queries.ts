import { meterOf } from './capacity.ts';
import type { Condition, Operand } from './condition-parser.ts';
import { holds } from './conditions.ts';
import { type Expressions, readExpressions } from './expressions.ts';
import { compareEntries, type Index, type Keys } from './index-order.ts';
import { projected, resolvePath } from './paths.ts';
import { invalid, Unsupported } from './refusal.ts';
import { type Fields, fieldsOf, type Request } from './request.ts';
import { scatter, type Table } from './table.ts';
import { type Attributes, attribute, compareTexts, sizeOf, takeAttributes, type Value } from './values.ts';
import { type Store, tableOf } from './writes.ts';

const COMMON = [
  'TableName',
  'IndexName',
  'ConsistentRead',
  'ExclusiveStartKey',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'FilterExpression',
  'Limit',
  'ProjectionExpression',
  'ReturnConsumedCapacity',
];
const QUERY = new Set([...COMMON, 'KeyConditionExpression', 'ScanIndexForward']);
const SCAN = new Set(COMMON);
/** Bytes after which a page ends. */
const PAGE = 1024 * 1024;

interface Candidate {
  readonly key: string;
  readonly item: Attributes;
}

/** Reads one page of what comes next, and says where it ended. */
const page = (
  table: Table,
  index: Index | undefined,
  fields: Fields,
  candidates: readonly Candidate[],
  { filter, scope, projection }: Expressions,
): Request => {
  const meter = meterOf(fields);
  const limit = fields.count('Limit');
  const items: Attributes[] = [];
  let bytes = 0;
  let scanned = 0;
  let last: Attributes | undefined;
  for (const { item } of candidates) {
    scanned += 1;
    bytes += sizeOf(item);
    if (!filter || holds(filter, item, scope)) items.push(projection ? projected(item, projection) : item);
    if (scanned === limit || bytes >= PAGE) {
      last = item;
      break;
    }
  }
  meter.read(table, bytes, fields.flag('ConsistentRead') ? 1 : 0.5, fields.text('IndexName'));
  return {
    Items: items,
    Count: items.length,
    ScannedCount: scanned,
    ...(last && { LastEvaluatedKey: startKeyOf(last, table.keys, index?.keys) }),
    ...meter.answer('one'),
  };
};

const namesOf = (...keys: readonly (Keys | undefined)[]): readonly string[] => [
  ...new Set(keys.flatMap((each) => [each?.partition, each?.sort]).filter((name) => name !== undefined)),
];

const startKeyOf = (item: Attributes, ...keys: readonly (Keys | undefined)[]): Attributes =>
  Object.fromEntries(
    namesOf(...keys).flatMap((name) => {
      const value = attribute(item, name);
      return value ? [[name, value]] : [];
    }),
  );

/** @throws Refusal for anything but the keys of the table and the index */
const startOf = (table: Table, index: Index | undefined, fields: Fields): Attributes | undefined => {
  const given = fields.record('ExclusiveStartKey');
  if (!given) return undefined;
  const start = takeAttributes(given);
  const names = namesOf(table.keys, index?.keys);
  if (Object.keys(start).length !== names.length || names.some((name) => !attribute(start, name)))
    throw invalid('The provided starting key is invalid');
  return start;
};

const indexOf = (table: Table, fields: Fields): Index | undefined => {
  const name = fields.text('IndexName');
  if (name === undefined) return undefined;
  const index = table.indexes.get(name);
  if (!index) throw invalid(`The table does not have the specified index: ${name}`);
  if (fields.flag('ConsistentRead'))
    throw invalid('Consistent reads are not supported on global secondary indexes');
  return index;
};

/** @param now epoch ms */
export const query = (store: Store, request: Request, now: number): Request => {
  const fields = fieldsOf(request, QUERY, 'Query');
  const expressions = readExpressions(fields);
  const table = tableOf(store, fields.required('TableName'));
  const index = indexOf(table, fields);
  const keys = index?.keys ?? table.keys;
  if (!expressions.key)
    throw invalid(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  requireNoKeys(keys, expressions);
  const asked = partitionAsked(keys, expressions.key, expressions);
  const consistent = fields.flag('ConsistentRead');
  const entries = index
    ? index.partition(asked, now)
    : table
        .all(consistent)
        .map(([key, item]) => ({
          key,
          item,
          sort: keys.sort === undefined ? undefined : attribute(item, keys.sort),
        }))
        .filter(({ item }) => keyHolds(keys.partition, item, asked))
        .sort(compareEntries);
  const forward = request.ScanIndexForward !== false;
  const start = startOf(table, index, fields);
  const after = start && {
    key: table.keyOf(start),
    sort: keys.sort === undefined ? undefined : attribute(start, keys.sort),
  };
  const condition = expressions.key;
  const candidates = entries.filter(
    (entry) =>
      holds(condition, entry.item, expressions.scope) &&
      (!after || (forward ? compareEntries(entry, after) > 0 : compareEntries(entry, after) < 0)),
  );
  return page(table, index, fields, forward ? candidates : candidates.reverse(), expressions);
};

const keyHolds = (name: string, item: Attributes, wanted: Value): boolean => {
  const value = attribute(item, name);
  return value !== undefined && JSON.stringify(value) === JSON.stringify(wanted);
};

/** @throws Refusal where the condition is not the one partition, and at most one range of the sort key */
const partitionAsked = (keys: Keys, condition: Condition, { scope }: Expressions): Value => {
  const [one, two] = condition.kind === 'and' ? [condition.left, condition.right] : [condition];
  const nameOf = (operand: Operand): string | undefined => {
    const path = operand.kind === 'path' ? resolvePath(operand.path, scope.names) : [];
    return path.length === 1 && typeof path[0] === 'string' ? path[0] : undefined;
  };
  const partition = [one, two].find(
    (each) => each?.kind === 'compare' && each.operator === '=' && nameOf(each.left) === keys.partition,
  );
  if (partition?.kind !== 'compare' || partition.right.kind !== 'value')
    throw invalid(`Query condition missed key schema element: ${keys.partition}`);
  const range = partition === one ? two : one;
  if (range) {
    const subject =
      range.kind === 'compare' && range.operator !== '<>'
        ? range.left
        : range.kind === 'between'
          ? range.of
          : range.kind === 'begins'
            ? range.left
            : undefined;
    if (!subject) throw invalid('Invalid operator used in KeyConditionExpression');
    if (nameOf(subject) !== keys.sort) throw invalid('Query key condition not supported');
  }
  const value = attribute(scope.values, partition.right.name);
  if (!value) throw invalid('Query key condition not supported');
  return value;
};

const requireNoKeys = (keys: Keys, { filter, scope }: Expressions): void => {
  const check = (operand: Operand): void => {
    if (operand.kind === 'value') return;
    const [name] = resolvePath(operand.path, scope.names);
    if (name === keys.partition || name === keys.sort)
      throw invalid(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
  };
  const walk = (condition: Condition): void => {
    switch (condition.kind) {
      case 'and':
      case 'or':
        walk(condition.left);
        walk(condition.right);
        break;
      case 'not':
        walk(condition.of);
        break;
      case 'exists':
        check({ kind: 'path', path: condition.path });
        break;
      case 'between':
      case 'in':
        check(condition.of);
        break;
      default:
        check(condition.left);
        check(condition.right);
    }
  };
  if (filter) walk(filter);
};

/** Of a table, in an order that says nothing. */
export const scan = (store: Store, request: Request): Request => {
  const fields = fieldsOf(request, SCAN, 'Scan');
  const expressions = readExpressions(fields);
  const table = tableOf(store, fields.required('TableName'));
  if (fields.text('IndexName') !== undefined) throw new Unsupported('a scan of an index');
  const start = startOf(table, undefined, fields);
  const after = start && table.keyOf(start);
  const candidates = table
    .all(fields.flag('ConsistentRead'))
    .filter(([key]) => after === undefined || (scatter(key) - scatter(after) || compareTexts(key, after)) > 0)
    .map(([key, item]) => ({ key, item }));
  return page(table, undefined, fields, candidates, expressions);
};
