import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change } from '../../lib/domain/ledger.ts';
import type { CommitResult } from '../../lib/domain/ports.ts';
import {
  aFill,
  aLane,
  anAttempt,
  anOrder,
  aStrategy,
  DAY,
  finish,
  later,
  newToken,
  reserve,
} from '../support/contract-domain.ts';
import { openStore, type Process, type Store, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const commit = ({ ledger }: Process, change: Change): Promise<CommitResult> =>
  ledger.commit(change, { ...soon(), token: newToken() });

/** Several processes, so that no client queues behind itself. */
const processes = async (store: Store, count: number): Promise<readonly Process[]> => {
  const all: Process[] = [store];
  while (all.length < count) all.push(await store.process());
  return all;
};

const race = <T>(several: readonly Process[], count: number, run: (of: Process, n: number) => Promise<T>) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const process = several[n % several.length];
      assert.ok(process);
      return run(process, n);
    }),
  );

onEveryEngine((engine) => {
  describe('an order', () => {
    test('is stored once as it was decided', async (t) => {
      const store = await openStore(t, engine);
      const order = anOrder({ state: 'submitting', attempts: [anAttempt()], day: DAY, notional: '10.50' });

      const result = await commit(store, { order });

      assert.deepEqual(result, { kind: 'committed' });
      assert.deepEqual(await store.ledger.order(order.id, soon()), order);
      assert.deepEqual(store.proxy.counts(), { TransactWriteItems: 1, GetItem: 1 });
    });

    test('that is stored already answers a second first write with its stored form', async (t) => {
      const store = await openStore(t, engine);
      const stored = anOrder({ attempts: [anAttempt({ nonce: 'first' })], state: 'submitting' });
      await commit(store, { order: stored });
      const before = await store.dump();

      const result = await commit(store, {
        order: { ...stored, attempts: [anAttempt({ nonce: 'second' })] },
        lane: aLane(),
      });

      assert.deepEqual(result, { kind: 'refused', order: { stored } });
      assert.deepEqual(await store.dump(), before);
    });

    test('is replaced over exactly the version that was read', async (t) => {
      const store = await openStore(t, engine);
      const first = anOrder({ reason: 'waits', code: 'x' });
      const { reason: _, code: __, ...bare } = later(first, { state: 'submitting' });
      await commit(store, { order: first });

      assert.deepEqual(await commit(store, { order: bare }), { kind: 'committed' });
      assert.deepEqual(await store.ledger.order(first.id, soon()), bare);

      const stale = await commit(store, { order: later(first, { state: 'expired' }) });
      assert.deepEqual(stale, { kind: 'refused', order: { stored: bare } });
      const ahead = await commit(store, { order: { ...bare, state: 'expired', version: 9 } });
      assert.deepEqual(ahead, { kind: 'refused', order: { stored: bare } });
      assert.deepEqual(await store.ledger.order(first.id, soon()), bare);
    });

    test('that was never stored is not made by a later version of it', async (t) => {
      const store = await openStore(t, engine);

      const result = await commit(store, { order: anOrder({ version: 2 }) });

      assert.deepEqual(result, { kind: 'refused', order: { stored: undefined } });
      assert.equal(await store.ledger.order('maaaa', soon()), undefined);
    });

    test('delivered fifty times at once is stored once, and all others learn its stored form', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy());
      const several = await processes(store, 3);

      const results = await race(several, 50, (process, n) => {
        const order = anOrder({ state: 'submitting', attempts: [anAttempt({ nonce: `owner-${n}` })] });
        return commit(process, { order, lane: aLane(), counters: reserve(order) });
      });

      const stored = await store.ledger.order('maaaa', soon());
      assert.equal(results.filter(({ kind }) => kind === 'committed').length, 1);
      const winner = results.findIndex(({ kind }) => kind === 'committed');
      assert.equal(stored?.attempts[0]?.nonce, `owner-${winner}`);
      for (const result of results) {
        if (result.kind === 'refused') assert.deepEqual(result, { kind: 'refused', order: { stored } });
      }
      const [record] = await store.ledger.strategies(soon());
      assert.deepEqual(
        [record?.dayOrders, record?.dayNotional, record?.reserved, Object.keys(record?.inFlight ?? {})],
        [1, '100', '100', ['maaaa']],
      );
    });
  });

  describe('a lane', () => {
    test('is made by its first write and replaced over the version that was read', async (t) => {
      const store = await openStore(t, engine);
      const holding = aLane({ holder: { order: 'ma', attempt: 1 } });
      const { holder: _, ...freed } = { ...holding, version: 2, quantity: '1.50' };

      assert.deepEqual(await commit(store, { order: anOrder({ id: 'ma' }), lane: holding }), {
        kind: 'committed',
      });
      assert.deepEqual(await store.ledger.lanes(soon()), [holding]);
      assert.deepEqual(await commit(store, { order: anOrder({ id: 'mb' }), lane: freed }), {
        kind: 'committed',
      });
      assert.deepEqual(await store.ledger.lanes(soon()), [freed]);
    });

    test('that changed meanwhile, or appeared, refuses the write and keeps its order out', async (t) => {
      const store = await openStore(t, engine);
      await commit(store, { order: anOrder({ id: 'ma' }), lane: aLane() });
      await commit(store, { order: anOrder({ id: 'mb' }), lane: aLane({ version: 2 }) });
      const before = await store.dump();

      for (const version of [1, 2, 4]) {
        const result = await commit(store, { order: anOrder({ id: 'mc' }), lane: aLane({ version }) });
        assert.deepEqual(result, { kind: 'refused', lane: true }, `version ${version}`);
      }
      assert.deepEqual(await store.dump(), before);
    });

    test('lets one of twenty alerts at once have its turn', async (t) => {
      const store = await openStore(t, engine);
      const several = await processes(store, 2);

      const results = await race(several, 20, (process, n) =>
        commit(process, {
          order: anOrder({ id: `m${n}`, state: 'submitting' }),
          lane: aLane({ holder: { order: `m${n}`, attempt: 1 } }),
        }),
      );

      assert.equal(results.filter(({ kind }) => kind === 'committed').length, 1);
      assert.ok(results.every((result) => result.kind === 'committed' || result.lane === true));
      const winner = results.findIndex(({ kind }) => kind === 'committed');
      const { orders } = await store.dump();
      assert.equal(orders?.length, 1);
      assert.equal((await store.ledger.lanes(soon()))[0]?.holder?.order, `m${winner}`);
    });

    test('of the same symbol is another one for another strategy', async (t) => {
      const store = await openStore(t, engine);

      await commit(store, { order: anOrder({ id: 'ma' }), lane: aLane() });
      const other = await commit(store, {
        order: anOrder({ id: 'mb', strategy: 'other' }),
        lane: aLane({ strategy: 'other' }),
      });

      assert.deepEqual(other, { kind: 'committed' });
    });
  });

  describe('a trade', () => {
    test('is applied once; the ones that are there already are named', async (t) => {
      const store = await openStore(t, engine);
      const order = anOrder();
      const fills = [aFill({ tradeId: 'a' }), aFill({ tradeId: 'b' })];
      assert.deepEqual(await commit(store, { order, lane: aLane(), fills }), { kind: 'committed' });
      const before = await store.dump();

      const again = await commit(store, {
        order: later(order),
        lane: aLane({ version: 2 }),
        fills: [...fills, aFill({ tradeId: 'c' })].toReversed(),
      });

      assert.ok(again.kind === 'refused');
      assert.deepEqual({ ...again, fills: again.fills?.toSorted() }, { kind: 'refused', fills: ['a', 'b'] });
      assert.deepEqual(await store.dump(), before);
    });

    test('with the same number on another symbol is another trade', async (t) => {
      const store = await openStore(t, engine);
      await commit(store, { order: anOrder({ id: 'ma' }), fills: [aFill({ tradeId: '7' })] });

      const other = await commit(store, {
        order: anOrder({ id: 'mb' }),
        fills: [aFill({ tradeId: '7', symbol: 'BTCUSDT' })],
      });

      assert.deepEqual(other, { kind: 'committed' });
    });

    test('seen by ten processes at once moves the position once', async (t) => {
      const store = await openStore(t, engine);
      const several = await processes(store, 2);

      const results = await race(several, 10, (process, n) =>
        commit(process, { order: anOrder({ id: `m${n}` }), fills: [aFill({ tradeId: 'x' })] }),
      );

      assert.equal(results.filter(({ kind }) => kind === 'committed').length, 1);
      for (const result of results) {
        if (result.kind === 'refused') assert.deepEqual(result, { kind: 'refused', fills: ['x'] });
      }
    });

    test('comes with up to thirty of its order in one write', async (t) => {
      const store = await openStore(t, engine);
      const order = anOrder();
      await store.putStrategy(aStrategy({ inFlight: { [order.id]: { attempt: 1, until: 0 } } }));
      const ids = Array.from({ length: 30 }, (_, n) => `trade-${n}`);

      const result = await commit(store, {
        order,
        lane: aLane(),
        fills: ids.map((tradeId) => aFill({ tradeId })),
        counters: finish(order),
      });

      assert.deepEqual(result, { kind: 'committed' });
      assert.deepEqual(await store.ledger.appliedTrades('SOLUSDT', [...ids, 'other'], soon()), new Set(ids));
    });
  });

  test('nothing of a refused write is stored, whichever part was refused', async (t) => {
    const store = await openStore(t, engine);
    const known = anOrder({ id: 'known' });
    await store.putStrategy(aStrategy({ dayOrders: 3 }));
    await commit(store, { order: known, lane: aLane(), fills: [aFill({ tradeId: 'known' })] });
    const before = await store.dump();
    const order = anOrder({ id: 'new' });
    const good: Change = {
      order,
      lane: aLane({ version: 2 }),
      fills: [aFill({ tradeId: 'new' })],
      counters: reserve(order),
    };
    const parts: readonly (readonly [string, Partial<Change>, CommitResult])[] = [
      ['order', { order: known }, { kind: 'refused', order: { stored: known } }],
      ['lane', { lane: aLane() }, { kind: 'refused', lane: true }],
      ['trade', { fills: [aFill({ tradeId: 'known' })] }, { kind: 'refused', fills: ['known'] }],
      [
        'counters',
        { counters: reserve(order, { limits: { maxOrdersPerDay: 3 } }) },
        { kind: 'refused', strategy: true },
      ],
      [
        'lane, trade and counters',
        {
          lane: aLane(),
          fills: [aFill({ tradeId: 'known' })],
          counters: reserve(order, { limits: { maxOrdersPerDay: 3 } }),
        },
        { kind: 'refused', strategy: true, lane: true, fills: ['known'] },
      ],
      [
        'everything: the stored order answers first',
        {
          order: known,
          lane: aLane(),
          fills: [aFill({ tradeId: 'known' })],
          counters: reserve(order, { limits: { maxOrdersPerDay: 3 } }),
        },
        { kind: 'refused', order: { stored: known } },
      ],
    ];

    for (const [part, patch, expected] of parts) {
      assert.deepEqual(await commit(store, { ...good, ...patch }), expected, part);
      assert.deepEqual(await store.dump(), before, part);
    }
    assert.deepEqual(await commit(store, good), { kind: 'committed' });
  });
});
