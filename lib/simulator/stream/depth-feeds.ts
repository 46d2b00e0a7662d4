import { bookView } from '../book.ts';
import { marketOf } from '../store.ts';
import { createAlarm, stepAfter } from './agenda.ts';
import { type Feed, header, type SymbolContext } from './feed.ts';
import type { Level } from './messages.ts';

/** As many levels as REST shows. */
const ALL_LEVELS = 5000;
const SNAPSHOT_EVERY = 100;

type Book = { version: number; asks: Map<string, string>; bids: Map<string, string> };

/**
 * Differences of the book, gathered for `everyMs`. Versions are those of `lastUpdateId`: each push begins with the one after the
 * last. It names every level that changed, also one that is again as it was: a snapshot taken in between shows it changed, and
 * rule 5 of section 11.5 goes on from such a snapshot.
 */
export function depthFeed(
  context: SymbolContext,
  { everyMs, event }: { everyMs: number; event: string },
): Feed {
  let seen = bookNow(context);
  let pushed = seen.version;
  const asks = new Set<string>();
  const bids = new Set<string>();
  const look = (): void => {
    const book = bookNow(context);
    note(asks, seen.asks, book.asks);
    note(bids, seen.bids, book.bids);
    seen = book;
  };
  const flush = (): void => {
    look();
    if (seen.version === pushed) return;
    const message = {
      asks: levelsAt(asks, seen.asks),
      bids: levelsAt(bids, seen.bids),
      eventType: event,
      fromVersion: String(pushed + 1),
      toVersion: String(seen.version),
      lastOrderCreateTime: context.time(),
    };
    pushed = seen.version;
    asks.clear();
    bids.clear();
    context.send({ ...header(context), body: { of: 'publicAggreDepths', message } });
  };
  const alarm = createAlarm(context.agenda, flush);
  return {
    book: () => {
      look();
      alarm.by(stepAfter(context.agenda.now(), everyMs));
    },
    stop: alarm.off,
  };
}

/** The best levels, whole, after every change of the book. The page gives no cadence. */
export function limitDepthFeed(
  context: SymbolContext,
  { levels, event }: { levels: number; event: string },
): Feed {
  const flush = (): void => {
    const { bids, asks } = bookView(context.store, context.rules, levels);
    const message = {
      asks: asks.map(toLevel),
      bids: bids.map(toLevel),
      eventType: event,
      version: String(marketOf(context.store, context.rules.symbol).version),
      lastOrderCreateTime: context.time(),
    };
    context.send({ ...header(context), body: { of: 'publicLimitDepths', message } });
  };
  const alarm = createAlarm(context.agenda, flush);
  return { book: () => alarm.by(stepAfter(context.agenda.now(), SNAPSHOT_EVERY)), stop: alarm.off };
}

function bookNow({ store, rules }: SymbolContext): Book {
  const { bids, asks } = bookView(store, rules, ALL_LEVELS);
  return { version: marketOf(store, rules.symbol).version, bids: new Map(bids), asks: new Map(asks) };
}

/** Adds the prices whose quantity is another one. */
function note(
  changed: Set<string>,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): void {
  for (const [price, quantity] of after) if (before.get(price) !== quantity) changed.add(price);
  for (const price of before.keys()) if (!after.has(price)) changed.add(price);
}

/** Quantities are absolute; zero removes a level. */
function levelsAt(prices: ReadonlySet<string>, side: ReadonlyMap<string, string>): Level[] {
  return [...prices].map((price) => ({ price, quantity: side.get(price) ?? '0' }));
}

function toLevel([price, quantity]: readonly [string, string]): Level {
  return { price, quantity };
}
