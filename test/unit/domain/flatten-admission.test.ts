import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bench, judgeAdmission } from '../../../lib/domain/admission.ts';
import { flattenOrder } from '../../../lib/usecases/flatten-order.ts';
import { aLane, aStrategy, NOW, settings, solRules } from '../../support/builders.ts';

/** The turn of a sale by a flatten `mine`, of two coins. */
const turn = (own: Partial<Bench>) => {
  const order = flattenOrder('mine', { strategy: 'demo', symbol: 'SOLUSDT' }, NOW);
  return judgeAdmission({
    at: NOW,
    order,
    alert: order.alert,
    settings: settings(),
    strategy: aStrategy({ flatten: 'mine' }),
    lane: aLane({ quantity: '2' }),
    rules: solRules(),
    market: { last: '100', balances: [{ asset: 'SOL', free: '2', locked: '0' }] },
    ticket: NOW,
    pauseUntil: 0,
    equity: undefined,
    ...own,
  });
};

describe('the sale of a flatten', () => {
  test('passes in every mode under its command, and sells the whole position', () => {
    for (const mode of ['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const) {
      const verdict = turn({ strategy: aStrategy({ mode, flatten: 'mine' }) });

      assert.ok(verdict.kind === 'send', mode);
      assert.deepEqual(
        [verdict.plan.side, verdict.plan.type, verdict.plan.quantity],
        ['sell', 'market', '2'],
      );
    }
  });

  test('is refused in every mode once its command is over', () => {
    for (const mode of ['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const)
      for (const strategy of [aStrategy({ mode }), aStrategy({ mode, flatten: 'another' })]) {
        const verdict = turn({ strategy });

        assert.ok(verdict.kind === 'end' && verdict.event.kind === 'refused', mode);
        assert.equal(verdict.event.refusal.code, 'halted');
      }
  });

  test('sells a symbol that alerts may not trade, and never grows too old', () => {
    const verdict = turn({ settings: settings({ symbols: ['XRPUSDT'] }), at: NOW + 86_400_000 });

    assert.equal(verdict.kind, 'send');
  });
});
