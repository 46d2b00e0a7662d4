import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Fill } from '../../../lib/domain/fill.ts';
import { decimal, plain, sum } from '../../../lib/domain/money.ts';
import { baseChange, withFill } from '../../../lib/domain/positions.ts';
import { aLane, aTrade, idOf, NOW } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const ASSETS = { base: 'SOL', quote: 'USDT' };
const aFill = (own: Partial<Fill> = {}): Fill => ({
  ...aTrade(own),
  order: idOf(1),
  strategy: 'demo',
  n: 1,
  realised: '0',
  attempt: 1,
  appliedAt: NOW,
  ...own,
});

test('A buy adds coins and their cost, a commission in quote belongs to the cost', () => {
  const lane = withFill(
    aLane({ quantity: '1', cost: '90' }),
    aFill({ quantity: '2', quoteQuantity: '200', commission: '0.1', commissionAsset: 'USDT' }),
    ASSETS,
  );

  assert.deepEqual(
    [lane.quantity, lane.cost, lane.realised, lane.fees],
    ['3', '290.1', '0', { USDT: '0.1' }],
  );
});

test('A commission taken in the coins leaves fewer of them, in a buy and in a sale', () => {
  const fee = { commission: '0.01', commissionAsset: 'SOL' };

  assert.equal(plain(baseChange(aFill({ quantity: '2', ...fee }), 'SOL')), '1.99');
  assert.equal(plain(baseChange(aFill({ side: 'sell', quantity: '2', ...fee }), 'SOL')), '-2.01');
});

test('A sale realises the proceeds less commission and the average cost of what was sold', () => {
  const sale = aFill({
    side: 'sell',
    quantity: '1',
    quoteQuantity: '120',
    commission: '0.5',
    commissionAsset: 'USDT',
  });

  const lane = withFill(aLane({ quantity: '4', cost: '400' }), sale, ASSETS);

  assert.deepEqual([lane.quantity, lane.cost, lane.realised], ['3', '300', '19.5']);
});

test('A commission in a third asset is only booked as a fee', () => {
  const fill = aFill({ quantity: '1', quoteQuantity: '100', commission: '0.2', commissionAsset: 'MX' });

  const lane = withFill(aLane({ fees: { MX: '0.1' } }), fill, ASSETS);

  assert.deepEqual([lane.quantity, lane.cost, lane.fees], ['1', '100', { MX: '0.3' }]);
});

test('Selling everything leaves no cost behind, however the shares were rounded on the way', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 8 });
  always(
    fc.property(sizes, fc.integer({ min: 1, max: 1_000_000 }), (sold, cost) => {
      const total = String(sold.reduce((a, b) => a + b, 0));
      const start = aLane({ quantity: total, cost: String(cost) });
      const fills = sold.map((size) =>
        aFill({ side: 'sell', quantity: String(size), quoteQuantity: String(size * 7) }),
      );

      const end = fills.reduce((lane, fill) => withFill(lane, fill, ASSETS), start);

      const proceeds = sum(fills.map(({ quoteQuantity }) => quoteQuantity));
      assert.deepEqual([end.quantity, end.cost], ['0', '0']);
      assert.equal(
        end.realised,
        plain(proceeds.minus(String(cost))),
        'profit is proceeds less cost, exactly',
      );
    }),
  );
});

test('A sale beyond what is held is booked as it happened: the position goes below zero, the cost does not', () => {
  const lane = withFill(aLane({ quantity: '1', cost: '90' }), aFill({ side: 'sell', quantity: '3' }), ASSETS);

  assert.deepEqual([lane.quantity, lane.cost, lane.realised], ['-2', '0', '210']);
  assert.ok(decimal(withFill(lane, aFill({ side: 'sell' }), ASSETS).cost).eq('0'));
});
