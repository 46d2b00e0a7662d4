import type { TableModel } from '../../../infra/local/stack-model.ts';
import { createIndex, type Index, type Keys } from './index-order.ts';
import { invalid } from './refusal.ts';
import { type Attributes, attribute, compareTexts, MAX_ITEM, sizeOf, typeOf, type Value } from './values.ts';

/** How the table behaves in time, ms; both are asked once for each write or read. */
export interface Delays {
  /** Until a write shows in an index. @default none */
  readonly indexLag?: (of: {
    readonly table: string;
    readonly index: string;
    readonly item: Attributes;
  }) => number;
  /** How old the state is that an eventually consistent read sees. @default none */
  readonly staleness?: (of: { readonly table: string }) => number;
}

export interface Table {
  readonly name: string;
  readonly model: TableModel;
  readonly keys: Keys;
  readonly indexes: ReadonlyMap<string, Index>;
  /** What identifies an item with these attributes. @throws Refusal where its key is missing, empty or of another type */
  keyOf(item: Attributes): string;
  /** The same of a key alone. @throws Refusal for anything beside it */
  keyOnly(key: Attributes): string;
  get(key: string): Attributes | undefined;
  /** As an eventually consistent read sees it. */
  seen(key: string): Attributes | undefined;
  /** Stores or (undefined) deletes what `requireStorable` has let pass. */
  write(key: string, item: Attributes | undefined): void;
  /** @throws Refusal for an item that cannot be stored */
  requireStorable(item: Attributes): void;
  /** Everything, in an order of no meaning that stays the same; as an eventually consistent read sees it unless `consistent`. */
  all(consistent: boolean): readonly (readonly [key: string, item: Attributes])[];
}

interface Version {
  readonly until: number;
  readonly item: Attributes | undefined;
}

/** For how long earlier states are kept for stale reads, ms. */
const REMEMBERED = 30_000;
const TOO_BIG = 'Item size has exceeded the maximum allowed size';

export const createTable = (
  model: TableModel,
  clock: { now(): number },
  delays: Delays,
  name = model.name,
): Table => {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = model.properties;
  const types = new Map(AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType]));
  const keysOf = (schema: typeof KeySchema): Keys => {
    const [partition, sort] = ['HASH', 'RANGE'].map(
      (kind) => schema.find(({ KeyType }) => KeyType === kind)?.AttributeName,
    );
    if (partition === undefined) throw new Error(`${name} has no partition key`);
    return { partition, ...(sort !== undefined && { sort }) };
  };
  const keys = keysOf(KeySchema);
  const ordered = createIndex(keys);
  const indexes = new Map(
    GlobalSecondaryIndexes.map(({ IndexName, KeySchema: schema, Projection: { ProjectionType } }) => {
      if (ProjectionType !== 'ALL')
        throw new Error(`${name} ${IndexName}: only whole items are projected here`);
      return [IndexName, createIndex(keysOf(schema))] as const;
    }),
  );
  const items = new Map<string, Attributes>();
  const earlier = new Map<string, Version[]>();

  const part = (of: Attributes, attributeName: string, missing: string): string => {
    const value = attribute(of, attributeName);
    if (value === undefined) throw invalid(missing);
    requireKeyType(attributeName, value, types.get(attributeName));
    return 'S' in value ? `S${value.S}` : 'N' in value ? `N${value.N}` : '';
  };
  const keyOf = (item: Attributes, missing?: string): string => {
    const at = (each: string) =>
      part(
        item,
        each,
        missing ?? `One or more parameter values were invalid: Missing the key ${each} in the item`,
      );
    return keys.sort === undefined ? at(keys.partition) : `${at(keys.partition)}\u0000${at(keys.sort)}`;
  };

  const seen = (key: string, at: number): Attributes | undefined => {
    const version = earlier.get(key)?.find(({ until }) => until > at);
    return version ? version.item : items.get(key);
  };

  return {
    name,
    model,
    keys,
    indexes,
    keyOf,
    keyOnly: (key) => {
      const wanted = keys.sort === undefined ? 1 : 2;
      const mismatch = 'The provided key element does not match the schema';
      if (Object.keys(key).length !== wanted) throw invalid(mismatch);
      return keyOf(key, mismatch);
    },
    get: (key) => items.get(key),
    seen: (key) =>
      delays.staleness ? seen(key, clock.now() - delays.staleness({ table: name })) : items.get(key),
    write: (key, item) => {
      const before = items.get(key);
      const now = clock.now();
      if (delays.staleness) {
        const kept = (earlier.get(key) ?? []).filter(({ until }) => until > now - REMEMBERED);
        earlier.set(key, [...kept, { until: now, item: before }]);
      }
      if (item) items.set(key, item);
      else items.delete(key);
      ordered.put(key, item);
      for (const [index, each] of indexes) {
        const either = item ?? before;
        const lag = either && delays.indexLag ? delays.indexLag({ table: name, index, item: either }) : 0;
        each.putLater(key, item, now, lag);
      }
    },
    requireStorable: (item) => {
      if (sizeOf(item) > MAX_ITEM) throw invalid(TOO_BIG);
      for (const [index, { keys: own }] of indexes) {
        for (const each of [own.partition, own.sort]) {
          const value = each === undefined ? undefined : attribute(item, each);
          if (each !== undefined && value) requireIndexKey(index, each, value, types.get(each));
        }
      }
    },
    all: (consistent) => {
      const at = clock.now() - (consistent ? 0 : (delays.staleness?.({ table: name }) ?? 0));
      const names = new Set([...items.keys(), ...(consistent ? [] : earlier.keys())]);
      return [...names]
        .flatMap((key) => {
          const item = consistent ? items.get(key) : seen(key, at);
          return item ? [[key, item] as const] : [];
        })
        .sort(([a], [b]) => scatter(a) - scatter(b) || compareTexts(a, b));
    },
  };
};

/** A place for each key that says nothing about it, as a hash has it. */
export const scatter = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
};

const requireKeyType = (name: string, value: Value, type: string | undefined): void => {
  const actual = typeOf(value);
  if (actual !== type)
    throw invalid(
      `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${actual}`,
    );
  if ('S' in value && value.S === '')
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
};

const requireIndexKey = (index: string, name: string, value: Value, type: string | undefined): void => {
  const actual = typeOf(value);
  if (actual !== type)
    throw invalid(
      `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${index}`,
    );
  if ('S' in value && value.S === '')
    throw invalid(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${index}, IndexKey: ${name}`,
    );
};
