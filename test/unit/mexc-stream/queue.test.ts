import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamEvent, StreamItem } from '../../../lib/domain/stream.ts';
import { createQueue, type Queue } from '../../../lib/mexc/stream/queue.ts';

let now = 1_000;
const queueOf = (): Queue => createQueue({ now: () => now });

const best = (symbol: string, price: string, at = now): StreamEvent => ({
  kind: 'best',
  best: { symbol, bid: { price, quantity: '1' } },
  at,
});
const prices = (each: Readonly<Record<string, string>>, at = now): StreamEvent => ({
  kind: 'prices',
  prices: new Map(Object.entries(each)),
  at,
});
const change = (from: number, levels = 1): StreamEvent => ({
  kind: 'book-change',
  symbol: 'A',
  change: {
    from: BigInt(from),
    to: BigInt(from),
    bids: Array.from({ length: levels }, () => ({ price: '1', quantity: '1' })),
    asks: [],
  },
  at: now,
});
const candle = (openTime: number, close: string): StreamEvent => ({
  kind: 'candle',
  symbol: 'A',
  interval: '1m',
  candle: {
    openTime,
    closeTime: openTime + 60_000,
    open: '1',
    high: '9',
    low: '1',
    close,
    volume: '1',
    quoteVolume: '1',
    closed: false,
  },
  at: now,
});
const balance = (free: string): StreamEvent => ({
  kind: 'balance',
  balance: { asset: 'USDT', free, locked: '0' },
  cause: 'DEPOSIT',
  change: { free: '1', locked: '0' },
  at: now,
});

/** Everything that waits, in short. */
const drained = async (queue: Queue): Promise<StreamItem[]> => {
  queue.close();
  const items: StreamItem[] = [];
  for (let next = await queue.next(); !next.done; next = await queue.next()) items.push(next.value);
  return items;
};
const inShort = (item: StreamItem): string => {
  switch (item.kind) {
    case 'best':
      return `best ${item.best.symbol} ${item.best.bid?.price}`;
    case 'hole':
    case 'live':
      return `${item.kind} ${item.channels.join()}`;
    case 'book-change':
      return `change ${item.change.from}`;
    case 'candle':
      return `candle ${item.candle.openTime} ${item.candle.close}`;
    case 'balance':
      return `balance ${item.balance.free}`;
    default:
      return item.kind;
  }
};
const told = async (queue: Queue): Promise<string[]> => (await drained(queue)).map(inShort);

test('a consumer who waits has each item as it comes, in order', async () => {
  const queue = queueOf();
  const waiting = [queue.next(), queue.next(), queue.next()];
  queue.live(['a']);
  queue.event(best('A', '1'), 'a');
  queue.event(best('A', '2'), 'a');

  assert.deepEqual(
    (await Promise.all(waiting)).map(({ value }) => value && inShort(value)),
    ['live a', 'best A 1', 'best A 2'],
  );
});

test('while the consumer stands still only the latest of each price waits', async () => {
  const queue = queueOf();
  for (let n = 1; n <= 1_000; n += 1) {
    queue.event(best('A', String(n)), 'a');
    queue.event(best('B', String(n)), 'b');
    queue.event(candle(60_000, String(n)), 'c');
    queue.event(candle(120_000, String(n)), 'c');
  }

  assert.equal(queue.health().waiting, 4);
  assert.equal(queue.health().replaced, 4 * 999);
  assert.deepEqual(await told(queue), [
    'best A 1000',
    'best B 1000',
    'candle 60000 1000',
    'candle 120000 1000',
  ]);
});

test('an event that was sent before the one that waits does not replace it', async () => {
  const queue = queueOf();
  queue.event(best('A', '2', 2_000), 'a');
  queue.event(best('A', '1', 1_000), 'a');

  assert.deepEqual(await told(queue), ['best A 2']);
});

test('prices of many symbols that wait become one lot with the latest of each', async () => {
  const queue = queueOf();
  queue.event(prices({ A: '1', B: '1' }), 'all');
  queue.event(prices({ B: '2', C: '2' }), 'all');

  const [item] = await drained(queue);
  assert.ok(item?.kind === 'prices');
  assert.deepEqual(Object.fromEntries(item.prices), { A: '1', B: '2', C: '2' });
});

test('what came after a channel was live again is not told before it', async () => {
  const queue = queueOf();
  queue.live(['a', 'all']);
  queue.event(best('A', '1'), 'a');
  queue.event(prices({ A: '1', B: '1' }), 'all');
  queue.event(candle(60_000, '1'), 'c');
  queue.hole(['a', 'all'], now, 'lost');
  queue.live(['a', 'all']);
  queue.event(candle(60_000, '2'), 'c');
  queue.event(best('A', '2'), 'a');
  queue.event(prices({ B: '2' }), 'all');

  const items = await drained(queue);
  assert.deepEqual(items.map(inShort), ['hole a,all', 'live a,all', 'candle 60000 2', 'best A 2', 'prices']);
  const last = items.at(-1);
  assert.ok(last?.kind === 'prices');
  assert.deepEqual(Object.fromEntries(last.prices), { A: '1', B: '2' });
});

test('book changes that nobody takes become a hole, after which they go on', async () => {
  const queue = queueOf();
  queue.live(['a', 'b']);
  now = 5_000;
  for (let n = 1; n <= 1_003; n += 1) queue.event(change(n), 'a');
  queue.event(best('B', '1'), 'b');

  const { dropped, waiting } = queue.health();
  assert.equal(dropped, 1_000);
  assert.equal(waiting, 7);
  const items = await drained(queue);
  assert.deepEqual(items.map(inShort), [
    'live b',
    'hole a',
    'live a',
    'change 1001',
    'change 1002',
    'change 1003',
    'best B 1',
  ]);
  const hole = items[1];
  assert.ok(hole?.kind === 'hole' && hole.since === 5_000);
});

test('a few huge changes are as many as many small ones', async () => {
  const queue = queueOf();
  queue.live(['a']);
  for (let n = 1; n <= 5; n += 1) queue.event(change(n, 5_000), 'a');

  assert.deepEqual(await told(queue), ['hole a', 'live a', 'change 5']);
});

test('a channel that is lost is not told to be live because the consumer is slow', async () => {
  const queue = queueOf();
  for (let n = 1; n <= 1_001; n += 1) queue.event(change(n), 'a');

  assert.deepEqual(await told(queue), ['hole a', 'change 1001']);
});

test('memory is bounded however long the consumer stands still', async () => {
  const queue = queueOf();
  let most = 0;
  for (let n = 1; n <= 30_000; n += 1) {
    queue.event(change(n), 'a');
    queue.event(candle(n * 60_000, '1'), 'c');
    queue.event(best('B', String(n)), 'b');
    queue.told({ kind: 'undecodable', why: 'x' });
    queue.told({ kind: 'refused', channel: 'r', why: 'Blocked!' });
    if (n % 10 === 0) {
      queue.hole(['a', 'b', 'c'], n, 'lost');
      queue.live(['a', 'b']);
      queue.live(['c']);
    }
    most = Math.max(most, queue.health().waiting);
  }

  assert.ok(most < 3_020, `${most} items`);
  const items = (await told(queue)).filter((each) => /^(hole|live|refused)/u.test(each));
  assert.ok(items.length <= 8, items.join('; '));
});

test('own orders, trades and balances are never dropped, and how many wait is said', async () => {
  const queue = queueOf();
  for (let n = 0; n < 20_000; n += 1) queue.event(balance(String(n)), 'own');
  assert.equal(queue.health().waitingPrivate, 20_000);
  await queue.next();
  assert.equal(queue.health().waitingPrivate, 19_999);

  const items = await told(queue);
  assert.equal(items.length, 19_999);
  assert.equal(items[0], 'balance 1');
  assert.equal(items.at(-1), 'balance 19999');
  assert.equal(queue.health().waitingPrivate, 0);
});

test('a hole that waits covers those that follow, and a live that is no longer true is not told', async () => {
  const queue = queueOf();
  queue.live(['a', 'b']);
  queue.hole(['a'], 10, 'first');
  queue.live(['a']);
  queue.hole(['a', 'b'], 20, 'second');

  const items = await drained(queue);
  assert.deepEqual(items, [
    { kind: 'hole', channels: ['a'], since: 10, why: 'first' },
    { kind: 'hole', channels: ['b'], since: 20, why: 'second' },
  ]);
});

test('after the end what had come is still there, and then no more', async () => {
  const queue = queueOf();
  queue.event(best('A', '1'), 'a');
  queue.close();
  queue.event(best('A', '2'), 'a');
  queue.live(['a']);

  assert.deepEqual(await told(queue), ['best A 1']);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

test('a consumer who waits at the end is let go', async () => {
  const queue = queueOf();
  const waiting = queue.next();
  queue.close();

  assert.deepEqual(await waiting, { done: true, value: undefined });
});
