import assert from 'node:assert/strict';
import { test } from 'node:test';
import { externalIdOf, externalOrder } from '../../../lib/domain/external-order.ts';
import { Order, parseClientOrderId } from '../../../lib/domain/order-record.ts';
import { orderView } from '../../../lib/domain/order-view.ts';
import { aRow, NOW } from '../../support/builders.ts';

const row = aRow({ exchangeOrderId: 'X9', side: 'sell', quantity: '3', price: '120', time: NOW - 5_000 });

/** As it is written the first time. */
const firstSeen = (): Order => {
  const order = externalOrder(row, undefined, NOW);
  assert.ok(order);
  return order;
};

test('An order of a hand is recorded as the exchange shows it, ended for the ledger from the start', () => {
  const order = firstSeen();

  assert.deepEqual(Order.parse(order), order, 'the ledger can store it');
  assert.deepEqual(
    [order.state, order.origin, order.settled, order.reserved, order.fillsQty, order.version],
    ['external', 'external', true, '0', '0', 1],
  );
  const { id, symbol, side, type, quantity, price, exchangeOrderId, createdAt } = orderView(order);
  assert.deepEqual(
    { id, symbol, side, type, quantity, price, exchangeOrderId, createdAt },
    {
      id: 'external-X9',
      symbol: 'SOLUSDT',
      side: 'sell',
      type: 'limit',
      quantity: '3',
      price: '120',
      exchangeOrderId: 'X9',
      createdAt: new Date(NOW - 5_000).toISOString(),
    },
  );
});

test('Its id can never be taken for one of ours', () => {
  assert.equal(parseClientOrderId(externalIdOf({ exchangeOrderId: `m${'a'.repeat(25)}-1` })), undefined);
});

test('It counts in no strategy’s day and holds nothing', () => {
  const { day, notional, strategy } = firstSeen();

  assert.deepEqual([day, notional, strategy], [undefined, undefined, 'external']);
});

test('The same row again is nothing to write', () => {
  assert.equal(externalOrder(row, firstSeen(), NOW + 60_000), undefined);
});

test('What it executed since is written over the version that was read, with what was said before', () => {
  const before = firstSeen();

  const after = externalOrder(
    { ...row, cumQty: '2', cumQuote: '240', status: 'PARTIALLY_FILLED' },
    before,
    NOW + 60_000,
  );

  assert.deepEqual(
    after?.history.map(({ at, state, detail }) => [at, state, detail]),
    [
      [NOW, 'external', 'found on the account: new, executed 0'],
      [NOW + 60_000, 'external', 'found on the account: partially_filled, executed 2'],
    ],
  );
  assert.deepEqual([after?.version, after?.attempts[0]?.facts?.cumQty], [2, '2']);
});

test('An older row takes nothing back', () => {
  const filled = externalOrder({ ...row, cumQty: '3', cumQuote: '360', status: 'FILLED' }, undefined, NOW);
  assert.ok(filled);

  assert.equal(externalOrder(row, filled, NOW + 1), undefined);
});

test('The history stays bounded however often the order changes', () => {
  let order = firstSeen();
  for (let n = 1; n <= 100; n += 1) {
    const status = 'PARTIALLY_FILLED';
    order = externalOrder({ ...row, quantity: '100', cumQty: String(n), status }, order, NOW + n) ?? order;
  }

  assert.equal(order.history.length, 60);
  assert.match(order.history.at(-1)?.detail ?? '', /executed 100$/);
});

test('A type that we never send, and a missing client order id, are recorded all the same', () => {
  const order = externalOrder({ ...row, type: 'STOP_LIMIT' }, undefined, NOW);

  assert.ok(order);
  assert.deepEqual([order.type, order.attempts[0]?.clientOrderId], [undefined, '']);
  assert.deepEqual(Order.parse(order), order);
});
