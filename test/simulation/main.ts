import { parseArgs } from 'node:util';
import { mutate } from './mutate.ts';

/**
 * npm run simulate -- [--seeds 1000] [--from 1] [--jobs 2]   worlds of so many seeds, and what they covered
 *                     --engine dynoxide --seeds 300           the same on a real DynamoDB engine, whichever this machine has
 *                     --seeds 1 --from 7 --shrink             the smallest part of seed 7 that breaks the same invariant
 *                     --seeds 1 --from 7 --keep '{…}'         that part alone
 *                     --mutants [--seeds 500]                 every mutant, and the seed and invariant that kill it: killing-seeds.json
 *                     --mutants --mutant '<name>'             that one alone
 *                     --seeds 1 --from 7 --mutant '<name>'    a seed of it
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'memory' },
    shrink: { type: 'boolean', default: false },
    keep: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    /** Set by the parent process: which of every `jobs` seeds to run. */
    worker: { type: 'string' },
  },
});

/** The rule has to be gone before the first file of the product is loaded. */
const isMutated = values.mutant === undefined || values.mutants ? undefined : mutate(values.mutant);
const { simulate, simulateOne, work } = await import('./simulate.ts');
isMutated?.();

const onEngine = values.engine !== 'memory';
const seeds = { from: Number(values.from), count: Number(values.seeds), jobs: Number(values.jobs), onEngine };
const mutant = values.mutant;
if (values.worker !== undefined) {
  await work(seeds, Number(values.worker));
} else if (values.mutants) {
  const { runMutants } = await import('./run-mutants.ts');
  process.exitCode = (await runMutants(seeds, mutant === undefined ? [] : [mutant])) ? 0 : 1;
} else if (seeds.count === 1) {
  const { shrink, keep } = values;
  process.exitCode = (await simulateOne(seeds.from, { shrink, keep, onEngine })) ? 0 : 1;
} else {
  process.exitCode = (await simulate(seeds, mutant)) ? 0 : 1;
}
