import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Order } from '../../lib/domain/order-record.ts';
import type { OrderFilter } from '../../lib/dynamo/orders.ts';
import { createStateReader } from '../../lib/dynamo/state-reader.ts';
import {
  aFill,
  aLane,
  anOrder,
  aStrategy,
  later,
  NOON,
  newToken,
  someRules,
} from '../support/contract-domain.ts';
import { openStore, type Store, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const commit = async ({ ledger }: Store, order: Order): Promise<void> => {
  assert.deepEqual(await ledger.commit({ order }, { ...soon(), token: newToken() }), { kind: 'committed' });
};

/** Thirty orders of two strategies and symbols, several in the same millisecond. */
const thirty = Array.from({ length: 30 }, (_, n) =>
  anOrder({
    id: `m${String((n * 17) % 30).padStart(2, '0')}`,
    strategy: n % 3 === 0 ? 'rare' : 'often',
    symbol: n % 2 === 0 ? 'SOLUSDT' : 'BTCUSDT',
    state: n % 5 === 0 ? 'filled' : 'open',
    settled: n % 5 === 0,
    createdAt: NOON + Math.floor(n / 4) * 1_000,
  }),
);

const newestFirst = (orders: readonly Order[]): string[] =>
  orders.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).map(({ id }) => id);

const pages = async (store: Store, filter: OrderFilter, limit: number): Promise<string[][]> => {
  const reader = createStateReader(store.dynamo);
  const all: string[][] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await reader.orders(filter, { limit, ...(from && { from }) }, soon());
    all.push(page.orders.map(({ id }) => id));
    const last = page.orders.at(-1);
    assert.equal(page.more && last === undefined, false);
    from = page.more && last ? reader.listingKey(last, filter) : undefined;
    assert.ok(all.length < 100);
  } while (from);
  return all;
};

onEveryEngine((engine) => {
  describe('a listing of orders', () => {
    test('goes from the newest to the oldest, of all, one strategy, one state, one symbol', async (t) => {
      const store = await openStore(t, engine);
      for (const order of thirty) await commit(store, order);
      const filters: readonly OrderFilter[] = [
        {},
        { strategy: 'rare' },
        { strategy: 'often' },
        { state: 'open' },
        { symbol: 'BTCUSDT' },
        { strategy: 'often', state: 'filled', symbol: 'SOLUSDT' },
        { strategy: 'nobody' },
        { state: 'rejected' },
      ];

      for (const filter of filters) {
        const expected = newestFirst(
          thirty.filter(
            ({ strategy, state, symbol }) =>
              (filter.strategy ?? strategy) === strategy &&
              (filter.state ?? state) === state &&
              (filter.symbol ?? symbol) === symbol,
          ),
        );
        for (const limit of [1, 4, 7, 30, 100]) {
          const read = await pages(store, filter, limit);
          assert.deepEqual(read.flat(), expected, JSON.stringify({ filter, limit }));
          assert.ok(read.every((page, n) => page.length === limit || n === read.length - 1));
          assert.ok(read.length === 1 || read.every((page) => page.length > 0));
        }
      }
    });

    test('is narrowed to a time: from its first moment, until before its last', async (t) => {
      const store = await openStore(t, engine);
      for (const order of thirty) await commit(store, order);
      const [from, to] = [NOON + 2_000, NOON + 5_000];
      for (const filter of [
        { from, to },
        { from },
        { to },
        { from, to, strategy: 'often', state: 'open' },
        { from: to, to },
      ] satisfies readonly OrderFilter[]) {
        const { strategy, state } = { strategy: undefined, state: undefined, ...filter };
        const expected = newestFirst(
          thirty.filter(
            (order) =>
              order.createdAt >= (filter.from ?? 0) &&
              order.createdAt < (filter.to ?? Number.POSITIVE_INFINITY) &&
              (strategy ?? order.strategy) === order.strategy &&
              (state ?? order.state) === order.state,
          ),
        );
        for (const limit of [3, 100])
          assert.deepEqual((await pages(store, filter, limit)).flat(), expected, JSON.stringify(filter));
      }
    });

    test('keeps its order when orders change, and shows each as it is', async (t) => {
      const store = await openStore(t, engine);
      const [a, b] = [anOrder({ id: 'ma' }), anOrder({ id: 'mb', createdAt: NOON + 1 })];
      await commit(store, a);
      await commit(store, b);
      const changed = later(a, { state: 'open', updatedAt: NOON + 9_999 });
      await commit(store, changed);

      const { orders } = await createStateReader(store.dynamo).orders({}, { limit: 5 }, soon());

      assert.deepEqual(orders, [b, changed]);
    });

    test('misses nothing and repeats nothing while new orders come in', async (t) => {
      const store = await openStore(t, engine);
      for (const order of thirty.slice(0, 10)) await commit(store, order);
      const reader = createStateReader(store.dynamo);
      const first = await reader.orders({}, { limit: 4 }, soon());
      await commit(store, anOrder({ id: 'newer', createdAt: NOON + 900_000 }));

      const last = first.orders.at(-1);
      assert.ok(last);
      const rest = await reader.orders({}, { limit: 20, from: reader.listingKey(last, {}) }, soon());

      assert.deepEqual(
        [...first.orders, ...rest.orders].map(({ id }) => id),
        newestFirst(thirty.slice(0, 10)),
      );
    });
  });

  test('what the store cuts into pages is read to its end', async (t) => {
    const store = await openStore(t, engine);
    const reader = createStateReader(store.dynamo);
    for (const [n, order] of thirty.slice(0, 7).entries()) {
      const lane = aLane({ strategy: `s${n}` });
      const fills = [aFill({ tradeId: `t${n}`, order: 'mx' })];
      await store.ledger.commit({ order, lane, fills }, { ...soon(), token: newToken() });
      await store.putStrategy(aStrategy({ strategy: `s${n}` }));
      await store.ledger.saveRules([someRules({ symbol: `S${n}` })], soon());
    }
    const sizes = async () => [
      (await store.ledger.lanes(soon())).length,
      (await store.ledger.strategies(soon())).length,
      (await store.ledger.rules(soon())).length,
      (await store.ledger.unsettled(soon())).length,
      (await reader.fills('mx', soon())).length,
      (await reader.orders({ state: 'open' }, { limit: 100 }, soon())).orders.length,
    ];
    const whole = await sizes();

    // A page of the store ends at 1 MB; here it ends after two items.
    const rewrite = (body: Readonly<Record<string, unknown>>) => ({ ...body, Limit: 2 });
    for (const operation of ['Scan', 'Query']) store.proxy.always(operation, { kind: 'rewrite', rewrite });

    assert.deepEqual(whole, [7, 7, 7, 5, 7, 5]);
    assert.deepEqual(await sizes(), whole);
  });

  describe('the index of unsettled orders', () => {
    test('holds every unsettled order and loses it when it settles', async (t) => {
      const store = await openStore(t, engine);
      for (const order of thirty) await commit(store, order);
      const unsettled = () => store.ledger.unsettled(soon());
      const open = thirty.filter(({ settled }) => !settled);

      assert.deepEqual((await unsettled()).toSorted(), open.map(({ id }) => id).toSorted());

      const [first] = open;
      assert.ok(first);
      await commit(store, later(first, { state: 'filled', settled: true }));
      assert.equal((await unsettled()).includes(first.id), false);
      assert.equal((await unsettled()).length, open.length - 1);

      await commit(store, later(later(first), { state: 'partially_filled', settled: false }));
      assert.equal((await unsettled()).includes(first.id), true);
    });
  });
});
