import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Remainder, Snapshot } from '../../lib/domain/snapshot.ts';
import { createBalances } from '../../lib/dynamo/balances.ts';
import { NOON } from '../support/contract-domain.ts';
import { makeTables, openStore, soon } from '../support/contract-store.ts';
import { controlOn, put } from '../support/controlling.ts';
import { type OnEngine, onEveryEngine } from '../support/engines.ts';

const QUARTER = 900_000;

const remainder = (asset: string, amount: string): Remainder => ({
  id: `${NOON}-${asset}`,
  asset,
  amount,
  from: NOON - QUARTER,
  to: NOON,
  state: 'unexplained',
});

const snapshot = (own: Partial<Snapshot> = {}): Snapshot => ({
  slot: NOON,
  takenFrom: NOON,
  takenTo: NOON,
  origin: NOON - QUARTER,
  quote: 'USDT',
  assets: { USDT: { free: '600', locked: '0', price: '1', value: '600' } },
  total: '600',
  unpriced: [],
  counted: {},
  traded: {},
  open: [remainder('USDT', '500'), remainder('SOL', '-1')],
  closed: [],
  peak: '600',
  drawdownPercent: '0',
  version: 1,
  ...own,
});

const setUp = async (t: TestContext, engine: OnEngine) => {
  const store = await openStore(t, engine);
  const [name = '', profit = ''] = await makeTables(engine, ['Balances', 'Profit']);
  const clock = { now: () => NOON + 60_000, sleep: async () => {} };
  const balances = createBalances({ ...store.dynamo, clock }, { balances: name, profit });
  await balances.save(snapshot(), soon());
  const control = controlOn(store, clock, { balances });
  return { balances, control };
};

const explain = (id: string, reason = 'a deposit of mine') => ({ explain: { id }, reason });

onEveryEngine((engine) => {
  describe('naming a remainder', () => {
    test('closes that one alone, with the reason and the time; a repeat says the same and changes nothing', async (t) => {
      const { balances, control } = await setUp(t, engine);

      const answer = await put(control, explain(`${NOON}-USDT`));
      const once = await balances.latest(soon());
      const again = await put(control, explain(`${NOON}-USDT`, 'said once more'));

      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, {
        explained: { id: `${NOON}-USDT`, asset: 'USDT', amount: '500', note: 'a deposit of mine' },
      });
      assert.deepEqual([again.status, again.body], [200, answer.body]);
      assert.deepEqual(
        [once?.open, once?.closed],
        [
          [remainder('SOL', '-1')],
          [{ ...remainder('USDT', '500'), note: 'a deposit of mine', closedAt: NOON + 60_000 }],
        ],
      );
      assert.deepEqual(await balances.latest(soon()), once);
    });

    test('an unknown id is refused with those that are open', async (t) => {
      const { balances, control } = await setUp(t, engine);
      const unknown = await put(control, explain('1-USDT'));
      assert.equal(unknown.status, 422);
      assert.match(JSON.stringify(unknown.body), new RegExp(`open are ${NOON}-USDT, ${NOON}-SOL`));
      assert.deepEqual(await balances.latest(soon()), snapshot());

      await put(control, explain(`${NOON}-USDT`));
      await put(control, explain(`${NOON}-SOL`));
      const none = await put(control, explain('1-USDT'));
      assert.match(JSON.stringify(none.body), /none is open/);
    });

    test('a snapshot written at the same time has taken it over: it is closed there too', async (t) => {
      const { balances, control } = await setUp(t, engine);
      const next = snapshot({ slot: NOON + QUARTER });
      let written = false;
      const meanwhile: typeof balances = {
        ...balances,
        save: async (one, options) => {
          if (!written) {
            written = true;
            assert.equal(await balances.save(next, { ...options, after: snapshot() }), true);
          }
          return balances.save(one, options);
        },
      };

      const { status } = await put({ ...control, balances: meanwhile }, explain(`${NOON}-USDT`));

      const newest = await balances.latest(soon());
      assert.deepEqual([status, newest?.slot], [200, NOON + QUARTER]);
      assert.deepEqual(newest?.open, [remainder('SOL', '-1')]);
    });

    test('a snapshot that was decided before it was named is not written over it', async (t) => {
      const { balances, control } = await setUp(t, engine);
      await put(control, explain(`${NOON}-USDT`));
      const decided = snapshot({ slot: NOON + QUARTER });

      assert.equal(await balances.save(decided, { ...soon(), after: snapshot() }), false);
      assert.equal((await balances.latest(soon()))?.slot, NOON);
      const anew = { ...decided, open: [remainder('SOL', '-1')] };
      assert.equal(await balances.save(anew, { ...soon(), after: snapshot({ version: 2 }) }), true);
      assert.equal(await balances.save(anew, { ...soon(), after: snapshot({ version: 2 }) }), false);
    });
  });
});
