import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { killerOf, readKillers } from './run-mutants.ts';

/** How many mutants are played side by side. */
const AT_ONCE = Math.min(2, availableParallelism());

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
  const wrong: string[] = [];
  const open = MUTANTS.filter(({ name }) => !killers[name]);
  t.diagnostic(`${open.length} of ${MUTANTS.length} mutants have no seed yet`);
  const left = MUTANTS.filter((mutant) => !open.includes(mutant)).values();
  const play = async (): Promise<void> => {
    for (const mutant of left) {
      const known = killers[mutant.name];
      if (!known) continue;
      const one = { from: known.seed, count: 1, jobs: 1, onEngine: false };
      const { killer } = await killerOf(mutant, one);
      if (killer?.invariant !== known.invariant)
        wrong.push(
          `${mutant.name}: seed ${known.seed} shows ${killer?.invariant ?? 'nothing'}, not ${known.invariant}`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  assert.deepEqual(wrong, [], 'npm run simulate -- --mutants finds other seeds');
});
