import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { tableModels } from '../support/engines.ts';
import { drawPlan } from './draw-plan.ts';
import { runPlan } from './run-seed.ts';
import { runSeeds, type Told } from './simulate.ts';

/** Seeds of every run of the tests; `npm run simulate` has the others. */
const FIXED = { from: 1, count: 24, jobs: Math.min(2, availableParallelism()), onEngine: false };

describe('simulated worlds of the order path', () => {
  test('break no invariant', async () => {
    const told: Told[] = [];
    await runSeeds(FIXED, undefined, (each) => {
      told.push(each);
      return true;
    });
    const broken = told.flatMap(({ seed, violations: [first] }) =>
      first ? [`${first.invariant}: ${first.message}; npm run simulate -- --seeds 1 --from ${seed}`] : [],
    );
    assert.deepEqual(broken, []);
    assert.equal(told.length, FIXED.count);
    const unknown = told.filter(({ counts }) => counts.some(([what]) => what === 'seeds with unknown'));
    assert.ok(unknown.length >= 0.3 * FIXED.count, `an unknown in ${unknown.length} seeds`);
  });

  test('are the same to the byte when they are played again', async () => {
    const stores = { tables: await tableModels() };
    const [one, other] = [await runPlan(drawPlan(7), stores), await runPlan(drawPlan(7), stores)];
    assert.equal(one.digest, other.digest);
    assert.equal(one.events, other.events);
  });
});
