import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Order } from '../../lib/domain/order-record.ts';
import type { Clock } from '../../lib/domain/ports.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { showControl } from '../../lib/usecases/show-control.ts';
import {
  aLane,
  anAttempt,
  anOrder,
  aStrategy,
  NOON,
  newToken,
  someRules,
} from '../support/contract-domain.ts';
import { openStore, type Process, type Store, soon } from '../support/contract-store.ts';
import { ADMIN_TOKEN, controlOn, put } from '../support/controlling.ts';
import { failure } from '../support/dynamo-proxy.ts';
import { onEveryEngine } from '../support/engines.ts';

const NAME = 'ema-cross';
const UNTIL = NOON + 6_000;
const HALT = { mode: 'HALTED', reason: 'the news' };

/** A strategy with one order on its way, in the outcome given. */
const withDoubt = async (
  store: Store,
  outcome: 'sending' | 'unknown' = 'sending',
  until = UNTIL,
): Promise<Order> => {
  const order = anOrder({ state: 'submitting', attempts: [anAttempt({ outcome, until })] });
  await store.ledger.commit({ order }, { ...soon(), token: newToken() });
  await store.putStrategy(aStrategy({ inFlight: { [order.id]: { attempt: 1, until } } }));
  return order;
};

/** A clock of whole milliseconds that only sleeping moves; something may happen when it comes to a moment. */
const clockFrom = (at: number, due = Number.POSITIVE_INFINITY, happens = async () => {}): Clock => {
  let now = at;
  let over = false;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += Math.ceil(ms);
      if (over || now < due) return;
      over = true;
      await happens();
    },
  };
};

const settle = async ({ ledger }: Process, order: Order): Promise<void> => {
  const attempts = [anAttempt({ outcome: 'refused', until: UNTIL })];
  const after = { ...order, attempts, version: order.version + 1 };
  await ledger.commit({ order: after }, { ...soon(), token: newToken() });
};

onEveryEngine((engine) => {
  describe('the answer to a halt', () => {
    test('waits for nothing when nothing is in doubt, and needs no clock', async (t) => {
      const store = await openStore(t, engine);
      const order = await withDoubt(store);
      await settle(store, order);
      const control = controlOn(store, clockFrom(NOON), {
        measureTime: () => Promise.reject(new Error('nobody asks')),
      });

      const { status, body } = await put(control, HALT);

      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(control.clock.now(), NOON);
      assert.ok(!('clock' in body));
    });

    for (const outcome of ['sending', 'unknown'] as const) {
      test(`comes only after the time of a request that is ${outcome}`, async (t) => {
        const store = await openStore(t, engine);
        await withDoubt(store, outcome);
        const control = controlOn(store, clockFrom(NOON));

        const { status } = await put(control, HALT);

        assert.equal(status, 200);
        const now = control.clock.now();
        assert.ok(now > UNTIL && now < UNTIL + 1_000, String(now - UNTIL));
      });
    }

    test('comes as soon as the request is out of doubt', async (t) => {
      const store = await openStore(t, engine);
      const order = await withDoubt(store);
      const control = controlOn(
        store,
        clockFrom(NOON, NOON + 1_000, () => settle(store, order)),
      );

      assert.equal((await put(control, HALT)).status, 200);
      assert.ok(control.clock.now() < NOON + 2_000);
    });

    test('says what is in doubt and until when if the time is up; a repeat does all steps again', async (t) => {
      const store = await openStore(t, engine);
      const until = NOON + 30_000;
      const order = await withDoubt(store, 'sending', until);
      const control = controlOn(store, clockFrom(NOON));

      const first = await put(control, HALT);
      const second = await put(control, HALT);

      assert.equal(first.status, 202);
      assert.deepEqual(first.body.inDoubt, [
        { strategy: NAME, order: order.id, attempt: 1, until: new Date(until).toISOString() },
      ]);
      assert.equal(second.status, 200);
    });

    test('is 409 when somebody re-armed meanwhile, even if all is halted again', async (t) => {
      const store = await openStore(t, engine);
      await withDoubt(store);
      const other = createModes((await store.process()).dynamo);
      const change = (id: string, mode: 'ACTIVE' | 'HALTED') =>
        other.change(NAME, { id, at: NOON, reason: 'another', mode }, soon());
      const control = controlOn(
        store,
        clockFrom(NOON, NOON + 1_000, async () => {
          await change('armed', 'ACTIVE');
          await change('halted again', 'HALTED');
        }),
      );

      const { status, body } = await put(control, HALT);

      assert.equal(status, 409);
      assert.match(JSON.stringify(body.error), /"superseded"/);
    });

    test("waits longer when the exchange's clock cannot be measured, and says so", async (t) => {
      const store = await openStore(t, engine);
      await withDoubt(store);
      const control = controlOn(store, clockFrom(NOON), {
        measureTime: () => Promise.reject(new Error('the exchange is down')),
      });

      const { status, body } = await put(control, HALT);

      assert.equal(status, 200);
      assert.match(String(body.clock), /could not be measured/);
      assert.ok(control.clock.now() >= NOON + 10_000);
    });

    test('names those that hold when not all could be written in time', async (t) => {
      const store = await openStore(t, engine);
      for (const strategy of ['a', 'b', 'c']) await store.putStrategy(aStrategy({ strategy }));
      const isB = ({ body, operation }: { body: unknown; operation: string }) =>
        operation === 'UpdateItem' && JSON.stringify(body).includes('{"S":"b"}');
      const end = store.proxy.always(isB, {
        kind: 'answer',
        answer: failure('TransactionConflictException'),
      });
      const control = controlOn(store, clockFrom(NOON));

      const first = await put(control, HALT);
      end();
      const second = await put(control, HALT);

      assert.equal(first.status, 503);
      assert.deepEqual(first.body.holds, ['a', 'c']);
      assert.equal(second.status, 200, JSON.stringify(second.body));
    });
  });

  describe('PUT /control', () => {
    test('for all says the same of strategies to come; by name it makes the record of a new one', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy());
      const control = controlOn(store, clockFrom(NOON), {
        configured: ['with-settings'],
        withToken: async () => ['with-token'],
      });

      await put(control, HALT);
      const armed = await put(control, {
        mode: 'ACTIVE',
        strategies: ['with-settings', 'with-token'],
        reason: 'go',
      });
      const shown = await showControl(control, soon());

      assert.equal(armed.status, 200, JSON.stringify(armed.body));
      assert.equal(shown.default.mode, 'HALTED');
      assert.deepEqual(
        shown.strategies.map((view) => [view.strategy, view.mode, view.reason]),
        [
          [NAME, 'HALTED', 'the news'],
          ['with-settings', 'ACTIVE', 'go'],
          ['with-token', 'ACTIVE', 'go'],
        ],
      );
      assert.equal((await store.ledger.ensureStrategy('to-come', soon())).mode, 'HALTED');
    });

    test('names every strategy and symbol that is not known, and changes nothing then', async (t) => {
      const store = await openStore(t, engine);
      await store.putStrategy(aStrategy());
      const control = controlOn(store, clockFrom(NOON));
      const before = await store.dump();

      const modes = await put(control, { ...HALT, strategies: [NAME, 'ema-cros'] });
      const coins = await put(control, {
        adopt: { strategy: NAME, symbol: 'SOLUSD', quantity: '1' },
        reason: 'mine',
      });

      assert.deepEqual([modes.status, coins.status], [422, 422]);
      assert.match(JSON.stringify(modes.body), /strategies\.1.*known are ema-cross/);
      assert.match(JSON.stringify(coins.body), /adopt\.symbol/);
      assert.deepEqual(await store.dump(), before);
    });

    test('a command is answered at once, and starts a run', async (t) => {
      const store = await openStore(t, engine);
      const order = await withDoubt(store);
      let runs = 0;
      const control = controlOn(store, clockFrom(NOON), {
        startRun: async () => {
          runs += 1;
        },
      });

      const { status } = await put(control, { flatten: true, reason: 'out' });
      const { done, strategies } = await showControl(control, soon());

      assert.deepEqual([status, runs, done], [202, 1, false]);
      const [view] = strategies;
      assert.deepEqual(
        [view?.mode, view?.command?.kind, view?.command?.state],
        ['REDUCE_ONLY', 'flatten', 'running'],
      );
      assert.deepEqual(view?.command?.remains.orders, [
        { order: order.id, symbol: 'SOLUSDT', state: 'submitting' },
      ]);
    });
  });

  describe('adoption', () => {
    const adopt = (own: Record<string, unknown> = {}) => ({
      adopt: { strategy: NAME, symbol: 'SOLUSDT', quantity: '1.5', cost: 150, ...own },
      reason: 'bought by hand',
    });
    const prepare = async (store: Store): Promise<void> => {
      await store.putStrategy(aStrategy());
      await store.ledger.saveRules([someRules()], soon());
    };
    const laneOf = async (store: Store) => (await store.ledger.lanes(soon()))[0];

    test('coins are in the position and in its list of adoptions, however many come at once', async (t) => {
      const store = await openStore(t, engine);
      await prepare(store);
      const control = controlOn(store, { ...clockFrom(NOON), sleep: async () => {} });

      const answers = await Promise.all(Array.from({ length: 8 }, () => put(control, adopt())));

      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      const lane = await laneOf(store);
      assert.deepEqual(
        [lane?.quantity, lane?.cost, lane?.adopted?.total, lane?.adopted?.entries.length, lane?.version],
        ['12', '1200', '12', 8, 8],
      );
    });

    test('the same id adopts once, and a lost answer adopts once', async (t) => {
      const store = await openStore(t, engine);
      await prepare(store);
      const control = controlOn(store, clockFrom(NOON));
      store.proxy.next('PutItem', { kind: 'apply-then-drop' });

      const first = await put(control, adopt({ id: 'ticket-7' }));
      const again = await put(control, adopt({ id: 'ticket-7' }));

      assert.deepEqual([first.status, again.status], [200, 200]);
      assert.match(JSON.stringify(again.body), /"duplicate":true/);
      assert.equal((await laneOf(store))?.quantity, '1.5');
    });

    test('an order that was sized before is decided again: the lane has another version', async (t) => {
      const store = await openStore(t, engine);
      await prepare(store);
      await store.ledger.commit({ order: anOrder(), lane: aLane() }, { ...soon(), token: newToken() });

      await put(controlOn(store, clockFrom(NOON)), adopt());
      const sized = { order: anOrder({ id: 'sized' }), lane: aLane({ version: 2 }) };
      const result = await store.ledger.commit(sized, { ...soon(), token: newToken() });

      assert.deepEqual(result, { kind: 'refused', lane: true });
      assert.equal((await laneOf(store))?.quantity, '1.5');
    });

    test('no answer and no record holds the token', async (t) => {
      const store = await openStore(t, engine);
      await prepare(store);
      const control = controlOn(store, clockFrom(NOON));
      const answers = await Promise.all([
        put(control, { ...HALT, reason: `because ${ADMIN_TOKEN}` }),
        put(control, { ...HALT, strategies: [ADMIN_TOKEN] }),
        put(control, { ...HALT, [ADMIN_TOKEN]: 1 }),
        put(control, adopt({ symbol: ADMIN_TOKEN })),
        put(control, adopt({ id: ADMIN_TOKEN })),
        put(control, `{"mode": "${ADMIN_TOKEN}`),
      ]);

      assert.doesNotMatch(JSON.stringify([answers, await store.dump()]), new RegExp(ADMIN_TOKEN));
    });
  });
});
