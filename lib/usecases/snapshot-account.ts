import type { Modes } from '../domain/mode-change.ts';
import { decimal, plain, ZERO } from '../domain/money.ts';
import type { CallOptions, Ledger } from '../domain/ports.ts';
import type { SnapshotConfig } from '../domain/settings.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { dayOf } from '../domain/strategy.ts';
import type { Cause } from '../domain/triggers.ts';
import { type Snapshooting, snapshotBalances } from './snapshot-balances.ts';

/** What a run of `snapshot-balances` needs. */
export interface SnapshotTask extends Snapshooting {
  readonly ledger: Pick<Ledger, 'lanes' | 'rules' | 'control' | 'saveEquity'>;
  readonly modes: Pick<Modes, 'restrict'>;
  readonly triggers: SnapshotConfig['triggers'];
}

export interface SnapshotResult {
  /** ISO 8601 UTC. */
  readonly slot: string;
  /** False: the slot had its snapshot already. */
  readonly written: boolean;
  readonly total: string;
  readonly quote: string;
  readonly unpriced: number;
  /** Remainders that are open. */
  readonly unexplained: number;
  /** Those of them that nothing can be waited for any more. */
  readonly final: number;
}

/**
 * One run of the schedule: the snapshot, then what follows from it: the account's worth for sizing, and the triggers. What
 * follows is repeated by a run that finds its slot taken, in case the run that took it died.
 */
export const snapshotAccount = async (task: SnapshotTask, options: CallOptions): Promise<SnapshotResult> => {
  const { ledger, exchangeClock, clock } = task;
  // Somebody else's measurement is good enough to sign with, and saves a call.
  const { time } = await ledger.control(options);
  if (time && !exchangeClock.estimate()) exchangeClock.adopt(time);
  const { written, snapshot } = await snapshotBalances(task, options);
  const { slot, total, quote, unpriced, open } = snapshot;
  await ledger.saveEquity({ total, quote, at: slot }, options);
  const cause = triggeredBy(snapshot, task.triggers);
  const changed = cause ? await task.modes.restrict('all', { ...cause, at: clock.now() }, options) : [];
  if (changed.length > 0) task.log.error('all strategies may only reduce from now on', { ...cause });
  return {
    slot: new Date(slot).toISOString(),
    written,
    total,
    quote,
    unpriced: unpriced.length,
    unexplained: open.length,
    final: open.filter(({ state }) => state === 'unexplained').length,
  };
};

/** Why all strategies are to reduce only. */
const triggeredBy = (
  { slot, drawdownPercent, open, assets, quote }: Snapshot,
  { maxDrawdownPercent, maxUnexplained }: SnapshotConfig['triggers'],
): Cause | undefined => {
  if (maxDrawdownPercent !== undefined && decimal(drawdownPercent).gt(maxDrawdownPercent))
    return {
      id: `drawdown/${dayOf(slot)}`,
      reason: `the account is ${drawdownPercent} % below its peak; the limit is ${maxDrawdownPercent} %`,
    };
  if (maxUnexplained === undefined) return undefined;
  const unexplained = open.filter(({ state }) => state === 'unexplained');
  const worth = unexplained.reduce((all, { asset, amount }) => {
    return all.plus(
      decimal(amount)
        .abs()
        .times(assets[asset]?.price ?? '0'),
    );
  }, ZERO);
  if (worth.lte(maxUnexplained)) return undefined;
  return {
    id: `unexplained/${unexplained.map(({ id }) => id).join(',')}`,
    reason: `changes worth ${plain(worth)} ${quote} are not explained; the limit is ${maxUnexplained}`,
  };
};
