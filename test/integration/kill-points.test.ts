import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { describePoint, type Point, samePoint } from '../support/kill-proxy.ts';
import { type KillRig, startKillRig, unscheduledAssembly } from '../support/kill-rig.ts';
import {
  at,
  BUY,
  COMMITTED,
  COMMITTING,
  type Killed,
  killEverywhere,
  killReconciler,
  killReconcilerEverywhere,
  type Scenario,
  SENDING,
  SENT,
} from '../support/kill-runs.ts';
import { contradictions, readLedger } from '../support/ledger-truth.ts';
import { removeFolder } from '../support/local-folders.ts';
import { deliver } from '../support/webhook.ts';

/** Runs of the reconciler until all is settled: one proves every absence, one more follows what it found. */
const MOST_RUNS = 3;

/** Around requests that change an order: all points between two of them are one, as far as anybody can tell. */
const changes = (points: readonly Point[]): readonly Point[] =>
  points.filter(({ operation }) => /^(POST|DELETE|TransactWriteItems) /.test(operation));

const CANCELLING = at('before', 'exchange', 'DELETE /api/v3/order');

/** `KILL_POINTS=all` kills a buy and a reconciliation at every point; without it at those around requests that change something. */
const EVERY = process.env.KILL_POINTS === 'all';
const chosen = EVERY ? (points: readonly Point[]) => points : changes;

const MARKET_BUY: Scenario = { name: 'market buy', alert: BUY, at: chosen };
const MARKET_SELL: Scenario = {
  name: 'market sell of the whole position',
  before: [BUY],
  alert: { symbol: 'SOLUSDT', action: 'sell', percent: '100' },
  at: changes,
};
const LIMIT_BUY: Scenario = {
  name: 'limit buy that rests',
  alert: { symbol: 'XRPUSDT', action: 'buy', type: 'limit', price: '2.05', quantity: '10' },
  at: changes,
};
const CANCEL: Scenario = {
  name: 'cancel of a resting order',
  before: [LIMIT_BUY.alert],
  alert: { symbol: 'XRPUSDT', action: 'cancel' },
  at: changes,
  essential: [CANCELLING, { ...CANCELLING, moment: 'after' }],
};

describe('a function killed with SIGKILL at any request', { concurrency: true }, () => {
  let assembly: string;
  before(() => {
    assembly = unscheduledAssembly();
  });
  after(() => removeFolder(assembly));

  onRig('market orders that buy', ({ rig, killed }) => {
    test(MARKET_BUY.name, async (t) => {
      killed.push(...(await killEverywhere(t, rig(), MARKET_BUY)));
    });
    test('the run of the reconciler that proves an absence', async () => {
      const absent = async () =>
        (await readLedger(rig().engine)).orders.filter(({ state }) => state === 'absent').length;
      // The next run waits until the lease of this one has run out, and the proofs until their time.
      await killReconciler(rig(), at('after', 'exchange', 'GET /api/v3/openOrders'));
      await killReconciler(rig(), COMMITTING);
      assert.equal(await absent(), 0);
      await rig().freeLease();
      await killReconciler(rig(), COMMITTED);
      assert.ok((await absent()) > 0);
      await rig().freeLease();
    });
    test('are carried out once, by whichever delivery was the first to be stored', async () => {
      await settleAll(rig());
      await expectTruth(rig(), killed);
      await expectStates(rig(), killed);
    });
  });

  onRig('market orders that sell', ({ rig, killed }) => {
    test(MARKET_SELL.name, async (t) => {
      killed.push(...(await killEverywhere(t, rig(), MARKET_SELL)));
    });
    test('are carried out once, by whichever delivery was the first to be stored', async () => {
      await settleAll(rig());
      await expectTruth(rig(), killed);
      await expectStates(rig(), killed);
    });
  });

  onRig('orders that rest', ({ rig, killed }) => {
    for (const scenario of [CANCEL, LIMIT_BUY])
      test(scenario.name, async (t) => {
        killed.push(...(await killEverywhere(t, rig(), scenario)));
      });
    test('rest once, and are cancelled or filled in the ledger as on the exchange', async () => {
      const unsettled = await rig().reconcile();
      const resting = rig()
        .exchange.truth()
        .orders.filter(({ status }) => status === 'NEW');
      assert.equal(unsettled, resting.length, 'only what rests is left open');
      rig().exchange.setPrice('XRPUSDT', '2');
      await settleAll(rig());
      await expectTruth(rig(), killed);
    });
  });

  onRig('orders whose answer was lost', ({ rig, killed }) => {
    test('the run of the reconciler that finds one', async (t) => {
      killed.push(...(await killReconcilerEverywhere(t, rig(), chosen)));
    });
    test('are found once', async () => {
      await settleAll(rig());
      await expectTruth(rig(), killed);
    });
  });

  /** A system and an exchange of their own: side by side they take less time than one after the other. */
  function onRig(name: string, define: (on: { rig(): KillRig; killed: Killed[] }) => void): void {
    describe(name, { concurrency: 1 }, () => {
      let started: KillRig | undefined;
      before(async () => {
        started = await startKillRig(name, assembly);
      });
      after(() => started?.stop());
      const rig = (): KillRig => {
        assert.ok(started);
        return started;
      };
      define({ rig, killed: [] });
    });
  }
});

const settleAll = async (rig: KillRig): Promise<void> => {
  for (let run = 0; run < MOST_RUNS && (await rig.reconcile()) > 0; run += 1);
};

/** Ledger and exchange agree on everything, and another delivery of each alert changes nothing. */
const expectTruth = async (rig: KillRig, killed: readonly Killed[]): Promise<void> => {
  const ledger = await readLedger(rig.engine);
  assert.deepEqual(contradictions(rig.exchange, ledger), []);
  const placements = () =>
    rig.exchange.journal({ path: '/api/v3/order' }).filter(({ method }) => method === 'POST').length;
  const sent = placements();
  for (const { id, body, point } of killed) {
    const { status, json } = await deliver(rig.local, body);
    assert.deepEqual(
      { status, id: json.id, state: json.state, duplicate: json.duplicate },
      { status: 200, id, state: ledger.orders.find((each) => each.id === id)?.state, duplicate: true },
      describePoint(point),
    );
  }
  assert.equal(placements(), sent, 'no repeat sends anything');
};

/** What has to become of a market order that was killed around the two steps that decide. */
const expectStates = async (rig: KillRig, killed: readonly Killed[]): Promise<void> => {
  const { orders } = await readLedger(rig.engine);
  const statesAt = (point: Point) =>
    killed
      .filter((each) => samePoint(each.point, point))
      .map(({ id }) => orders.find((order) => order.id === id)?.state);
  assert.deepEqual([COMMITTING, COMMITTED, SENDING, SENT].map(statesAt), [
    ['filled'], // by the second delivery
    ['absent'],
    ['absent'],
    ['filled'],
  ]);
};
