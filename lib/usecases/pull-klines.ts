import type { SeriesRecord } from '../domain/candle-series.ts';
import type { Series } from '../domain/candle-window.ts';
import { AppError } from '../domain/errors.ts';
import { TransientError } from '../domain/exchange-errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Candling } from './learn-candles.ts';
import { type PullRun, pullSeries } from './pull-series.ts';

/** Series that are worked on at once; the budget of the exchange's reads paces their calls. */
const AT_ONCE = 12;
/** Time that the last calls of a run are left, ms. */
const RESERVE = 5_000;

export interface PullTask {
  readonly series: readonly Series[];
  /** Candles that a new series starts with. */
  readonly depth: number;
}

export interface PullSummary {
  readonly done: number;
  /** Candles that are new or were changed. */
  readonly written: number;
  /** Candles that are missing though others came after them. */
  readonly holes: number;
  /** Series for which time or budget ran out; the next run begins with those that are furthest behind. */
  readonly later: readonly string[];
  /** Symbols taken off the exchange. */
  readonly left: readonly string[];
  readonly failed: readonly { readonly series: string; readonly code: string; readonly reason: string }[];
}

/**
 * Brings all series up to date, each by itself: none stops the others.
 * @param options.deadline nothing is begun in the last seconds before it
 */
export const pullKlines = async (
  task: PullTask,
  candling: Candling,
  options: CallOptions,
): Promise<PullSummary> => {
  const { store, source, clock, log } = candling;
  let offline: ReturnType<PullRun['offline']> | undefined;
  const run: PullRun = {
    ...candling,
    depth: task.depth,
    stopAt: options.deadline - RESERVE,
    offline: () => {
      offline ??= source.offline(options).catch((error: unknown) => {
        // Without it the candles are right all the same; the next run asks again.
        log.warn('it could not be asked which symbols were taken off', { reason: String(error) });
        return undefined;
      });
      return offline;
    },
  };
  const stored = await store.allSeries(options);
  const records = new Map(
    stored.flatMap((each) => (each.kind === 'series' ? [[nameOf(each.record), each.record] as const] : [])),
  );
  const queue = furthestBehindFirst(task.series, records, clock.now());
  const [later, left, failed]: [string[], string[], PullSummary['failed'][number][]] = [[], [], []];
  let done = 0;
  let written = 0;
  let holes = 0;

  const one = async (series: Series): Promise<void> => {
    const name = nameOf(series);
    if (clock.now() >= run.stopAt) return void later.push(name);
    try {
      const result = await pullSeries(series, records.get(name), run, options);
      written += result.written;
      holes += result.holes;
      if (result.kind === 'done') done += 1;
      else (result.kind === 'later' ? later : left).push(name);
    } catch (error) {
      if (error instanceof TransientError) return void later.push(name);
      const code = error instanceof AppError ? error.code : 'internal';
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ series: name, code, reason });
      log.error('candles of one series could not be pulled', { series: name, code, reason });
    }
  };
  const work = async (): Promise<void> => {
    for (let series = queue.shift(); series; series = queue.shift()) await one(series);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const summary = { done, written, holes, later, left, failed };
  log.info('candles were pulled', { ...summary, later: later.length, left, failed: failed.length });
  return summary;
};

const nameOf = ({ symbol, interval }: Series): string => `${symbol} ${interval}`;

/** Of those equally far behind another begins each time, so that none is always the last. */
const furthestBehindFirst = (
  all: readonly Series[],
  records: ReadonlyMap<string, SeriesRecord>,
  now: number,
): Series[] => {
  const turn = Math.floor(now / 60_000) % Math.max(1, all.length);
  const behind = (series: Series): number => records.get(nameOf(series))?.open ?? Number.NEGATIVE_INFINITY;
  return [...all.slice(turn), ...all.slice(0, turn)].sort((a, b) =>
    a.interval === b.interval ? compare(behind(a), behind(b)) : 0,
  );
};

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
