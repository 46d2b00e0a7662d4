import { AppError } from '../../domain/errors.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { StreamItem } from '../../domain/stream.ts';
import { realTimer, type SetTimer } from '../transport.ts';
import { isPrivate, PRIVATE_CHANNELS } from './channels.ts';
import { type Address, type Line, type LineParts, openLine } from './line.ts';
import type { ListenKeys } from './listen-keys.ts';
import { listenAddress } from './listen-lease.ts';
import { readFrame } from './mapper.ts';
import { createPace } from './pace.ts';
import { createQueue, type QueueHealth } from './queue.ts';
import { type Connect, connectByWebSocket } from './socket.ts';

/** Subscriptions of one connection (reference section 11.1). */
const MOST_CHANNELS = 30;

export interface FeedOptions {
  /** E.g. `wss://wbs-api.mexc.com/ws`. */
  readonly url: string;
  /** Public channels, by the exchange's names. */
  readonly channels: readonly string[];
  /** With it the three private channels come too, over a connection of their own. */
  readonly private?: ListenKeys;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** In `[0, 1)`. @default Math.random */
  readonly random?: () => number;
  /** @default setTimeout */
  readonly setTimer?: SetTimer;
  /** @default a WebSocket of this machine */
  readonly connect?: Connect;
}

/** How a feed is. */
interface FeedHealth extends QueueHealth {
  /** Connections that there should be, and those that are open. */
  readonly connections: number;
  readonly open: number;
  /** Channels that were asked for, private ones included, and those of them that are live. */
  readonly channels: number;
  readonly live: number;
  /** Channels that are not live now. */
  readonly missing: readonly string[];
  /** Connections that ended without being asked to. */
  readonly losses: number;
  /** Binary frames so far, those of them that could not be read, and when the last came: local epoch ms. */
  readonly frames: number;
  readonly undecodable: number;
  readonly lastFrameAt: number | undefined;
}

export interface Feed {
  /** Everything that comes, for one consumer. It ends after `close`, when what had come by then was taken. */
  readonly items: AsyncIterable<StreamItem>;
  /** More public channels; those that it has already are left as they are. @throws AppError `private_channel` */
  ask(channels: readonly string[]): void;
  drop(channels: readonly string[]): void;
  health(): FeedHealth;
  /** Closes all connections and deletes their listen keys. */
  close(): Promise<void>;
}

/**
 * Opens a feed of the exchange's stream (reference section 11): keeps connections and subscriptions alive, and says when
 * something may be missing. The stream has no replay: at `live` the consumer reads the state, then follows.
 */
export const openFeed = (options: FeedOptions): Feed => {
  const { url, clock, log, random = Math.random, setTimer = realTimer } = options;
  const queue = createQueue(clock);
  const lines = new Set<Line>();
  const endings = new Set<Promise<void>>();
  let privateLine: Line | undefined;
  let lossesBefore = 0;
  let frames = 0;
  let undecodable = 0;
  let lastFrameAt: number | undefined;
  let isClosed = false;

  const told: LineParts['told'] = (item) => {
    if (item.kind === 'undecodable') undecodable += 1;
    else log.warn('a stream channel was refused', { channel: item.channel, why: item.why });
    queue.told(item);
  };

  const parts: Omit<LineParts, 'address'> = {
    connect: options.connect ?? connectByWebSocket,
    clock,
    setTimer,
    pace: createPace(setTimer),
    random,
    log,
    frame: (bytes, at) => {
      frames += 1;
      lastFrameAt = at;
      const { channel, item } = readFrame(bytes, at);
      if (item.kind === 'undecodable') told(item);
      else queue.event(item, channel);
    },
    told,
    hole: queue.hole,
    live: queue.live,
  };

  const publicAddress: Address = async () => ({ url, release: async () => undefined });

  const ask: Feed['ask'] = (channels) => {
    if (channels.some(isPrivate)) {
      throw new AppError('private_channel', 'Private channels come with a listen key, not by name.');
    }
    if (isClosed) return;
    const more = [...new Set(channels)].filter((each) => ![...lines].some((line) => line.channels.has(each)));
    for (const line of lines) {
      const room = MOST_CHANNELS - line.channels.size;
      for (const channel of more.splice(0, Math.max(0, room))) line.add(channel);
    }
    while (more.length > 0)
      lines.add(openLine(more.splice(0, MOST_CHANNELS), { ...parts, address: publicAddress }));
  };

  const end = (line: Line): void => {
    lines.delete(line);
    lossesBefore += line.losses;
    const ending = line.close();
    endings.add(ending);
    void ending.finally(() => endings.delete(ending));
  };

  const drop: Feed['drop'] = (channels) => {
    for (const channel of channels) {
      for (const line of lines) {
        if (!line.channels.has(channel)) continue;
        line.remove(channel);
        if (line.channels.size === 0) end(line);
      }
    }
  };

  const all = (): readonly Line[] => [...lines, ...(privateLine ? [privateLine] : [])];

  ask(options.channels);
  if (options.private) {
    const address = listenAddress(options.private, url, { clock, setTimer, log });
    privateLine = openLine(PRIVATE_CHANNELS, { ...parts, address });
  }
  return {
    items: { [Symbol.asyncIterator]: () => ({ next: queue.next }) },
    ask,
    drop,
    health: () => {
      const now = all();
      const missing = now.flatMap((line) => [...line.channels].filter((channel) => !line.live.has(channel)));
      const channels = now.reduce((sum, line) => sum + line.channels.size, 0);
      return {
        ...queue.health(),
        connections: now.length,
        open: now.filter((line) => line.isOpen).length,
        channels,
        live: channels - missing.length,
        missing,
        losses: lossesBefore + now.reduce((sum, line) => sum + line.losses, 0),
        frames,
        undecodable,
        lastFrameAt,
      };
    },
    close: async () => {
      isClosed = true;
      queue.close();
      for (const line of all()) end(line);
      privateLine = undefined;
      while (endings.size > 0) await Promise.all(endings);
    },
  };
};
