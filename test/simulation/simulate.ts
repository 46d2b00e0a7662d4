import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tableModels } from '../support/engines.ts';
import { judgeCoverage } from './coverage.ts';
import { drawPlan } from './draw-plan.ts';
import type { Violation } from './invariants.ts';
import { startRealEngine } from './real-engine.ts';
import { type Outcome, runPlan } from './run-seed.ts';
import { type Kept, PARTS, reduced, shrink } from './shrink.ts';
import type { Stores } from './world.ts';

export interface Seeds {
  readonly from: number;
  readonly count: number;
  /** Processes at once. */
  readonly jobs: number;
  /** On the real DynamoDB engine that this machine has. */
  readonly onEngine: boolean;
}

/** What a worker tells of one seed. */
export interface Told {
  readonly seed: number;
  readonly class: string;
  readonly violations: readonly Violation[];
  readonly counts: readonly (readonly [string, number])[];
  /** Seconds of processor time. */
  readonly cpu: number;
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** Of so many failing seeds the first violation is printed. */
const MOST_PRINTED = 20;
/** From so many seeds on a run fails for what it did not cover. */
const LEAST_JUDGED = 1_000;

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

const replayOf = (seed: number): string => `npm run simulate -- --seeds 1 --from ${seed}`;

const violationLine = ({ invariant, message, at }: Violation): string =>
  `${invariant}${at === undefined ? '' : ` at ${at} ms`}: ${message}`;

const openStores = async (onEngine: boolean): Promise<Stores> => {
  const tables = await tableModels();
  return { tables, ...(onEngine && { real: await startRealEngine(tables) }) };
};

/** Runs its share of the seeds and tells of each. */
export const work = async ({ from, count, jobs, onEngine }: Seeds, share: number): Promise<void> => {
  const stores = await openStores(onEngine);
  process.once('disconnect', () => process.exit());
  for (let seed = from + share; seed < from + count; seed += jobs) {
    const before = process.cpuUsage();
    const outcome = await runPlan(drawPlan(seed), stores);
    const { user, system } = process.cpuUsage(before);
    const { violations, counts, class: seedClass } = outcome;
    const told: Told = {
      seed,
      class: seedClass,
      violations,
      counts: [...counts],
      cpu: (user + system) / 1e6,
    };
    if (!process.send?.(told)) await new Promise((resolve) => void setImmediate(resolve));
  }
  await stores.real?.stop();
  process.disconnect?.();
};

/** Runs the seeds in processes of their own. @param onSeed false: enough */
export const runSeeds = async (
  seeds: Seeds,
  mutant: string | undefined,
  onSeed: (told: Told) => boolean,
): Promise<void> => {
  const common = ['--seeds', seeds.count, '--from', seeds.from, '--jobs', seeds.jobs].map(String);
  const given = [
    ...common,
    ...(seeds.onEngine ? ['--engine', 'real'] : []),
    ...(mutant === undefined ? [] : ['--mutant', mutant]),
  ];
  const workers = Array.from({ length: seeds.jobs }, (_, share) =>
    fork(MAIN, [...given, '--worker', String(share)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  let enough = false;
  for (const worker of workers)
    worker.on('message', (told: Told) => {
      if (!enough && !onSeed(told)) {
        enough = true;
        for (const each of workers) each.kill();
      }
    });
  const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  if (!enough && codes.some(([code]) => code !== 0)) throw new Error('a worker ended before its seeds');
};

/** Runs many seeds, prints what fails with the command that replays it, and what was covered. @returns whether all is well */
export const simulate = async (seeds: Seeds, mutant: string | undefined): Promise<boolean> => {
  const counts = new Map<string, number>();
  const failing: Told[] = [];
  const began = Date.now();
  let done = 0;
  let cpu = 0;
  const progress = (): string =>
    `${done} of ${seeds.count} seeds, ${failing.length} failing, ${(cpu / done).toFixed(3)} s of processor each, ${Math.round((Date.now() - began) / 1_000)} s`;
  await runSeeds(seeds, mutant, (told) => {
    done += 1;
    cpu += told.cpu;
    for (const [what, n] of told.counts) counts.set(what, (counts.get(what) ?? 0) + n);
    const [violation] = told.violations;
    if (violation) {
      failing.push(told);
      if (failing.length <= MOST_PRINTED)
        say(`seed ${told.seed} (${told.class}) ${violationLine(violation)}\n  ${replayOf(told.seed)}`);
    }
    if (done % 250 === 0) say(progress());
    return mutant === undefined || !violation;
  });
  say(progress());
  if (mutant !== undefined) return failing.length > 0;
  if (seeds.onEngine) return failing.length === 0;
  const { rows, gaps } = judgeCoverage(counts, seeds.count);
  for (const row of rows) say(row);
  for (const gap of gaps) say(`too seldom: ${gap}`);
  // A few seeds cannot cover everything.
  return failing.length === 0 && (gaps.length === 0 || seeds.count < LEAST_JUDGED);
};

/** Runs one seed, or what is kept of it, and says everything about it. @returns whether all is well */
export const simulateOne = async (
  seed: number,
  {
    shrink: smaller,
    keep,
    onEngine,
  }: { readonly shrink: boolean; readonly keep?: string | undefined; readonly onEngine: boolean },
): Promise<boolean> => {
  const stores = await openStores(onEngine);
  const whole = drawPlan(seed);
  const plan = keep === undefined ? whole : reduced(whole, JSON.parse(keep) as Kept);
  const outcome = await runPlan(plan, stores);
  print(outcome);
  if (smaller && outcome.violations.length > 0) {
    const { kept, outcome: small } = await shrink(plan, outcome, stores);
    const left = reduced(plan, kept);
    for (const part of PARTS) for (const event of left[part]) say(`${part}: ${JSON.stringify(event)}`);
    print(small);
    say(`${replayOf(seed)} --keep '${JSON.stringify(kept)}'`);
  }
  await stores.real?.stop();
  return outcome.violations.length === 0;
};

const print = ({ seed, class: seedClass, violations, digest, events, lasted }: Outcome): void => {
  say(`seed ${seed}, class ${seedClass}, ${events} events in ${lasted} ms, trace ${digest}`);
  for (const violation of violations) say(`  ${violationLine(violation)}`);
};
