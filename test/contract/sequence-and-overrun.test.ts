import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CounterChange } from '../../lib/domain/strategy.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { anOrder, aStrategy, finish, newToken, reserve } from '../support/contract-domain.ts';
import { openStore, type Process, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const BEFORE = '2026-11-21';
const entry = { attempt: 1, until: 1_000 };
const ma = { id: 'ma', strategy: 'ema-cross' };

const count = async ({ ledger }: Process, change: CounterChange): Promise<boolean> => {
  const token = newToken();
  const order = anOrder({ id: `${change.order}-${token}`, strategy: change.strategy });
  return (await ledger.commit({ order, counters: change }, { ...soon(), token })).kind === 'committed';
};

const record = async ({ ledger }: Process) => (await ledger.strategies(soon()))[0];

onEveryEngine((engine) => {
  describe('an order that cost more than was reserved for it', () => {
    test('holds entries back until the operator arms the strategy again; exits pass', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy({ reserved: '100', dayNotional: '100', inFlight: { ma: entry } }));

      assert.ok(await count(store, finish(ma, { executed: '101', overrun: true })));

      assert.equal((await record(store))?.overrun, 'ma');
      const entering = reserve({ id: 'mb', strategy: 'ema-cross' }, { mode: { reduces: false } });
      assert.equal(await count(store, entering), false);
      const leaving = reserve({ id: 'mc', strategy: 'ema-cross' }, { mode: { reduces: true } });
      assert.ok(await count(store, leaving));

      const change = { id: 'x', at: 1, reason: 'seen', mode: 'ACTIVE' } as const;
      await createModes(store.dynamo).change('ema-cross', change, soon());
      assert.equal((await record(store))?.overrun, undefined);
      assert.ok(await count(store, entering));
    });

    test('holds them back on the days after too', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy({ reserved: '100', inFlight: { ma: entry } }));

      assert.ok(await count(store, finish(ma, { day: BEFORE, executed: '101', overrun: true })));

      assert.equal((await record(store))?.overrun, 'ma');
    });
  });

  test('orders that the exchange refused are counted in their day, and a new day begins at none', async (t) => {
    const store = await openStore(t, engine);
    await store.putStrategy(aStrategy({ reserved: '200', inFlight: { ma: entry, mb: entry } }));

    assert.ok(await count(store, finish(ma, { rejected: true })));
    assert.ok(
      await count(store, finish({ id: 'mb', strategy: 'ema-cross' }, { day: BEFORE, rejected: true })),
    );
    assert.equal((await record(store))?.dayRejects, 1);

    const opening = reserve({ id: 'mc', strategy: 'ema-cross' }, { day: '2026-11-23', opensDay: true });
    assert.ok(await count(store, opening));
    assert.equal((await record(store))?.dayRejects, 0);
  });

  test('the highest sequence number of a strategy is kept, whatever order they come in', async (t) => {
    const store = await openStore(t, engine);
    await store.putStrategy(aStrategy());
    const note = async (sequence: number) =>
      (await store.ledger.noteSequence('ema-cross', sequence, soon())).last;

    assert.deepEqual(
      [await note(17), await note(19), await note(18), await note(19), await note(20)],
      [undefined, 17, 19, 19, 19],
    );
    assert.equal((await record(store))?.lastSequence, 20);
    assert.equal((await store.ledger.noteSequence('without-record', 1, soon())).last, undefined);
  });

  test("the worth of the account is the latest snapshot's word", async (t) => {
    const { ledger } = await openStore(t, engine);
    assert.equal((await ledger.control(soon())).equity, undefined);

    await ledger.saveEquity({ total: '1000.5', quote: 'USDT', at: 2_000 }, soon());
    await ledger.saveEquity({ total: '900', quote: 'USDT', at: 1_000 }, soon());

    assert.deepEqual((await ledger.control(soon())).equity, { total: '1000.5', quote: 'USDT', at: 2_000 });
  });

  test('how far each symbol was swept is remembered', async (t) => {
    const { ledger } = await openStore(t, engine);
    assert.deepEqual(await ledger.swept(soon()), {});

    const at = (until: number) => ({ until, deepAt: 500, triedAt: until });
    await ledger.saveSwept('SOLUSDT', at(1_000), soon());
    await ledger.saveSwept('XRPUSDT', at(2_000), soon());
    await ledger.saveSwept('SOLUSDT', at(3_000), soon());

    assert.deepEqual(await ledger.swept(soon()), { SOLUSDT: at(3_000), XRPUSDT: at(2_000) });
  });
});
