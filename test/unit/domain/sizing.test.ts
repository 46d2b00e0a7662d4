import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { wantedBy } from '../../../lib/domain/intent.ts';
import { decimal, plain } from '../../../lib/domain/money.ts';
import type { Refusal } from '../../../lib/domain/order-record.ts';
import { type Market, type Sized, sizeOf } from '../../../lib/domain/sizing.ts';
import { aLane, anAlert, idOf, settings, solRules } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const market = (own: Partial<Market> = {}): Market => ({
  rules: solRules(),
  lane: aLane(),
  settings: settings(),
  equity: undefined,
  last: decimal('100'),
  freeBase: decimal('1000'),
  freeQuote: decimal('1000'),
  ...own,
});
const sized = (fields: Parameters<typeof anAlert>[0], own: Partial<Market> = {}): Sized => {
  const alert = anAlert(fields);
  return sizeOf(alert, wantedBy(alert, 'flat'), market(own));
};
const orderOf = (result: Sized) => {
  assert.equal(result.kind, 'order', JSON.stringify(result));
  return result.kind === 'order' ? result.order : assert.fail();
};
const refusalOf = (result: Sized): Refusal =>
  result.kind === 'refuse' ? result.refusal : assert.fail(JSON.stringify(result));
const holding = (quantity: string, resting = {}) => ({ lane: aLane({ quantity, resting }) });
const restingBuy = (open: string) => ({ [idOf(7)]: { side: 'buy' as const, open } });
const restingSell = (open: string) => ({ [idOf(8)]: { side: 'sell' as const, open } });

test('A buy takes the size as given', () => {
  const bySize = orderOf(sized({ quantity: '1.5' }));
  const byAmount = orderOf(sized({ quoteQuantity: '50' }));
  const limit = orderOf(sized({ type: 'limit', price: '99', quoteQuantity: '50' }));

  assert.deepEqual([bySize.side, bySize.type, bySize.quantity], ['buy', 'market', '1.5']);
  assert.deepEqual([byAmount.quantity, byAmount.quoteQuantity], [undefined, '50']);
  assert.deepEqual([limit.quantity, limit.quoteQuantity, limit.price], ['0.5', undefined, '99']);
});

test('Percent of a buy is of the free quote, and says so', () => {
  const order = orderOf(sized({ percent: '33' }, { freeQuote: decimal('250.5') }));

  assert.equal(order.quoteQuantity, '82.66');
  assert.deepEqual(order.notes, ['33 % of 250.5 USDT free', 'amount 82.665 rounded down to 82.66']);
});

test('Percent of nothing is too small to be bought', () => {
  assert.equal(refusalOf(sized({ percent: '50' }, { freeQuote: decimal('0') })).code, 'rules');
  assert.equal(refusalOf(sized({ percent: '50' }, { freeQuote: undefined })).code, 'rules');
});

test('A sell sells at most the own position and what is free, and names the shortfall', () => {
  const ownLess = orderOf(sized({ action: 'sell', quantity: '5' }, holding('3')));
  const freeLess = orderOf(
    sized({ action: 'sell', quantity: '5' }, { ...holding('9'), freeBase: decimal('2') }),
  );
  const enough = orderOf(sized({ action: 'sell', quantity: '5' }, holding('9')));

  assert.deepEqual([ownLess.quantity, ownLess.notes], ['3', ['shortfall: 5 SOL asked, 3 own and free']]);
  assert.deepEqual([freeLess.quantity, freeLess.notes], ['2', ['shortfall: 5 SOL asked, 2 own and free']]);
  assert.deepEqual([enough.quantity, enough.notes], ['5', []]);
});

test('A sell leaves alone what rests as a sell already', () => {
  const order = orderOf(sized({ action: 'sell', quantity: '5' }, holding('6', restingSell('4'))));

  assert.equal(order.quantity, '2');
});

test('Percent of a sell is of the own position, not of what is free', () => {
  const order = orderOf(
    sized({ action: 'sell', percent: '50' }, { ...holding('10'), freeBase: decimal('4') }),
  );

  assert.equal(order.quantity, '4');
  assert.deepEqual(order.notes, ['50 % of the own position of 10', 'shortfall: 5 SOL asked, 4 own and free']);
});

test('A sell without a position is refused', () => {
  for (const quantity of ['0', '-1']) {
    const refusal = refusalOf(sized({ action: 'sell', quantity: '5' }, holding(quantity)));
    assert.deepEqual([refusal.status, refusal.details?.[0]?.path], [422, 'action']);
  }
});

test('An exit sells the whole own position, at most what is free, and keeps what was asked', () => {
  const close = orderOf(sized({ action: 'close' }, holding('3.456')));
  const flat = orderOf(sized({ action: 'sell', marketPosition: 'flat', quantity: '1' }, holding('3')));
  const short = orderOf(sized({ action: 'close' }, { ...holding('3'), freeBase: decimal('2.5') }));

  assert.deepEqual([close.side, close.type, close.quantity], ['sell', 'market', '3.45']);
  assert.deepEqual([flat.quantity, flat.notes], ['3', ['the whole own position of 3', 'asked was 1']]);
  assert.deepEqual([short.quantity, short.notes[1]], ['2.5', 'shortfall: 3 SOL asked, 2.5 own and free']);
});

test('An exit and a target that has to trade wait until nothing of the lane rests in the book', () => {
  for (const resting of [restingBuy('1'), restingSell('1')]) {
    assert.equal(sized({ action: 'close' }, holding('3', resting)).kind, 'gate');
    assert.equal(sized({ action: 'close' }, holding('0', resting)).kind, 'gate');
    assert.equal(
      sized({ action: 'sell', marketPosition: 'flat', quantity: '1' }, holding('3', resting)).kind,
      'gate',
    );
    assert.equal(sized({ action: 'target', targetQuantity: '9' }, holding('3', resting)).kind, 'gate', 'up');
    assert.equal(
      sized({ action: 'target', targetQuantity: '1' }, holding('3', resting)).kind,
      'gate',
      'down',
    );
    assert.equal(sized({ quantity: '1' }, holding('3', resting)).kind, 'order', 'a buy does not wait');
  }
});

test('An exit without position, or with dust, is skipped', () => {
  assert.deepEqual(sized({ action: 'close' }, holding('0')), { kind: 'skip', reason: 'no position' });
  assert.deepEqual(sized({ action: 'close' }, holding('-1')), { kind: 'skip', reason: 'no position' });
  assert.deepEqual(sized({ action: 'close' }, holding('0.009')), { kind: 'skip', reason: 'below minimum' });
  assert.deepEqual(sized({ action: 'close' }, { ...holding('1'), last: decimal('0.5') }), {
    kind: 'skip',
    reason: 'below minimum',
  });
});

test('A target trades the difference to what is held, up and down', () => {
  const up = orderOf(sized({ action: 'target', targetQuantity: '9' }, holding('3')));
  const down = orderOf(sized({ action: 'target', targetQuantity: '1' }, holding('3')));
  const percent = orderOf(
    sized(
      { action: 'target', targetPercent: '50' },
      { ...holding('3'), settings: settings({ capital: '2000' }) },
    ),
  );

  assert.deepEqual([up.side, up.quantity, up.notes], ['buy', '6', ['target 9, held 3']]);
  assert.deepEqual([down.side, down.quantity], ['sell', '2']);
  assert.deepEqual([percent.side, percent.quantity], ['buy', '7']);
});

test('A target down sells at most what is free', () => {
  const order = orderOf(
    sized({ action: 'target', targetQuantity: '1' }, { ...holding('9'), freeBase: decimal('2') }),
  );

  assert.deepEqual([order.quantity, order.notes[1]], ['2', 'shortfall: 8 SOL asked, 2 own and free']);
});

test('A target in percent needs the capital of the strategy and a price', () => {
  const asked = { action: 'target', targetPercent: '50' } as const;

  assert.deepEqual(
    [refusalOf(sized(asked)).code, refusalOf(sized(asked)).details?.[0]?.path],
    ['invalid', 'targetPercent'],
  );
  const priceless = { settings: settings({ capital: '2000' }), last: undefined };
  assert.equal(refusalOf(sized(asked, priceless)).code, 'rules');
});

test('A difference below two percent of the target is no trade, exactly two percent is one', () => {
  const at = (held: string) => sized({ action: 'target', targetQuantity: '100' }, holding(held));

  for (const held of ['98.01', '99.99', '100', '101.99'])
    assert.deepEqual(at(held), { kind: 'skip', reason: 'at target' }, held);
  assert.equal(orderOf(at('98')).side, 'buy');
  assert.equal(orderOf(at('102')).side, 'sell');
});

test("A difference below the exchange's minimum is no trade, whatever its share of the target", () => {
  const rules = solRules({ minAmountMarket: '50' });
  const at = (held: string) => sized({ action: 'target', targetQuantity: '1' }, { ...holding(held), rules });

  assert.equal(at('0.51').kind, 'skip');
  assert.equal(orderOf(at('0.5')).quantity, '0.5');
});

test('Open resting orders count towards the target, as bought or sold already', () => {
  const at = (resting: Market['lane']['resting']) =>
    sized({ action: 'target', targetQuantity: '10' }, holding('6', resting));

  assert.deepEqual(at(restingBuy('4')), { kind: 'skip', reason: 'at target' });
  assert.equal(at(restingBuy('2')).kind, 'gate');
  assert.deepEqual(at({ ...restingBuy('5'), ...restingSell('1') }), { kind: 'skip', reason: 'at target' });
  assert.equal(at({ ...restingBuy('4'), ...restingSell('4') }).kind, 'gate');
});

test('No sell is ever larger than the own position, what rests, or what is free', () => {
  const amount = fc.integer({ min: 0, max: 100_000 }).map((n) => plain(decimal(String(n)).div('100')));
  const asked = fc.oneof(
    amount.filter((n) => n !== '0').map((quantity) => ({ action: 'sell' as const, quantity })),
    fc.integer({ min: 1, max: 100 }).map((n) => ({ action: 'sell' as const, percent: String(n) })),
    fc.constant({ action: 'close' as const }),
    amount.map((targetQuantity) => ({ action: 'target' as const, targetQuantity })),
  );
  always(
    fc.property(asked, amount, amount, amount, (fields, held, free, rests) => {
      const resting = fields.action === 'sell' && rests !== '0' ? restingSell(rests) : {};
      const result = sized(fields, { ...holding(held, resting), freeBase: decimal(free) });
      if (result.kind !== 'order' || result.order.side !== 'sell') return;

      const quantity = decimal(result.order.quantity ?? '0');
      assert.ok(quantity.lte(free), 'free');
      assert.ok(quantity.plus(Object.keys(resting).length > 0 ? rests : '0').lte(held), 'own');
    }),
    { numRuns: 500 },
  );
});

test('Where market orders are closed over the API they are refused, or capped within the allowed slippage', () => {
  const rules = solRules({ orderTypes: ['LIMIT', 'LIMIT_MAKER'] });
  const allowed = { rules, settings: settings({ marketAsIoc: true, maxSlippagePercent: '1.5' }) };

  assert.equal(refusalOf(sized({ quantity: '1' }, { rules })).details?.[0]?.path, 'type');
  const buy = orderOf(sized({ quantity: '1' }, allowed));
  const sell = orderOf(sized({ action: 'close' }, { ...allowed, ...holding('2') }));
  const byAmount = orderOf(sized({ quoteQuantity: '50' }, allowed));
  assert.deepEqual([buy.type, buy.price, buy.quantity], ['ioc', '101.5', '1']);
  assert.deepEqual([sell.type, sell.price, sell.quantity], ['ioc', '98.5', '2']);
  assert.deepEqual([byAmount.type, byAmount.quantity, byAmount.quoteQuantity], ['ioc', '0.49', undefined]);
  assert.ok(buy.notes.some((note) => note.includes('within 1.5 % of the last price 100')));
  assert.equal(refusalOf(sized({ quantity: '1' }, { ...allowed, last: undefined })).code, 'rules');
  assert.equal(orderOf(sized({ type: 'limit', price: '90', quantity: '1' }, allowed)).type, 'limit');
});
