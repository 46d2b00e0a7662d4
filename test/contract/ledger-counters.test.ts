import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CommitResult } from '../../lib/domain/ports.ts';
import type { CounterChange, ModeRequirement, Strategy } from '../../lib/domain/strategy.ts';
import {
  aLane,
  anOrder,
  aStrategy,
  contradict,
  DAY,
  finish,
  later,
  newToken,
  reserve,
  undo,
} from '../support/contract-domain.ts';
import { openStore, type Process, type Store, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const BEFORE = '2026-11-21';
const NEXT = '2026-11-23';
const REFUSED: CommitResult = { kind: 'refused', strategy: true };
const COMMITTED: CommitResult = { kind: 'committed' };

/** Carries out a counters' change with an order of its own name, which is new. */
const count = ({ ledger }: Process, change: CounterChange, token = newToken()): Promise<CommitResult> =>
  ledger.commit(
    { order: anOrder({ id: `${change.order}-${token}`, strategy: change.strategy }), counters: change },
    { ...soon(), token },
  );

const recordOf = async ({ ledger }: Process, name = 'ema-cross'): Promise<Strategy> => {
  const record = (await ledger.strategies(soon())).find(({ strategy }) => strategy === name);
  assert.ok(record);
  return record;
};

const entry = { attempt: 1, until: 1_000 };
const ma = { id: 'ma', strategy: 'ema-cross' };

/** Gives every case a strategy of its own. */
const cases = async <Case extends { readonly record: Partial<Strategy> }>(
  store: Store,
  all: readonly Case[],
  check: (one: Case, name: string) => Promise<void>,
): Promise<void> => {
  for (const [index, one] of all.entries()) {
    const name = `strategy-${index}`;
    await store.putStrategy(aStrategy({ ...one.record, strategy: name }));
    await check(one, name);
  }
};

onEveryEngine((engine) => {
  describe('a reservation', () => {
    test('counts the order in its day and holds its notional', async (t) => {
      const store = await openStore(t, engine);
      const record = aStrategy({ dayOrders: 2, dayNotional: '7.5', reserved: '3', inFlight: { mz: entry } });
      await store.putStrategy({ ...record, flatten: 'cmd', lastSequence: 4 });

      assert.deepEqual(
        await count(store, reserve(ma, { notional: '0.25', attempt: 2, until: 77 })),
        COMMITTED,
      );

      assert.deepEqual(await recordOf(store), {
        ...record,
        flatten: 'cmd',
        lastSequence: 4,
        dayOrders: 3,
        dayNotional: '7.75',
        reserved: '3.25',
        inFlight: { mz: entry, ma: { attempt: 2, until: 77 } },
      });
    });

    test('opens a new day from nothing, while what is in flight stays reserved', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(
        aStrategy({
          day: BEFORE,
          dayOrders: 9,
          dayNotional: '99',
          reserved: '5',
          inFlight: { mz: entry },
        }),
      );

      const opening = reserve(ma, { day: DAY, opensDay: true, limits: { maxOrdersPerDay: 2 } });
      assert.deepEqual(await count(store, opening), COMMITTED);

      const { inFlight, ...rest } = await recordOf(store);
      const { inFlight: _, ...expected } = aStrategy({
        dayOrders: 1,
        dayNotional: '100',
        reserved: '105',
      });
      assert.deepEqual(rest, expected);
      assert.deepEqual(Object.keys(inFlight).toSorted(), ['ma', 'mz']);
    });

    test('never takes a day back, nor opens one twice', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy({ dayOrders: 4 }));
      const before = await store.dump();

      for (const change of [
        reserve(ma, { day: BEFORE, opensDay: true }),
        reserve(ma, { day: DAY, opensDay: true }),
        reserve(ma, { day: BEFORE, opensDay: false }),
        reserve(ma, { day: NEXT, opensDay: false }),
      ])
        assert.deepEqual(await count(store, change), REFUSED, `${change.day} ${change.opensDay}`);

      assert.deepEqual(await store.dump(), before);
    });

    test('of two that open the same day at once counts the day from one of them', async (t) => {
      const store = await openStore(t, engine);
      const other = await store.process();
      await store.putStrategy(aStrategy({ day: BEFORE, dayOrders: 9 }));

      const results = await Promise.all([
        count(store, reserve({ ...ma, id: 'ma' }, { opensDay: true })),
        count(other, reserve({ ...ma, id: 'mb' }, { opensDay: true })),
      ]);

      assert.deepEqual(results.map(({ kind }) => kind).toSorted(), ['committed', 'refused']);
      assert.equal((await recordOf(store)).dayOrders, 1);
    });

    test('meets the limits at their very edge', async (t) => {
      const store = await openStore(t, engine);
      const eighteen = '123456789012345678.123456789012345678';
      const all: readonly {
        readonly record: Partial<Strategy>;
        readonly notional: string;
        readonly limits: Parameters<typeof reserve>[1] & {};
        readonly expected: CommitResult;
        readonly dayNotional?: string;
      }[] = [
        {
          record: { dayOrders: 4 },
          notional: '1',
          limits: { limits: { maxOrdersPerDay: 5 } },
          expected: COMMITTED,
        },
        {
          record: { dayOrders: 5 },
          notional: '1',
          limits: { limits: { maxOrdersPerDay: 5 } },
          expected: REFUSED,
        },
        {
          record: { inFlight: { mx: entry } },
          notional: '1',
          limits: { limits: { maxOpenOrders: 2 } },
          expected: COMMITTED,
        },
        {
          record: { inFlight: { mx: entry, my: entry } },
          notional: '1',
          limits: { limits: { maxOpenOrders: 2 } },
          expected: REFUSED,
        },
        {
          record: { dayNotional: '900' },
          notional: '100',
          limits: { limits: { maxNotionalPerDay: '1000' } },
          expected: COMMITTED,
          dayNotional: '1000',
        },
        {
          record: { dayNotional: '900.000000000000000001' },
          notional: '100',
          limits: { limits: { maxNotionalPerDay: '1000' } },
          expected: REFUSED,
        },
        {
          // 0.1 + 0.2 as binary floating point would be above 0.3.
          record: { dayNotional: '0.1' },
          notional: '0.2',
          limits: { limits: { maxNotionalPerDay: '0.3' } },
          expected: COMMITTED,
          dayNotional: '0.3',
        },
        {
          record: { dayNotional: eighteen },
          notional: '876543210987654321.876543210987654321',
          limits: { limits: { maxNotionalPerDay: '999999999999999999.999999999999999999' } },
          expected: COMMITTED,
          dayNotional: '999999999999999999.999999999999999999',
        },
        {
          record: { dayNotional: eighteen },
          notional: '876543210987654321.876543210987654322',
          limits: { limits: { maxNotionalPerDay: '999999999999999999.999999999999999999' } },
          expected: REFUSED,
        },
        {
          record: {},
          notional: '0.000000000000000001',
          limits: { limits: { maxNotionalPerDay: '0.000000000000000001' } },
          expected: COMMITTED,
          dayNotional: '0.000000000000000001',
        },
        {
          record: {},
          notional: '0.000000000000000002',
          limits: { limits: { maxNotionalPerDay: '0.000000000000000001' } },
          expected: REFUSED,
        },
        {
          record: { dayNotional: '90000000000000000000' },
          notional: '9999999999999999999',
          limits: { limits: { maxNotionalPerDay: '99999999999999999999' } },
          expected: COMMITTED,
          dayNotional: '99999999999999999999',
        },
      ];

      await cases(store, all, async ({ notional, limits, expected, dayNotional, record }, strategy) => {
        const change = reserve({ id: 'ma', strategy }, { ...limits, notional });
        assert.deepEqual(await count(store, change), expected, `${record.dayNotional} + ${notional}`);
        const after = await recordOf(store, strategy);
        if (dayNotional !== undefined) assert.equal(after.dayNotional, dayNotional);
        assert.equal(after.inFlight.ma !== undefined, expected.kind === 'committed');
      });
    });

    test('passes only under a mode that allows it, whatever was read before', async (t) => {
      const store = await openStore(t, engine);
      const any: ModeRequirement = { reduces: false };
      const reducing: ModeRequirement = { reduces: true };
      const flatten: ModeRequirement = { flatten: 'command-1' };
      const table: readonly (readonly [Partial<Strategy>, ModeRequirement, CommitResult])[] = [
        [{ mode: 'ACTIVE' }, any, COMMITTED],
        [{ mode: 'ACTIVE' }, reducing, COMMITTED],
        [{ mode: 'REDUCE_ONLY' }, any, REFUSED],
        [{ mode: 'REDUCE_ONLY' }, reducing, COMMITTED],
        [{ mode: 'HALTED' }, any, REFUSED],
        [{ mode: 'HALTED' }, reducing, REFUSED],
        [{ mode: 'REDUCE_ONLY', flatten: 'command-1' }, flatten, COMMITTED],
        [{ mode: 'REDUCE_ONLY', flatten: 'command-2' }, flatten, REFUSED],
        [{ mode: 'REDUCE_ONLY' }, flatten, REFUSED],
        [{ mode: 'ACTIVE' }, flatten, REFUSED],
        [{ mode: 'HALTED', flatten: 'command-1' }, flatten, COMMITTED],
      ];
      const all = [false, true].flatMap((opensDay) =>
        table.map(([record, mode, expected]) => ({ record, mode, expected, opensDay })),
      );

      await cases(store, all, async ({ record, mode, expected, opensDay }, strategy) => {
        const day = opensDay ? NEXT : DAY;
        const change = reserve({ id: 'ma', strategy }, { mode, opensDay, day });
        assert.deepEqual(await count(store, change), expected, JSON.stringify({ record, mode, opensDay }));
      });
    });

    test('needs a record: none is made by the way', async (t) => {
      const store = await openStore(t, engine);

      for (const opensDay of [false, true])
        assert.deepEqual(await count(store, reserve(ma, { opensDay })), REFUSED);

      assert.deepEqual(await store.ledger.strategies(soon()), []);
    });

    for (const [limit, limits, allowed] of [
      ['orders of the day', { maxOrdersPerDay: 7 }, 7],
      ['notional of the day', { maxNotionalPerDay: '1099.999999999999999999' }, 10],
      ['open orders', { maxOpenOrders: 5 }, 5],
    ] as const) {
      test(`passes for exactly as many of forty at once as the limit of ${limit} allows`, async (t) => {
        const store = await openStore(t, engine);
        const several = [store, await store.process(), await store.process()];
        await store.putStrategy(aStrategy());

        const results = await Promise.all(
          Array.from({ length: 40 }, (_, n) => {
            const order = anOrder({ id: `m${n}`, symbol: `S${n}` });
            return (several[n % several.length] ?? store).ledger.commit(
              { order, lane: aLane({ symbol: `S${n}` }), counters: reserve(order, { limits }) },
              { ...soon(), token: newToken() },
            );
          }),
        );

        const through = results.flatMap(({ kind }, n) => (kind === 'committed' ? [`m${n}`] : []));
        assert.equal(through.length, allowed);
        assert.ok(results.every((result) => result.kind === 'committed' || result.strategy === true));
        const record = await recordOf(store);
        assert.deepEqual(Object.keys(record.inFlight).toSorted(), through.toSorted());
        assert.deepEqual([record.dayOrders, record.reserved], [allowed, String(allowed * 100)]);
        const { orders, positions } = await store.dump();
        assert.deepEqual([orders?.length, positions?.length], [allowed, allowed]);
      });
    }
  });

  describe('giving back', () => {
    const held = (patch: Partial<Strategy> = {}): Partial<Strategy> => ({
      dayOrders: 3,
      dayNotional: '300.5',
      reserved: '100.5',
      inFlight: { ma: entry, mb: entry },
      ...patch,
    });

    test('an attempt that never happened takes back order, notional and reservation', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy(held()));

      assert.deepEqual(await count(store, undo(ma, { notional: '100.5' })), COMMITTED);

      assert.deepEqual(
        await recordOf(store),
        aStrategy({ dayOrders: 2, dayNotional: '200', reserved: '0', inFlight: { mb: entry } }),
      );
    });

    test('an order that is over leaves what it executed in the day', async (t) => {
      const store = await openStore(t, engine);
      const all = [
        { record: held(), executed: '0', dayNotional: '200' },
        { record: held(), executed: '40.25', dayNotional: '240.25' },
        { record: held(), executed: '100.5', dayNotional: '300.5' },
        { record: held(), executed: '100.500000000000000001', dayNotional: '300.500000000000000001' },
      ];

      await cases(store, all, async ({ executed, dayNotional }, strategy) => {
        const change = finish({ id: 'ma', strategy }, { notional: '100.5', executed });
        assert.deepEqual(await count(store, change), COMMITTED);
        assert.deepEqual(
          await recordOf(store, strategy),
          aStrategy({ strategy, dayOrders: 3, dayNotional, reserved: '0', inFlight: { mb: entry } }),
        );
      });
    });

    test('leaves a later day alone: only the reservation goes', async (t) => {
      const store = await openStore(t, engine);
      const all = [
        { record: held({ day: NEXT }), change: undo },
        { record: held({ day: NEXT }), change: finish },
      ];

      await cases(store, all, async ({ change }, strategy) => {
        const given = { notional: '100.5', day: DAY };
        assert.deepEqual(await count(store, change({ id: 'ma', strategy }, given)), COMMITTED);
        assert.deepEqual(
          await recordOf(store, strategy),
          aStrategy({ ...held({ day: NEXT }), strategy, reserved: '0', inFlight: { mb: entry } }),
        );
      });
    });

    test('happens once, on either side of midnight', async (t) => {
      const store = await openStore(t, engine);
      const all = [DAY, NEXT].flatMap((day) =>
        [undo, finish].map((change) => ({ record: held({ day }), change })),
      );

      await cases(store, all, async ({ change }, strategy) => {
        const given = () => change({ id: 'ma', strategy }, { notional: '100.5' });
        assert.deepEqual(await count(store, given()), COMMITTED);
        const once = await store.dump();
        assert.deepEqual(await count(store, given()), REFUSED);
        assert.deepEqual(await store.dump(), once);
      });
    });

    test('by twenty at once happens once, over the version of the order', async (t) => {
      const store = await openStore(t, engine);
      const several = [store, await store.process()];
      const order = anOrder({ id: 'ma', reserved: '100.5' });
      await store.putStrategy(aStrategy(held({ day: NEXT })));
      await store.ledger.commit({ order }, { ...soon(), token: newToken() });

      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (several[n % 2] ?? store).ledger.commit(
            { order: later(order, { reason: `by ${n}` }), counters: finish(order, { notional: '100.5' }) },
            { ...soon(), token: newToken() },
          ),
        ),
      );

      assert.equal(results.filter(({ kind }) => kind === 'committed').length, 1);
      assert.ok(
        results.every((result) => result.kind === 'committed' || result.order?.stored?.version === 2),
      );
      assert.equal((await recordOf(store)).reserved, '0');
    });

    test('works under every mode: a halt never holds reservations', async (t) => {
      const store = await openStore(t, engine);
      const all = (['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const).map((mode) => ({ record: held({ mode }) }));

      await cases(store, all, async (_, strategy) => {
        assert.deepEqual(await count(store, finish({ id: 'ma', strategy })), COMMITTED);
      });
    });

    test('takes a token as long as a request may have', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy(held({ day: NEXT })));

      const result = await count(store, finish(ma, { notional: '100.5' }), 'x'.repeat(36));

      assert.deepEqual(result, COMMITTED);
    });
  });

  describe('a contradiction', () => {
    test('reserves again whatever the limits and days say, and stops new risk', async (t) => {
      const store = await openStore(t, engine);
      const all = [
        { record: { mode: 'ACTIVE' }, mode: 'REDUCE_ONLY', epoch: 6 },
        { record: { mode: 'REDUCE_ONLY' }, mode: 'REDUCE_ONLY', epoch: 5 },
        { record: { mode: 'HALTED' }, mode: 'HALTED', epoch: 5 },
      ] as const;

      await cases(
        store,
        all.map((one) => ({ ...one, record: { ...one.record, epoch: 5, reserved: '0.5' } })),
        async ({ mode, epoch }, strategy) => {
          const change = contradict({ id: 'ma', strategy }, { notional: '20', attempt: 2, until: 9 });
          assert.deepEqual(await count(store, change), COMMITTED);
          const { reserved, inFlight, ...rest } = await recordOf(store, strategy);
          assert.deepEqual([rest.mode, rest.epoch, reserved], [mode, epoch, '20.5']);
          assert.deepEqual(inFlight, { ma: { attempt: 2, until: 9 } });
        },
      );
    });

    test('counts in the day again what the order will give back to it, and in no later day', async (t) => {
      const store = await openStore(t, engine);
      const all = (['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const).flatMap((mode) =>
        [DAY, NEXT].map((day) => ({ record: { mode, day, dayNotional: '5', dayOrders: 1 } })),
      );

      await cases(store, all, async ({ record }, strategy) => {
        const order = { id: 'ma', strategy };
        // A quarter of it was executed and counted when it was settled for the first time.
        const counts = { day: DAY, notional: '15' };
        assert.deepEqual(await count(store, contradict(order, { notional: '20', counts })), COMMITTED);
        const [again, other] = record.day === DAY ? ['20', '12.5'] : ['5', '5'];
        assert.equal((await recordOf(store, strategy)).dayNotional, again);

        assert.deepEqual(await count(store, finish(order, { notional: '20', executed: '12.5' })), COMMITTED);
        const { dayNotional, reserved, inFlight, mode } = await recordOf(store, strategy);
        assert.deepEqual([dayNotional, reserved, inFlight], [other, '0', {}]);
        assert.equal(mode, record.mode === 'ACTIVE' ? 'REDUCE_ONLY' : record.mode);
      });
    });

    test('of an order still in flight adds to what it holds', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy({ reserved: '20', inFlight: { ma: entry } }));

      assert.deepEqual(
        await count(store, contradict(ma, { notional: '20', attempt: 2, until: 9 })),
        COMMITTED,
      );

      const { reserved, inFlight } = await recordOf(store);
      assert.deepEqual([reserved, inFlight], ['40', { ma: { attempt: 2, until: 9 } }]);
    });
  });
});
