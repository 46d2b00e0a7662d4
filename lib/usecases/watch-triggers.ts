import { triggered } from '../domain/triggers.ts';
import { allOf } from './all-of.ts';
import type { Run } from './reconcile-run.ts';

/**
 * Sets strategies to REDUCE_ONLY by themselves (design, section 7): only over ACTIVE, so that exits still work; the operator
 * re-arms.
 * @param unknowns orders in the state `unknown`, by strategy
 */
export const watchTriggers = async (
  unknowns: ReadonlyMap<string, number>,
  { trading, modes, options }: Run,
): Promise<void> => {
  const { ledger, clock, log, settingsOf } = trading;
  const [strategies, lanes] = await allOf([ledger.strategies(options), ledger.lanes(options)]);
  const at = clock.now();
  for (const record of strategies) {
    const { strategy } = record;
    const own = lanes.filter((lane) => lane.strategy === strategy);
    const health = { strategy: record, lanes: own, unknowns: unknowns.get(strategy) ?? 0, at };
    const cause = triggered(health, settingsOf(strategy).triggers);
    const changed = cause ? await modes.restrict(strategy, { ...cause, at }, options) : [];
    if (changed.length > 0) log.error('a strategy may only reduce from now on', { strategy, ...cause });
  }
};
