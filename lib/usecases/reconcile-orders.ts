import type { Modes } from '../domain/mode-change.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Pass, reconcilePass } from './reconcile-pass.ts';
import { createRun, type Run } from './reconcile-run.ts';
import { refreshSymbols } from './refresh-symbols.ts';
import { RUN_RESERVE } from './take-turns.ts';
import type { Trading } from './trading.ts';
import { type Watch, type Watched, watchRun } from './watch-run.ts';

/** First pause between two passes of one run, ms; it doubles while nothing changes. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;
/** How often a run that found another one at work looks whether that has ended, ms. */
const LEASE_PAUSE = 500;

export interface ReconcileTask {
  /** Woken for a lane: a run that is at work already does it too, so this one need not wait for it. */
  readonly woken: boolean;
  /** Symbols of the configuration, whose rules are kept fresh. */
  readonly symbols: readonly string[];
  readonly modes: Modes;
  /** What the scheduled run looks at beside the orders. @default nothing */
  readonly watch?: Watch;
}

export interface ReconcileReport {
  /** Orders whose state this run changed, by the state they ended in. */
  readonly settled: Readonly<Record<string, number>>;
  /** Orders still unsettled at the end. */
  readonly unsettled: number;
  /** Parts of the run that failed; the next run tries them again. */
  readonly failed: number;
  /** For how long the oldest unknown order has been so, s, 0 without one; absent: the orders could not be looked at. */
  readonly unknownSeconds?: number;
  readonly watched?: Watched;
  /** Another run was at work, and will look once more on account of this call. */
  readonly joined?: true;
}

/**
 * Drives every unsettled order to its truth (order protocol, section 11): measures the exchange's clock, then passes over
 * all orders while something is in doubt, immediate or waiting, until the deadline. One run is at work at a time, to save
 * calls: who is woken meanwhile only leaves a mark, on which the running one looks once more.
 */
export const reconcileOrders = async (
  task: ReconcileTask,
  trading: Trading,
  options: CallOptions,
): Promise<ReconcileReport> => {
  const owner = trading.nonce();
  const marks = await takeLease(task, owner, trading, options);
  if (marks === undefined) return { settled: {}, unsettled: 0, failed: 0, joined: true };
  const run = createRun(trading, task.modes, task.woken, options);
  let last: Pass | undefined;
  let watching: Promise<Watched | undefined> | undefined;
  try {
    if (!task.woken) {
      await run.measuredTime();
      const { watch } = task;
      // Beside the orders, which do not wait for it.
      watching = watch && run.guarded('watch what stands still', () => watchRun(run, watch));
      await run.guarded('refresh the symbols', () => refreshSymbols(task.symbols, trading, options));
    }
    last = await passes(run, owner, marks);
  } finally {
    await run.guarded('give the lease back', () => trading.lease.end(owner, undefined, options));
  }
  const watched = await watching;
  return {
    settled: run.settled,
    unsettled: last?.unsettled ?? 0,
    failed: run.failed(),
    ...(last && { unknownSeconds: secondsSince(last.unknownSince, trading.clock.now()) }),
    ...(watched && { watched }),
  };
};

/** A woken run leaves the work to the one that has the lease; the scheduled one waits for it, as it has more to do. */
const takeLease = async (
  { woken }: ReconcileTask,
  owner: string,
  { lease, clock }: Trading,
  options: CallOptions,
): Promise<number | undefined> => {
  for (;;) {
    const marks = await lease.begin(owner, options);
    if (marks !== undefined || woken) return marks;
    if (clock.now() + LEASE_PAUSE + RUN_RESERVE >= options.deadline) return undefined;
    await clock.sleep(LEASE_PAUSE);
  }
};

const secondsSince = (moment: number | undefined, now: number): number =>
  moment === undefined ? 0 : Math.max(0, Math.round((now - moment) / 1_000));

/** @returns the last pass that came to an end */
const passes = async (run: Run, owner: string, begun: number): Promise<Pass | undefined> => {
  const { trading, options } = run;
  const { lease, clock } = trading;
  let marks = begun;
  let pause = FIRST_PAUSE;
  let last: Pass | undefined;
  for (;;) {
    const done = total(run.settled);
    const pass = await run.guarded('look at the orders', () => reconcilePass(run));
    last = pass ?? last;
    if (pass && !pass.urgent && (await lease.end(owner, marks, options))) return pass;
    pause = total(run.settled) > done ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
    if (clock.now() + RUN_RESERVE + pause >= options.deadline) return last;
    await clock.sleep(pause);
    // Marks are read before the look: what is left during it calls for another.
    marks = (await lease.keep(owner, options)) ?? marks;
  }
};

const total = (settled: Readonly<Record<string, number>>): number =>
  Object.values(settled).reduce((sum, each) => sum + each, 0);
