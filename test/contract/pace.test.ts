import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openStore, type Process, standingClock } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const T = 1_800_000_000_000;
const options = { deadline: T + 20_000 };

const ticketsOf = (several: readonly Process[], count: number, latest: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => several[n % several.length]?.pace.ticket(latest, options)),
  );

const given = (tickets: readonly (number | undefined)[]): number[] =>
  tickets.flatMap((ticket) => (ticket === undefined ? [] : [ticket])).toSorted((a, b) => a - b);

const smallestGap = (tickets: readonly number[]): number =>
  Math.min(...tickets.slice(1).map((ticket, n) => ticket - (tickets[n] ?? 0)));

onEveryEngine((engine) => {
  describe('send tickets', () => {
    test('come 100 ms apart to sixty askers at once, none after the latest', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const several = [store, await store.process(clock), await store.process(clock)];

      const tickets = given(await ticketsOf(several, 60, T + 3_000));

      assert.ok(tickets.every((ticket) => ticket >= T && ticket <= T + 3_000));
      assert.ok(smallestGap(tickets) >= 100);
      // One request of the first, two of everybody else; a repeated one, on a slow machine, may cost a ticket.
      const repeated = store.proxy.calls.length - (1 + 59 * 2);
      assert.ok(tickets.length >= 31 - repeated, `${tickets.length} tickets, ${repeated} repeated`);
    });

    test('are 100 ms apart for processes whose clocks are seconds apart, and none lies in the asker’s past', async (t) => {
      const clocks = [standingClock(T), standingClock(T + 2_000), standingClock(T - 2_000)];
      const store = await openStore(t, engine, { clock: clocks[0]! });
      const several = [store, await store.process(clocks[1]!), await store.process(clocks[2]!)];

      const tickets = await ticketsOf(several, 60, T + 20_000);

      assert.ok(smallestGap(given(tickets)) >= 100);
      assert.equal(given(tickets).length, 60);
      for (const [n, ticket] of tickets.entries()) assert.ok(ticket! >= clocks[n % 3]!.now());
    });

    test('go on from the last one given, and from now after a rest', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const ask = () => store.pace.ticket(clock.at + 1_000, options);

      assert.deepEqual([await ask(), await ask(), await ask()], [T, T + 100, T + 200]);
      clock.at = T + 150;
      assert.equal(await ask(), T + 300);
      clock.at = T + 399;
      assert.equal(await ask(), T + 400);
      clock.at = T + 5_000;
      assert.equal(await ask(), T + 5_000);
    });

    test('are given up to the latest moment and not a millisecond after', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      await store.pace.ticket(T, options);

      assert.equal(await store.pace.ticket(T + 99, options), undefined);
      assert.equal(await store.pace.ticket(T + 100, options), T + 100);
      assert.equal(await store.pace.ticket(T + 199, options), undefined);
      assert.equal(await store.pace.ticket(T + 200, options), T + 200);
    });

    test('are not given where even now is too late', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });

      assert.equal(await store.pace.ticket(T - 1, options), undefined);

      assert.equal(await store.pace.ticket(T, options), T);
    });

    test('cost one request when free, two when others wait, and no more to be refused', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const costOf = async (latest: number): Promise<number> => {
        store.proxy.forget();
        await store.pace.ticket(latest, options);
        return store.proxy.calls.length;
      };

      assert.deepEqual([await costOf(T), await costOf(T + 100), await costOf(T + 150)], [1, 2, 2]);
    });

    test('are lost, never given twice, when an answer is lost', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      for (let n = 0; n < 4; n += 1) store.proxy.next('UpdateItem', { kind: 'apply-then-drop' });

      const tickets = given(await ticketsOf([store], 10, T + 9_000));

      assert.equal(tickets.length, 10);
      assert.ok(smallestGap(tickets) >= 100);
    });

    test('stay where they were when a pause is written', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });

      await store.pace.pause(T + 60_000, options);
      assert.equal(await store.pace.ticket(T + 1_000, options), T);
      await store.pace.pause(T + 70_000, options);
      assert.equal(await store.pace.ticket(T + 1_000, options), T + 100);
    });
  });

  describe('a pause', () => {
    const pauseUntil = async ({ ledger }: Process): Promise<number> =>
      (await ledger.read({ id: 'm', strategy: 's', symbol: 'S' }, options)).control.pauseUntil;

    test('only ever moves later', async (t) => {
      const store = await openStore(t, engine, { clock: standingClock(T) });
      const seen: number[] = [];

      for (const until of [T + 5, T + 4, T + 5, T + 9, T - 1]) {
        await store.pace.pause(until, options);
        seen.push(await pauseUntil(store));
      }

      assert.deepEqual(seen, [T + 5, T + 5, T + 5, T + 9, T + 9]);
    });

    test('of twenty at once is the latest', async (t) => {
      const clock = standingClock(T);
      const store = await openStore(t, engine, { clock });
      const several = [store, await store.process(clock)];

      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (several[n % 2] ?? store).pace.pause(T + ((n * 7) % 20), options),
        ),
      );

      assert.equal(await pauseUntil(store), T + 19);
    });
  });
});
