import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrderDetail } from '../../../lib/console/answers.ts';
import { stepsOf } from '../../../lib/console/timeline.ts';

const at = (ms: number): string => new Date(Date.parse('2026-11-22T10:00:00Z') + ms).toISOString();

const order: OrderDetail = {
  id: 'm1',
  strategy: 'demo',
  symbol: 'SOLUSDT',
  action: 'buy',
  side: 'buy',
  type: 'market',
  state: 'filled',
  quantity: '1',
  quoteQuantity: undefined,
  price: undefined,
  filledQuantity: '1',
  filledQuote: '142',
  averagePrice: '142',
  exchangeOrderId: 'C1',
  clientOrderId: 'm1-1',
  code: undefined,
  class: undefined,
  reason: undefined,
  createdAt: at(0),
  updatedAt: at(400),
  history: [
    { at: at(0), state: 'accepted', detail: 'alert received' },
    { at: at(30), state: 'submitting', detail: 'attempt 1' },
    { at: at(400), state: 'filled' },
  ],
  settled: true,
  reserved: '0',
  alert: '{}',
  attempts: [{ n: 1, clientOrderId: 'm1-1', signedAt: at(-90_000), until: at(-84_000), outcome: 'found' }],
  fills: [],
};

test('an attempt stands where it was submitted, whatever the clock of the exchange says', () => {
  const steps = stepsOf(order, at(-50));

  assert.deepEqual(
    steps.map(({ title, since }) => [title, since]),
    [
      ['Alert fired, by its own account', undefined],
      ['Alert stored', undefined],
      ['accepted', 0],
      ['submitting', 30],
      ['Attempt 1: on the exchange', undefined],
      ['filled', 370],
    ],
  );
});
