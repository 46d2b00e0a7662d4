import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderDetailView, orderView } from '../../../lib/domain/order-view.ts';
import { anAttempt, anOrder, aTrade, idOf, NOW, seen } from '../../support/builders.ts';

const filled = anOrder({
  state: 'filled',
  side: 'buy',
  quantity: '3',
  attempts: [
    anAttempt({ outcome: 'not_executed', code: '429' }),
    anAttempt({ n: 2, outcome: 'found', facts: seen('FILLED', '3', '200', 'X9') }),
  ],
  fillsQty: '3',
  settled: true,
});

test('An order shows its executed amounts, the average price cut off, and the attempt that the exchange has', () => {
  const view = orderView(filled);

  assert.deepEqual(
    [view.filledQuantity, view.filledQuote, view.averagePrice, view.exchangeOrderId, view.clientOrderId],
    ['3', '200', '66.666666666666', 'X9', `${idOf(1)}-2`],
  );
  assert.deepEqual(
    [view.createdAt, view.history[0]],
    [
      '2026-11-22T10:00:00.000Z',
      { at: '2026-11-22T10:00:00.000Z', state: 'accepted', detail: 'alert received' },
    ],
  );
});

test('An order that executed nothing has no average price', () => {
  const view = orderView(anOrder());

  assert.deepEqual([view.filledQuantity, view.averagePrice, view.clientOrderId], ['0', undefined, undefined]);
  assert.equal('duplicate' in view || 'test' in view || 'contradiction' in view, false);
});

test('The nonce of an attempt is in no answer', () => {
  const applied = { attempt: 2, appliedAt: NOW, n: 1, realised: '0' };
  const fill = { ...aTrade(), ...applied, order: idOf(1), strategy: 'demo' };

  const text = JSON.stringify([orderView(filled), orderDetailView(filled, [fill])]);

  assert.equal(text.includes('nonce'), false);
  assert.ok(text.includes('"signedAt":"2026-11-22T10:00:00.000Z"'));
});
