import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderBook, PriceLevel } from '../../../lib/domain/exchange.ts';
import { createLocalBook, type LocalBook } from '../../../lib/domain/order-book.ts';
import type { BookChange } from '../../../lib/domain/stream.ts';

type Row = readonly [price: string, quantity: string];

const levels = (rows: readonly Row[]): PriceLevel[] => rows.map(([price, quantity]) => ({ price, quantity }));

const change = (
  from: number,
  to: number,
  { bids = [], asks = [] }: { bids?: readonly Row[]; asks?: readonly Row[] } = {},
): BookChange => ({ from: BigInt(from), to: BigInt(to), bids: levels(bids), asks: levels(asks) });

const snapshot = (version: number, bids: readonly Row[] = [], asks: readonly Row[] = []): OrderBook => ({
  version,
  bids: levels(bids),
  asks: levels(asks),
});

/** A book at version 10. */
const loaded = (bids: readonly Row[] = [], asks: readonly Row[] = []): LocalBook => {
  const book = createLocalBook();
  book.change(change(10, 10));
  assert.equal(book.load(snapshot(10, bids, asks)), 'loaded');
  return book;
};

const shown = (book: LocalBook) => {
  const view = book.view(100);
  const rows = (side: readonly PriceLevel[]) => side.map(({ price, quantity }) => [price, quantity]);
  return view && { version: Number(view.version), bids: rows(view.bids), asks: rows(view.asks) };
};

test('changes wait until there is a snapshot, which needs one of them', () => {
  const book = createLocalBook();

  assert.equal(book.load(snapshot(10)), 'too old');
  assert.equal(book.change(change(11, 12)), 'kept');

  assert.equal(book.waiting, 1);
  assert.equal(book.version, undefined);
  assert.equal(book.view(5), undefined);
});

test('a snapshot from before the first change that waits is too old', () => {
  const book = createLocalBook();
  book.change(change(11, 15));

  assert.equal(book.load(snapshot(10)), 'too old');
  assert.equal(book.version, undefined);
  assert.equal(book.load(snapshot(11)), 'loaded');
});

test('changes that the snapshot has are left out, those after it are applied in order', () => {
  const book = createLocalBook();
  book.change(change(11, 15, { bids: [['9', '7']] }));
  book.change(change(16, 20, { bids: [['9', '8']] }));
  book.change(change(21, 22, { bids: [['8', '1']] }));

  assert.equal(book.load(snapshot(15, [['9', '5']])), 'loaded');

  assert.deepEqual(shown(book), {
    version: 22,
    bids: [
      ['9', '8'],
      ['8', '1'],
    ],
    asks: [],
  });
});

test('a snapshot within a change is brought forward by the whole of it', () => {
  const book = createLocalBook();
  book.change(change(11, 20, { asks: [['10', '3']] }));

  assert.equal(book.load(snapshot(15, [['9', '5']], [['10', '2']])), 'loaded');

  assert.deepEqual(shown(book), { version: 20, bids: [['9', '5']], asks: [['10', '3']] });
});

test('something missing between the snapshot and what waits, or within what waits, takes another snapshot', () => {
  const book = createLocalBook();
  book.change(change(11, 12));
  book.change(change(15, 16));

  assert.equal(book.load(snapshot(12)), 'gap');
  assert.equal(book.load(snapshot(11)), 'gap');
  assert.equal(book.version, undefined);
  assert.equal(book.load(snapshot(14)), 'loaded');
  assert.equal(book.version, 16n);
});

test('quantities are absolute, and zero with any number of zeros removes a level', () => {
  const book = loaded([['9', '5']], [['10', '1'], ['11', '2'], ['12', '3']]); // biome-ignore format: one book
  book.change(
    change(11, 11, {
      bids: [['9', '4']],
      asks: [
        ['10', '0'],
        ['11', '0.0000'],
        ['12', '0.0010'],
        ['13', '00'],
      ],
    }),
  );

  assert.deepEqual(shown(book), { version: 11, bids: [['9', '4']], asks: [['12', '0.0010']] });
});

test('one price is one level, however many zeros it ends with', () => {
  const book = loaded([['9.50', '5']]);

  book.change(change(11, 11, { bids: [['9.5', '1']] }));
  assert.deepEqual(shown(book)?.bids, [['9.5', '1']]);

  book.change(change(12, 12, { bids: [['9.500', '0']] }));
  assert.deepEqual(shown(book)?.bids, []);
});

test('a change after a missing one ends the book and waits for the next snapshot', () => {
  const book = loaded([['9', '5']]);

  assert.equal(book.change(change(11, 12)), 'applied');
  assert.equal(book.change(change(14, 15, { bids: [['9', '6']] })), 'gap');

  assert.equal(book.version, undefined);
  assert.deepEqual(book.best(), {});
  assert.equal(book.load(snapshot(13)), 'too old');
  assert.equal(book.load(snapshot(14, [['9', '1']])), 'loaded');
  assert.deepEqual(shown(book), { version: 15, bids: [['9', '6']], asks: [] });
});

test('a change that overlaps the book is as good as one that is missing', () => {
  const book = loaded();
  book.change(change(11, 12));

  assert.equal(book.change(change(12, 13)), 'gap');
});

test('a change that comes again is none', () => {
  const book = loaded([['9', '5']]);
  const again = change(11, 12, { bids: [['9', '6']] });
  book.change(again);
  book.change(change(13, 13, { bids: [['9', '7']] }));

  assert.equal(book.change(again), 'old');

  assert.deepEqual(shown(book), { version: 13, bids: [['9', '7']], asks: [] });
  assert.equal(book.change(change(14, 14)), 'applied');
});

test('changes that stay old mean that the exchange counts anew', () => {
  const book = loaded();
  const results = Array.from({ length: 101 }, (_, n) => book.change(change(n % 9, n % 9)));

  assert.deepEqual(results.indexOf('gap'), 100);
  assert.equal(book.version, undefined);
});

test('versions are compared as numbers, also beyond what text or a float would tell apart', () => {
  const book = createLocalBook();
  book.change({ ...change(0, 0), from: 9_999_999_999n, to: 10_000_000_000n });
  assert.equal(book.load(snapshot(9_999_999_999)), 'loaded');

  const far = { ...change(0, 0), from: 10_000_000_001n, to: 9_007_199_254_740_993n };
  assert.equal(book.change(far), 'applied');
  assert.equal(book.change({ ...far, from: 9_007_199_254_740_993n, to: 9_007_199_254_740_995n }), 'gap');
});

test('after a lost connection everything begins anew', () => {
  const book = loaded([['9', '5']]);

  book.discard();

  assert.equal(book.version, undefined);
  assert.equal(book.waiting, 0);
  assert.equal(book.change(change(11, 11)), 'kept');
});

test('what waits is bounded: the oldest gives way, and a snapshot has to be as new as the rest', () => {
  const book = createLocalBook();
  for (let version = 1; version <= 1_500; version += 1) book.change(change(version, version));
  assert.equal(book.waiting, 1_000);
  assert.equal(book.load(snapshot(500)), 'too old');
  assert.equal(book.load(snapshot(501)), 'loaded');

  const wide = createLocalBook();
  const rows = Array.from({ length: 1_000 }, (_, n): Row => [String(n + 1), '1']);
  for (let version = 1; version <= 30; version += 1) wide.change(change(version, version, { bids: rows }));
  assert.equal(wide.waiting, 20);
});

test('the best prices are those by number, not by text', () => {
  const book = loaded([['9.5', '1'], ['10.25', '2'], ['10.3', '3']], [['100', '1'], ['20.05', '2'], ['20.1', '3']]); // biome-ignore format: two sides

  assert.deepEqual(book.best(), {
    bid: { price: '10.3', quantity: '3' },
    ask: { price: '20.05', quantity: '2' },
  });
  assert.deepEqual(
    shown(book)?.asks.map(([price]) => price),
    ['20.05', '20.1', '100'],
  );
  assert.deepEqual(book.view(1)?.bids, [{ price: '10.3', quantity: '3' }]);
});
