import type { Print } from '../state.ts';
import type { Connection } from './connection.ts';
import { deliver } from './delivery.ts';
import type { Feed } from './feed.ts';
import type { HubParts } from './hub-parts.ts';
import { openFeed, type PublicChannel } from './open-feed.ts';

/** The public channels that somebody reads, each with one feed. */
export type FeedRegistry = {
  add(connection: Connection, name: string, channel: PublicChannel): void;
  remove(connection: Connection, name: string): void;
  book(symbol: string): void;
  print(symbol: string, print: Print): void;
};

type Entry = { feed: Feed; symbol: string | null; readers: Set<Connection> };

/** @param due when on the agenda an exchange time will be */
export function createFeedRegistry(hub: HubParts, due: (exchangeTime: number) => number): FeedRegistry {
  const entries = new Map<string, Entry>();
  const bySymbol = new Map<string, Set<Feed>>();

  const open = (name: string, channel: PublicChannel): Entry => {
    const readers = new Set<Connection>();
    const feed = openFeed(
      {
        store: hub.store(),
        agenda: hub.agenda,
        channel: name,
        time: hub.time,
        due,
        send: (push) => {
          for (const reader of readers) deliver(hub, reader, push);
        },
      },
      channel,
    );
    const symbol = 'symbol' in channel ? channel.symbol : null;
    if (symbol !== null) bySymbol.set(symbol, (bySymbol.get(symbol) ?? new Set()).add(feed));
    const entry = { feed, symbol, readers };
    entries.set(name, entry);
    return entry;
  };

  return {
    add(connection, name, channel) {
      (entries.get(name) ?? open(name, channel)).readers.add(connection);
    },
    remove(connection, name) {
      const entry = entries.get(name);
      if (entry === undefined) return;
      entry.readers.delete(connection);
      if (entry.readers.size > 0) return;
      entry.feed.stop();
      entries.delete(name);
      if (entry.symbol !== null) bySymbol.get(entry.symbol)?.delete(entry.feed);
    },
    book(symbol) {
      for (const feed of bySymbol.get(symbol) ?? []) feed.book?.();
    },
    print(symbol, print) {
      for (const feed of bySymbol.get(symbol) ?? []) feed.print?.(print);
    },
  };
}
