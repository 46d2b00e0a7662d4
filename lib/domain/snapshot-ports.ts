import type { Fill } from './fill.ts';
import type { Lane } from './lane.ts';
import type { CallOptions } from './ports.ts';
import type { DayProfit } from './profit.ts';
import type { Snapshot } from './snapshot.ts';
import type { Transfer } from './transfers.ts';

/** Snapshots of the account and results by day. Each throws `StoreUnavailableError` when no answer came in time. */
export interface Balances {
  /** The newest snapshot; strongly consistent. */
  latest(options: CallOptions): Promise<Snapshot | undefined>;
  /**
   * Puts the first version of a slot, or the next over the one before. @returns false when somebody else was first
   * @param options.after the snapshot before, which must still be in this version: what became of a remainder there must not be
   * lost here
   */
  save(
    snapshot: Snapshot,
    options: CallOptions & { readonly after?: Pick<Snapshot, 'slot' | 'version'> },
  ): Promise<boolean>;
  /** Snapshots with slots in `[from, to]`, epoch ms, oldest first. @param page.after slot of the last one of the page before */
  between(
    from: number,
    to: number,
    page: { readonly limit: number; readonly after?: number },
    options: CallOptions,
  ): Promise<{ readonly snapshots: readonly Snapshot[]; readonly more: boolean }>;
  /** All fills of a lane with numbers in `(after, upTo]`, in that order; waits for an index that lags. */
  fills(
    lane: Pick<Lane, 'strategy' | 'symbol'>,
    range: { readonly after: number; readonly upTo: number },
    options: CallOptions,
  ): Promise<readonly Fill[]>;
  dayProfit(
    key: Pick<DayProfit, 'day' | 'strategy' | 'symbol'>,
    options: CallOptions,
  ): Promise<DayProfit | undefined>;
  /** Writes over what was read. @returns false when it was another by then */
  saveDayProfit(profit: DayProfit, before: DayProfit | undefined, options: CallOptions): Promise<boolean>;
  /** Of all strategies and symbols. @param day `YYYY-MM-DD` */
  profitOfDay(day: string, options: CallOptions): Promise<readonly DayProfit[]>;
}

/** Deposits, withdrawals and the like, as the stream told them. Each throws `StoreUnavailableError` when no answer came in time. */
export interface TransferStore {
  /** The same transfer again changes nothing. */
  save(transfer: Transfer, options: CallOptions): Promise<void>;
  /** Those of `[from, to]`, exchange ms, oldest first; strongly consistent. */
  between(from: number, to: number, options: CallOptions): Promise<readonly Transfer[]>;
}
