import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamItem } from '../../../lib/domain/stream.ts';
import { channels, PRIVATE_CHANNELS } from '../../../lib/mexc/stream/channels.ts';
import { type Feed, openFeed } from '../../../lib/mexc/stream/feed.ts';
import type { Script } from '../../support/stream-peer.ts';
import { bestFrame, keptLog, orderFrame, rememberedKeys } from '../../support/stream-rig.ts';
import { startStreamServer } from '../../support/stream-server.ts';
import { closedPort, systemClock } from '../mexc/support.ts';

const ONE = channels.best('S0USDT');

/** Takes items until one is as wanted. */
const until = async (feed: Feed, isWanted: (item: StreamItem) => boolean): Promise<StreamItem> => {
  for await (const item of feed.items) if (isWanted(item)) return item;
  return assert.fail('it ended before');
};

/** A feed of a real server; both are closed at the end. */
const withFeed = async (
  script: Script,
  run: (parts: {
    readonly feed: Feed;
    readonly server: Awaited<ReturnType<typeof startStreamServer>>;
    readonly valid: ReadonlySet<string>;
    readonly lines: readonly string[];
  }) => Promise<void>,
): Promise<void> => {
  const server = await startStreamServer(script);
  const { keys, valid } = rememberedKeys();
  const { lines, log } = keptLog();
  const feed = openFeed({ url: server.url, channels: [ONE], private: keys, clock: systemClock, log });
  try {
    await run({ feed, server, valid, lines });
  } finally {
    await feed.close();
    await server.emptied();
    await server.close();
    assert.equal(valid.size, 0);
  }
};

test('events come from real sockets, public and private', () =>
  withFeed({}, async ({ feed, server }) => {
    const live = new Set<string>();
    while (live.size < 4) {
      const item = await until(feed, ({ kind }) => kind === 'live');
      if (item.kind === 'live') for (const channel of item.channels) live.add(channel);
    }
    assert.deepEqual(live, new Set([ONE, ...PRIVATE_CHANNELS]));

    const own = server.peers.find(({ listenKey }) => listenKey === 'key-1');
    own?.frame(orderFrame('C02__1', Date.now()));
    const order = await until(feed, ({ kind }) => kind === 'order');
    assert.ok(order.kind === 'order' && order.order.exchangeOrderId === 'C02__1');

    const other = server.peers.find(({ listenKey }) => listenKey === undefined);
    other?.frame(bestFrame('S0USDT', '5.5', Date.now()));
    const best = await until(feed, ({ kind }) => kind === 'best');
    assert.ok(best.kind === 'best' && best.best.bid?.price === '5.5');
  }));

test('a connection that breaks is replaced at once', () =>
  withFeed({}, async ({ feed, server }) => {
    const isPublic = (item: StreamItem) => 'channels' in item && item.channels.includes(ONE);
    await until(feed, (item) => item.kind === 'live' && isPublic(item));
    server.peers.find(({ subscribed }) => subscribed.has(ONE))?.drop();
    const hole = await until(feed, isPublic);
    const live = await until(feed, isPublic);

    assert.deepEqual([hole.kind, live.kind], ['hole', 'live']);
  }));

test('a server that turns connections away is asked again', () => {
  let turnedAway = 0;
  const admits = () => {
    turnedAway += 1;
    return turnedAway > 3;
  };
  return withFeed({ admits }, async ({ feed, lines }) => {
    await until(feed, ({ kind }) => kind === 'live');
    assert.ok(lines.some((line) => line.includes('lost')));
    assert.doesNotMatch(lines.join('\n'), /key-\d|listenKey/);
  });
});

test('a hundred starts and stops leave no connection and no key', async () => {
  const server = await startStreamServer();
  const { keys, valid } = rememberedKeys();
  const { log } = keptLog();
  for (let n = 0; n < 100; n += 1) {
    const feed = openFeed({ url: server.url, channels: [ONE], private: keys, clock: systemClock, log });
    if (n % 2 === 0) await until(feed, ({ kind }) => kind === 'live');
    await feed.close();
    assert.equal(valid.size, 0);
  }
  await server.emptied();
  await server.close();
});

test('where nobody listens it goes on trying, until it is closed', async () => {
  const { lines, log } = keptLog();
  const url = `ws://127.0.0.1:${await closedPort()}/ws`;
  const lost = Promise.withResolvers<void>();
  const warn = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    log.warn(message, fields);
    if (lines.length === 2) lost.resolve();
  };
  const feed = openFeed({ url, channels: [ONE], clock: systemClock, log: { ...log, warn } });
  await lost.promise;
  await feed.close();

  assert.match(lines[0] ?? '', /ECONNREFUSED/);
  assert.equal((await feed.items[Symbol.asyncIterator]().next()).done, true);
});
