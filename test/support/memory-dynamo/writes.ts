import { meterOf, type Written } from './capacity.ts';
import { holds } from './conditions.ts';
import { type Expressions, readExpressions } from './expressions.ts';
import { type Path, projected } from './paths.ts';
import { invalid, Refusal } from './refusal.ts';
import { type Fields, fieldsOf, oneOf, type Request } from './request.ts';
import type { Table } from './table.ts';
import { updated } from './updates.ts';
import { type Attributes, takeAttributes } from './values.ts';

export type Store = ReadonlyMap<string, Table>;

/** @throws Refusal for a table that was never made */
export const tableOf = (store: Store, name: string): Table => {
  const table = store.get(name);
  if (!table) throw new Refusal('ResourceNotFoundException', 'Cannot do operations on a non-existent table');
  return table;
};

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/** A write that makes sense, whatever the item is. */
export interface Draft {
  readonly table: Table;
  readonly key: string;
  readonly kind: WriteKind;
  readonly paths: readonly Path[];
  /** Whether the item as it was goes with a condition that failed. */
  readonly tells: boolean;
  /** @throws Refusal where the update does not fit the item */
  after(before: Attributes | undefined): Attributes | undefined;
  holds(before: Attributes | undefined): boolean;
}

const COMMON = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];
const OWN: Readonly<Record<WriteKind, readonly string[]>> = {
  Put: ['Item'],
  Update: ['Key', 'UpdateExpression'],
  Delete: ['Key'],
  ConditionCheck: ['Key'],
};
const ALONE = ['ReturnValues', 'ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'];
const KNOWN = {
  within: known([]),
  alone: known(ALONE),
};

function known(more: readonly string[]): Readonly<Record<WriteKind, ReadonlySet<string>>> {
  const of = (kind: WriteKind) => new Set([...COMMON, ...OWN[kind], ...more]);
  return { Put: of('Put'), Update: of('Update'), Delete: of('Delete'), ConditionCheck: of('ConditionCheck') };
}

export const writeFields = (kind: WriteKind, given: unknown, place: 'alone' | 'within'): Fields =>
  fieldsOf(given, KNOWN[place][kind], kind);

const attributesOf = (fields: Fields, name: string): Attributes => {
  const given = fields.record(name);
  if (!given) throw invalid(`The parameter '${name}' is required but was not present in the request`);
  return takeAttributes(given);
};

/** @throws Refusal for what would be refused whatever the item is */
export const draftOf = (store: Store, kind: WriteKind, fields: Fields): Draft => {
  const expressions = readExpressions(fields);
  const table = tableOf(store, fields.required('TableName'));
  const { condition, scope } = expressions;
  const tells = oneOf(fields, 'ReturnValuesOnConditionCheckFailure', ['NONE', 'ALL_OLD']) === 'ALL_OLD';
  const base = {
    table,
    kind,
    tells,
    paths: [],
    holds: (before: Attributes | undefined) => condition === undefined || holds(condition, before, scope),
  };
  if (kind === 'Put') {
    const item = attributesOf(fields, 'Item');
    const key = table.keyOf(item);
    table.requireStorable(item);
    return { ...base, key, after: () => item };
  }
  const keyAttributes = attributesOf(fields, 'Key');
  const key = table.keyOnly(keyAttributes);
  if (kind === 'Delete') return { ...base, key, after: () => undefined };
  if (kind === 'ConditionCheck') {
    if (!condition)
      throw invalid("The parameter 'ConditionExpression' is required but was not present in the request");
    return { ...base, key, after: (before) => before };
  }
  return { ...base, key, ...updating(table, keyAttributes, expressions) };
};

const updating = (table: Table, key: Attributes, { update }: Expressions): Pick<Draft, 'after' | 'paths'> => {
  for (const [name] of update?.paths ?? [])
    if (name === table.keys.partition || name === table.keys.sort)
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
  return {
    paths: update?.paths ?? [],
    after: (before) => {
      const after = update ? updated(before ?? key, update) : (before ?? key);
      table.requireStorable(after);
      return after;
    },
  };
};

/** Puts, updates or deletes one item. */
export const writeOne = (
  store: Store,
  kind: Exclude<WriteKind, 'ConditionCheck'>,
  request: Request,
): Request => {
  const fields = writeFields(kind, request, 'alone');
  const meter = meterOf(fields);
  const draft = draftOf(store, kind, fields);
  const returns = oneOf(fields, 'ReturnValues', ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']);
  if (kind !== 'Update' && returns !== 'NONE' && returns !== 'ALL_OLD')
    throw invalid('Return values set to invalid value');
  const before = draft.table.get(draft.key);
  if (!draft.holds(before))
    throw new Refusal('ConditionalCheckFailedException', 'The conditional request failed', 400, {
      ...(draft.tells && before && { Item: before }),
    });
  const written: Written = { ...draft, before, after: draft.after(before) };
  draft.table.write(draft.key, written.after);
  meter.wrote(written, 1);
  return { ...returned(returns, written, draft.paths), ...meter.answer('one') };
};

const returned = (asked: string, { before, after }: Written, paths: readonly Path[]): Request => {
  const item = asked.endsWith('OLD') ? before : after;
  if (asked === 'NONE' || !item) return {};
  if (asked.startsWith('ALL')) return { Attributes: item };
  const part = projected(item, paths);
  return Object.keys(part).length > 0 ? { Attributes: part } : {};
};
