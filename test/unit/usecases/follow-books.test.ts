import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderBook } from '../../../lib/domain/exchange.ts';
import { TransientError } from '../../../lib/domain/exchange-errors.ts';
import { followBooks } from '../../../lib/usecases/follow-books.ts';
import { keptLog, SECOND, START } from '../../support/stream-rig.ts';
import { virtualTimeline } from '../../support/virtual-timeline.ts';

const CHANNEL = 'changes of SOLUSDT';
/** From the request for a snapshot to its answer, ms. */
const ROUND_TRIP = 100;

/** Books of some symbols, and an exchange whose answers the test decides on. */
const rig = ({ symbols = ['SOLUSDT'] }: { symbols?: readonly string[] } = {}) => {
  const timeline = virtualTimeline(START);
  const { lines, log } = keptLog();
  const asked: { readonly symbol: string; readonly at: number }[] = [];
  let open = 0;
  let mostOpen = 0;
  let answer = (): OrderBook => ({ version: 10, bids: [{ price: '9', quantity: '1' }], asks: [] });
  const books = followBooks({
    channels: new Map(symbols.map((symbol) => [`changes of ${symbol}`, symbol])),
    market: {
      orderBook: async (symbol) => {
        asked.push({ symbol, at: timeline.now() - START });
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        await timeline.sleep(ROUND_TRIP);
        open -= 1;
        return answer();
      },
    },
    clock: timeline,
    log,
    random: () => 0.5,
  });
  const change = (from: number, to = from, symbol = 'SOLUSDT'): void =>
    books.take({
      kind: 'book-change',
      symbol,
      change: { from: BigInt(from), to: BigInt(to), bids: [], asks: [{ price: '10', quantity: String(to) }] },
      at: 0,
    });
  return {
    books,
    lines,
    asked,
    change,
    mostOpen: () => mostOpen,
    live: (channels = [CHANNEL]) => books.take({ kind: 'live', channels, at: timeline.now() }),
    hole: () =>
      books.take({ kind: 'hole', channels: [CHANNEL], since: timeline.now() - 7, why: 'connection lost' }),
    answers: (next: () => OrderBook) => {
      answer = next;
    },
    shows: (version: number) => {
      answer = () => ({ version, bids: [], asks: [] });
    },
    after: (ms: number) => timeline.playTo(timeline.now() + ms),
    end: () => books.end(),
    book: () => books.book('SOLUSDT', 5),
    version: () => {
      const book = books.book('SOLUSDT', 5);
      return book && 'version' in book ? Number(book.version) : undefined;
    },
  };
};

/** A book that is the exchange's, at version 11. */
const equal = async () => {
  const it = rig();
  it.live();
  it.change(10);
  it.change(11);
  await it.after(SECOND);
  assert.equal(it.version(), 11);
  return it;
};

test('a book is stale until its first change was followed by a snapshot', async () => {
  const it = rig();
  it.live();
  await it.after(SECOND);
  assert.deepEqual(it.book(), { since: START, why: 'it was not read yet' });
  assert.deepEqual(it.asked, []);

  it.change(10, 12);
  await it.after(ROUND_TRIP);

  assert.deepEqual(it.book(), {
    version: 12n,
    bids: [{ price: '9', quantity: '1' }],
    asks: [{ price: '10', quantity: '12' }],
  });
  assert.deepEqual(it.books.stale(), []);
  assert.deepEqual(it.books.best(), [
    { symbol: 'SOLUSDT', bid: { price: '9', quantity: '1' }, ask: { price: '10', quantity: '12' } },
  ]);
});

test('a symbol whose book is not followed has none', () => {
  const it = rig();
  it.change(10, 10, 'XRPUSDT');

  assert.equal(it.books.book('XRPUSDT', 5), undefined);
  assert.deepEqual(it.asked, []);
});

test('a change that is missing makes the book stale at once, and a snapshot mends it within a second', async () => {
  const it = await equal();

  it.change(13);
  assert.deepEqual(it.book(), { since: START + SECOND, why: 'a change is missing' });
  assert.deepEqual(it.books.best(), []);
  assert.deepEqual(it.books.stale(), ['SOLUSDT']);

  it.shows(13);
  await it.after(SECOND - 1);
  assert.equal(it.version(), 13);
});

test('a lost connection makes the book stale since then; it takes a change and a snapshot of the next one', async () => {
  const it = await equal();

  it.hole();
  assert.deepEqual(it.book(), { since: START + SECOND - 7, why: 'connection lost' });
  await it.after(5 * SECOND);
  assert.equal(it.asked.length, 1);

  it.change(20);
  it.shows(20);
  await it.after(SECOND);
  assert.deepEqual(it.book(), { since: START + SECOND - 7, why: 'connection lost' }, 'not live yet');
  it.live();
  assert.equal(it.version(), 20);
});

test('what was asked for before the connection was lost is held against the changes of the next one', async () => {
  const it = rig();
  it.live();
  it.change(10);
  it.hole();
  it.live();
  it.change(15);
  await it.after(ROUND_TRIP);
  assert.equal(it.version(), undefined, 'it shows version 10');

  it.shows(15);
  await it.after(SECOND);
  assert.equal(it.version(), 15);
});

test('snapshots that do not fit are asked for again, ever more seldom', async () => {
  const it = rig();
  it.live();
  it.change(11);
  await it.after(10 * 60 * SECOND);

  const pauses = it.asked.slice(1).map(({ at }, n) => at - (it.asked[n]?.at ?? 0) - ROUND_TRIP);
  assert.deepEqual(pauses.slice(0, 5), [75, 150, 300, 600, 1_200]);
  assert.deepEqual(new Set(pauses.slice(-10)), new Set([22_500]));
});

test('a book that keeps breaking is read ever more seldom, and at once again after it held', async () => {
  const it = await equal();
  await it.after(10 * SECOND);
  const pauses: number[] = [];
  const breaks = async (version: number): Promise<void> => {
    it.shows(version);
    it.change(version);
    const before = it.asked.length;
    await it.after(9 * SECOND);
    assert.equal(it.version(), version);
    pauses.push((it.asked[before]?.at ?? 0) % SECOND);
  };
  for (const version of [20, 30, 40, 50]) await breaks(version);
  assert.deepEqual(pauses, [0, 75, 150, 300]);

  await it.after(10 * SECOND);
  await breaks(60);
  assert.equal(pauses.at(-1), 0);
});

test('a snapshot that cannot be read is told and asked for again', async () => {
  const it = rig();
  it.live();
  it.change(10);
  it.answers(() => {
    throw new TransientError('http_500', 'The exchange answered with an error.');
  });
  await it.after(SECOND);
  assert.ok(it.asked.length > 1);
  assert.ok(it.lines.some((line) => line.startsWith('an order book could not be read')));

  it.shows(10);
  await it.after(5 * SECOND);
  assert.equal(it.version(), 10);
});

test('a refused channel is the reason why a book is stale', () => {
  const it = rig();
  it.books.take({ kind: 'refused', channel: CHANNEL, why: 'Blocked!' });

  assert.deepEqual(it.book(), { since: START, why: 'Blocked!' });
});

test('no more than three snapshots are read at the same time', async () => {
  const symbols = Array.from({ length: 10 }, (_, n) => `S${n}USDT`);
  const it = rig({ symbols });
  it.live(symbols.map((symbol) => `changes of ${symbol}`));
  for (const symbol of symbols) it.change(10, 10, symbol);
  await it.after(4 * ROUND_TRIP);

  assert.equal(it.mostOpen(), 3);
  assert.deepEqual(it.books.stale(), []);
  assert.equal(it.asked.length, 10);
});

test('nothing is asked for once it has ended, also while it waits for its turn', async () => {
  const it = rig();
  it.live();
  it.change(11);
  await it.after(20 * SECOND);
  const before = it.asked.length;

  it.end();
  it.change(12);
  await it.after(60 * SECOND);

  assert.ok(it.asked.length <= before + 1);
});
