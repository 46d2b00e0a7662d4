import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreUnavailableError } from '../../lib/domain/errors.ts';
import type { Change } from '../../lib/domain/ledger.ts';
import type { CommitResult } from '../../lib/domain/ports.ts';
import {
  aLane,
  anAttempt,
  anOrder,
  aStrategy,
  contradict,
  finish,
  later,
  newToken,
  reserve,
} from '../support/contract-domain.ts';
import { openStore, type Process, type Store, soon } from '../support/contract-store.ts';
import { canceled, type DynamoProxy, type Fate, failure } from '../support/dynamo-proxy.ts';
import { onEveryEngine } from '../support/engines.ts';

const COMMITTED: CommitResult = { kind: 'committed' };
const answer = (of: ReturnType<typeof failure>): Fate => ({ kind: 'answer', answer: of });

/** An admission: every part that one write may have. */
const admission = (id: string): Change => {
  const order = anOrder({ id, symbol: id, state: 'submitting', attempts: [anAttempt()] });
  return {
    order,
    lane: aLane({ symbol: id, holder: { order: id, attempt: 1 } }),
    counters: reserve(order),
  };
};

/** Requests of one token, and that they were one and the same. */
const sentWith = (proxy: DynamoProxy, token: string): number => {
  const sent = proxy.calls.filter((call) => call.token === token);
  assert.equal(new Set(sent.map(({ body }) => JSON.stringify(body))).size, 1, 'the same request every time');
  return sent.length;
};

/** What is stored of an admission, and how often it was counted. */
const applied = async (store: Process, id: string): Promise<boolean> => {
  const order = await store.ledger.order(id, soon());
  const record = (await store.ledger.strategies(soon()))[0];
  assert.equal(record?.inFlight[id] !== undefined, order !== undefined);
  return order !== undefined;
};

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

const open = async (t: Parameters<typeof openStore>[0], engine: Parameters<typeof openStore>[1]) => {
  const store = await openStore(t, engine, { asDeployed: true });
  await store.putStrategy(aStrategy());
  return store;
};

/** One commit per fault, each with its own token, all at once. */
const eachFault = (
  store: Store,
  faults: Readonly<Record<string, readonly Fate[]>>,
  check: (result: CommitResult, of: { id: string; token: string; fault: string }) => Promise<void> | void,
) =>
  Promise.all(
    Object.entries(faults).map(async ([fault, fates], n) => {
      const token = newToken();
      const id = `m${n}`;
      store.proxy.next((call) => call.token === token, ...fates);
      const result = await store.ledger.commit(admission(id), { deadline: Date.now() + 8_000, token });
      await check(result, { id, token, fault });
    }),
  );

onEveryEngine((engine) => {
  describe('a write without a usable answer', () => {
    test('is repeated as it was, applied once and reported as written', async (t) => {
      const store = await open(t, engine);
      const faults: Record<string, Fate[]> = {
        'reset after applying': [{ kind: 'apply-then-drop' }],
        'reset after applying, then before': [{ kind: 'apply-then-drop' }, { kind: 'drop' }],
        'reset before applying': [{ kind: 'drop' }, { kind: 'drop' }, { kind: 'drop' }],
        'answer cut off': [{ kind: 'apply-then-cut' }],
        'answer never came, applied': [{ kind: 'apply-then-hang' }],
        'answer never came, not applied': [{ kind: 'hang' }],
        'an answer that is none': [
          { kind: 'change', change: () => ({ status: 200, body: '<html>Sign in</html>' }) },
        ],
        'a gateway in between': [
          { kind: 'change', change: () => ({ status: 502, body: '<html>Bad gateway</html>' }) },
        ],
      };

      await eachFault(store, faults, async (result, { id, token, fault }) => {
        assert.deepEqual(result, COMMITTED, fault);
        assert.ok(await applied(store, id), fault);
        assert.ok(sentWith(store.proxy, token) > 1, fault);
      });

      const [record] = await store.ledger.strategies(soon());
      const count = Object.keys(faults).length;
      assert.deepEqual([record?.dayOrders, record?.reserved], [count, String(count * 100)]);
    });

    test('is repeated within its deadline even when the connection just hangs', async (t) => {
      const store = await open(t, engine);
      store.proxy.next('TransactWriteItems', { kind: 'apply-then-hang' });

      const ms = await took(async () => {
        const result = await store.ledger.commit(admission('ma'), {
          deadline: Date.now() + 2_500,
          token: newToken(),
        });
        assert.deepEqual(result, COMMITTED);
      });

      assert.ok(ms < 2_500, `${ms}`);
    });

    test('on the far side of midnight is repeated and gives back once', async (t) => {
      const store = await open(t, engine);
      const order = anOrder();
      const inFlight = { [order.id]: { attempt: 1, until: 0 } };
      await store.putStrategy(aStrategy({ day: '2026-11-23', reserved: '100', dayNotional: '40', inFlight }));
      await store.ledger.commit({ order }, { ...soon(), token: newToken() });
      store.proxy.next('TransactWriteItems', { kind: 'pass' }, { kind: 'apply-then-drop' });

      const result = await store.ledger.commit(
        { order: later(order, { settled: true }), counters: finish(order, { executed: '60' }) },
        { ...soon(), token: newToken() },
      );

      assert.deepEqual(result, COMMITTED);
      const [record] = await store.ledger.strategies(soon());
      assert.deepEqual([record?.reserved, record?.dayNotional, record?.inFlight], ['0', '40', {}]);
    });

    test('of a contradiction is repeated and reserves once', async (t) => {
      const store = await open(t, engine);
      store.proxy.next('TransactWriteItems', { kind: 'apply-then-drop' });
      const order = anOrder();

      const result = await store.ledger.commit(
        { order, counters: contradict(order) },
        { ...soon(), token: newToken() },
      );

      assert.deepEqual(result, COMMITTED);
      const [record] = await store.ledger.strategies(soon());
      assert.deepEqual([record?.reserved, record?.epoch], ['100', 1]);
    });

    test('that was refused in truth is refused when repeated', async (t) => {
      const store = await open(t, engine);
      const stored = anOrder({ id: 'ma', attempts: [anAttempt({ nonce: 'another' })] });
      await store.ledger.commit({ order: stored }, { ...soon(), token: newToken() });
      store.proxy.next('TransactWriteItems', { kind: 'apply-then-drop' });

      const result = await store.ledger.commit(admission('ma'), { ...soon(), token: newToken() });

      assert.deepEqual(result, { kind: 'refused', order: { stored } });
    });
  });

  describe('a write that the store would not take now', () => {
    test('is repeated with the same token until it goes through', async (t) => {
      const store = await open(t, engine);
      const faults: Record<string, Fate[]> = {
        'conflict on the order': [answer(canceled('TransactionConflict', 'None', 'None'))],
        'conflict on the record, thrice': Array.from({ length: 3 }, () =>
          answer(canceled('None', 'None', 'TransactionConflict')),
        ),
        'conflict beside a failed condition': [
          answer(canceled('None', 'TransactionConflict', 'ConditionalCheckFailed')),
        ],
        'throttled within': [answer(canceled('None', 'ThrottlingError', 'None'))],
        'beyond the throughput within': [answer(canceled('ProvisionedThroughputExceeded', 'None', 'None'))],
        'in progress': [answer(failure('TransactionInProgressException'))],
        'beyond the throughput': [answer(failure('ProvisionedThroughputExceededException'))],
        throttled: [answer(failure('ThrottlingException'))],
        'too many requests': [answer(failure('RequestLimitExceeded'))],
        'a conflict of its own': [answer(failure('TransactionConflictException'))],
        'the service failed': [answer(failure('InternalServerError', 500))],
        'the service is away': [answer(failure('ServiceUnavailable', 503))],
      };

      await eachFault(store, faults, async (result, { id, token, fault }) => {
        assert.deepEqual(result, COMMITTED, fault);
        assert.ok(await applied(store, id), fault);
        assert.equal(sentWith(store.proxy, token), faults[fault]!.length + 1, fault);
      });
    });

    test('is answered at once where the order is stored already, whatever else was in conflict', async (t) => {
      const store = await open(t, engine);
      const stored = anOrder({ id: 'ma' });
      await store.ledger.commit({ order: stored }, { ...soon(), token: newToken() });
      const token = newToken();
      store.proxy.next((call) => call.token === token, {
        kind: 'change',
        change: ({ status, body }) => ({
          status,
          body: body.replaceAll('"Code":"None"', '"Code":"TransactionConflict"'),
        }),
      });

      const result = await store.ledger.commit(admission('ma'), { ...soon(), token });

      assert.deepEqual(result, { kind: 'refused', order: { stored } });
      assert.equal(sentWith(store.proxy, token), 1);
    });

    test('for a reason that time does not heal is not repeated', async (t) => {
      const store = await open(t, engine);
      for (const type of [
        'ValidationException',
        'ResourceNotFoundException',
        'AccessDeniedException',
        'IdempotentParameterMismatchException',
      ]) {
        const token = newToken();
        store.proxy.next('TransactWriteItems', answer(failure(type)));

        await assert.rejects(store.ledger.commit(admission('ma'), { ...soon(), token }), { name: type });

        assert.equal(sentWith(store.proxy, token), 1, type);
      }
      const token = newToken();
      store.proxy.next('TransactWriteItems', answer(canceled('None', 'None', 'ValidationError')));
      await assert.rejects(store.ledger.commit(admission('ma'), { ...soon(), token }), {
        name: 'TransactionCanceledException',
      });
      assert.equal(sentWith(store.proxy, token), 1);
    });
  });

  test('a write that cannot even be put into words fails at once: time does not heal it', async (t) => {
    const store = await open(t, engine);
    const order = anOrder({ arrival: Number.NaN });

    const ms = await took(() =>
      assert.rejects(
        store.ledger.commit({ order }, { ...soon(), token: newToken() }),
        (error) => !(error instanceof StoreUnavailableError),
      ),
    );

    assert.ok(ms < 1_000, `${ms}`);
    assert.deepEqual(store.proxy.counts(), {});
  });

  describe('a write that never gets an answer', () => {
    test('is given up within its deadline, as the store being unavailable', async (t) => {
      const store = await open(t, engine);
      const before = await store.dump();
      const fates: Record<string, Fate> = {
        conflicts: answer(canceled('TransactionConflict', 'None', 'None')),
        'in progress': answer(failure('TransactionInProgressException')),
        throttling: answer(failure('ThrottlingException')),
        'failing service': answer(failure('InternalServerError', 500)),
        resets: { kind: 'drop' },
        silence: { kind: 'hang' },
      };

      await Promise.all(
        Object.entries(fates).map(async ([fault, fate], n) => {
          const token = newToken();
          store.proxy.always((call) => call.token === token, fate);

          const ms = await took(() =>
            assert.rejects(
              store.ledger.commit(admission(`m${n}`), { deadline: Date.now() + 700, token }),
              (error) =>
                error instanceof StoreUnavailableError &&
                error.retryable &&
                error.code === 'store_unavailable',
              fault,
            ),
          );

          assert.ok(ms < 1_500, `${fault} took ${ms}`);
          assert.ok(sentWith(store.proxy, token) >= 1, fault);
        }),
      );
      assert.deepEqual(await store.dump(), before);
    });

    test('is tried once even when its deadline has passed already', async (t) => {
      const store = await open(t, engine);
      store.proxy.always('TransactWriteItems', { kind: 'hang' });

      const ms = await took(() =>
        assert.rejects(
          store.ledger.commit(admission('ma'), { deadline: Date.now() - 5, token: newToken() }),
          StoreUnavailableError,
        ),
      );

      assert.ok(ms < 800, `${ms}`);
    });

    test('keeps trying at a bounded rate', async (t) => {
      const store = await open(t, engine);
      const token = newToken();
      store.proxy.always('TransactWriteItems', answer(canceled('TransactionConflict', 'None', 'None')));

      await assert.rejects(store.ledger.commit(admission('ma'), { deadline: Date.now() + 600, token }));

      const count = sentWith(store.proxy, token);
      assert.ok(count >= 4 && count <= 50, `${count} requests`);
    });
  });

  describe('a write that is applied after it was given up', () => {
    /** Gives an admission up while its request is still on its way; returns what lets it arrive. */
    const giveUp = async (store: Store, change: Change): Promise<() => Promise<void>> => {
      const gate = Promise.withResolvers<void>();
      const token = newToken();
      store.proxy.always((call) => call.token === token, { kind: 'after', done: () => gate.promise });
      await assert.rejects(
        store.ledger.commit(change, { deadline: Date.now() + 150, token }),
        StoreUnavailableError,
      );
      return async () => {
        gate.resolve();
        const arrived = () => store.proxy.calls.filter((call) => call.token === token);
        await store.proxy.idle();
        assert.ok(arrived().every(({ answered }) => answered !== undefined));
      };
    };

    test('leaves an order in doubt that everybody reads and nobody owns, counted once', async (t) => {
      const store = await open(t, engine);
      const late = admission('ma');
      const arrive = await giveUp(store, late);

      await arrive();

      assert.deepEqual(await store.ledger.order('ma', soon()), late.order);
      const redelivery = await store.ledger.commit(admission('ma'), { ...soon(), token: newToken() });
      assert.deepEqual(redelivery, { kind: 'refused', order: { stored: late.order } });
      const [record] = await store.ledger.strategies(soon());
      assert.deepEqual([record?.dayOrders, record?.reserved], [1, '100']);
    });

    test('changes nothing where somebody else came first', async (t) => {
      const store = await open(t, engine);
      const arrive = await giveUp(store, admission('ma'));
      const mine = admission('ma');
      const order = { ...mine.order, attempts: [anAttempt({ nonce: 'redelivery' })] };
      const redelivery = await store.ledger.commit({ ...mine, order }, { ...soon(), token: newToken() });
      assert.deepEqual(redelivery, COMMITTED);
      const before = await store.dump();

      await arrive();

      assert.deepEqual(await store.dump(), before);
    });

    test('changes nothing after a halt', async (t) => {
      const store = await open(t, engine);
      const arrive = await giveUp(store, admission('ma'));
      await store.putStrategy(aStrategy({ mode: 'HALTED' }));
      const before = await store.dump();

      await arrive();

      assert.deepEqual(await store.dump(), before);
    });

    test('gives nothing back a second time', async (t) => {
      const store = await open(t, engine);
      const first = admission('ma');
      await store.ledger.commit(first, { ...soon(), token: newToken() });
      const over: Change = {
        order: later(first.order, { state: 'rejected', settled: true }),
        counters: finish(first.order),
      };
      const arrive = await giveUp(store, over);
      assert.deepEqual(await store.ledger.commit(over, { ...soon(), token: newToken() }), COMMITTED);
      const before = await store.dump();

      await arrive();

      assert.deepEqual(await store.dump(), before);
      assert.equal((await store.ledger.strategies(soon()))[0]?.reserved, '0');
    });
  });

  describe('a read', () => {
    const reads: Record<string, (of: Process, deadline: number) => Promise<unknown>> = {
      'everything of one order': ({ ledger }, deadline) =>
        ledger.read({ id: 'ma', strategy: 'ema-cross', symbol: 'SOLUSDT' }, { deadline }),
      'one order': ({ ledger }, deadline) => ledger.order('ma', { deadline }),
      'all records': ({ ledger }, deadline) => ledger.strategies({ deadline }),
      'all lanes': ({ ledger }, deadline) => ledger.lanes({ deadline }),
      'unsettled orders': ({ ledger }, deadline) => ledger.unsettled({ deadline }),
      'applied trades': ({ ledger }, deadline) => ledger.appliedTrades('SOLUSDT', ['1'], { deadline }),
      'rules of all symbols': ({ ledger }, deadline) => ledger.rules({ deadline }),
      'a record that may be missing': ({ ledger }, deadline) => ledger.ensureStrategy('new', { deadline }),
      'a send ticket': ({ pace }, deadline) => pace.ticket(Date.now() + 1_000, { deadline }),
      'a pause': ({ pace }, deadline) => pace.pause(Date.now(), { deadline }),
    };

    for (const [fault, fate] of [
      ['one reset', { kind: 'drop' }],
      ['one failure of the service', answer(failure('InternalServerError', 500))],
    ] as const) {
      test(`survives ${fault}`, async (t) => {
        const store = await open(t, engine);

        for (const [what, read] of Object.entries(reads)) {
          store.proxy.next(() => true, fate);
          await assert.doesNotReject(read(store, Date.now() + 5_000), what);
        }
      });
    }

    test('survives an answer that never came', async (t) => {
      const store = await open(t, engine);
      const all = Object.entries(reads);
      // They start together, so the first request of each is among the first.
      store.proxy.next(() => true, ...all.map(() => ({ kind: 'hang' }) as const));

      await Promise.all(
        all.map(([what, read]) => assert.doesNotReject(read(store, Date.now() + 5_000), what)),
      );
    });

    for (const [fault, fate] of [
      ['a store that keeps throttling', answer(failure('ProvisionedThroughputExceededException'))],
      ['a store that resets', { kind: 'drop' }],
      ['a store that says nothing', { kind: 'hang' }],
    ] as const) {
      test(`of ${fault} fails within its deadline as the store being unavailable`, async (t) => {
        const store = await open(t, engine);
        store.proxy.always(() => true, fate);

        await Promise.all(
          Object.entries(reads).map(async ([what, read]) => {
            const ms = await took(() =>
              assert.rejects(read(store, Date.now() + 500), StoreUnavailableError, what),
            );
            assert.ok(ms < 1_300, `${what} took ${ms}`);
          }),
        );
      });
    }
  });
});
