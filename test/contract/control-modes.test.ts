import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreUnavailableError } from '../../lib/domain/errors.ts';
import type { ModeChange, Modes } from '../../lib/domain/mode-change.ts';
import type { Strategy } from '../../lib/domain/strategy.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { anOrder, aStrategy, NOON, newToken, reserve } from '../support/contract-domain.ts';
import { openStore, type Process, soon } from '../support/contract-store.ts';
import { type Fate, failure } from '../support/dynamo-proxy.ts';
import { onEveryEngine } from '../support/engines.ts';

const NAME = 'ema-cross';
let changes = 0;

const aChange = (patch: Partial<ModeChange> = {}): ModeChange => {
  changes += 1;
  return { id: `change-${changes}`, at: NOON, reason: `reason ${changes}`, ...patch };
};
const halt = () => aChange({ mode: 'HALTED' });
const arm = () => aChange({ mode: 'ACTIVE' });

/** @returns the record, where the change must not be superseded */
const changed = async (modes: Modes, change: ModeChange, name = NAME): Promise<Strategy> => {
  const record = await modes.change(name, change, soon());
  assert.ok(record !== 'superseded');
  return record;
};

const admit = async ({ ledger }: Process, id: string): Promise<boolean> => {
  const order = anOrder({ id, strategy: NAME });
  const result = await ledger.commit({ order, counters: reserve(order) }, { ...soon(), token: newToken() });
  return result.kind === 'committed';
};

onEveryEngine((engine) => {
  describe('modes', () => {
    test('after the write of a halt has returned no admission commits, and it returned all that did', async (t) => {
      const store = await openStore(t, engine);
      const processes = [store, await store.process(), await store.process()];
      await store.putStrategy(aStrategy());
      const modes = createModes((await store.process()).dynamo);
      const committed: string[] = [];
      const enough = Promise.withResolvers<void>();
      let afterwards = 0;
      let halted = false;
      const admitting = processes.map(async (process, n) => {
        for (let round = 0; afterwards < 6; round += 1) {
          if (halted) afterwards += 1;
          const id = `m${n}-${round}`;
          if (await admit(process, id)) committed.push(id);
          if (committed.length >= 6) enough.resolve();
        }
      });

      await enough.promise;
      const { inFlight, mode } = await changed(modes, halt());
      halted = true;
      await Promise.all(admitting);

      assert.equal(mode, 'HALTED');
      assert.deepEqual(Object.keys(inFlight).toSorted(), committed.toSorted());
    });

    test('a change keeps who set what, when and why, and only loosening counts', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy({ reserved: '12.5', dayNotional: '99.000000000000000001' }));

      const seen = [];
      for (const mode of ['HALTED', 'REDUCE_ONLY', 'HALTED', 'ACTIVE'] as const) {
        const change = aChange({ mode });
        const { mode: now, epoch, changed: by, ...rest } = await changed(modes, change);
        assert.deepEqual(by, { id: change.id, mode, reason: change.reason, at: NOON, by: 'operator' });
        assert.deepEqual([rest.reserved, rest.dayNotional], ['12.5', '99.000000000000000001']);
        seen.push([now, epoch]);
      }

      assert.deepEqual(seen, [
        ['HALTED', 0],
        ['REDUCE_ONLY', 1],
        ['HALTED', 1],
        ['ACTIVE', 2],
      ]);
    });

    test('a halt is repeated through conflicts, throttling and lost answers until it holds', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy());
      const answer = (type: string, status?: number): Fate => ({
        kind: 'answer',
        answer: failure(type, status),
      });
      store.proxy.next(
        'UpdateItem',
        answer('TransactionConflictException'),
        answer('ThrottlingException'),
        answer('ProvisionedThroughputExceededException'),
        answer('InternalServerError', 500),
        { kind: 'drop' },
      );

      assert.equal((await changed(modes, halt())).mode, 'HALTED');
    });

    test('a re-arming whose answer was lost is counted once', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy({ mode: 'HALTED' }));
      store.proxy.next('UpdateItem', { kind: 'apply-then-drop' });

      const { mode, epoch } = await changed(modes, arm());

      assert.deepEqual([mode, epoch], ['ACTIVE', 1]);
    });

    for (const halted of ['by hand', 'as it was made'] as const) {
      test(`a re-arming that applies late does not undo a later halt of a strategy halted ${halted}`, async (t) => {
        const store = await openStore(t, engine);
        const modes = createModes(store.dynamo);
        await store.putStrategy(aStrategy({ mode: 'HALTED' }));
        if (halted === 'by hand') await changed(modes, halt());
        const [arrived, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const done = async (): Promise<void> => {
          arrived.resolve();
          await later.promise;
        };
        store.proxy.next('UpdateItem', { kind: 'after', done });

        const arming = assert.rejects(
          modes.change(NAME, arm(), { deadline: Date.now() + 500 }),
          StoreUnavailableError,
        );
        await arrived.promise;
        await arming;
        await changed(modes, halt());
        later.resolve();
        await store.proxy.idle();

        assert.equal((await modes.read(NAME, soon()))?.mode, 'HALTED');
      });
    }

    test('a re-arming that meets a halt of somebody else gives way; a halt does not', async (t) => {
      const store = await openStore(t, engine);
      const [mine, others] = [createModes(store.dynamo), createModes((await store.process()).dynamo)];
      for (const [change, expected] of [
        [arm(), 'superseded'],
        [aChange({ mode: 'REDUCE_ONLY' }), 'superseded'],
        [aChange({ command: 'flatten' }), 'superseded'],
        [halt(), 'HALTED'],
      ] as const) {
        await store.putStrategy(aStrategy());
        store.proxy.next('UpdateItem', { kind: 'after', done: () => changed(others, halt()) });

        const result = await mine.change(NAME, change, soon());

        assert.equal(result === 'superseded' ? result : result.mode, expected);
        assert.equal((await mine.read(NAME, soon()))?.mode, 'HALTED');
      }
    });

    test('what happens by itself sets REDUCE_ONLY over ACTIVE, and loosens no halt', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      for (const mode of ['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const)
        await store.putStrategy(aStrategy({ strategy: mode, mode }));

      await modes.restrict('all', { id: 'cause', at: NOON, reason: 'too many unknowns' }, soon());

      const after = await Promise.all((await modes.names(soon())).map((name) => modes.read(name, soon())));
      assert.deepEqual(after.map((record) => [record?.strategy, record?.mode, record?.epoch]).toSorted(), [
        ['ACTIVE', 'REDUCE_ONLY', 1],
        ['HALTED', 'HALTED', 0],
        ['REDUCE_ONLY', 'REDUCE_ONLY', 0],
      ]);
      assert.equal((await modes.readDefault(soon())).mode, 'REDUCE_ONLY');
      await modes.setDefault('HALTED', halt(), soon());
      await modes.restrict('all', { id: 'again', at: NOON, reason: 'once more' }, soon());
      assert.equal((await modes.readDefault(soon())).mode, 'HALTED');
    });

    test('after the operator armed a strategy again, the same cause does not restrict it once more; another does', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy());
      const restrict = (id: string) => modes.restrict('ema-cross', { id, at: NOON, reason: 'why' }, soon());
      const arm = { id: newToken(), at: NOON, reason: 'seen', mode: 'ACTIVE' } as const;

      assert.deepEqual(await restrict('loss/today'), ['ema-cross']);
      await modes.change('ema-cross', arm, soon());
      assert.deepEqual(await restrict('loss/today'), []);
      assert.equal((await modes.read('ema-cross', soon()))?.mode, 'ACTIVE');
      assert.deepEqual(await restrict('loss/tomorrow'), ['ema-cross']);
    });

    test('a strategy that is made while all are halted is halted, or seen by the scan that follows', async (t) => {
      const store = await openStore(t, engine);
      const other = await store.process();
      const modes = createModes(other.dynamo);
      const names = Array.from({ length: 16 }, (_, n) => `new-${n}`);

      const making = names.map((name) => store.ledger.ensureStrategy(name, soon()));
      await modes.setDefault('HALTED', halt(), soon());
      const seen = new Set(await modes.names(soon()));
      const made = await Promise.all(making);

      assert.deepEqual(
        made.filter(({ strategy, mode }) => mode !== 'HALTED' && !seen.has(strategy)),
        [],
      );
      assert.equal((await store.ledger.ensureStrategy('last', soon())).mode, 'HALTED');
    });
  });

  describe('commands', () => {
    const entry = { attempt: 1, until: NOON + 6_000 };

    test('cancelAll keeps what is in flight at that very moment, and its end leaves the mode as it is', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy({ inFlight: { ma: entry } }));

      const { mode, epoch, cancelling, command } = await changed(modes, aChange({ command: 'cancelAll' }));
      await admit(store, 'mb');
      const during = await modes.read(NAME, soon());
      assert.ok(command);
      await modes.end(NAME, command, { id: 'end', at: NOON + 1 }, soon());
      const after = await modes.read(NAME, soon());

      assert.deepEqual([mode, epoch, cancelling], ['ACTIVE', 0, { ma: entry }]);
      assert.deepEqual(during?.cancelling, { ma: entry });
      assert.deepEqual(
        [after?.mode, after?.cancelling, after?.command?.doneAt],
        ['ACTIVE', undefined, NOON + 1],
      );
    });

    test('a flatten reduces only, over a halt it stays halted, and it ends in a halt', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      for (const [mode, during] of [
        ['ACTIVE', 'REDUCE_ONLY'],
        ['REDUCE_ONLY', 'REDUCE_ONLY'],
        ['HALTED', 'HALTED'],
      ] as const) {
        await store.putStrategy(aStrategy({ mode }));

        const begun = await changed(modes, aChange({ command: 'flatten' }));
        const repeated = await changed(modes, aChange({ command: 'flatten' }));
        assert.ok(begun.command);
        await modes.end(NAME, begun.command, { id: `end-${mode}`, at: NOON }, soon());
        const { mode: ended, flatten } = (await modes.read(NAME, soon())) ?? {};

        assert.deepEqual([begun.mode, begun.epoch, begun.flatten], [during, 1, begun.command.id]);
        assert.equal(repeated.flatten, begun.flatten, 'a repeat goes on with the one that runs');
        assert.deepEqual([ended, flatten], ['HALTED', undefined]);
      }
    });

    test('a flatten that the operator has ended is ended by nobody else', async (t) => {
      const store = await openStore(t, engine);
      const modes = createModes(store.dynamo);
      await store.putStrategy(aStrategy());
      const { command } = await changed(modes, aChange({ command: 'flatten' }));
      const armed = await changed(modes, arm());
      assert.ok(command);

      await modes.end(NAME, command, { id: 'late', at: NOON }, soon());

      assert.deepEqual([armed.flatten, armed.command], [undefined, undefined]);
      assert.equal((await modes.read(NAME, soon()))?.mode, 'ACTIVE');
    });
  });
});
