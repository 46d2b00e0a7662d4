import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PutCommand, QueryCommand, ScanCommand, TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import type { TableModel } from '../../infra/local/stack-model.ts';
import { StoreUnavailableError } from '../../lib/domain/errors.ts';
import type { Clock } from '../../lib/domain/ports.ts';
import { TRANSLATION } from '../../lib/dynamo/client.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createPace } from '../../lib/dynamo/pace.ts';
import { nextFraction, seedOf } from '../../lib/simulator/random.ts';
import { anOrder, later, NOON, newToken, someRules } from '../support/contract-domain.ts';
import { tableModels } from '../support/engines.ts';
import { connect } from '../support/memory-dynamo/client.ts';
import { callOf } from '../support/memory-dynamo/commands.ts';
import { createMemoryDynamo } from '../support/memory-dynamo/engine.ts';
import type { Attempt, Fate, Fates } from '../support/memory-dynamo/faults.ts';
import { Unsupported } from '../support/memory-dynamo/refusal.ts';
import type { Delays } from '../support/memory-dynamo/table.ts';

const tables = {
  orders: 'Orders',
  strategies: 'Strategies',
  positions: 'Positions',
  symbols: 'Symbols',
  fills: 'Fills',
  control: 'Control',
};

/** Time that goes on to the next sleeper when nobody has anything to do. */
const virtualClock = () => {
  const sleepers: { at: number; wake: () => void }[] = [];
  let now = NOON;
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => new Promise((wake) => void sleepers.push({ at: now + ms, wake })),
  };
  const step = async (): Promise<void> => {
    await setImmediate();
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    now = Math.max(now, next?.at ?? now);
    next?.wake();
    await setImmediate();
  };
  const finish = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => {});
    for (await setImmediate(); !over; ) await step();
    return ended;
  };
  return { clock, finish, pass: (ms: number) => finish(clock.sleep(ms)) };
};

let models: readonly TableModel[] = [];
before(async () => {
  models = await tableModels();
});

/** A process on a store of its own; `fates` are met by its requests in turn, or drawn by a function. */
const open = (options: { fates?: readonly Fate[] | Fates; delays?: Delays; random?: () => number } = {}) => {
  const time = virtualClock();
  const dynamo = createMemoryDynamo(time.clock, models, options.delays);
  const { fates = [], random = () => 0.5 } = options;
  const rest = typeof fates === 'function' ? [] : [...fates];
  const seen: Attempt[] = [];
  const meet: Fates = (attempt) => {
    seen.push(attempt);
    return typeof fates === 'function' ? fates(attempt) : rest.shift();
  };
  const store = connect({ dynamo, tables, clock: time.clock, random, fates: meet });
  const { now } = time.clock;
  const within = (ms: number) => ({ deadline: now() + ms, token: newToken() });
  return { ...time, dynamo, store, seen, within, now, ledger: createLedger(store), pace: createPace(store) };
};

const stored = ({ dynamo }: ReturnType<typeof open>) => dynamo.items('Orders').length;

describe('a request to the engine in memory', () => {
  for (const [what, fate] of Object.entries<Fate>({
    'is reset before it was carried out': { reset: 'before' },
    'is reset after it was carried out': { reset: 'after' },
    'gets no answer': { back: Number.POSITIVE_INFINITY },
    'never arrives': { there: Number.POSITIVE_INFINITY },
    'meets a conflict': { instead: { kind: 'conflict' } },
    'meets a transaction in progress': { instead: { kind: 'in-progress' } },
    'is throttled': { instead: { kind: 'throttled' } },
    'is beyond the throughput': { instead: { kind: 'throughput' } },
    'meets a failure of the service': { instead: { kind: 'server-error', status: 500 } },
  })) {
    test(`that ${what} is repeated as it was and carried out once`, async () => {
      const world = open({ fates: [fate, fate] });
      const order = anOrder();

      const result = await world.finish(world.ledger.commit({ order }, world.within(6_000)));

      assert.deepEqual(result, { kind: 'committed' });
      assert.equal(world.seen.length, 3);
      assert.equal(new Set(world.seen.map(({ request }) => JSON.stringify(request))).size, 1);
      assert.deepEqual(await world.ledger.order(order.id, world.within(100)), order);
    });
  }

  test('takes the time that it is on its way, and no other', async () => {
    const world = open({ fates: [{ there: 120, back: 80 }] });

    await world.finish(world.ledger.commit({ order: anOrder() }, world.within(5_000)));

    assert.equal(world.now(), NOON + 200);
  });

  test('is given up at its deadline, and after 800 ms at the latest', async () => {
    const lost: Fate = { there: Number.POSITIVE_INFINITY };
    const world = open({ fates: () => lost });

    await assert.rejects(
      world.finish(world.ledger.commit({ order: anOrder() }, world.within(1_000))),
      StoreUnavailableError,
    );

    // The second attempt starts after 800 ms and half of the longest first pause.
    assert.deepEqual(
      world.seen.map(({ attempt, at }) => [attempt, at - NOON]),
      [
        [1, 0],
        [2, 825],
      ],
    );
    assert.equal(world.now(), NOON + 1_000);
    assert.equal(stored(world), 0);
  });

  test('may be carried out long after it was given up', async () => {
    const world = open({ fates: [{ there: 5_000 }, { there: Number.POSITIVE_INFINITY }] });

    await assert.rejects(
      world.finish(world.ledger.commit({ order: anOrder() }, world.within(1_500))),
      StoreUnavailableError,
    );
    await world.pass(3_499);
    assert.equal(stored(world), 0);
    await world.pass(1);
    assert.equal(stored(world), 1);
  });

  test('that is a plain write and meets a conflict fails, for nobody repeats it', async () => {
    const world = open({ fates: [{ instead: { kind: 'conflict' } }] });

    await assert.rejects(
      world.finish(world.pace.ticket(NOON + 500, world.within(500))),
      /TransactionConflictException/,
    );
    assert.equal(world.seen.length, 1);
  });

  test('under the same token is carried out once in ten minutes, and anew after them', async () => {
    const world = open();
    const token = newToken();
    const commit = (patch: object = {}) =>
      world.finish(world.ledger.commit({ order: anOrder(patch) }, { deadline: world.now() + 1_000, token }));

    assert.equal((await commit()).kind, 'committed');
    assert.equal((await commit()).kind, 'committed');
    await assert.rejects(commit({ symbol: 'ETHUSDT' }), { name: 'IdempotentParameterMismatchException' });
    await world.pass(600_000);
    assert.equal((await commit()).kind, 'refused');
  });

  test('that this engine does not know fails by name, where no store can take it for an answer', async () => {
    const { dynamo, store } = open();
    const TableName = tables.fills;
    const item = { symbol: Buffer.from('x'), tradeId: '1' };

    assert.throws(
      () => callOf(new TransactGetCommand({ TransactItems: [] }), TRANSLATION),
      /the command TransactGetCommand/,
    );
    for (const [command, named] of [
      [new ScanCommand({ TableName, TotalSegments: 2, Segment: 0 }), /TotalSegments/],
      [new QueryCommand({ TableName, KeyConditions: {} }), /KeyConditions/],
      [new PutCommand({ TableName, Item: item }), /type B/],
    ] as const) {
      const { operation, request } = callOf(command, TRANSLATION);
      assert.throws(
        () => dynamo.execute(operation, request),
        (error) => error instanceof Unsupported && named.test(error.message),
      );
    }
    const { promise: uncaught, resolve } = Promise.withResolvers<unknown>();
    process.setUncaughtExceptionCaptureCallback(resolve);
    await assert.rejects(store.client.send(new PutCommand({ TableName, Item: item })), Unsupported);
    assert.ok((await uncaught) instanceof Unsupported);
    process.setUncaughtExceptionCaptureCallback(null);
  });
});

test('the same seed gives the same requests, answers and items, whatever fails', async () => {
  const run = async (seed: string) => {
    const source = { rng: seedOf(seed) };
    const draw = (): number => nextFraction(source);
    const faults: readonly Fate[] = [
      {},
      { reset: 'after' },
      { there: 900 },
      { back: 50 },
      { instead: { kind: 'conflict' } },
      { instead: { kind: 'throttled' } },
    ];
    const world = open({
      random: draw,
      fates: () => ({ there: Math.floor(draw() * 40), ...faults[Math.floor(draw() * faults.length)] }),
      delays: { indexLag: () => draw() * 100, staleness: () => draw() * 100 },
    });
    const said = await world.finish(
      Promise.allSettled(
        Array.from({ length: 30 }, (_, n) =>
          world.ledger.commit(
            { order: anOrder({ id: `m${n % 12}` }) },
            { deadline: NOON + 2_000, token: `t${n}` },
          ),
        ),
      ),
    );
    await world.pass(5_000);
    return JSON.stringify({ said, seen: world.seen, items: world.dynamo.items('Orders') });
  };

  assert.equal(await run('one'), await run('one'));
  assert.notEqual(await run('one'), await run('another'));
});

describe('what the engine in memory shows late', () => {
  test('an index shows a write after its lag, in the order of the writes, the table at once', async () => {
    const lags = [300, 0];
    const world = open({
      delays: { indexLag: ({ index }) => (index === 'unsettled' ? (lags.shift() ?? 0) : 0) },
    });
    const { ledger, within } = world;
    const order = anOrder();
    const unsettled = () => world.finish(ledger.unsettled(within(1_000)));

    await world.finish(ledger.commit({ order }, within(1_000)));
    assert.deepEqual(await unsettled(), []);
    assert.deepEqual(await ledger.order(order.id, within(1_000)), order);
    // Seen at once by itself, this one waits for the one before.
    await world.finish(ledger.commit({ order: later(order, { settled: true }) }, within(1_000)));
    await world.pass(299);
    assert.deepEqual(await unsettled(), []);
    await world.pass(1);
    assert.deepEqual(await unsettled(), []);

    const second = anOrder({ id: 'mbbbb' });
    lags.push(200);
    await world.finish(ledger.commit({ order: second }, within(1_000)));
    await world.pass(199);
    assert.deepEqual(await unsettled(), []);
    await world.pass(1);
    assert.deepEqual(await unsettled(), ['mbbbb']);
  });

  test('a read that need not be consistent may see what was, one that must be never does', async () => {
    let age = 0;
    const world = open({ delays: { staleness: () => age } });
    const { ledger, within } = world;
    const rules = async () => (await ledger.rules(within(100))).map(({ maxAmount }) => maxAmount);

    await ledger.saveRules([someRules({ maxAmount: '1' })], within(100));
    await world.pass(50);
    await ledger.saveRules([someRules({ maxAmount: '2' })], within(100));
    await world.pass(20);

    age = 30;
    assert.deepEqual(await rules(), ['1']);
    const view = await ledger.read({ id: 'm', strategy: 's', symbol: 'SOLUSDT' }, within(100));
    assert.equal(view.rules?.maxAmount, '2');
    age = 80;
    assert.deepEqual(await rules(), []);
    age = 20;
    assert.deepEqual(await rules(), ['2']);
  });
});
