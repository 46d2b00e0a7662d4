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
 * last, also where the changes between them cancelled out.
 */
export function depthFeed(
  context: SymbolContext,
  { everyMs, event }: { everyMs: number; event: string },
): Feed {
  let shown = bookNow(context);
  const flush = (): void => {
    const book = bookNow(context);
    if (book.version === shown.version) return;
    const message = {
      asks: changes(shown.asks, book.asks),
      bids: changes(shown.bids, book.bids),
      eventType: event,
      fromVersion: String(shown.version + 1),
      toVersion: String(book.version),
      lastOrderCreateTime: context.time(),
    };
    shown = book;
    context.send({ ...header(context), body: { of: 'publicAggreDepths', message } });
  };
  const alarm = createAlarm(context.agenda, flush);
  return { book: () => alarm.by(stepAfter(context.agenda.now(), everyMs)), stop: alarm.off };
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

/** Quantities are absolute; zero removes a level. */
function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Level[] {
  const changed: Level[] = [];
  for (const [price, quantity] of after) {
    if (before.get(price) !== quantity) changed.push({ price, quantity });
  }
  for (const price of before.keys()) {
    if (!after.has(price)) changed.push({ price, quantity: '0' });
  }
  return changed;
}

function toLevel([price, quantity]: readonly [string, string]): Level {
  return { price, quantity };
}
