import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsOf, type Wanted, wantedBy } from '../../../lib/domain/intent.ts';
import { anAlert } from '../../support/builders.ts';

type Row = readonly [string, Parameters<typeof anAlert>[0], Wanted];
const covers: Wanted = { kind: 'skip', reason: 'covers a short position, which spot never had' };
const five = { quantity: '5' };

const rows: readonly Row[] = [
  ['buy', { ...five }, { kind: 'buy', size: five }],
  ['buy, long', { ...five, marketPosition: 'long' }, { kind: 'buy', size: five }],
  ['buy, flat', { ...five, marketPosition: 'flat' }, covers],
  ['buy, short', { ...five, marketPosition: 'short' }, covers],
  ['sell', { ...five, action: 'sell' }, { kind: 'sell', size: five }],
  ['sell, long', { ...five, action: 'sell', marketPosition: 'long' }, { kind: 'sell', size: five }],
  ['sell, flat', { ...five, action: 'sell', marketPosition: 'flat' }, { kind: 'exit', newest: false }],
  ['sell, short', { ...five, action: 'sell', marketPosition: 'short' }, { kind: 'exit', newest: false }],
  ['target', { action: 'target', targetQuantity: '3' }, { kind: 'target', target: { quantity: '3' } }],
  [
    'target, long',
    { action: 'target', targetPercent: '50', marketPosition: 'long' },
    { kind: 'target', target: { percent: '50' } },
  ],
  ['target 0', { action: 'target', targetQuantity: '0' }, { kind: 'exit', newest: true }],
  ['target 0 %', { action: 'target', targetPercent: '0' }, { kind: 'exit', newest: true }],
  ['negative target', { action: 'target', targetQuantity: '-3' }, { kind: 'exit', newest: true }],
  [
    'target, flat',
    { action: 'target', targetQuantity: '3', marketPosition: 'flat' },
    { kind: 'exit', newest: true },
  ],
  [
    'target, short',
    { action: 'target', targetQuantity: '-3', marketPosition: 'short' },
    { kind: 'exit', newest: true },
  ],
  ['close', { action: 'close' }, { kind: 'exit', newest: true }],
  ['close, long', { action: 'close', marketPosition: 'long' }, { kind: 'exit', newest: true }],
  ['close, flat', { action: 'close', marketPosition: 'flat' }, { kind: 'exit', newest: true }],
  ['close, short', { action: 'close', marketPosition: 'short' }, { kind: 'exit', newest: true }],
  ['cancel', { action: 'cancel' }, { kind: 'cancel' }],
  ['cancel, short', { action: 'cancel', marketPosition: 'short' }, { kind: 'cancel' }],
];

for (const [name, fields, wanted] of rows) {
  test(`${name} is carried out as ${wanted.kind}`, () => {
    assert.deepEqual(wantedBy(anAlert(fields), 'flat'), wanted);
  });
}

test('A strategy that refuses shorts refuses sell and target to short, and a negative target', () => {
  const pathOf = (fields: Parameters<typeof anAlert>[0]) => {
    const wanted = wantedBy(anAlert(fields), 'refuse');
    return wanted.kind === 'invalid' ? wanted.path : wanted.kind;
  };

  assert.equal(pathOf({ ...five, action: 'sell', marketPosition: 'short' }), 'marketPosition');
  assert.equal(pathOf({ action: 'target', targetQuantity: '-3', marketPosition: 'short' }), 'marketPosition');
  assert.equal(pathOf({ action: 'target', targetQuantity: '-3' }), 'targetQuantity');
  assert.equal(pathOf({ action: 'target', targetQuantity: '-3', marketPosition: 'flat' }), 'exit');
  assert.equal(pathOf({ action: 'close', marketPosition: 'short' }), 'exit');
  assert.equal(pathOf({ ...five, action: 'sell', marketPosition: 'flat' }), 'exit');
  assert.equal(pathOf({ ...five, marketPosition: 'short' }), 'skip');
});

test('Each kind of size is carried through', () => {
  for (const size of [{ quantity: '1' }, { quoteQuantity: '2' }, { percent: '3' }])
    assert.deepEqual(wantedBy(anAlert(size), 'flat'), { kind: 'buy', size });
});

test('A buy by amount needs nothing of the exchange; other sizes need a price, and balances where they depend on them', () => {
  const needs = (fields: Parameters<typeof anAlert>[0]) => {
    const alert = anAlert(fields);
    return needsOf(alert, wantedBy(alert, 'flat'));
  };

  assert.deepEqual(needs({ quoteQuantity: '50' }), { price: false, balances: false });
  assert.deepEqual(
    needs({ quoteQuantity: '50', signalPrice: '142' }),
    { price: true, balances: false },
    'deviation',
  );
  assert.deepEqual(needs({ quoteQuantity: '50', type: 'limit', price: '140' }), {
    price: true,
    balances: false,
  });
  assert.deepEqual(needs({ quantity: '5' }), { price: true, balances: false });
  assert.deepEqual(needs({ percent: '5' }), { price: true, balances: true });
  assert.deepEqual(needs({ action: 'sell', quantity: '5' }), { price: true, balances: true });
  assert.deepEqual(needs({ action: 'close' }), { price: true, balances: true });
  assert.deepEqual(needs({ action: 'target', targetQuantity: '5' }), { price: true, balances: true });
  assert.deepEqual(needs({ action: 'cancel' }), { price: false, balances: false });
  assert.deepEqual(needs({ marketPosition: 'flat' }), { price: false, balances: false });
});
