import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { runSeeds, type Seeds, say } from './simulate.ts';

/** Which seed shows that a rule is gone, and by which invariant. Written by `--mutants`, read by the tests. */
const KILLERS = fileURLToPath(new URL('killing-seeds.json', import.meta.url));
const Killers = z.record(z.string(), z.strictObject({ seed: z.int(), invariant: z.string() }));
export type Killers = z.infer<typeof Killers>;

export const readKillers = (): Killers => Killers.parse(JSON.parse(readFileSync(KILLERS, 'utf8')));

/** The first of these seeds that breaks one of the mutant's own invariants; other violations are no proof that it was seen. */
const killerOf = async (
  { name, diesBy }: Mutant,
  seeds: Seeds,
): Promise<{ readonly killer?: Killers[string]; readonly others: readonly string[] }> => {
  let killer: Killers[string] | undefined;
  const others = new Set<string>();
  await runSeeds(seeds, name, ({ seed, violations }) => {
    const own = violations.find(({ invariant }) => diesBy.includes(invariant));
    if (own) killer = { seed, invariant: own.invariant };
    else for (const { invariant } of violations) others.add(`${invariant} in seed ${seed}`);
    return own === undefined;
  });
  return { ...(killer && { killer }), others: [...others] };
};

/**
 * Runs every mutant until a seed kills it, and writes down which.
 * @param only names of those to run; the others keep what is written of them
 * @returns whether each died by one of its own invariants
 */
export const runMutants = async (seeds: Seeds, only: readonly string[] = []): Promise<boolean> => {
  const killers: Killers = only.length > 0 ? readKillers() : {};
  let alive = 0;
  for (const mutant of MUTANTS) {
    if (only.length > 0 && !only.includes(mutant.name)) continue;
    const { killer, others } = await killerOf(mutant, seeds);
    if (killer) killers[mutant.name] = killer;
    else alive += 1;
    const also = others.length > 0 ? `; also ${others.slice(0, 3).join(', ')}` : '';
    say(
      killer
        ? `dies  ${mutant.name}: seed ${killer.seed}, ${killer.invariant}`
        : `LIVES ${mutant.name}: ${seeds.count} seeds${also}`,
    );
  }
  writeFileSync(KILLERS, `${JSON.stringify(killers, null, 2)}\n`);
  say(`${MUTANTS.length - alive} of ${MUTANTS.length} mutants die as they should`);
  return alive === 0;
};
