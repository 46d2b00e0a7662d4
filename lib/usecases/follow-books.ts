import type { BestPrices } from '../domain/exchange.ts';
import { type BookView, createLocalBook, type LocalBook } from '../domain/order-book.ts';
import type { Clock, Log, MarketData } from '../domain/ports.ts';
import type { StreamItem } from '../domain/stream.ts';

/** As many levels as the exchange gives. */
const LEVELS = 5_000;
/** Snapshots are hundreds of kilobytes: so many are read at the same time. */
const AT_ONCE = 3;
const SNAPSHOT_TIME = 10_000;
/** Before the second snapshot of a symbol, and at most before any, ms. The first one comes at once. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;
/** A book that was the exchange's for so long is read again at once when it is so no more, ms. */
const STABLE = 10_000;
/** A pause is looked at so often whether it still matters, ms. */
const STEP = 1_000;

export interface BooksTask {
  /** Symbol by the channel that tells of its book. */
  readonly channels: ReadonlyMap<string, string>;
  readonly market: Pick<MarketData, 'orderBook'>;
  readonly clock: Clock;
  readonly log: Log;
  /** In `[0, 1)`. */
  readonly random: () => number;
}

/** A book that must not be relied on. */
interface Stale {
  /** Local epoch ms. */
  readonly since: number;
  readonly why: string;
}

/** Order books of some symbols, each either the exchange's at its version, or marked as stale. */
export interface Books {
  /** Every item of the stream; those of no book here are left alone. */
  take(item: StreamItem): void;
  /** Up to `most` levels a side. `undefined` for a symbol whose book is not followed. */
  book(symbol: string, most: number): BookView | Stale | undefined;
  /** Best prices of every book that is not stale. */
  best(): readonly BestPrices[];
  /** Symbols of books that are stale. */
  stale(): readonly string[];
  /** Asks for nothing more. */
  end(): void;
}

interface Followed {
  readonly symbol: string;
  readonly book: LocalBook;
  stale: Stale | undefined;
  /** When it became the exchange's, local epoch ms. */
  since: number;
  /** Its channel is subscribed. */
  live: boolean;
  /** Snapshots since it was last the exchange's for some time. */
  tries: number;
  reading: Promise<void> | undefined;
}

/**
 * Follows books by the stream's changes and snapshots by REST (reference section 11.5): whenever a change is missing the book
 * is stale at once and read anew, the more seldom the more often that happens, since each snapshot is a large download.
 */
export const followBooks = ({ channels, market, clock, log, random }: BooksTask): Books => {
  const all = new Map<string, Followed>();
  const readsBegun = new Set<Promise<unknown>>();
  let ended = false;
  for (const symbol of channels.values()) {
    const stale = { since: clock.now(), why: 'it was not read yet' };
    const book = createLocalBook();
    all.set(symbol, { symbol, book, stale, since: 0, live: false, tries: 0, reading: undefined });
  }

  const becameStale = (one: Followed, since: number, why: string): void => {
    const now = clock.now();
    if (!one.stale) {
      if (now - one.since >= STABLE) one.tries = 0;
      log.warn('an order book is stale', { symbol: one.symbol, why });
    }
    one.stale = { since: one.stale?.since ?? since, why };
  };

  const becameTrue = (one: Followed): void => {
    if (!one.stale || !one.live || one.book.version === undefined) return;
    const now = clock.now();
    log.info('an order book is that of the exchange', { symbol: one.symbol, afterMs: now - one.stale.since });
    one.stale = undefined;
    one.since = now;
  };

  const needsSnapshot = ({ book }: Followed): boolean =>
    !ended && book.version === undefined && book.waiting > 0;

  const pauseBefore = async (one: Followed): Promise<void> => {
    const doubled = FIRST_PAUSE * 2 ** Math.min(one.tries - 1, 20);
    const pause = one.tries === 0 ? 0 : Math.min(LONGEST_PAUSE, doubled) * (0.5 + random() / 2);
    for (let left = pause; left > 0 && !ended; left -= STEP) await clock.sleep(Math.min(STEP, left));
  };

  const readSnapshot = async (one: Followed): Promise<void> => {
    const { symbol } = one;
    try {
      const options = { deadline: clock.now() + SNAPSHOT_TIME };
      const loaded = one.book.load(await market.orderBook(symbol, LEVELS, options));
      if (loaded === 'loaded') becameTrue(one);
      else if (one.book.waiting > 0) log.info('a snapshot of an order book does not fit', { symbol, loaded });
    } catch (error) {
      log.warn('an order book could not be read', { symbol, error: String(error) });
    }
  };

  const readUntilTrue = async (one: Followed): Promise<void> => {
    while (needsSnapshot(one)) {
      await pauseBefore(one);
      while (readsBegun.size >= AT_ONCE) await Promise.race(readsBegun);
      if (!needsSnapshot(one)) return;
      one.tries += 1;
      const read = readSnapshot(one).finally(() => readsBegun.delete(read));
      readsBegun.add(read);
      await read;
    }
  };

  const read = (one: Followed): void => {
    if (one.reading || !needsSnapshot(one)) return;
    one.reading = readUntilTrue(one).finally(() => {
      one.reading = undefined;
      read(one);
    });
  };

  const followed = (names: readonly string[]): readonly Followed[] =>
    names.flatMap((name) => {
      const symbol = channels.get(name);
      const one = symbol === undefined ? undefined : all.get(symbol);
      return one ? [one] : [];
    });

  return {
    take: (item) => {
      switch (item.kind) {
        case 'book-change': {
          const one = all.get(item.symbol);
          if (!one) return;
          if (one.book.change(item.change) === 'gap') becameStale(one, clock.now(), 'a change is missing');
          read(one);
          return;
        }
        case 'hole':
          for (const one of followed(item.channels)) {
            one.live = false;
            one.book.discard();
            becameStale(one, item.since, item.why);
          }
          return;
        case 'live':
          for (const one of followed(item.channels)) {
            one.live = true;
            becameTrue(one);
          }
          return;
        case 'refused':
          for (const one of followed([item.channel])) becameStale(one, clock.now(), item.why);
          return;
      }
    },
    book: (symbol, most) => {
      const one = all.get(symbol);
      return one && (one.stale ?? one.book.view(most));
    },
    best: () =>
      [...all.values()].flatMap(({ symbol, stale, book }) => (stale ? [] : [{ symbol, ...book.best() }])),
    stale: () => [...all.values()].filter(({ stale }) => stale).map(({ symbol }) => symbol),
    end: () => {
      ended = true;
    },
  };
};
