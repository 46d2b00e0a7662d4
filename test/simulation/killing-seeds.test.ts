import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tableModels } from '../support/engines.ts';
import { drawPlan } from './draw-plan.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { worldsWithout } from './mutate.ts';
import { type Killers, readKillers } from './run-mutants.ts';

/** `MUTANTS=all`: every one of them. Otherwise the first that each invariant kills: each check is seen to bite. */
const ALL = process.env.MUTANTS === 'all';

const oneForEachInvariant = (killers: Killers): readonly Mutant[] => {
  const first = new Map<string, Mutant>();
  for (const mutant of MUTANTS) {
    const invariant = killers[mutant.name]?.invariant;
    if (invariant !== undefined && !first.has(invariant)) first.set(invariant, mutant);
  }
  return [...first.values()];
};

test('every mutant changes exactly one place of each file that it names', () => {
  const elsewhere = MUTANTS.flatMap(({ name, edits }) =>
    edits.flatMap(({ file, find }) => {
      const places = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(find).length - 1;
      return places === 1 ? [] : [`${name}: ${places} places in ${file}`];
    }),
  );
  assert.deepEqual(elsewhere, []);
});

test('a rule that is left out is missed, by the seed and the invariant that are written down', async (t) => {
  const killers = readKillers();
  const tables = await tableModels();
  const played = ALL ? MUTANTS : oneForEachInvariant(killers);
  const open = MUTANTS.filter(({ name }) => !killers[name]).map(({ name }) => name);
  if (open.length > 0) t.diagnostic(`no seed yet: ${open.join('; ')}`);
  t.diagnostic(`${played.length} of ${MUTANTS.length} mutants: ${played.map(({ name }) => name).join('; ')}`);
  const wrong: string[] = [];
  for (const mutant of played) {
    const known = killers[mutant.name];
    if (!known) continue;
    const { runPlan } = await worldsWithout(mutant);
    const { violations } = await runPlan(drawPlan(known.seed), { tables });
    const own = violations.find(({ invariant }) => mutant.diesBy.includes(invariant))?.invariant;
    if (own !== known.invariant)
      wrong.push(`${mutant.name}: seed ${known.seed} shows ${own ?? 'nothing'}, not ${known.invariant}`);
  }
  assert.deepEqual(wrong, [], 'npm run simulate -- --mutants finds other seeds');
});
