import type { Log } from '../../lib/domain/ports.ts';
import type { StreamItem } from '../../lib/domain/stream.ts';
import { type Feed, type FeedOptions, openFeed } from '../../lib/mexc/stream/feed.ts';
import type { ListenKeys } from '../../lib/mexc/stream/listen-keys.ts';
import { frameOf } from './stream-frames.ts';
import { streamNetwork } from './stream-network.ts';
import type { Script } from './stream-peer.ts';
import { virtualTimeline } from './virtual-timeline.ts';

export const START = Date.UTC(2026, 10, 20);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A log whose every line can be looked through. */
export const keptLog = () => {
  const lines: string[] = [];
  const keep = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, log: { info: keep, warn: keep, error: keep } satisfies Log };
};

/** Listen keys of an exchange that remembers which there are; `fails` may stop a call. */
export const rememberedKeys = (fails: (call: string) => Error | undefined = () => undefined) => {
  const valid = new Set<string>();
  const calls: string[] = [];
  let made = 0;
  const checked = async (call: string): Promise<void> => {
    calls.push(call);
    const error = fails(call);
    if (error) throw error;
  };
  const keys: ListenKeys = {
    create: async () => {
      await checked('create');
      made += 1;
      valid.add(`key-${made}`);
      return `key-${made}`;
    },
    extend: (key) => checked(`extend ${key}`),
    remove: async (key) => {
      await checked(`remove ${key}`);
      valid.delete(key);
    },
    list: async () => ({ keys: [...valid], available: 60 - valid.size }),
  };
  return { keys, valid, calls };
};

/** A feed in virtual time, with a consumer who takes everything at once unless it is told to stand still. */
export const feedRig = (
  options: Partial<FeedOptions> & { readonly script?: Script; readonly idle?: boolean } = {},
) => {
  const { script, idle = false, ...rest } = options;
  const timeline = virtualTimeline(START);
  const network = streamNetwork(timeline, script);
  const { lines, log } = keptLog();
  const feed: Feed = openFeed({
    url: 'wss://exchange/ws',
    channels: [],
    clock: timeline,
    setTimer: timeline.setTimer,
    connect: network.connect,
    log,
    random: () => 0.5,
    ...rest,
  });
  const items: StreamItem[] = [];
  const consume = async (): Promise<void> => {
    for await (const item of feed.items) items.push(item);
  };
  const consumed = idle ? Promise.resolve() : consume();
  return {
    timeline,
    network,
    feed,
    items,
    lines,
    /** Starts to take what waits. */
    consume,
    /** Items of one kind so far. */
    of: <Kind extends StreamItem['kind']>(kind: Kind) =>
      items.filter((item): item is Extract<StreamItem, { kind: Kind }> => item.kind === kind),
    after: (ms: number) => timeline.playTo(timeline.now() + ms),
    end: async () => {
      await timeline.finish(feed.close());
      await consumed;
    },
  };
};

/** Best prices of a symbol, as the channel of that symbol pushes them. */
export const bestFrame = (symbol: string, price: string, at: number): Uint8Array =>
  frameOf({
    channel: `spot@public.aggre.bookTicker.v3.api.pb@100ms@${symbol}`,
    symbol,
    sendTime: at,
    publicAggreBookTicker: { bidPrice: price, bidQuantity: '1', askPrice: '999999', askQuantity: '1' },
  });

/** An own order that is open. */
export const orderFrame = (id: string, at: number): Uint8Array =>
  frameOf({
    channel: 'spot@private.orders.v3.api.pb',
    symbol: 'MXUSDT',
    sendTime: at,
    privateOrders: {
      id,
      price: '1',
      quantity: '1',
      orderType: 1,
      tradeType: 1,
      status: 1,
      createTime: at,
    },
  });
