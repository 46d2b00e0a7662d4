import { type Fields, oneOf } from './request.ts';
import type { Table } from './table.ts';
import { type Attributes, attribute, sameAttributes, sameValue, sizeOf } from './values.ts';

/** One item before and after a write. */
export interface Written {
  readonly table: Table;
  readonly key: string;
  readonly before: Attributes | undefined;
  readonly after: Attributes | undefined;
}

/** Units of one request, table by table. */
export interface Meter {
  /** @param weight 2 within a transaction */
  wrote(write: Written, weight: number): void;
  /** @param weight 1 for a consistent read, half of it for another, 2 within a transaction */
  read(table: Table, bytes: number, weight: number, index?: string): void;
  /** For the answer; nothing when it was not asked for. */
  answer(form: 'one' | 'list'): Readonly<Record<string, unknown>>;
}

interface Units {
  table: number;
  readonly indexes: Map<string, number>;
}

const UNUSED: Meter = { wrote: () => {}, read: () => {}, answer: () => ({}) };

const writeUnits = (...items: readonly (Attributes | undefined)[]): number =>
  Math.max(1, ...items.map((item) => (item ? Math.ceil(sizeOf(item) / 1024) : 0)));

/** Counts as DynamoDB does: a changed key of an index is a delete and a put there, an unchanged item is no write there. */
const indexUnits = ({ table, before, after }: Written, index: string): number => {
  const keys = table.indexes.get(index)?.keys;
  if (!keys) return 0;
  const parts = [keys.partition, ...(keys.sort === undefined ? [] : [keys.sort])];
  const within = (item: Attributes | undefined): Attributes | undefined =>
    item && parts.every((part) => attribute(item, part) !== undefined) ? item : undefined;
  const [was, is] = [within(before), within(after)];
  if (!was || !is) return (was ? writeUnits(was) : 0) + (is ? writeUnits(is) : 0);
  const moved = parts.some((part) => {
    const [from, to] = [attribute(was, part), attribute(is, part)];
    return !from || !to || !sameValue(from, to);
  });
  if (moved) return writeUnits(was) + writeUnits(is);
  return sameAttributes(was, is) ? 0 : writeUnits(was, is);
};

/** Nothing is counted unless the request asks for it. */
export const meterOf = (fields: Fields): Meter => {
  const asked = oneOf(fields, 'ReturnConsumedCapacity', ['NONE', 'TOTAL', 'INDEXES']);
  if (asked === 'NONE') return UNUSED;
  const used = new Map<string, Units>();
  const of = ({ name }: Table): Units => {
    const units = used.get(name) ?? { table: 0, indexes: new Map<string, number>() };
    used.set(name, units);
    return units;
  };
  const addTo = (units: Units, index: string, more: number): void => {
    if (more > 0) units.indexes.set(index, (units.indexes.get(index) ?? 0) + more);
  };
  return {
    wrote: (write, weight) => {
      const units = of(write.table);
      units.table += weight * writeUnits(write.before, write.after);
      for (const index of write.table.indexes.keys()) addTo(units, index, weight * indexUnits(write, index));
    },
    read: (table, bytes, weight, index) => {
      const more = weight * Math.max(1, Math.ceil(bytes / 4096));
      const units = of(table);
      if (index === undefined) units.table += more;
      else addTo(units, index, more);
    },
    answer: (form) => {
      const all = [...used].map(([TableName, { table, indexes }]) => ({
        TableName,
        CapacityUnits: table + [...indexes.values()].reduce((sum, each) => sum + each, 0),
        ...(asked === 'INDEXES' && {
          Table: { CapacityUnits: table },
          ...(indexes.size > 0 && {
            GlobalSecondaryIndexes: Object.fromEntries(
              [...indexes].map(([name, CapacityUnits]) => [name, { CapacityUnits }]),
            ),
          }),
        }),
      }));
      return { ConsumedCapacity: form === 'one' ? all[0] : all };
    },
  };
};
