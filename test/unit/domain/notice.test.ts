import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainText } from '../../../lib/domain/messengers.ts';
import { alarmNotice, modeNotice, Notice, orderNotice } from '../../../lib/domain/notice.ts';
import { type Order, OrderState } from '../../../lib/domain/order-record.ts';
import type { Mode } from '../../../lib/domain/strategy.ts';
import { anAlert, anAttempt, anOrder, aStrategy, idOf, NOW, seen } from '../../support/builders.ts';

const order = (state: OrderState, own: Partial<Order> = {}): Order => anOrder({ state, version: 3, ...own });

const linesOf = (notice: Notice | undefined): Record<string, string> =>
  Object.fromEntries(notice?.lines ?? []);

test('Each state that the owner should hear of is one event', () => {
  const told = OrderState.options.flatMap((state) => {
    const notice = orderNotice(order('accepted'), order(state));
    return notice ? [[state, notice.event]] : [];
  });

  assert.deepEqual(Object.fromEntries(told), {
    filled: 'filled',
    partially_canceled: 'filled',
    unknown: 'unknown',
    rejected: 'rejected',
    refused: 'refused',
    expired: 'refused',
    absent: 'absent',
  });
});

test('An alert that is refused at once is told, though nothing was stored before', () => {
  const refused = order('refused', { code: 'stale', reason: 'fired 300 s ago', version: 1 });

  const notice = orderNotice(undefined, refused);

  assert.equal(notice?.id, `${idOf(1)}/1`);
  assert.deepEqual(linesOf(notice), {
    strategy: 'demo',
    code: 'stale',
    reason: 'fired 300 s ago',
    order: idOf(1),
  });
});

test('A filled order is told with what it executed, at which price, and the comment of its alert', () => {
  const alert = anAlert({ comment: 'breakout' });
  const attempts = [anAttempt({ outcome: 'found', facts: seen('FILLED', '3', '426', 'X1') })];
  const filled = order('filled', { alert, side: 'buy', type: 'market', quantity: '3', attempts });

  const notice = orderNotice(order('open'), filled);

  assert.equal(notice?.title, 'Filled: market buy SOLUSDT');
  assert.deepEqual(linesOf(notice), {
    strategy: 'demo',
    size: '3',
    executed: '3 at 142, 426 in all',
    comment: 'breakout',
    order: idOf(1),
  });
});

test('An unknown order is told with what the exchange said last', () => {
  const attempts = [anAttempt({ outcome: 'unknown', message: 'no answer in time' })];

  assert.equal(
    linesOf(orderNotice(order('submitting'), order('unknown', { attempts }))).reason,
    'no answer in time',
  );
});

test('A later write in the same state tells nothing; coming back to a state is told anew', () => {
  const unknown = order('unknown');

  assert.equal(orderNotice(unknown, { ...unknown, version: 4, settled: true }), undefined);
  const first = orderNotice(order('submitting'), unknown);
  const again = orderNotice(order('submitting', { version: 5 }), { ...unknown, version: 6 });
  assert.notEqual(first?.id, again?.id);
});

test('Over any life of an order each entry of a state is told once, however often its writes are repeated', () => {
  const life = fc.array(fc.tuple(fc.constantFrom(...OrderState.options), fc.integer({ min: 1, max: 3 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(life, (steps) => {
      const told = new Set<string>();
      let expected = 0;
      let before: Order | undefined;
      steps.forEach(([state, times], index) => {
        const after = order(state, { version: index + 1 });
        for (let time = 0; time < times; time += 1) {
          const notice = orderNotice(before, after);
          if (notice) told.add(Notice.parse(notice).id);
        }
        if (orderNotice(undefined, after) && before?.state !== state) expected += 1;
        before = after;
      });
      assert.equal(told.size, expected);
    }),
  );
});

test('A change of mode is told once per strategy; counters and new records tell nothing', () => {
  const changed = { id: 'c1', mode: 'HALTED' as Mode, reason: 'news', at: NOW, by: 'operator' as const };
  const halted = aStrategy({ mode: 'HALTED', changed });

  assert.equal(modeNotice(aStrategy(), halted)?.title, 'Halted: strategy demo');
  assert.equal(modeNotice(aStrategy(), halted)?.id, 'demo/c1');
  assert.equal(
    modeNotice(halted, aStrategy({ changed: { ...changed, id: 'c2' } }))?.title,
    'Armed again: strategy demo',
  );
  assert.equal(modeNotice(halted, { ...halted, dayOrders: 7 }), undefined);
  assert.equal(modeNotice(undefined, halted), undefined);
});

test('An alarm says what it means; anything else on the topic is told as it is', () => {
  const published = { id: 'sns-1', at: NOW };
  const alarm = {
    AlarmName: 'stream-silent',
    AlarmDescription: 'No prices',
    NewStateValue: 'OK',
    NewStateReason: 'r',
  };

  const over = alarmNotice({ ...published, text: JSON.stringify(alarm) });
  assert.deepEqual(
    [over.id, over.title, linesOf(over)],
    ['alarm/sns-1', 'Over: stream-silent', { meaning: 'No prices', reason: 'r' }],
  );
  const budget = alarmNotice({ ...published, subject: 'AWS Budgets', text: 'You have\nspent 5 USD' });
  assert.deepEqual([budget.title, linesOf(budget)], ['AWS Budgets', { message: 'You have spent 5 USD' }]);
});

test('What others write stays one bounded line, without controls or marks that reverse it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const comment = `a\n\u202e${text}\u0000`;
      const notice = orderNotice(
        undefined,
        order('filled', { alert: anAlert({ comment }), reason: comment }),
      );
      assert.ok(notice);
      for (const [, value] of notice.lines) {
        assert.ok(value.length <= 160 && value.isWellFormed());
        assert.doesNotMatch(value, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }
      assert.equal(plainText(notice).split('\n').length, notice.lines.length + 3);
    }),
    { numRuns: 30 },
  );
});
