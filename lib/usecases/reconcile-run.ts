import type { TimeEstimate } from '../domain/exchange-time.ts';
import type { Modes } from '../domain/mode-change.ts';
import type { Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Evidence } from './prove-absence.ts';
import type { Trading } from './trading.ts';

/** An order of the ledger whose symbol could be read. */
export type SentOrder = Order & { readonly symbol: string };

/** State of one run of the reconciler. */
export interface Run {
  readonly trading: Trading;
  readonly modes: Modes;
  readonly options: CallOptions;
  /** Rounds of evidence by client order id. */
  readonly evidence: Evidence;
  /** Orders whose state this run changed, by the state they ended in. */
  readonly settled: Record<string, number>;
  /** What a run does once, in its first pass: the sweep, and the triggers. Only the scheduled one. */
  onceDue: boolean;
  /** The exchange's clock as this process measured it in this run: once, when it is first needed. */
  measuredTime(): Promise<TimeEstimate | undefined>;
  /** Parts that failed. */
  failed(): number;
  /** Runs one part; its failure is noted and stops nothing else. */
  guarded<T>(what: string, part: () => Promise<T>): Promise<T | undefined>;
}

/** @param woken for a lane or a command, not by the schedule */
export const createRun = (trading: Trading, modes: Modes, woken: boolean, options: CallOptions): Run => {
  let failures = 0;
  let measured: TimeEstimate | undefined;
  const run: Run = {
    trading,
    modes,
    options,
    evidence: new Map(),
    settled: {},
    onceDue: !woken,
    measuredTime: async () => {
      measured ??= await run.guarded('measure the clock', async () => {
        const estimate = await trading.exchange.measureTime(options);
        await trading.ledger.saveTime(estimate, options);
        return estimate;
      });
      return measured;
    },
    failed: () => failures,
    guarded: async (what, part) => {
      try {
        return await part();
      } catch (error) {
        failures += 1;
        trading.log.error('a part of the reconciliation failed', { part: what, error: String(error) });
        return undefined;
      }
    },
  };
  return run;
};

/** Counts a change of state for the report. */
export const note = ({ settled }: Run, before: Order, after: Order | undefined): void => {
  if (after && after.state !== before.state) settled[after.state] = (settled[after.state] ?? 0) + 1;
};

/** Runs `work` over all items, at most `limit` at once. */
export const inParallel = async <Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
};
