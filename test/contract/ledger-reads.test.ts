import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as z from 'zod';
import { AppError, StoreUnavailableError } from '../../lib/domain/errors.ts';
import { SymbolRules } from '../../lib/domain/exchange.ts';
import { Fill } from '../../lib/domain/fill.ts';
import { emptyLane, Lane } from '../../lib/domain/lane.ts';
import { decimal, plain } from '../../lib/domain/money.ts';
import { Order } from '../../lib/domain/order-record.ts';
import { Strategy } from '../../lib/domain/strategy.ts';
import { createStateReader } from '../../lib/dynamo/state-reader.ts';
import {
  aFill,
  aLane,
  anOrder,
  aStrategy,
  DAY,
  NOON,
  newToken,
  reserve,
  someRules,
} from '../support/contract-domain.ts';
import { sampled } from '../support/contract-shapes.ts';
import { openStore, type Store, soon, standingClock } from '../support/contract-store.ts';
import { type Answer, canceled } from '../support/dynamo-proxy.ts';
import { onEveryEngine } from '../support/engines.ts';

const KEYS = { id: 'maaaa', strategy: 'ema-cross', symbol: 'SOLUSDT' };
const Tables = z.record(z.string(), z.array(z.unknown()));
const BatchAnswer = z.looseObject({ Responses: Tables });
const BatchRequest = z.looseObject({
  RequestItems: z.record(
    z.string(),
    z.object({ Keys: z.array(z.unknown()), ConsistentRead: z.literal(true) }),
  ),
});

const STREAM = {
  at: NOON,
  live: true,
  prices: { SOLUSDT: '142.50' },
  balances: { SOL: ['1.5', '0'] satisfies [string, string] },
};

/** Something of every kind, as the ledger writes it. */
const fill = async (store: Store) => {
  const order = anOrder();
  const lane = aLane({ quantity: '1.50' });
  const strategy = aStrategy({ mode: 'REDUCE_ONLY', dayNotional: '1.25', reserved: '0.5' });
  const rules = someRules();
  await store.putStrategy(strategy);
  await store.ledger.commit({ order, lane, fills: [aFill()] }, { ...soon(), token: newToken() });
  await store.ledger.saveRules([rules], soon());
  await store.ledger.saveTime({ offset: -12.5, uncertainty: 3.25, measuredAt: NOON, own: true }, soon());
  await store.put('control', { name: 'default', mode: 'HALTED' });
  await store.pace.pause(NOON, soon());
  await store.ledger.saveStreamState(STREAM, soon());
  store.proxy.forget();
  return {
    order,
    strategy,
    lane,
    rules,
    control: {
      mode: 'HALTED' as const,
      time: { offset: -12.5, uncertainty: 253.25, measuredAt: NOON, own: false },
      pauseUntil: NOON,
      lastTicket: 0,
      stream: STREAM,
    },
  };
};

/** Leaves all but the first table unprocessed, and its items out. */
const unprocessed =
  (keep: number) =>
  ({ status, body }: Answer, { body: asked }: { readonly body: unknown }): Answer => {
    const answer = BatchAnswer.parse(JSON.parse(body));
    const kept = Object.entries(answer.Responses).slice(0, keep);
    const UnprocessedKeys = Object.fromEntries(
      Object.entries(BatchRequest.parse(asked).RequestItems).filter(
        ([table]) => !kept.some(([name]) => name === table),
      ),
    );
    return { status, body: JSON.stringify({ Responses: Object.fromEntries(kept), UnprocessedKeys }) };
  };

onEveryEngine((engine) => {
  describe('what an admission is decided on', () => {
    test('comes with one consistent request', async (t) => {
      const store = await openStore(t, engine);
      const expected = await fill(store);

      assert.deepEqual(await store.ledger.read(KEYS, soon()), expected);

      assert.deepEqual(store.proxy.counts(), { BatchGetItem: 1 });
      const { RequestItems } = BatchRequest.parse(store.proxy.calls[0]?.body);
      assert.equal(Object.keys(RequestItems).length, 5);
    });

    test('is an empty lane and the defaults where nothing is stored', async (t) => {
      const store = await openStore(t, engine);

      assert.deepEqual(await store.ledger.read(KEYS, soon()), {
        lane: emptyLane('ema-cross', 'SOLUSDT'),
        control: { mode: 'ACTIVE', pauseUntil: 0, lastTicket: 0 },
      });
    });

    test('is completed where the store left keys unprocessed, consistently and without asking twice', async (t) => {
      const store = await openStore(t, engine);
      const expected = await fill(store);
      store.proxy.next(
        'BatchGetItem',
        { kind: 'change', change: unprocessed(0) },
        { kind: 'change', change: unprocessed(1) },
        { kind: 'change', change: unprocessed(1) },
      );

      assert.deepEqual(await store.ledger.read(KEYS, soon()), expected);

      const asked = store.proxy.calls.map(
        ({ body }) => Object.keys(BatchRequest.parse(body).RequestItems).length,
      );
      assert.deepEqual(asked, [5, 5, 4, 3]);
    });

    test('fails within the deadline when keys stay unprocessed, without hammering the store', async (t) => {
      const store = await openStore(t, engine);
      await fill(store);
      store.proxy.always('BatchGetItem', { kind: 'change', change: unprocessed(0) });
      const from = performance.now();

      await assert.rejects(store.ledger.read(KEYS, { deadline: Date.now() + 600 }), StoreUnavailableError);

      assert.ok(performance.now() - from < 1_400);
      assert.ok(store.proxy.calls.length < 60, `${store.proxy.calls.length} requests`);
    });

    test('shows a write as soon as that was answered', async (t) => {
      const store = await openStore(t, engine);
      const other = await store.process();

      for (let version = 1; version <= 10; version += 1) {
        const order = anOrder({ version });
        await store.ledger.commit({ order, lane: aLane({ version }) }, { ...soon(), token: newToken() });
        const view = await other.ledger.read(KEYS, soon());
        assert.deepEqual([view.order?.version, view.lane.version], [version, version]);
      }
    });
  });

  test('every read that decides is a consistent one; engines here never lag, so the request says it', async (t) => {
    const store = await openStore(t, engine);
    await fill(store);
    const { ledger } = store;

    await ledger.read(KEYS, soon());
    await ledger.order('maaaa', soon());
    await ledger.ensureStrategy('a-new-one', soon());
    await ledger.appliedTrades('SOLUSDT', ['1'], soon());
    await ledger.strategies(soon());
    await ledger.lanes(soon());

    const reads = store.proxy.calls.filter(({ operation }) => operation !== 'TransactWriteItems');
    assert.deepEqual(store.proxy.counts(), { BatchGetItem: 2, GetItem: 3, TransactWriteItems: 1, Scan: 2 });
    for (const { operation, body } of reads) {
      if (operation === 'BatchGetItem') BatchRequest.parse(body);
      else assert.equal(body.ConsistentRead, true, operation);
    }
  });

  describe('a strategy’s record', () => {
    test('is made once by twenty at once, and all get the same', async (t) => {
      const clock = standingClock(NOON);
      const store = await openStore(t, engine, { clock });
      const several = [store, await store.process(clock)];
      const deadline = NOON + 10_000;

      const records = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (several[n % 2] ?? store).ledger.ensureStrategy('ema-cross', { deadline }),
        ),
      );

      for (const record of records) assert.deepEqual(record, aStrategy({ day: DAY }));
      assert.deepEqual(await store.ledger.strategies({ deadline }), [aStrategy({ day: DAY })]);
    });

    test('that exists is left as it is', async (t) => {
      const store = await openStore(t, engine);
      const record = aStrategy({ mode: 'HALTED', epoch: 3, dayOrders: 5, dayNotional: '0.5' });
      await store.putStrategy(record);

      assert.deepEqual(await store.ledger.ensureStrategy('ema-cross', soon()), record);

      assert.deepEqual(store.proxy.counts(), { GetItem: 1 });
    });

    test('that somebody else made and used meanwhile is not made anew', async (t) => {
      const store = await openStore(t, engine);
      const used = aStrategy({ dayOrders: 1, dayNotional: '7', inFlight: { ma: { attempt: 1, until: 5 } } });
      store.proxy.next('TransactWriteItems', { kind: 'after', done: () => store.putStrategy(used) });

      assert.deepEqual(await store.ledger.ensureStrategy('ema-cross', soon()), used);

      assert.deepEqual(await store.ledger.strategies(soon()), [used]);
    });

    test('starts under the mode that was set for all', async (t) => {
      const store = await openStore(t, engine);
      for (const mode of ['HALTED', 'REDUCE_ONLY', 'ACTIVE'] as const) {
        await store.put('control', { name: 'default', mode });

        assert.equal((await store.ledger.ensureStrategy(`under-${mode}`, soon())).mode, mode);
      }
      await store.put('control', { name: 'default', reason: 'no mode was ever set' });
      assert.equal(
        (await store.ledger.ensureStrategy('under-none', { deadline: Date.now() + 1_500 })).mode,
        'ACTIVE',
      );
    });

    for (const [from, first] of [
      ['nothing', undefined],
      ['ACTIVE', 'ACTIVE'],
    ] as const) {
      test(`is made halted when all are halted while it is made, from ${from}`, async (t) => {
        const store = await openStore(t, engine);
        if (first) await store.put('control', { name: 'default', mode: first });
        store.proxy.next('TransactWriteItems', {
          kind: 'after',
          done: () => store.put('control', { name: 'default', mode: 'HALTED' }),
        });

        const record = await store.ledger.ensureStrategy('ema-cross', soon());

        assert.equal(record.mode, 'HALTED');
        assert.deepEqual(await store.ledger.strategies(soon()), [record]);
      });
    }

    test('is made in spite of conflicts and lost answers', async (t) => {
      const store = await openStore(t, engine);
      store.proxy.next(
        'TransactWriteItems',
        { kind: 'answer', answer: canceled('None', 'TransactionConflict') },
        { kind: 'apply-then-drop' },
      );

      const record = await store.ledger.ensureStrategy('ema-cross', soon());

      assert.deepEqual(await store.ledger.strategies(soon()), [record]);
    });

    test('that meets conflicts only is given up in time, without hammering the store', async (t) => {
      const store = await openStore(t, engine);
      store.proxy.always('TransactWriteItems', {
        kind: 'answer',
        answer: canceled('None', 'TransactionConflict'),
      });

      await assert.rejects(
        store.ledger.ensureStrategy('ema-cross', { deadline: Date.now() + 600 }),
        StoreUnavailableError,
      );

      assert.ok(store.proxy.calls.length < 120, `${store.proxy.calls.length} requests`);
    });

    test('that was made by its first use admits at once', async (t) => {
      const store = await openStore(t, engine);
      const record = await store.ledger.ensureStrategy('ema-cross', soon());
      const order = anOrder();

      const result = await store.ledger.commit(
        { order, counters: reserve(order, { day: record.day, notional: '0.1' }) },
        { ...soon(), token: newToken() },
      );

      assert.deepEqual(result, { kind: 'committed' });
    });
  });

  describe('trades', () => {
    test('are looked up by more keys than one request takes, once each', async (t) => {
      const store = await openStore(t, engine);
      const stored = Array.from({ length: 30 }, (_, n) => `t${n * 7}`);
      await store.ledger.commit(
        { order: anOrder(), fills: stored.map((tradeId) => aFill({ tradeId })) },
        { ...soon(), token: newToken() },
      );
      store.proxy.forget();
      const asked = Array.from({ length: 230 }, (_, n) => `t${n}`);
      store.proxy.next('BatchGetItem', { kind: 'change', change: unprocessed(0) });

      const found = await store.ledger.appliedTrades('SOLUSDT', [...asked, ...asked], soon());

      assert.deepEqual(found, new Set(stored));
      assert.deepEqual(store.proxy.counts(), { BatchGetItem: 4 });
      assert.deepEqual(await store.ledger.appliedTrades('BTCUSDT', asked, soon()), new Set());
      store.proxy.forget();
      assert.deepEqual(await store.ledger.appliedTrades('SOLUSDT', [], soon()), new Set());
      assert.deepEqual(store.proxy.counts(), {});
    });

    test('of one order are listed by their ids', async (t) => {
      const store = await openStore(t, engine);
      const fills = ['b', 'a', 'c'].map((tradeId) => aFill({ tradeId }));
      await store.ledger.commit(
        { order: anOrder(), fills: [...fills, aFill({ tradeId: 'd', order: 'other' })] },
        { ...soon(), token: newToken() },
      );

      const listed = await createStateReader(store.dynamo).fills('maaaa', soon());

      assert.deepEqual(
        listed.map(({ tradeId }) => tradeId),
        ['a', 'b', 'c'],
      );
    });
  });

  describe('rules of symbols', () => {
    test('are taken over by the hundred, and the newest reading wins', async (t) => {
      const store = await openStore(t, engine);
      const rules = Array.from({ length: 60 }, (_, n) => someRules({ symbol: `S${n}USDT`, maxAmount: '5' }));
      await store.ledger.saveRules(rules, soon());
      const { maxAmount: _, ...open } = { ...someRules({ symbol: 'S7USDT' }), maxAmount: undefined };

      await store.ledger.saveRules([open], soon());

      const bySymbol = (a: SymbolRules, b: SymbolRules) => (a.symbol < b.symbol ? -1 : 1);
      assert.deepEqual(
        (await store.ledger.rules(soon())).toSorted(bySymbol),
        rules.map((each) => (each.symbol === 'S7USDT' ? open : each)).toSorted(bySymbol),
      );
      store.proxy.forget();
      await store.ledger.saveRules([], soon());
      assert.deepEqual(store.proxy.counts(), {});
    });

    test('that the store left unprocessed are written after all', async (t) => {
      const store = await openStore(t, engine);
      store.proxy.next('BatchWriteItem', {
        kind: 'change',
        change: ({ status }, { body }) => ({
          status,
          body: JSON.stringify({ UnprocessedItems: body.RequestItems }),
        }),
      });
      store.proxy.forget();
      await store.ledger.saveRules([someRules({ symbol: 'CUSDT' })], soon());
      assert.deepEqual(store.proxy.counts(), { BatchWriteItem: 2 });
      assert.equal((await store.ledger.rules(soon())).length, 1);
    });
  });

  test('an item that was not written by this system is named, not guessed at', async (t) => {
    const store = await openStore(t, engine);
    const reader = createStateReader(store.dynamo);
    const order = { ...anOrder(), ledger: 'orders', listed: 'x#maaaa', unsettled: 'yes' };
    const cases: readonly (readonly [
      Parameters<Store['put']>,
      Record<string, unknown>,
      RegExp,
      (() => Promise<unknown>)[],
    ])[] = [
      [
        ['orders', { ...order, state: 'odd' }],
        order,
        /order maaaa/,
        [
          () => store.ledger.read(KEYS, soon()),
          () => store.ledger.order('maaaa', soon()),
          () => reader.orders({}, { limit: 5 }, soon()),
          () => store.ledger.commit({ order: anOrder() }, { ...soon(), token: newToken() }),
        ],
      ],
      [
        ['positions', { ...aLane(), quantity: 'much' }],
        aLane(),
        /ema-cross SOLUSDT/,
        [() => store.ledger.read(KEYS, soon()), () => store.ledger.lanes(soon())],
      ],
      [
        ['strategies', { ...aStrategy(), dayNotional: 0, reserved: 0, mode: 'off' }],
        { ...aStrategy(), dayNotional: 0, reserved: 0 },
        /ema-cross/,
        [
          () => store.ledger.read(KEYS, soon()),
          () => store.ledger.strategies(soon()),
          () => store.ledger.ensureStrategy('ema-cross', soon()),
        ],
      ],
      [
        ['symbols', { symbol: 'SOLUSDT' }],
        someRules(),
        /SOLUSDT/,
        [() => store.ledger.read(KEYS, soon()), () => store.ledger.rules(soon())],
      ],
      [
        ['control', { name: 'time', offset: 'late' }],
        { name: 'time', offset: 1, uncertainty: 1, measuredAt: 1 },
        /Control\/time/,
        [() => store.ledger.read(KEYS, soon())],
      ],
      [
        ['control', { name: 'pace', pauseUntil: 'soon' }],
        { name: 'pace', pauseUntil: 0 },
        /Control\/pace/,
        [() => store.ledger.read(KEYS, soon())],
      ],
      [
        ['control', { name: 'default', mode: 'halted' }],
        { name: 'default', mode: 'ACTIVE' },
        /Control\/default/,
        [() => store.ledger.read(KEYS, soon()), () => store.ledger.ensureStrategy('a-new-one', soon())],
      ],
      [
        ['fills', { ...aFill(), quantity: 1.5 }],
        aFill(),
        /SOLUSDT 1/,
        [() => store.ledger.appliedTrades('SOLUSDT', ['1'], soon()), () => reader.fills('maaaa', soon())],
      ],
    ];

    for (const [[table, broken], whole, named, reads] of cases) {
      await store.put(table, broken);
      for (const read of reads) {
        await assert.rejects(read, (error) => {
          assert.ok(error instanceof AppError, `${table}: ${String(error)}`);
          assert.deepEqual([error.code, error.retryable], ['corrupt_item', false]);
          assert.match(error.message, named);
          return true;
        });
      }
      await store.put(table, whole);
      // What is whole again is read again.
      await store.ledger.read(KEYS, soon());
    }
  });

  describe('whatever can be stored is read back as it was', () => {
    const runs = { numRuns: 40, endOnFailure: true };

    test('alerts, whatever names their information has', async (t) => {
      const store = await openStore(t, engine);
      const names = [
        'constructor',
        'toString',
        'hasOwnProperty',
        'valueOf',
        'length',
        'N',
        'S',
        'M',
        'a.b',
        '#',
      ];
      const alert = {
        strategy: 'ema-cross',
        symbol: 'SOLUSDT',
        action: 'buy' as const,
        type: 'market' as const,
        test: false,
      };
      for (const [n, name] of names.entries()) {
        const order = anOrder({ id: `m${n}`, alert: { ...alert, info: { [name]: 'x', other: '' } } });

        const result = await store.ledger.commit({ order }, { ...soon(), token: newToken() });

        assert.deepEqual(result, { kind: 'committed' }, name);
        assert.deepEqual(await store.ledger.order(order.id, soon()), order);
        assert.deepEqual(await store.ledger.commit({ order }, { ...soon(), token: newToken() }), {
          kind: 'refused',
          order: { stored: order },
        });
      }
    });

    test('orders and lanes', async (t) => {
      const store = await openStore(t, engine);
      let n = 0;
      await fc.assert(
        fc.asyncProperty(
          sampled(Order, { version: 1, settled: false }),
          sampled(Lane, { version: 1 }),
          async (drawn, lane) => {
            n += 1;
            const keys = { id: `m${n}`, strategy: `s${n}`, symbol: 'SOLUSDT' };
            const order = { ...drawn, id: keys.id, strategy: keys.strategy };
            const placed = { ...lane, strategy: keys.strategy, symbol: keys.symbol };
            const token = newToken();

            const result = await store.ledger.commit({ order, lane: placed }, { ...soon(), token });

            assert.deepEqual(result, { kind: 'committed' });
            const view = await store.ledger.read(keys, soon());
            assert.deepEqual(view.order, order);
            assert.deepEqual(view.lane, placed);
            const again = await store.ledger.commit({ order }, { ...soon(), token: newToken() });
            assert.deepEqual(again, { kind: 'refused', order: { stored: order } });
          },
        ),
        runs,
      );
    });

    test('fills, rules and records', async (t) => {
      const store = await openStore(t, engine);
      const reader = createStateReader(store.dynamo);
      let n = 0;
      await fc.assert(
        fc.asyncProperty(
          sampled(Fill, {}),
          sampled(SymbolRules, {}),
          sampled(Strategy, {}),
          async (drawnFill, drawnRules, drawnRecord) => {
            n += 1;
            const trade = { ...drawnFill, symbol: 'SOLUSDT', tradeId: `t${n}`, order: `m${n}` };
            const rules = { ...drawnRules, symbol: `S${n}` };
            const record = {
              ...drawnRecord,
              strategy: `s${n}`,
              dayNotional: plain(decimal(drawnRecord.dayNotional)),
              reserved: plain(decimal(drawnRecord.reserved)),
            };

            const order = anOrder({ id: `m${n}` });
            await store.ledger.commit({ order, fills: [trade] }, { ...soon(), token: newToken() });
            await store.ledger.saveRules([rules], soon());
            await store.putStrategy(record);

            const view = await store.ledger.read({ id: '-', strategy: `s${n}`, symbol: `S${n}` }, soon());
            assert.deepEqual(view.rules, rules);
            assert.deepEqual(view.strategy, record);
            assert.deepEqual(await reader.fills(`m${n}`, soon()), [trade]);
          },
        ),
        runs,
      );
    });
  });
});
