import { type Attributes, attribute, compareTexts, compareValues, typeOf, type Value } from './values.ts';

export interface Keys {
  readonly partition: string;
  readonly sort?: string;
}

export interface Entry {
  readonly key: string;
  readonly item: Attributes;
  readonly sort: Value | undefined;
}

/** Items by partition, each partition in the order of the sort key, then of the table's key. */
export interface Index {
  readonly keys: Keys;
  put(key: string, item: Attributes | undefined): void;
  /** The same, seen `lag` milliseconds after `now`; writes of one item are seen in their order. */
  putLater(key: string, item: Attributes | undefined, now: number, lag: number): void;
  /** What is seen of a partition at `now`. */
  partition(value: Value, now: number): readonly Entry[];
}

interface Pending {
  readonly at: number;
  readonly key: string;
  readonly item: Attributes | undefined;
}

export const compareEntries = (a: Pick<Entry, 'key' | 'sort'>, b: Pick<Entry, 'key' | 'sort'>): number =>
  (a.sort && b.sort ? (compareValues(a.sort, b.sort) ?? 0) : 0) || compareTexts(a.key, b.key);

const textOf = (value: Value): string =>
  'S' in value ? `S${value.S}` : 'N' in value ? `N${value.N}` : typeOf(value);

/** Where an entry is, or belongs. */
const placeOf = (entries: readonly Entry[], entry: Pick<Entry, 'key' | 'sort'>): number => {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = entries[middle];
    if (other && compareEntries(other, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createIndex = (keys: Keys): Index => {
  const partitions = new Map<string, Entry[]>();
  const held = new Map<string, { readonly partition: string; readonly entry: Entry }>();
  const pending: Pending[] = [];
  const latest = new Map<string, number>();

  const put = (key: string, item: Attributes | undefined): void => {
    const old = held.get(key);
    if (old) {
      const entries = partitions.get(old.partition) ?? [];
      entries.splice(placeOf(entries, old.entry), 1);
      held.delete(key);
    }
    const value = item && attribute(item, keys.partition);
    const sort = item && keys.sort !== undefined ? attribute(item, keys.sort) : undefined;
    // An item without the index's keys is not in it.
    if (!item || !value || (keys.sort !== undefined && !sort)) return;
    const partition = textOf(value);
    const entry = { key, item, sort };
    const entries = partitions.get(partition) ?? [];
    entries.splice(placeOf(entries, entry), 0, entry);
    partitions.set(partition, entries);
    held.set(key, { partition, entry });
  };

  const settle = (now: number): void => {
    let done = 0;
    for (const { at, key, item } of pending) {
      if (at > now) break;
      put(key, item);
      if (latest.get(key) === at) latest.delete(key);
      done += 1;
    }
    pending.splice(0, done);
  };

  return {
    keys,
    put,
    putLater: (key, item, now, lag) => {
      const at = Math.max(now + lag, latest.get(key) ?? 0);
      if (at <= now) {
        settle(now);
        return put(key, item);
      }
      latest.set(key, at);
      const place = pending.findLastIndex((each) => each.at <= at) + 1;
      pending.splice(place, 0, { at, key, item });
    },
    partition: (value, now) => {
      settle(now);
      return partitions.get(textOf(value)) ?? [];
    },
  };
};
