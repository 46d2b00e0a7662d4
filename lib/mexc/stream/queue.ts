import type { Clock } from '../../domain/ports.ts';
import type { StreamEvent, StreamItem } from '../../domain/stream.ts';

/** Most events of one channel that wait for the consumer, and most rows (levels, trades) in them. */
const MOST_EVENTS = 1_000;
const MOST_ROWS = 20_000;
/** Most unreadable frames that wait to be told one by one. */
const MOST_UNDECODABLE = 1_000;

type Told = Extract<StreamItem, { readonly kind: 'refused' | 'undecodable' }>;

/** What waits. `channels` is taken from while it waits, as later news makes parts of it moot. */
interface ItemEntry {
  readonly kind: 'item';
  item: StreamItem;
  readonly epoch: number;
  /** What it is counted with, if what waits of its channel is bounded by number. */
  readonly series?: Series;
}
interface HoleEntry {
  readonly kind: 'hole';
  readonly key: number;
  readonly channels: Set<string>;
  readonly since: number;
  readonly why: string;
}
interface LiveEntry {
  readonly kind: 'live';
  readonly key: number;
  readonly channels: Set<string>;
  readonly at: number;
}
type Entry = ItemEntry | HoleEntry | LiveEntry;

/** What waits of one channel whose events have to be whole, one after another. */
interface Series {
  readonly channel: string;
  events: number;
  rows: number;
  /** When the first of it came. */
  since: number;
  /** Keys of the candles that wait, by open time. */
  readonly candles: Map<number, number>;
}

/** How many items wait, and what became of others. */
export interface QueueHealth {
  readonly waiting: number;
  /** Own orders, trades and balances among them: they are never dropped, so nothing bounds them but memory. */
  readonly waitingPrivate: number;
  /** Events that a later one of the same replaced before they were taken. */
  readonly replaced: number;
  /** Events that had to give way, each time with a hole, and unreadable frames beyond those that wait. */
  readonly dropped: number;
}

/** Items between the sockets and one consumer who takes them when it likes. */
export interface Queue {
  event(event: StreamEvent, channel: string): void;
  told(item: Told): void;
  hole(channels: Iterable<string>, since: number, why: string): void;
  live(channels: Iterable<string>): void;
  /** The next item as soon as there is one; done when it was closed and nothing waits. */
  next(): Promise<IteratorResult<StreamItem, undefined>>;
  /** No more comes; what waits may still be taken. */
  close(): void;
  health(): QueueHealth;
}

const rowsOf = (event: StreamItem): number => {
  if (event.kind === 'book-change') return event.change.bids.length + event.change.asks.length;
  return event.kind === 'market-trades' ? event.trades.length : 1;
};

const isPrivate = (item: StreamItem): boolean =>
  item.kind === 'order' || item.kind === 'trade' || item.kind === 'balance';

const isLater = (event: StreamEvent, before: StreamItem): boolean =>
  !('at' in before) || event.at >= before.at;

/** What waits and what came as one: of prices the later word on each symbol, of everything else the later. */
const merged = (before: StreamItem, after: StreamEvent): StreamEvent => {
  if (before.kind !== 'prices' || after.kind !== 'prices') return after;
  const [only = ''] = before.prices.keys();
  if (before.prices.size === 1 && after.prices.has(only)) return after;
  return { ...after, prices: new Map([...before.prices, ...after.prices]) };
};

/**
 * Private events, `hole`, `live` and `refused` are never lost. Public ones are bounded while the consumer stands still: of
 * prices, best prices, book tops and each candle only the latest waits; of what has to be whole (book changes, market trades,
 * candles one after another) a bounded number, and beyond it a hole instead.
 */
export const createQueue = (clock: Pick<Clock, 'now'>): Queue => {
  // In order of arrival. Taken entries are deleted at once, so the one iterator is always at the first that waits.
  const entries = new Map<string | number, Entry>();
  let cursor = entries.entries();
  const seriesOf = new Map<string, Series>();
  const holes = new Map<string, HoleEntry>();
  const lives = new Map<string, LiveEntry>();
  const liveChannels = new Set<string>();
  const takers: ((result: IteratorResult<StreamItem, undefined>) => void)[] = [];
  /** Nothing is replaced across a `hole` or `live`: what came after stays after. */
  let epoch = 0;
  let ids = 0;
  let waitingPrivate = 0;
  let waitingUndecodable = 0;
  let replaced = 0;
  let dropped = 0;
  let closed = false;

  const forget = (key: string | number, entry: Entry): void => {
    entries.delete(key);
    if (entry.kind === 'hole') for (const channel of entry.channels) holes.delete(channel);
    if (entry.kind === 'live') for (const channel of entry.channels) lives.delete(channel);
    if (entry.kind !== 'item') return;
    if (isPrivate(entry.item)) waitingPrivate -= 1;
    if (entry.item.kind === 'undecodable') waitingUndecodable -= 1;
    const { series } = entry;
    if (!series) return;
    series.events -= 1;
    series.rows -= rowsOf(entry.item);
    if (entry.item.kind === 'candle') series.candles.delete(entry.item.candle.openTime);
  };

  const take = (): StreamItem | undefined => {
    let next = cursor.next();
    if (next.done) {
      cursor = entries.entries(); // an iterator that has ended stays so
      next = cursor.next();
    }
    if (next.done) return undefined;
    const [key, entry] = next.value;
    forget(key, entry);
    if (entry.kind === 'item') return entry.item;
    const channels = [...entry.channels];
    return entry.kind === 'hole'
      ? { kind: 'hole', channels, since: entry.since, why: entry.why }
      : { kind: 'live', channels, at: entry.at };
  };

  /** True: a consumer was waiting, and has it. */
  const handed = (item: StreamItem): boolean => {
    const taker = takers.shift();
    taker?.({ done: false, value: item });
    return taker !== undefined;
  };

  const id = (): number => {
    ids += 1;
    return ids;
  };

  /** What was `live` and waits to be told is so no more, or is told later. */
  const withdraw = (channel: string): void => {
    const entry = lives.get(channel);
    if (!entry) return;
    lives.delete(channel);
    entry.channels.delete(channel);
    if (entry.channels.size === 0) entries.delete(entry.key);
  };

  const hole: Queue['hole'] = (channels, since, why) => {
    epoch += 1;
    const fresh = new Set<string>();
    for (const channel of channels) {
      liveChannels.delete(channel);
      withdraw(channel);
      if (!holes.has(channel)) fresh.add(channel); // else one that began earlier waits to be told
    }
    if (closed || fresh.size === 0 || handed({ kind: 'hole', channels: [...fresh], since, why })) return;
    const entry: HoleEntry = { kind: 'hole', key: id(), channels: fresh, since, why };
    entries.set(entry.key, entry);
    for (const channel of fresh) holes.set(channel, entry);
  };

  const live: Queue['live'] = (channels) => {
    epoch += 1;
    const fresh = new Set(channels);
    const at = clock.now();
    for (const channel of fresh) {
      liveChannels.add(channel);
      withdraw(channel);
    }
    if (closed || fresh.size === 0 || handed({ kind: 'live', channels: [...fresh], at })) return;
    const entry: LiveEntry = { kind: 'live', key: id(), channels: fresh, at };
    entries.set(entry.key, entry);
    for (const channel of fresh) lives.set(channel, entry);
  };

  /** Nothing of it waits any more, and the consumer is told so. */
  const giveWay = ({ channel, since }: Series): void => {
    const goesOn = liveChannels.has(channel);
    for (const [key, entry] of entries) {
      if (entry.kind !== 'item' || entry.series?.channel !== channel) continue;
      dropped += 1;
      forget(key, entry);
    }
    hole([channel], since, 'the consumer is too slow');
    if (goesOn) live([channel]);
  };

  const appendTo = (series: Series, item: StreamEvent): void => {
    const rows = rowsOf(item);
    if (series.events >= MOST_EVENTS || (series.events > 0 && series.rows + rows > MOST_ROWS)) {
      giveWay(series);
    }
    if (series.events === 0) series.since = clock.now();
    series.events += 1;
    series.rows += rows;
    const key = id();
    if (item.kind === 'candle') series.candles.set(item.candle.openTime, key);
    entries.set(key, { kind: 'item', item, epoch, series });
  };

  /** Of these only the latest waits. */
  const latest = (event: StreamEvent, channel: string): void => {
    const held = entries.get(channel);
    if (held?.kind !== 'item') {
      entries.set(channel, { kind: 'item', item: event, epoch });
      return;
    }
    replaced += 1;
    if (!isLater(event, held.item)) return;
    const item = merged(held.item, event);
    if (held.epoch === epoch) held.item = item;
    else {
      forget(channel, held);
      entries.set(channel, { kind: 'item', item, epoch });
    }
  };

  const bounded = (event: StreamEvent, channel: string): void => {
    let series = seriesOf.get(channel);
    if (!series) {
      series = { channel, events: 0, rows: 0, since: 0, candles: new Map() };
      seriesOf.set(channel, series);
    }
    const key = event.kind === 'candle' ? series.candles.get(event.candle.openTime) : undefined;
    const held = key === undefined ? undefined : entries.get(key);
    if (key === undefined || held?.kind !== 'item') {
      appendTo(series, event);
      return;
    }
    replaced += 1;
    if (!isLater(event, held.item)) return;
    if (held.epoch === epoch) held.item = event;
    else {
      forget(key, held);
      appendTo(series, event);
    }
  };

  return {
    event: (event, channel) => {
      if (closed || handed(event)) return;
      switch (event.kind) {
        case 'order':
        case 'trade':
        case 'balance':
          waitingPrivate += 1;
          entries.set(id(), { kind: 'item', item: event, epoch });
          return;
        case 'book-change':
        case 'market-trades':
        case 'candle':
          bounded(event, channel);
          return;
        default:
          latest(event, channel);
      }
    },
    told: (item) => {
      if (closed || handed(item)) return;
      const key = item.kind === 'refused' ? `refused ${item.channel}` : id();
      if (item.kind === 'undecodable') {
        if (waitingUndecodable >= MOST_UNDECODABLE) {
          dropped += 1;
          return;
        }
        waitingUndecodable += 1;
      }
      entries.delete(key);
      entries.set(key, { kind: 'item', item, epoch });
    },
    hole,
    live,
    next: () => {
      const item = take();
      if (item) return Promise.resolve({ done: false, value: item });
      if (closed) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => void takers.push(resolve));
    },
    close: () => {
      closed = true;
      for (const taker of takers.splice(0)) taker({ done: true, value: undefined });
    },
    health: () => ({ waiting: entries.size, waitingPrivate, replaced, dropped }),
  };
};
