import type { ReadBudget } from '../domain/ports.ts';

/** A read budget that knows what was taken out of it. */
export interface WeightMeter {
  readonly budget: ReadBudget;
  /** Weight taken since this was last asked; `undefined`: none. */
  taken(): number | undefined;
}

/** Counts what one process takes out of the account's read budget. */
export const meterWeight = (budget: ReadBudget): WeightMeter => {
  let weight = 0;
  return {
    budget: {
      take: async (need, latest, options) => {
        const at = await budget.take(need, latest, options);
        if (at !== undefined) weight += need.calls * need.weight;
        return at;
      },
    },
    taken: () => {
      const taken = weight;
      weight = 0;
      return taken === 0 ? undefined : taken;
    },
  };
};
