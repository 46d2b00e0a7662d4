import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { priceIn } from '../../../lib/domain/valuation.ts';

const prices = (all: Record<string, string>) => new Map(Object.entries(all));

describe('the price of an asset in the quote', () => {
  test('its own pair comes before any bridge, and the quote itself is one', () => {
    const all = prices({ SOLUSDT: '142.5', SOLBTC: '0.002', BTCUSDT: '87000' });
    assert.deepEqual(priceIn('SOL', 'USDT', all), { price: '142.5', via: ['SOLUSDT'] });
    assert.deepEqual(priceIn('USDT', 'USDT', prices({})), { price: '1', via: [] });
  });

  test('a pair the other way round is turned over', () => {
    const found = priceIn('EUR', 'USDT', prices({ USDTEUR: '0.8' }));
    assert.deepEqual(found, { price: '1.25', via: ['USDTEUR'] });
  });

  test('without a pair it goes through one bridge, never through two', () => {
    const all = prices({ ABCBTC: '0.001', BTCUSDT: '87000', XYZABC: '2' });
    assert.deepEqual(priceIn('ABC', 'USDT', all), { price: '87', via: ['ABCBTC', 'BTCUSDT'] });
    assert.equal(priceIn('XYZ', 'USDT', all), undefined);
  });

  test('a last price of zero is none, so nothing is ever valued at zero', () => {
    assert.equal(priceIn('SOL', 'USDT', prices({ SOLUSDT: '0', USDTSOL: '0.000' })), undefined);
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('SOLUSDT', 'SOLBTC', 'BTCUSDT', 'USDTSOL'),
          fc.constantFrom('0', '0.00', '7', '0.1'),
        ),
        (all) => {
          const found = priceIn('SOL', 'USDT', prices(all));
          assert.ok(found === undefined || Number(found.price) > 0);
        },
      ),
    );
  });

  test('a price too small for eighteen decimals is none either', () => {
    const all = prices({ ABCBTC: '0.0000000000001', BTCUSDT: '0.0000001' });
    assert.equal(priceIn('ABC', 'USDT', all), undefined);
  });
});
