import type { Events, Plan } from './plan.ts';
import { type Outcome, runPlan } from './run-seed.ts';
import type { Stores } from './world.ts';

/** Names of what a plan may be made smaller by. */
export const PARTS = [
  'stops',
  'storeFaults',
  'exchangeFaults',
  'wireFaults',
  'steps',
  'operator',
  'runs',
  'moves',
  'deliveries',
] as const satisfies readonly (keyof Events)[];
type Part = (typeof PARTS)[number];

/** Which events of each part are left; a part that is not named is whole. */
export type Kept = Readonly<Partial<Record<Part, readonly number[]>>>;

const select = <Item>(items: readonly Item[], kept: readonly number[] | undefined): readonly Item[] =>
  kept ? items.filter((_, index) => kept.includes(index)) : items;

export const reduced = (plan: Plan, kept: Kept): Plan => ({
  ...plan,
  stops: select(plan.stops, kept.stops),
  storeFaults: select(plan.storeFaults, kept.storeFaults),
  exchangeFaults: select(plan.exchangeFaults, kept.exchangeFaults),
  wireFaults: select(plan.wireFaults, kept.wireFaults),
  steps: select(plan.steps, kept.steps),
  operator: select(plan.operator, kept.operator),
  runs: select(plan.runs, kept.runs),
  moves: select(plan.moves, kept.moves),
  deliveries: select(plan.deliveries, kept.deliveries),
});

/**
 * Leaves out what is not needed for the same invariant to be broken: whole parts first, then halves, then single events.
 * @returns what is left, and what comes of it
 */
export const shrink = async (
  plan: Plan,
  failed: Outcome,
  stores: Stores,
): Promise<{ readonly kept: Kept; readonly outcome: Outcome }> => {
  const invariant = failed.violations[0]?.invariant;
  let kept: Kept = Object.fromEntries(PARTS.map((part) => [part, plan[part].map((_, index) => index)]));
  let outcome = failed;
  const without = async (part: Part, gone: ReadonlySet<number>): Promise<boolean> => {
    const tried: Kept = { ...kept, [part]: kept[part]?.filter((index) => !gone.has(index)) };
    const result = await runPlan(reduced(plan, tried), stores);
    if (result.violations[0]?.invariant !== invariant) return false;
    kept = tried;
    outcome = result;
    return true;
  };
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const part of PARTS) {
      for (let size = kept[part]?.length ?? 0; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
        for (let from = 0; from < (kept[part]?.length ?? 0); ) {
          const gone = new Set(kept[part]?.slice(from, from + size));
          if (await without(part, gone)) smaller = true;
          else from += size;
        }
      }
    }
  }
  return { kept, outcome };
};
