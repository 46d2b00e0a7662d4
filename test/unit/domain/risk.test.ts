import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal } from '../../../lib/domain/money.ts';
import type { Refusal } from '../../../lib/domain/order-record.ts';
import {
  counterRefusal,
  countingDay,
  modeRefusal,
  notionalOf,
  orderRefusal,
} from '../../../lib/domain/risk.ts';
import { resetsAt } from '../../../lib/domain/strategy.ts';
import { aLane, aStrategy, idOf, NOW, settings } from '../../support/builders.ts';

const DAY = 86_400_000;
const limits = { maxOrdersPerDay: 3, maxNotionalPerDay: '1000', maxOpenOrders: 2 };
const limitOf = (refusal: Refusal | undefined) => refusal?.details?.[0]?.path;
const flying = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, { attempt: 1, until: NOW }]));
const order = (own: Partial<Parameters<typeof notionalOf>[0]>) => ({
  side: 'buy' as const,
  type: 'market' as const,
  notes: [],
  ...own,
});

test('An order sized in quote counts its amount', () => {
  assert.equal(notionalOf(order({ quoteQuantity: '123.45' }), decimal('100'), '1'), '123.45');
});

test('A buy with a limit price counts quantity times price, rounded up', () => {
  for (const type of ['limit', 'limit_maker', 'ioc', 'fok'] as const) {
    const notional = notionalOf(order({ type, quantity: '0.001', price: '0.000001' }), decimal('100'), '1');
    assert.equal(notional, '0.00000001', type);
  }
});

test('Everything else counts quantity times the higher of price and last price, with slippage, rounded up', () => {
  const sell = { side: 'sell' as const, quantity: '3' };

  assert.equal(notionalOf(order({ quantity: '3' }), decimal('100'), '1.5'), '304.5');
  assert.equal(notionalOf(order({ ...sell, price: '120' }), decimal('100'), '1'), '363.6');
  assert.equal(notionalOf(order({ ...sell, price: '80' }), decimal('100'), '1'), '303');
  assert.equal(notionalOf(order({ ...sell, price: '80' }), undefined, '0'), '240');
  assert.equal(notionalOf(order({ quantity: '0.333333' }), decimal('0.333333'), '0'), '0.11111089');
});

test('A halt refuses everything, reduce-only what does not reduce', () => {
  const code = (mode: 'ACTIVE' | 'REDUCE_ONLY' | 'HALTED', reduces: boolean) =>
    modeRefusal(aStrategy({ mode }), { reduces })?.code;

  assert.deepEqual([code('ACTIVE', false), code('ACTIVE', true)], [undefined, undefined]);
  assert.deepEqual([code('REDUCE_ONLY', false), code('REDUCE_ONLY', true)], ['reduce_only', undefined]);
  assert.deepEqual([code('HALTED', false), code('HALTED', true)], ['halted', 'halted']);
  assert.equal(modeRefusal(aStrategy({ mode: 'HALTED' }), { reduces: true })?.status, 423);
});

test('An order is counted in the later of its own day and the day of the record', () => {
  const record = aStrategy({ day: '2026-11-22' });

  assert.deepEqual(countingDay(record, NOW), { day: '2026-11-22', opensDay: false });
  assert.deepEqual(countingDay(record, NOW + DAY), { day: '2026-11-23', opensDay: true });
  assert.deepEqual(countingDay(record, NOW - DAY), { day: '2026-11-22', opensDay: false }, 'never goes back');
  const midnight = Date.UTC(2026, 10, 23);
  assert.equal(countingDay(record, midnight - 1).opensDay, false);
  assert.equal(countingDay(record, midnight).opensDay, true);
});

test('The limits of the day hold exactly, say which one it is and when it starts anew', () => {
  const refusal = (own: Parameters<typeof aStrategy>[0], notional = '100') =>
    counterRefusal(aStrategy(own), notional, limits, NOW);

  assert.equal(refusal({ dayOrders: 2 }), undefined);
  assert.equal(limitOf(refusal({ dayOrders: 3 })), 'maxOrdersPerDay');
  assert.equal(refusal({ dayNotional: '900' }), undefined);
  const reached = refusal({ dayNotional: '900.00000001' });
  assert.deepEqual(
    [limitOf(reached), reached?.status, reached?.resetsAt],
    ['maxNotionalPerDay', 429, '2026-11-23T00:00:00.000Z'],
  );
  assert.equal(refusal({ dayOrders: 3 })?.resetsAt, '2026-11-23T00:00:00.000Z');
});

test('An execution above its reservation blocks the next order', () => {
  assert.equal(
    limitOf(counterRefusal(aStrategy({ dayNotional: '1200' }), '0.01', limits, NOW)),
    'maxNotionalPerDay',
  );
});

test('A new day starts with fresh counters, but what is in flight stays in flight', () => {
  const full = aStrategy({ dayOrders: 3, dayNotional: '1000' });
  const busy = { ...full, inFlight: flying(idOf(1), idOf(2)) };

  assert.equal(counterRefusal(full, '1000', limits, NOW + DAY), undefined);
  assert.equal(limitOf(counterRefusal(full, '1000.01', limits, NOW + DAY)), 'maxNotionalPerDay');
  const refusal = counterRefusal(busy, '100', limits, NOW + DAY);
  assert.deepEqual([limitOf(refusal), refusal?.resetsAt], ['maxOpenOrders', undefined]);
});

test('A record of a later day than the own clock is not counted anew, and resets after its own day', () => {
  const ahead = aStrategy({ day: '2026-11-23', dayOrders: 3 });

  assert.equal(counterRefusal(ahead, '1', limits, NOW)?.resetsAt, '2026-11-24T00:00:00.000Z');
  assert.equal(resetsAt('2026-12-31'), '2027-01-01T00:00:00.000Z');
});

const judged = (
  plan: { side?: 'buy' | 'sell'; price?: string; notional?: string },
  own: Parameters<typeof settings>[0] = {},
  { lane = aLane(), last = '100' as string | null, signalPrice = undefined as string | undefined } = {},
) =>
  limitOf(
    orderRefusal(
      { side: 'buy', notional: '100', ...plan },
      lane,
      settings({ maxDeviationPercent: '5', maxOrderNotional: '500', maxPositionNotional: '1000', ...own }),
      { last: last === null ? undefined : decimal(last), signalPrice },
    ),
  );

test('An order above the limit per order is refused, one at the limit is not', () => {
  assert.equal(judged({ notional: '500' }), undefined);
  assert.equal(judged({ notional: '500.00000001' }), 'maxOrderNotional');
});

test('A price too far from the last one is refused, be it of the order or of the signal, up and down', () => {
  for (const price of ['95', '105', '100']) assert.equal(judged({ price }), undefined, price);
  for (const price of ['94.99', '105.01']) {
    assert.equal(judged({ price }), 'maxDeviationPercent', price);
    assert.equal(judged({}, {}, { signalPrice: price }), 'maxDeviationPercent', price);
  }
  assert.equal(judged({ price: '1' }, {}, { last: null }), undefined, 'without a last price nobody knows');
});

test('The position after the order counts what is held and what rests as a buy, at the last price', () => {
  const lane = aLane({
    quantity: '4',
    cost: '400',
    resting: { [idOf(1)]: { side: 'buy', open: '3' }, [idOf(2)]: { side: 'sell', open: '2' } },
  });

  assert.equal(judged({ notional: '300' }, {}, { lane }), undefined, 'sells in the book may never execute');
  assert.equal(judged({ notional: '300.01' }, {}, { lane }), 'maxPositionNotional');
  assert.equal(judged({ notional: '500', side: 'sell' }, {}, { lane }), undefined, 'a sale only shrinks it');
});

test('Without a last price the open buys count at their own prices beside what the position cost', () => {
  const resting = {
    a: { side: 'buy', open: '2', price: '100' },
    b: { side: 'sell', open: '1', price: '200' },
  } as const;
  const lane = aLane({ quantity: '1', cost: '500', resting });

  assert.equal(judged({ notional: '300' }, {}, { lane, last: null }), undefined);
  assert.equal(judged({ notional: '300.01' }, {}, { lane, last: null }), 'maxPositionNotional');
});

test('A position that lost value still counts what it cost', () => {
  const lane = aLane({ quantity: '1', cost: '950' });

  assert.equal(judged({ notional: '50' }, {}, { lane }), undefined);
  assert.equal(judged({ notional: '51' }, {}, { lane }), 'maxPositionNotional');
});
