import type { BestPrices, OrderBook, PriceLevel } from './exchange.ts';
import { decimal, plain } from './money.ts';
import type { BookChange } from './stream.ts';

/** Most changes that wait for a snapshot, and most levels in them: beyond it the oldest give way. */
const MOST_CHANGES = 1_000;
const MOST_LEVELS = 20_000;
/** So many changes in a row that tell nothing new are no repeats: the exchange counts anew. */
const MOST_OLD = 100;

/** What a change came to: it waits for a snapshot, it is in the book, the book had it already, or something before it is missing. */
type Changed = 'kept' | 'applied' | 'old' | 'gap';
/**
 * What a snapshot came to: the book goes on from it, it is older than what waits, or something between it and what waits is
 * missing. Either way another one is needed.
 */
type Loaded = 'loaded' | 'too old' | 'gap';

/** Both sides of a book, best prices first, at a version. */
export interface BookView {
  readonly version: bigint;
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}

/** A copy of the exchange's order book, by the rules of reference section 11.5. */
export interface LocalBook {
  /** What it is at; `undefined` while it waits for a snapshot. */
  readonly version: bigint | undefined;
  /** Changes that wait for a snapshot: there has to be one before a snapshot can be asked for. */
  readonly waiting: number;
  /** Takes the next change, in the order of arrival. After a gap the book is gone, and the change waits for a snapshot. */
  change(change: BookChange): Changed;
  /** Takes a snapshot that was asked for after the first change that waits. */
  load(snapshot: OrderBook): Loaded;
  /** The connection was lost: nothing of the book holds any more. */
  discard(): void;
  /** Up to `most` levels a side; `undefined` while it waits for a snapshot. */
  view(most: number): BookView | undefined;
  /** The best level of each side that has any. */
  best(): Omit<BestPrices, 'symbol'>;
}

/**
 * An empty copy. It keeps whatever the snapshot showed and the changes said: levels beyond those of the snapshot that never
 * change stay unknown.
 */
export const createLocalBook = (): LocalBook => {
  const bids: Side = new Map();
  const asks: Side = new Map();
  let version: bigint | undefined;
  let waiting: BookChange[] = [];
  let levels = 0;
  let old = 0;

  const discard = (): void => {
    version = undefined;
    bids.clear();
    asks.clear();
    waiting = [];
    levels = 0;
    old = 0;
  };

  const keep = (change: BookChange): void => {
    waiting.push(change);
    levels += sizeOf(change);
    while (waiting.length > 1 && (waiting.length > MOST_CHANGES || levels > MOST_LEVELS)) {
      const first = waiting.shift();
      if (first) levels -= sizeOf(first);
    }
  };

  const apply = (change: BookChange): void => {
    put(bids, change.bids);
    put(asks, change.asks);
    version = change.to;
  };

  return {
    get version() {
      return version;
    },
    get waiting() {
      return waiting.length;
    },
    change: (change) => {
      if (version === undefined) {
        keep(change);
        return 'kept';
      }
      // Connections overlap while one takes over from another, so what one of them told already is no gap.
      if (change.to <= version && old < MOST_OLD) {
        old += 1;
        return 'old';
      }
      if (change.from !== version + 1n) {
        discard();
        keep(change);
        return 'gap';
      }
      old = 0;
      apply(change);
      return 'applied';
    },
    load: (snapshot) => {
      const read = BigInt(snapshot.version);
      const [first] = waiting;
      if (!first || read < first.from) return 'too old';
      const rest = following(waiting, read);
      if (!rest) return 'gap';
      discard();
      version = read;
      put(bids, snapshot.bids);
      put(asks, snapshot.asks);
      rest.forEach(apply);
      return 'loaded';
    },
    discard,
    view: (most) =>
      version === undefined
        ? undefined
        : {
            version,
            bids: rows(bids, descending).slice(0, most),
            asks: rows(asks, ascending).slice(0, most),
          },
    best: () => {
      const bid = first(bids, descending);
      const ask = first(asks, ascending);
      return { ...(bid && { bid }), ...(ask && { ask }) };
    },
  };
};

/** Quantity by price, both without zeros at their end. */
type Side = Map<string, string>;

/** What of these goes on from this version, whole and in order; `undefined` when something is missing. */
const following = (changes: readonly BookChange[], from: bigint): readonly BookChange[] | undefined => {
  const rest: BookChange[] = [];
  let version = from;
  for (const change of changes) {
    if (change.to <= version) continue;
    // The snapshot may lie within the first one: quantities are absolute, so what it has of it already does no harm.
    if (change.from > version + 1n || (rest.length > 0 && change.from !== version + 1n)) return undefined;
    rest.push(change);
    version = change.to;
  }
  return rest;
};

const sizeOf = ({ bids, asks }: BookChange): number => bids.length + asks.length;

const put = (side: Side, levels: readonly PriceLevel[]): void => {
  for (const { price, quantity } of levels) {
    if (isZero(quantity)) side.delete(shortest(price));
    else side.set(shortest(price), quantity);
  }
};

const ZERO = '0'.charCodeAt(0);

/** Zero with any number of zeros. */
const isZero = (quantity: string): boolean => quantity.charCodeAt(0) <= ZERO && !/[1-9]/.test(quantity);

/** Equal prices have to be one text. */
const shortest = (price: string): string =>
  price.charCodeAt(price.length - 1) === ZERO && price.includes('.') ? plain(decimal(price)) : price;

/** Plain amounts without a sign, as numbers. */
const ascending = (a: string, b: string): number => {
  const whole = wholeDigits(a) - wholeDigits(b);
  if (whole !== 0) return whole;
  return a < b ? -1 : Number(a > b);
};
const descending = (a: string, b: string): number => ascending(b, a);

const wholeDigits = (amount: string): number => {
  const point = amount.indexOf('.');
  return point < 0 ? amount.length : point;
};

type Order = (a: string, b: string) => number;

const rows = (side: Side, order: Order): PriceLevel[] =>
  [...side].sort(([a], [b]) => order(a, b)).map(([price, quantity]) => ({ price, quantity }));

const first = (side: Side, order: Order): PriceLevel | undefined => {
  let best: [price: string, quantity: string] | undefined;
  for (const level of side) if (!best || order(level[0], best[0]) < 0) best = level;
  return best && { price: best[0], quantity: best[1] };
};
