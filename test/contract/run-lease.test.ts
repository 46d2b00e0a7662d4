import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openStore, standingClock } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const T = 1_800_000_000_000;
const options = { deadline: T + 60_000 };

onEveryEngine((engine) => {
  describe('the lease of the reconciler', () => {
    test('of many runs that begin at once exactly one gets it', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const others = [await store.process(clock), await store.process(clock)];

      const begun = await Promise.all(
        Array.from({ length: 12 }, (_, n) => [store, ...others][n % 3]!.lease.begin(`run-${n}`, options)),
      );

      assert.equal(begun.filter((marks) => marks !== undefined).length, 1);
    });

    test('a call that came during the run keeps it from ending until it has looked once more', async (t) => {
      const { lease } = await openStore(t, engine, { clock: standingClock(T) });
      const begun = await lease.begin('first', options);
      assert.equal(await lease.begin('woken', options), undefined);

      assert.equal(await lease.end('first', begun, options), false);
      const marks = await lease.keep('first', options);
      assert.equal(await lease.end('first', marks, options), true);
      assert.notEqual(await lease.begin('next', options), undefined);
    });

    test('a run that was killed holds nobody up for longer than twelve seconds', async (t) => {
      const clock = standingClock(T);
      const { lease } = await openStore(t, engine, { clock });
      await lease.begin('killed', options);
      clock.at = T + 11_999;
      assert.equal(await lease.begin('too early', options), undefined);
      clock.at = T + 12_000;

      assert.notEqual(await lease.begin('successor', options), undefined);
      assert.equal(
        await lease.keep('killed', options),
        undefined,
        'frozen and thawed, it has lost the lease',
      );
      assert.equal(
        await lease.end('killed', 1, options),
        true,
        'and ends without taking it from its successor',
      );
      assert.equal(await lease.begin('third', options), undefined);
    });

    test('a run that keeps its lease has it for twelve seconds more', async (t) => {
      const clock = standingClock(T);
      const { lease } = await openStore(t, engine, { clock });
      await lease.begin('first', options);
      clock.at = T + 10_000;
      await lease.keep('first', options);
      clock.at = T + 21_999;

      assert.equal(await lease.begin('second', options), undefined);
    });

    test('a run that is out of time gives the lease back whatever was marked', async (t) => {
      const { lease } = await openStore(t, engine, { clock: standingClock(T) });
      await lease.begin('first', options);
      await lease.begin('woken', options);

      assert.equal(await lease.end('first', undefined, options), true);
      assert.notEqual(await lease.begin('next', options), undefined);
    });
  });
});
