import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SymbolRules } from '../../../lib/domain/exchange.ts';
import { decimal } from '../../../lib/domain/money.ts';
import { closedTo, type Fitted, fit, leastQuantity, type Wish } from '../../../lib/domain/rules.ts';
import { solRules } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const LAST = decimal('100');
const limitBuy = (price: string, quantity: string): Wish => ({
  side: 'buy',
  type: 'limit',
  price: decimal(price),
  quantity: decimal(quantity),
});
const fitted = (wish: Wish, rules = solRules()): Fitted => {
  const result = fit(wish, rules, LAST);
  return result.ok ? result.order : assert.fail(JSON.stringify(result.refusal));
};
const refused = (wish: Wish, rules = solRules()) => {
  const result = fit(wish, rules, LAST);
  return result.ok ? assert.fail(JSON.stringify(result.order)) : result;
};

test('An order that fits is sent as it is, without a note', () => {
  assert.deepEqual(fitted(limitBuy('99.50', '1.25')), {
    side: 'buy',
    type: 'limit',
    price: '99.5',
    quantity: '1.25',
    notes: [],
  });
});

test('Quantities go down to the step, prices to the tick in the passive direction, and both are said', () => {
  const buy = fitted(limitBuy('99.999', '1.259'));
  const sell = fitted({ ...limitBuy('99.991', '1.259'), side: 'sell' });

  assert.deepEqual([buy.price, buy.quantity], ['99.99', '1.25']);
  assert.deepEqual([sell.price, sell.quantity], ['100', '1.25']);
  assert.deepEqual(sell.notes, [
    'price 99.991 moved up to the tick 100',
    'quantity 1.259 rounded down to 1.25 (2 decimals)',
  ]);
});

test('The amount of a limit order becomes a quantity at the price that is sent, never more than the amount', () => {
  const order = fitted({
    side: 'buy',
    type: 'limit',
    price: decimal('33.337'),
    quoteQuantity: decimal('100'),
  });

  assert.deepEqual([order.price, order.quantity, order.quoteQuantity], ['33.33', '3', undefined]);
});

test('Minima are judged by quantity and by amount, at the price that is sent or at the last one', () => {
  const rules = solRules({ minQuantity: '0.05', minAmount: '5', minAmountMarket: '10' });
  const reasonOf = (wish: Wish) => {
    const result = fit(wish, rules, LAST);
    return result.ok ? 'fits' : `${result.reason}: ${JSON.stringify(result.refusal.nearest)}`;
  };

  assert.equal(reasonOf(limitBuy('100', '0.05')), 'fits');
  assert.equal(reasonOf(limitBuy('100', '0.04')), 'too small: {"quantity":"0.05"}');
  assert.equal(reasonOf(limitBuy('50', '0.09')), 'too small: {"quantity":"0.1"}');
  assert.equal(
    reasonOf({ side: 'buy', type: 'market', quantity: decimal('0.09') }),
    'too small: {"quantity":"0.1"}',
  );
  assert.equal(reasonOf({ side: 'buy', type: 'market', quantity: decimal('0.1') }), 'fits');
  assert.equal(
    reasonOf({ side: 'buy', type: 'market', quoteQuantity: decimal('9.999') }),
    'too small: {"quoteQuantity":"10"}',
  );
  assert.equal(reasonOf({ side: 'buy', type: 'market', quoteQuantity: decimal('10') }), 'fits');
});

test('Nothing at all is too small even where the exchange names no minimum', () => {
  const rules = solRules({ minQuantity: '0', minAmount: '0', minAmountMarket: '0' });

  assert.equal(refused(limitBuy('100', '0.009'), rules).reason, 'too small');
  assert.equal(
    refused({ side: 'buy', type: 'market', quoteQuantity: decimal('0.001') }, rules).reason,
    'too small',
  );
  assert.equal(leastQuantity(rules, 'limit', undefined).toFixed(), '0.01');
});

test('Maxima are judged by amount, market orders by their own', () => {
  const rules = solRules({ maxAmount: '1000', maxAmountMarket: '500' });

  assert.equal(fitted(limitBuy('100', '10'), rules).quantity, '10');
  assert.deepEqual(refused(limitBuy('100', '10.01'), rules).refusal.nearest, { quantity: '10' });
  assert.deepEqual(refused({ side: 'sell', type: 'market', quantity: decimal('6') }, rules).refusal.nearest, {
    quantity: '5',
  });
  assert.deepEqual(
    refused({ side: 'buy', type: 'market', quoteQuantity: decimal('501') }, rules).refusal.nearest,
    { quoteQuantity: '500' },
  );
});

test('A limit price beyond the band of the exchange is refused on the side that it protects', () => {
  const rules = solRules({ maxBuyAbove: '0.1', maxSellBelow: '0.2' });
  const sell = (price: string): Wish => ({ ...limitBuy(price, '1'), side: 'sell' });

  assert.equal(fitted(limitBuy('110', '1'), rules).price, '110');
  assert.equal(fitted(limitBuy('1', '1'), rules).price, '1', 'a low buy harms nobody');
  assert.deepEqual(refused(limitBuy('110.01', '1'), rules).refusal.nearest, { price: '110' });
  assert.equal(fitted(sell('80'), rules).price, '80');
  assert.equal(fitted(sell('900'), rules).price, '900');
  assert.deepEqual(refused(sell('79.99'), rules).refusal.nearest, { price: '80' });
  assert.equal(fitted({ ...limitBuy('150', '1'), type: 'limit_maker' }, rules).price, '150');
  assert.equal(fit(limitBuy('150', '1'), rules, undefined).ok, true, 'without a last price nothing is known');
});

test('A symbol that is closed says what is closed', () => {
  const said = (own: Partial<SymbolRules> | undefined, side: 'buy' | 'sell' = 'buy') => {
    const refusal = closedTo(own && solRules(own), 'SOLUSDT', side);
    return refusal && `${refusal.details?.[0]?.path}: ${refusal.message}`;
  };

  assert.equal(said({}), undefined);
  assert.match(said(undefined) ?? '', /^symbol: SOLUSDT is not a symbol/);
  assert.match(said({ online: false }) ?? '', /^symbol: .*paused or ended/);
  assert.match(said({ openToApi: false }) ?? '', /^symbol: .*not open to orders over the API/);
  assert.match(said({ buyAllowed: false }) ?? '', /^action: SOLUSDT may only be sold/);
  assert.equal(said({ buyAllowed: false }, 'sell'), undefined);
  assert.match(said({ sellAllowed: false }, 'sell') ?? '', /^action: SOLUSDT may only be bought/);
});

const amountBelow = (max: number) =>
  fc
    .tuple(fc.nat({ max }), fc.nat({ max: 99_999 }))
    .map(([whole, part]) => decimal(`${whole}.${String(part).padStart(5, '0')}`));
const positive = (max: number) => amountBelow(max).filter((n) => n.gt('0'));
const someRules = fc
  .record({
    quantityDecimals: fc.integer({ min: 0, max: 6 }),
    priceDecimals: fc.integer({ min: 0, max: 6 }),
    minQuantity: amountBelow(3).map((n) => n.toFixed()),
    minAmount: amountBelow(9).map((n) => n.toFixed()),
    minAmountMarket: amountBelow(9).map((n) => n.toFixed()),
    // far enough above the minima that some order fits
    maxAmount: fc.option(fc.integer({ min: 100_000, max: 200_000 }).map(String), { nil: undefined }),
    maxAmountMarket: fc.option(fc.integer({ min: 100_000, max: 200_000 }).map(String), { nil: undefined }),
    maxBuyAbove: fc.option(fc.constantFrom('0.02', '0.1', '0.5'), { nil: undefined }),
    maxSellBelow: fc.option(fc.constantFrom('0.02', '0.1', '0.5'), { nil: undefined }),
  })
  .map(({ maxAmount, maxAmountMarket, maxBuyAbove, maxSellBelow, ...own }) =>
    solRules({
      ...own,
      ...(maxAmount && { maxAmount }),
      ...(maxAmountMarket && { maxAmountMarket }),
      ...(maxBuyAbove && { maxBuyAbove }),
      ...(maxSellBelow && { maxSellBelow }),
    }),
  );
const size = fc.oneof(positive(20), positive(2_000_000));
const someWish: fc.Arbitrary<Wish> = fc.oneof(
  size.map((quoteQuantity): Wish => ({ side: 'buy', type: 'market', quoteQuantity })),
  fc
    .tuple(fc.constantFrom('buy' as const, 'sell' as const), size)
    .map(([side, quantity]): Wish => ({ side, type: 'market', quantity })),
  fc
    .record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      type: fc.constantFrom('limit' as const, 'limit_maker' as const, 'ioc' as const, 'fok' as const),
      price: fc.oneof(positive(3), positive(400)),
      by: fc.constantFrom('quantity' as const, 'quoteQuantity' as const),
      size,
    })
    .map(({ by, size: given, ...rest }): Wish => ({ ...rest, [by]: given })),
);
const lastPrice = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 2, max: 300 }).map((n) => decimal(String(n))) },
  fc.constant(undefined),
);

test('Whatever fits keeps to the rules of the symbol and never asks for more than was wished', () => {
  always(
    fc.property(someWish, someRules, lastPrice, (wish, rules, last) => {
      const result = fit(wish, rules, last);
      if (!result.ok) return;

      const { order } = result;
      const price = order.price === undefined ? undefined : decimal(order.price);
      const quantity = order.quantity === undefined ? undefined : decimal(order.quantity);
      const decimalsOf = (text: string | undefined) => text?.split('.')[1]?.length ?? 0;
      assert.ok(decimalsOf(order.price) <= rules.priceDecimals);
      assert.ok(decimalsOf(order.quantity) <= rules.quantityDecimals);
      assert.ok(decimalsOf(order.quoteQuantity) <= rules.priceDecimals);
      if (wish.price && price) assert.ok(wish.side === 'buy' ? price.lte(wish.price) : price.gte(wish.price));
      if (wish.quantity) assert.ok(quantity?.lte(wish.quantity) && quantity.gt('0'));
      const amount = order.quoteQuantity
        ? decimal(order.quoteQuantity)
        : (price ?? last)?.times(quantity ?? '0');
      if (wish.quoteQuantity && amount) assert.ok(amount.lte(wish.quoteQuantity));
      if (quantity) assert.ok(quantity.gte(rules.minQuantity));
      if (amount) assert.ok(amount.gte(rules.minAmount));
      const adjusted = [order.price, order.quantity, order.quoteQuantity].filter(
        (text) => text !== undefined,
      );
      assert.ok(adjusted.length > 0);
    }),
    { numRuns: 2000 },
  );
});

test('The nearest acceptable order of a refusal is acceptable', () => {
  let met = 0;
  always(
    fc.property(someWish, someRules, lastPrice, (wish, rules, last) => {
      const result = fit(wish, rules, last);
      if (result.ok) return;
      const { nearest } = result.refusal;
      assert.ok(nearest, result.refusal.message);

      const { quantity: _, quoteQuantity: __, ...rest } = wish;
      const resized = 'quantity' in nearest || 'quoteQuantity' in nearest;
      const better: Wish = {
        ...(resized ? rest : wish),
        ...(nearest.price && { price: decimal(nearest.price) }),
        ...(nearest.quantity && { quantity: decimal(nearest.quantity) }),
        ...(nearest.quoteQuantity && { quoteQuantity: decimal(nearest.quoteQuantity) }),
      };
      const again = fit(better, rules, last);
      met += 1;
      assert.ok(again.ok, `${JSON.stringify(nearest)}: ${again.ok || again.refusal.message}`);
      if (nearest.price) assert.equal(again.order.price, nearest.price, 'and needs no rounding');
      if (nearest.quantity) assert.equal(again.order.quantity, nearest.quantity);
    }),
    { numRuns: 2000 },
  );
  assert.ok(met > 200);
});
