import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Fill } from '../../../lib/domain/fill.ts';
import type { Lane } from '../../../lib/domain/lane.ts';
import { plain, sum } from '../../../lib/domain/money.ts';
import { realisedOn, withFill } from '../../../lib/domain/positions.ts';
import { dayOf } from '../../../lib/domain/strategy.ts';
import { aLane, aTrade, idOf, NOW } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const ASSETS = { base: 'SOL', quote: 'USDT' };
const DAY = 86_400_000;
const TODAY = dayOf(NOW);
const aFill = (own: Partial<Fill>): Fill => ({
  ...aTrade(own),
  order: idOf(1),
  strategy: 'demo',
  n: 1,
  realised: '0',
  attempt: 1,
  appliedAt: NOW,
  ...own,
});
/** One coin sold of a cost of 100. */
const sale = (proceeds: string, at = NOW): Fill =>
  aFill({ side: 'sell', quantity: '1', quoteQuantity: proceeds, appliedAt: at });
const after = (lane: Lane, fills: readonly Fill[]): Lane =>
  fills.reduce((held, fill) => withFill(held, fill, ASSETS), lane);
const hundredCoins = () => aLane({ quantity: '100', cost: '10000' });

test('The day’s result is what its sales realised, a loss is negative', () => {
  const lane = after(hundredCoins(), [sale('103'), sale('90')]);

  assert.equal(plain(realisedOn(lane, TODAY)), '-7');
  assert.equal(lane.realised, '-7');
});

test('What was realised on earlier days does not count, however much it was', () => {
  const lane = after(hundredCoins(), [sale('20', NOW - DAY), sale('99')]);

  assert.deepEqual([lane.realised, plain(realisedOn(lane, TODAY))], ['-81', '-1']);
});

test('A day without a sale has no result', () => {
  const yesterday = after(hundredCoins(), [sale('20', NOW - DAY)]);
  const bought = after(yesterday, [aFill({ commission: '1', commissionAsset: 'USDT' })]);

  assert.deepEqual(
    [yesterday, bought, hundredCoins()].map((lane) => plain(realisedOn(lane, TODAY))),
    ['0', '0', '0'],
  );
});

test('A sale applied by a clock that is a day behind counts for the day that has begun', () => {
  const lane = after(hundredCoins(), [sale('90'), sale('80', NOW - DAY)]);

  assert.equal(plain(realisedOn(lane, TODAY)), '-30');
  assert.equal(plain(realisedOn(lane, dayOf(NOW - DAY))), '0');
});

test('A sale at its cost realises nothing and moves no day', () => {
  const lane = after(hundredCoins(), [sale('90', NOW - DAY), sale('100')]);

  assert.deepEqual([plain(realisedOn(lane, TODAY)), lane.realised], ['0', '-10']);
});

test('Over any days in order, the results of the days add up to all that was realised', () => {
  const sales = fc.array(
    fc.record({ later: fc.nat({ max: 2 }), proceeds: fc.integer({ min: 1, max: 199 }) }),
    {
      maxLength: 12,
    },
  );
  always(
    fc.property(sales, (drawn) => {
      let lane = hundredCoins();
      let at = NOW;
      const results = new Map<string, string>();
      for (const { later, proceeds } of drawn) {
        at += later * DAY;
        lane = withFill(lane, sale(String(proceeds), at), ASSETS);
        results.set(dayOf(at), plain(realisedOn(lane, dayOf(at))));
      }

      assert.equal(plain(sum([...results.values()])), lane.realised);
    }),
  );
});
