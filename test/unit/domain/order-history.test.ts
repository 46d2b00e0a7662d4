import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OrderEvent, transition } from '../../../lib/domain/order.ts';
import { clientOrderIdOf, type Order, parseClientOrderId } from '../../../lib/domain/order-record.ts';
import { anAttempt, anOrder, idOf, NOW, seen } from '../../support/builders.ts';

const after = (order: Order, event: OrderEvent): Order => {
  const next = transition(order, event);
  assert.ok(next);
  return next;
};

test('The same entry again is only counted', () => {
  let order = anOrder();

  for (let i = 0; i < 5; i += 1) order = after(order, { kind: 'queued', at: NOW + i, reason: 'waits' });

  assert.deepEqual(order.history.slice(1), [{ at: NOW, state: 'accepted', detail: 'waits', times: 5 }]);
  assert.equal(order.updatedAt, NOW + 4);
});

test('Of a long history the first entry and the newest 59 are kept', () => {
  let order = anOrder();

  for (let i = 1; i <= 100; i += 1) order = after(order, { kind: 'queued', at: NOW + i, reason: `try ${i}` });

  assert.equal(order.history.length, 60);
  assert.equal(order.history[0]?.detail, 'alert received');
  assert.deepEqual([order.history[1]?.detail, order.history.at(-1)?.detail], ['try 42', 'try 100']);
});

test('Every transition is written into the history with its state and the moment', () => {
  const submitting = anOrder({ state: 'submitting', attempts: [anAttempt()], history: [] });

  const unknown = after(submitting, { kind: 'lost', at: NOW + 1, attempt: 1, message: 'no answer' });
  const open = after(unknown, { kind: 'found', at: NOW + 2, attempt: 1, facts: seen('NEW', '0') });

  assert.deepEqual(open.history, [
    { at: NOW + 1, state: 'unknown', detail: 'no answer' },
    { at: NOW + 2, state: 'open', detail: 'new, executed 0' },
  ]);
});

test('A client order id names its order and attempt, and fits the 32 characters that the exchange takes', () => {
  for (const attempt of [1, 9, 10, 99]) {
    const text = clientOrderIdOf(idOf(3), attempt);
    assert.deepEqual(parseClientOrderId(text), { id: idOf(3), attempt });
    assert.ok(text.length <= 32);
  }
});

test('Nothing else is taken for one of our client order ids', () => {
  const id = idOf(3);
  for (const text of [
    undefined,
    '',
    id,
    `${id}-0`,
    `${id}-01`,
    `${id}-100`,
    `${id}-1 `,
    `x${id}-1`,
    `${id}-1-1`,
  ])
    assert.equal(parseClientOrderId(text), undefined, text);
  assert.equal(parseClientOrderId(`${id.toUpperCase()}-1`), undefined);
});
