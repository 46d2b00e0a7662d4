import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PriceLevel } from '../../../lib/domain/exchange.ts';
import { createLocalBook, type LocalBook } from '../../../lib/domain/order-book.ts';
import type { BookChange } from '../../../lib/domain/stream.ts';

type Row = readonly [price: string, quantity: string];

const levels = (rows: readonly Row[]): PriceLevel[] => rows.map(([price, quantity]) => ({ price, quantity }));

const shown = (book: LocalBook) => {
  const view = book.view(100);
  const rows = (side: readonly PriceLevel[]) => side.map(({ price, quantity }) => [price, quantity]);
  return view && { version: Number(view.version), bids: rows(view.bids), asks: rows(view.asks) };
};

/** Everything an exchange may do to one book, and a network to what it tells of it. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('trade' as const), side: fc.boolean(), price: fc.integer({ min: 1, max: 30 }), quantity: fc.integer({ min: 0, max: 3 }) }) }, // biome-ignore format: a table
  { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), place: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), late: fc.nat(4) }) },
);

/** Prices in cents as the exchange writes them. */
const text = (price: number): string => String(price / 4);

test('the book is the exchange’s at its version, or there is none, whatever is lost, repeated or comes out of order', () => {
  let equal = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120, size: 'max' }), (steps) => {
      // The model keeps every version whole, and knows nothing of how a copy is kept.
      const history = [{ bids: new Map<number, number>(), asks: new Map<number, number>() }];
      let pushed = 0;
      let touched = { bids: new Set<number>(), asks: new Set<number>() };
      const onTheWay: BookChange[] = [];
      let last: BookChange | undefined;
      const book = createLocalBook();
      const truth = (version: number) => {
        const { bids, asks } = history[version] ?? assert.fail('a version that never was');
        const side = (of: ReadonlyMap<number, number>, sign: number) =>
          [...of]
            .sort(([a], [b]) => sign * (a - b))
            .map(([price, quantity]) => [text(price), String(quantity)]);
        return { version, bids: side(bids, -1), asks: side(asks, 1) };
      };
      const deliver = (pushedChange: BookChange | undefined): void => {
        if (pushedChange) book.change(pushedChange);
        last = pushedChange ?? last;
      };

      for (const one of steps) {
        const now = history.at(-1) ?? assert.fail();
        const version = history.length - 1;
        if (one.do === 'trade') {
          const next = { bids: new Map(now.bids), asks: new Map(now.asks) };
          const name = one.side ? 'bids' : 'asks';
          if (one.quantity === 0) next[name].delete(one.price);
          else next[name].set(one.price, one.quantity);
          touched[name].add(one.price);
          history.push(next);
        } else if (one.do === 'push' && version > pushed) {
          const rows = (name: 'bids' | 'asks') =>
            [...touched[name]].map((price): Row => [text(price), String(now[name].get(price) ?? '0.00')]);
          onTheWay.push({
            from: BigInt(pushed + 1),
            to: BigInt(version),
            bids: levels(rows('bids')),
            asks: levels(rows('asks')),
          });
          touched = { bids: new Set(), asks: new Set() };
          pushed = version;
        } else if (one.do === 'deliver')
          deliver(onTheWay.splice(Math.min(one.place, onTheWay.length - 1), 1)[0]);
        else if (one.do === 'lose') onTheWay.shift();
        else if (one.do === 'repeat') deliver(last);
        else if (one.do === 'reconnect') book.discard();
        else if (one.do === 'ask' && book.version === undefined && book.waiting > 0) {
          const read = Math.max(0, version - one.late);
          const side = (rows: string[][]) =>
            rows.map(([price = '', quantity = '']): Row => [price, quantity]);
          const { bids, asks } = truth(read);
          book.load({ version: read, bids: levels(side(bids)), asks: levels(side(asks)) });
        }
        const copy = shown(book);
        if (!copy) continue;
        equal += 1;
        assert.deepEqual(copy, truth(copy.version));
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(equal > 1_000, `only ${equal} states of a book were compared`);
});
