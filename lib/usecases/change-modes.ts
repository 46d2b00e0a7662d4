import { AppError } from '../domain/errors.ts';
import { type DefaultMode, defaultModeAfter, type ModeChange } from '../domain/mode-change.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Strategy } from '../domain/strategy.ts';
import type { Controlling } from './controlling.ts';
import { inParallel } from './reconcile-run.ts';

const WRITES_AT_ONCE = 40;

/** What a change met. Every strategy is in one of the three lists. */
export interface Changes {
  /** As each write left it. */
  readonly held: readonly Strategy[];
  /** Somebody else changed these at the same time, and this change would have loosened what they set. */
  readonly superseded: readonly string[];
  /** No answer in time: the change may hold there, or may yet. */
  readonly open: readonly string[];
  /** The same for strategies to come; absent when they are not meant, or their mode stays. */
  readonly forNew?: DefaultMode | 'superseded' | 'open';
}

/**
 * One write per strategy, in parallel, each repeated until it holds (order protocol, 10.1). For all: first the mode of
 * strategies to come, then every record that a consistent scan shows after it, so that none is missed that is made meanwhile.
 */
export const changeModes = async (
  change: ModeChange,
  strategies: readonly string[] | 'all',
  control: Controlling,
  options: CallOptions,
): Promise<Changes> => {
  const { modes, ledger } = control;
  const held: Strategy[] = [];
  const superseded: string[] = [];
  const open: string[] = [];
  const mode = strategies === 'all' ? defaultModeAfter(change) : undefined;
  const forNew = mode && (await orOpen('to come', modes.setDefault(mode, change, options), control));
  if (forNew === 'superseded' || forNew === 'open') return { held, superseded, open, forNew };
  const names = strategies === 'all' ? await orOpen('all', modes.names(options), control) : strategies;
  if (names === 'open') return { held, superseded, open, forNew: 'open' };

  await inParallel(names, WRITES_AT_ONCE, async (name) => {
    const write = async (): Promise<Strategy | 'superseded'> => {
      // A strategy that has never traded gets its record here: what is said of it holds from its first alert on.
      if (strategies !== 'all') await ledger.ensureStrategy(name, options);
      return modes.change(name, change, options);
    };
    const result = await orOpen(name, write(), control);
    if (result === 'open') open.push(name);
    else if (result === 'superseded') superseded.push(name);
    else held.push(result);
  });
  held.sort((a, b) => (a.strategy < b.strategy ? -1 : 1));
  return { held, superseded: superseded.sort(), open: open.sort(), ...(forNew && { forNew }) };
};

/** One item that cannot be read or written stops nothing else, a halt of the others least of all. */
const orOpen = async <T>(name: string, call: Promise<T>, { log }: Controlling): Promise<T | 'open'> => {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.error('a mode could not be changed', { strategy: name, error: error.message });
    return 'open';
  }
};

type Seen = Pick<Strategy, 'mode' | 'epoch'>;

/**
 * True while every mode and epoch is still what its write returned (order protocol, 10.3): nobody loosened, or loosened and
 * halted again, what is about to be answered for.
 */
export const stillHold = async (
  { held, forNew }: Changes,
  { modes }: Controlling,
  options: CallOptions,
): Promise<boolean> => {
  let same = true;
  const compare = (before: Seen, after: Seen | undefined): void => {
    same &&= after?.mode === before.mode && after.epoch === before.epoch;
  };
  if (typeof forNew === 'object') compare(forNew, await modes.readDefault(options));
  await inParallel(held, WRITES_AT_ONCE, async (before) =>
    compare(before, await modes.read(before.strategy, options)),
  );
  return same;
};
