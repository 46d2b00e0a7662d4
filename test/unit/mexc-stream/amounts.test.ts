import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimal, plain } from '../../../lib/domain/money.ts';
import { product } from '../../../lib/mexc/stream/amounts.ts';

/** Plain decimal text with up to so many digits before and after the point. */
const amount = (whole: number, decimals: number) =>
  fc
    .tuple(fc.bigInt(0n, 10n ** BigInt(whole) - 1n), fc.bigInt(0n, 10n ** BigInt(decimals) - 1n))
    .map(([before, after]) => plain(decimal(`${before}.${String(after).padStart(decimals, '0')}`)));

test('an amount in quote is exact, however many digits there are', () => {
  for (const [whole, decimals] of [
    [1, 1],
    [5, 4],
    [6, 8],
    [12, 12],
  ] as const) {
    fc.assert(
      fc.property(amount(whole, decimals), amount(whole, decimals), (a, b) => {
        assert.equal(product(a, b), plain(decimal(a).times(b)));
      }),
      { numRuns: 300 },
    );
  }
  assert.equal(product('94906267', '94906267'), '9007199515875289');
  assert.equal(product('94906265', '94906267'), '9007199326062755');
  assert.equal(product('0', '0.5'), '0');
  assert.equal(product('0.25', '4'), '1');
});
