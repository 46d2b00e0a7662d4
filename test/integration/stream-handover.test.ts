import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { listen } from '../../lib/simulator/server.ts';
import { contradictions, readLedger } from '../support/ledger-truth.ts';
import { type SocketTask, startSocketTask } from '../support/stream-sockets.ts';
import { startUseCases, type UseCaseRig } from '../support/use-case-rig.ts';
import { waitFor } from '../support/wait-for.ts';

const HAND_OVERS = 20;
const PRIVATE = 'spot@private.';

describe('hand-overs of the stream over sockets, without a reconciler', () => {
  let rig: UseCaseRig;
  let server: Awaited<ReturnType<typeof listen>>;
  const errors: string[] = [];
  before(async () => {
    rig = await startUseCases('hand-over', { maxOrdersPerDay: 1_000 });
    server = await listen(rig.market);
  });
  after(async () => {
    await server.close();
    await rig.stop();
  });

  const goodTask = async (): Promise<SocketTask> => {
    const task = startSocketTask(server.url, errors);
    await waitFor('the task is good', () => task.health().good || undefined);
    return task;
  };
  /** Every private event from now on is lost with this chance. */
  const lose = (probability: number): void => {
    rig.market.apply({ do: 'streamFaultsCleared', with: {} });
    if (probability > 0)
      rig.market.apply({
        do: 'streamFault',
        with: { kind: 'lose', match: { channel: PRIVATE, probability } },
      });
  };
  const listenKeys = (): number =>
    Object.values(rig.market.stream.usage().listenKeys).reduce((sum, each) => sum + each, 0);

  test('lose nothing that happened meanwhile, and leave no listen key behind', async () => {
    const place = rig.placer();
    let current = await goodTask();
    for (let n = 0; n < HAND_OVERS; n += 1) {
      rig.market.setPrice('SOLUSDT', '142.5');
      const { status, body } = await place({
        strategy: `s-${n % 4}`,
        id: `order ${n}`,
        symbol: 'SOLUSDT',
        action: 'buy',
        type: 'limit',
        price: '140',
        quantity: '0.1',
      });
      assert.equal(status, 200, JSON.stringify(body));
      lose([1, 0.5, 0][n % 3] ?? 0);
      // Before the next task is there, while both are, or after the one before has gone.
      const fill = () => rig.market.setPrice('SOLUSDT', '139');
      if (n % 4 < 2) fill();
      const next = await goodTask();
      lose(0);
      if (n % 4 === 2) fill();
      await current.close();
      if (n % 4 === 3) fill();
      current = next;
      assert.equal(listenKeys(), 1, `after hand-over ${n}`);
      await waitFor(
        `the ledger has order ${n}`,
        async () => {
          const { orders } = await readLedger(rig.endpoint);
          const filled = orders.filter(({ state }) => state === 'filled');
          return filled.length === n + 1 || undefined;
        },
        5_000,
      );
    }
    await current.close();

    assert.deepEqual(contradictions(rig.market, await readLedger(rig.endpoint)), []);
    assert.equal(rig.market.truth().trades.length, HAND_OVERS);
    assert.equal(listenKeys(), 0);
    assert.deepEqual(errors, []);
  });
});
