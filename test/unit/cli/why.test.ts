import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderDetail } from '../../../lib/cli/mexc/shapes.ts';
import { timelineOf } from '../../../lib/cli/mexc/timeline.ts';
import { explanationOf } from '../../../lib/cli/mexc/why.ts';
import { OrderState } from '../../../lib/domain/order-record.ts';
import { orderAnswer } from '../../support/order-answers.ts';

const bought: Partial<OrderDetail> = {
  side: 'buy',
  filledQuantity: '2',
  filledQuote: '285',
  averagePrice: '142.5',
};
const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, seconds)).toISOString();

describe('why an alert went as it did', () => {
  const endings: readonly (readonly [string, Partial<OrderDetail>, RegExp])[] = [
    [
      'refused by the rules',
      {
        state: 'refused',
        refusal: {
          code: 'rules',
          message: 'too small',
          details: [{ path: 'quantity', message: 'is too small' }],
          nearest: { quantity: '0.01' },
          resetsAt: '2026-11-23T00:00:00Z',
        },
      },
      /nothing was sent to the exchange\. Quantity: is too small\. What would have passed: quantity 0\.01\. .*starts anew at 2026-11-23T00:00:00Z\. \(rules\)$/,
    ],
    ['skipped', { state: 'skipped', reason: 'at target' }, /no order was needed\. The reason: at target\.$/],
    [
      'rejected',
      { state: 'rejected', code: '30004', reason: 'Insufficient position' },
      /the exchange refused it: nothing was executed\. The reason: Insufficient position \(30004\)\.$/,
    ],
    ['filled', { state: 'filled', ...bought }, /Bought 2 \(base\) for 285 \(quote\), 142\.5 each\.$/],
    [
      'rounded',
      {
        state: 'filled',
        ...bought,
        history: [{ at: at(0), state: 'submitting', detail: 'attempt 1; a down to b' }],
      },
      /Before it was sent: a down to b\.$/,
    ],
    [
      'in doubt',
      { state: 'unknown', reason: 'timeout' },
      /money stays reserved until then\. The reason: timeout\.$/,
    ],
    ['a cancel', { state: 'done', cancelledIds: ['mx', 'my'] }, /It cancelled mx and my\.$/],
  ];
  for (const [name, patch, words] of endings)
    test(name, () => assert.match(explanationOf(orderAnswer(patch)), words));

  test('is said of every state', () => {
    for (const state of OrderState.options.filter((each) => each !== 'external'))
      assert.doesNotMatch(explanationOf(orderAnswer({ state })), new RegExp(`It is ${state}\\.`), state);
  });
});

describe("an order's life", () => {
  test('tells slippage by the side: what a sale gets above the signal is better', () => {
    const alert = JSON.stringify({ action: 'sell', signalPrice: 142 });
    const line = (side: string) =>
      timelineOf(orderAnswer({ ...bought, state: 'filled', side, alert })).find((each) =>
        /slippage/.test(each),
      );
    assert.match(line('sell') ?? '', /slippage +-0\.352 % .*: better\)$/);
    assert.match(line('buy') ?? '', /slippage +0\.352 % .*: worse\)$/);
  });

  test('tells how long each step took, as far as it got', () => {
    const history = [
      { at: at(0), state: 'accepted', detail: 'alert received' },
      { at: at(2), state: 'submitting', detail: 'attempt 1' },
      { at: at(65), state: 'unknown', detail: 'timeout', times: 3 },
    ];
    const lines = timelineOf(orderAnswer({ state: 'unknown', history }));

    assert.ok(
      lines.includes(
        '  took      fired to received 500 ms, received to sent 2.0 s, sent to answered 1 min 3 s, 1 min 6 s in all',
      ),
      lines.join('\n'),
    );
    assert.ok(lines.includes(`${at(65)}  +1 min 3 s  unknown: timeout (3 times)`), lines.join('\n'));
    assert.ok(timelineOf(orderAnswer()).includes('  took      fired to received 500 ms'));
  });

  test('says what a refused order would have had to be', () => {
    const refusal = { code: 'rules', message: 'no', nearest: { quantity: '1', price: '2' } };
    const lines = timelineOf(orderAnswer({ state: 'refused', refusal }));
    assert.ok(lines.includes('  checks    would pass: quantity 1, price 2'));
  });
});
