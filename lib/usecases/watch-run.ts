import type { CallOptions, Ledger } from '../domain/ports.ts';
import type { StreamState } from '../domain/stream-state.ts';
import type { LatestAlert, Notes } from '../domain/watch-ports.ts';
import type { Run } from './reconcile-run.ts';
import type { Trading } from './trading.ts';

/** What a heartbeat that does not follow the account counts as at least, ms. */
const NOT_LIVE = 120_000;
const MINUTE = 60_000;

/** What the scheduled run looks at beside the orders. */
export interface Watch {
  /** Longest time between two alerts of a strategy, minutes; of those that have one. */
  readonly expected: ReadonlyMap<string, number>;
  readonly latestAlert: LatestAlert;
  readonly notes: Notes;
  /** Days that the trade key has left, when it is time to ask. Never throws. */
  readonly keyDays: (options: CallOptions) => Promise<number | undefined>;
}

/** What it found; of what could not be found out nothing is said. */
export interface Watched {
  /** Strategies whose next alert is overdue; absent when none is expected. */
  readonly overdue?: number;
  /** Age of the stream's heartbeat, s; absent when there never was one. */
  readonly streamSeconds?: number;
  readonly keyDays?: number;
}

/** What is needed of a run for it. */
type Looking = Pick<Run, 'guarded' | 'options'> & {
  readonly trading: Pick<Trading, 'clock' | 'log'> & { readonly ledger: Pick<Ledger, 'control'> };
};

/** Looks at what stands still without anybody noticing: alerts, the stream, the key. Each in its own try. */
export const watchRun = async (run: Looking, watch: Watch): Promise<Watched> => {
  const [overdue, streamSeconds, keyDays] = await Promise.all([
    watch.expected.size === 0
      ? undefined
      : run.guarded('look for overdue alerts', () => countOverdue(run, watch)),
    run.guarded('look at the stream', () => streamAge(run)),
    watch.keyDays(run.options),
  ]);
  return {
    ...(overdue !== undefined && { overdue }),
    ...(streamSeconds !== undefined && { streamSeconds }),
    ...(keyDays !== undefined && { keyDays }),
  };
};

/** A strategy that never had an alert is waited for from the first look on. */
const countOverdue = async (
  { trading, options }: Looking,
  { expected, latestAlert, notes }: Watch,
): Promise<number> => {
  const now = trading.clock.now();
  const since = async (strategy: string): Promise<number> => {
    const latest = await latestAlert(strategy, options);
    if (latest !== undefined) return latest;
    const name = `expected ${strategy}`;
    const noted = await notes.read(name, options);
    if (noted !== undefined) return Number(noted);
    await notes.write(name, String(now), options);
    return now;
  };
  let overdue = 0;
  for (const [strategy, minutes] of expected) {
    const silent = (now - (await since(strategy))) / MINUTE;
    if (silent <= minutes) continue;
    overdue += 1;
    trading.log.warn('the next alert of a strategy is overdue', {
      strategy,
      expectAlertEvery: minutes,
      minutesSinceTheLast: Math.floor(silent),
    });
  }
  return overdue;
};

const streamAge = async ({ trading, options }: Looking): Promise<number | undefined> => {
  const { stream } = await trading.ledger.control(options);
  return stream && ageOf(stream, trading.clock.now());
};

const ageOf = ({ at, live }: StreamState, now: number): number =>
  Math.round(Math.max(now - at, live ? 0 : NOT_LIVE) / 1_000);
