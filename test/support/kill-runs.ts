import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { orderIdOf } from '../../lib/usecases/identity.ts';
import { describePoint, type Point, samePoint, type Watch } from './kill-proxy.ts';
import { KILL_TOKEN, type KillRig } from './kill-rig.ts';
import { readLedger } from './ledger-truth.ts';
import { deliver } from './webhook.ts';

/** Normal runs that are recorded; what is not in all of them depends on which of two writers came first. */
const RECORDS = 3;
/** Fresh alerts that are tried until one comes by a point again. */
const TRIES = 3;
/** Strategies that are prepared for a scenario: for the normal runs, each point, and points that do not come at once. */
const LOT = 18;
/** `id` of the alert itself. */
const KEY = 'the-alert';

type Fields = Readonly<Record<string, unknown>>;

export interface Scenario {
  readonly name: string;
  /** Alerts that are carried out before, undisturbed. */
  readonly before?: readonly Fields[];
  readonly alert: Fields;
  /** Of all points, those at which it is killed. @default all */
  readonly at?: (points: readonly Point[]) => readonly Point[];
  /** Without these it was no normal run. @default its admission and its placement */
  readonly essential?: readonly Point[];
}

/** An alert whose first delivery was killed there. */
export interface Killed {
  readonly id: string;
  readonly body: string;
  readonly point: Point;
}

export const at = (moment: Point['moment'], target: Point['target'], operation: string): Point => ({
  moment,
  target,
  operation,
  nth: 1,
});
export const COMMITTING = at('before', 'DynamoDB', 'TransactWriteItems Orders, Positions, Strategies');
export const COMMITTED: Point = { ...COMMITTING, moment: 'after' };
export const SENDING = at('before', 'exchange', 'POST /api/v3/order');
export const SENT: Point = { ...SENDING, moment: 'after' };
const UNKNOWN = at('after', 'DynamoDB', 'TransactWriteItems Orders');
const APPLYING = at('before', 'DynamoDB', 'TransactWriteItems Fills, Orders, Positions, Strategies');
const APPLIED: Point = { ...APPLYING, moment: 'after' };

export const BUY: Fields = { symbol: 'SOLUSDT', action: 'buy', quoteQuantity: '15' };

const bodyOf = (strategy: string, id: string, fields: Fields): string =>
  JSON.stringify({ token: KILL_TOKEN, strategy, id, time: new Date().toISOString(), ...fields });

/**
 * Strategies for which everything that comes before the alert is carried out and over. All at once and before anything is
 * killed: the reconciler, which may have to finish some of it, goes on for as long as anything is in doubt.
 * @returns what gives them one by one; undefined: there are no more
 */
const prepared = async (rig: KillRig, before: readonly Fields[]): Promise<() => string | undefined> => {
  if (before.length === 0) return rig.freshStrategy;
  const strategies = Array.from({ length: LOT }, rig.freshStrategy);
  for (const [index, fields] of before.entries()) {
    for (const strategy of strategies) {
      const { status, text } = await deliver(rig.local, bodyOf(strategy, `before-${index}`, fields));
      assert.ok(status === 200 || status === 202, text);
    }
    await rig.reconcile();
  }
  return () => strategies.pop();
};

/** The points that every normal run comes by, the essential ones among them; those of the first are printed. */
const recorded = async (
  t: TestContext,
  name: string,
  run: () => Promise<Watch>,
  essential: readonly Point[],
): Promise<readonly Point[]> => {
  const runs: (readonly Point[])[] = [];
  for (let n = 1; runs.length < RECORDS; n += 1) {
    const { points, strangers } = await run();
    assert.ok(n < RECORDS * TRIES, `no normal run of a ${name}: ${points.map(describePoint).join('; ')}`);
    // On a busy machine the time to answer may end early, and the reconciler is woken: that is another run.
    if (strangers.length === 0 && essential.every((each) => includes(points, each))) runs.push(points);
  }
  const [first = [], ...others] = runs;
  const isCommon = (point: Point) => others.every((other) => includes(other, point));
  t.diagnostic(`Points of a ${name}; · marks what is not of every run`);
  for (const [index, point] of first.entries())
    t.diagnostic(`${String(index + 1).padStart(3)} ${isCommon(point) ? ' ' : '·'} ${describePoint(point)}`);
  return first.filter(isCommon);
};

const includes = (points: readonly Point[], point: Point): boolean =>
  points.some((each) => samePoint(each, point));

/** One fresh alert for each point of a normal run: killed there, then delivered again as the alerting tool would. */
export const killEverywhere = async (t: TestContext, rig: KillRig, scenario: Scenario): Promise<Killed[]> => {
  const nextStrategy = await prepared(rig, scenario.before ?? []);
  const next = async () => {
    const strategy = nextStrategy();
    assert.ok(strategy, `not enough normal runs of a ${scenario.name}`);
    const watch = await rig.watchDelivery(bodyOf(strategy, KEY, scenario.alert));
    assert.ok(watch.result.status === 200 || watch.result.status === 202, watch.result.text);
    return watch;
  };
  // The first run of a process measures the exchange's clock too.
  await next();
  const { essential = [COMMITTING, COMMITTED, SENDING, SENT] } = scenario;
  const points = await recorded(t, scenario.name, next, essential);
  const chosen = scenario.at?.(points) ?? points;
  const killed: Killed[] = [];
  for (const point of chosen) {
    const one = await killAt(rig, scenario.alert, nextStrategy, point);
    if (one) killed.push(one);
    // Which of two requests side by side is answered first may decide whether a later one is made at all.
    else t.diagnostic(`did not come again: ${describePoint(point)}`);
  }
  const met = killed.map((each) => each.point);
  assert.ok(essential.every((point) => includes(met, point)));
  return killed;
};

/** What a process reads of an order that it has sent depends on how much it has read just before: the next is a new one. */
const restedProcess = (rig: KillRig) => rig.watchDelivery(bodyOf(rig.freshStrategy(), KEY, BUY), COMMITTING);

/** @returns undefined: none of a few alerts came by the point */
const killAt = async (
  rig: KillRig,
  alert: Fields,
  nextStrategy: () => string | undefined,
  point: Point,
): Promise<Killed | undefined> => {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const strategy = nextStrategy();
    if (strategy === undefined) return undefined;
    const [id, body] = [orderIdOf(strategy, false, KEY), bodyOf(strategy, KEY, alert)];
    const { killed, strangers, result } = await rig.watchDelivery(body, point);
    if (!killed) {
      await restedProcess(rig);
      continue;
    }
    assert.deepEqual(strangers, []);
    assert.equal(result.status, 500, 'the alerting tool learns that a delivery failed');
    const again = await deliver(rig.local, body);
    assert.ok(again.status === 200 || again.status === 202, `${describePoint(point)}: ${again.text}`);
    assert.equal(again.json.id, id, describePoint(point));
    return { id, body, point };
  }
  return undefined;
};

export const killReconciler = async (rig: KillRig, point: Point): Promise<void> => {
  const { killed, strangers, result } = await rig.watchReconcile(point);
  assert.deepEqual([killed, strangers, result.error], [point, [], 'Unhandled']);
};

/**
 * At each point a run that has one order to find: executed, its answer lost, noted as unknown, and nobody there any more.
 * What a killed run left as it was, the next one meets.
 */
export const killReconcilerEverywhere = async (
  t: TestContext,
  rig: KillRig,
  chosen: (points: readonly Point[]) => readonly Point[],
): Promise<Killed[]> => {
  const unknown: Killed[] = [];
  const lose = async (): Promise<Killed> => {
    const match = { method: 'POST', path: '/api/v3/order', times: 1 };
    rig.exchange.faults.add({ match, kind: 'drop-after' });
    const lost = await killAt(rig, BUY, rig.freshStrategy, UNKNOWN);
    assert.ok(lost);
    unknown.push(lost);
    return lost;
  };
  const points = await recorded(
    t,
    'reconciliation that finds an order',
    async () => {
      await lose();
      return rig.watchReconcile();
    },
    [APPLYING, APPLIED],
  );
  let open: Killed | undefined;
  for (const point of chosen(points)) {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { id } = open ?? (await lose());
      const { killed, strangers } = await rig.watchReconcile(point);
      await rig.freeLease();
      assert.deepEqual(strangers, []);
      const order = (await readLedger(rig.engine)).orders.find((each) => each.id === id);
      open = order?.settled ? undefined : unknown.at(-1);
      if (killed) break;
      assert.ok(attempt + 1 < TRIES || point.nth > 1, `${describePoint(point)} did not come again`);
    }
  }
  return unknown;
};
