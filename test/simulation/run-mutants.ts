import { MUTANTS } from './mutants.ts';
import { runSeeds, type Seeds, say, type Told } from './simulate.ts';

/** Runs every mutant until a seed kills it. @returns whether each died by one of its own invariants */
export const runMutants = async (seeds: Seeds): Promise<boolean> => {
  let alive = 0;
  for (const { name, diesBy } of MUTANTS) {
    let killer: Told | undefined;
    await runSeeds(seeds, name, (told) => {
      if (told.violations.length > 0) killer = told;
      return told.violations.length === 0;
    });
    const by = killer?.violations[0]?.invariant;
    const asExpected = by !== undefined && diesBy.includes(by);
    if (!asExpected) alive += 1;
    say(
      by === undefined
        ? `LIVES    ${name}: ${seeds.count} seeds`
        : `${asExpected ? 'dies    ' : 'OTHERWISE'} ${name}: seed ${killer?.seed}, ${by}`,
    );
  }
  say(`${MUTANTS.length - alive} of ${MUTANTS.length} mutants die as they should`);
  return alive === 0;
};
