import { createHash } from 'node:crypto';
import { settingsOf } from '../../lib/domain/settings.ts';
import { chanceOf } from './chance.ts';
import { unrecorded } from './check-account.ts';
import { checkEnd, checkRepeats, type End } from './check-end.ts';
import { watchWrites } from './check-writes.ts';
import { coverageOf } from './coverage.ts';
import { createFindings, type Violation } from './invariants.ts';
import { type Ledger, mirrored } from './ledger-mirror.ts';
import type { Delivery, Plan } from './plan.ts';
import { createWorld, type Exchanged, type Stores, type World } from './world.ts';

export interface Outcome {
  readonly seed: number;
  readonly class: 'A' | 'B';
  readonly violations: readonly Violation[];
  /** How often what happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** Of everything that was sent, answered and stored. */
  readonly digest: string;
  readonly events: number;
  /** True time that passed, ms. */
  readonly lasted: number;
}

/** After the faults: when alerts without a clear answer are sent again, and resting orders are cancelled by hand; ms. */
const AGAIN_AFTER = 5_000;
const CANCEL_AFTER = 10_000;
/** Earliest and latest end after the faults, ms. */
const EARLIEST_END = { A: 66_000, B: 130_000 } as const;
const LATEST_END = 15 * 60_000;
/** Alerts that are repeated when all is over, and the time that this takes at most, ms. */
const REPEATED = 3;
const REPEAT_TIME = 8_000;

/** Plays one plan to its end and checks it. The same plan gives the same outcome to the byte. */
export const runPlan = async (plan: Plan, stores: Stores): Promise<Outcome> => {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const findings = createFindings(plan.class);
  const ledger: Ledger = { orders: new Map(), strategies: new Map(), lanes: new Map(), fills: new Map() };
  const elapsed = (): number => (world?.timeline.now() ?? plan.start) - plan.start;
  const ofStrategy = (strategy: string) => settingsOf({ strategies: plan.strategies, symbols: [] }, strategy);
  const watch = watchWrites(ledger, ofStrategy, findings, elapsed);
  let world: World | undefined;
  world = await createWorld(plan, stores, count, (dynamo) => mirrored(dynamo, ledger, watch.check));
  const { timeline } = world;
  const end: End = { world, ledger, watch, findings };

  planSettling(world);
  const failed = () => findings.violations.length > 0;
  let looked = 0;
  /** Looked at once a second: it costs more than an event does. */
  const isOver = (): boolean => {
    const now = elapsed();
    if (now < plan.lasts + EARLIEST_END[plan.class] || now - looked < 1_000) return false;
    looked = now;
    return isSettled(world, ledger);
  };
  let events = await timeline.play(() => !failed() && elapsed() < plan.lasts + LATEST_END && !isOver());
  if (!failed()) {
    checkEnd(end);
  }
  if (!failed()) {
    const repeats = repeatSome(world);
    const over = elapsed() + REPEAT_TIME;
    events += await timeline.play(
      () => !failed() && elapsed() < over && repeats.some(({ answer }) => !answer),
    );
    checkRepeats(end, repeats);
  }
  coverageOf(world, watch, count);
  return {
    seed: plan.seed,
    class: plan.class,
    violations: findings.violations,
    counts,
    digest: digestOf(world, ledger),
    events,
    lasted: elapsed(),
  };
};

/** What happens when the faults are over, so that everything can come to its end. */
const planSettling = (world: World): void => {
  const { plan, timeline, exchange, deliver, exchanged } = world;
  const after = (ms: number, run: () => void): void => timeline.at(plan.start + plan.lasts + ms, run);
  after(AGAIN_AFTER, () => {
    const clear = new Set(
      exchanged.filter(({ answer }) => answer && answer.status !== 503).map(({ delivery }) => delivery.alert),
    );
    const again = new Map<number, Delivery>();
    for (const { delivery } of exchanged) if (!clear.has(delivery.alert)) again.set(delivery.alert, delivery);
    let n = 0;
    for (const delivery of again.values())
      timeline.at(timeline.now() + 300 * n++, () => deliver(delivery, 3));
  });
  const cancelOpen = (): void => {
    for (const { orderId, status } of exchange.truth().orders)
      if (status === 'NEW' || status === 'PARTIALLY_FILLED')
        exchange.apply({ do: 'cancel', with: { orderId } });
  };
  // Again later, for what was sent by then.
  for (const times of [1, 4, 16, 32]) after(times * CANCEL_AFTER, cancelOpen);
};

const isSettled = ({ plan, functions, exchange }: World, ledger: Ledger): boolean =>
  functions.frozen() === 0 &&
  [...ledger.orders.values()].every(({ settled }) => settled) &&
  unrecorded(plan, ledger, exchange.truth()).length === 0;

const repeatSome = (world: World): Exchanged[] => {
  const chance = chanceOf(`repeats ${world.plan.seed}`);
  const { deliveries } = world.plan;
  const [first, ...rest] = deliveries;
  if (!first) return [];
  return Array.from({ length: REPEATED }, () => chance.pick([first, ...rest])).flatMap((delivery) => [
    world.deliver(delivery, 0),
    world.deliver(delivery, 0),
  ]);
};

const digestOf = ({ exchange, exchanged }: World, ledger: Ledger): string => {
  const hash = createHash('sha256').update(exchange.trace());
  for (const { at, answeredAt, answer } of exchanged) hash.update(JSON.stringify([at, answeredAt, answer]));
  for (const table of Object.values(ledger)) hash.update(JSON.stringify([...table.entries()]));
  return hash.digest('hex').slice(0, 16);
};
