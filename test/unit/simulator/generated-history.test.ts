import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitText } from '../../../lib/simulator/decimal.ts';
import { generatedHistory, type HistorySetup } from '../../../lib/simulator/generated-history.ts';

const NOW = 29_833_333;
const MONTH = 31 * 1440;

function history(more: Partial<HistorySetup> = {}) {
  return generatedHistory({
    seed: 1,
    symbol: 'SOLUSDT',
    price: 142.5,
    anchorMinute: NOW,
    quietShare: 0,
    quotePrecision: 2,
    baseAssetPrecision: 3,
    ...more,
  });
}

test('a minute is the same whenever it is asked for, and depends on seed and symbol', () => {
  const asked = history();
  asked.bar(NOW - MONTH, NOW);
  const minute = NOW - 12_345;

  assert.deepEqual(asked.tradesOf(minute), history().tradesOf(minute));
  assert.deepEqual(asked.bar(minute, minute + 1), history().bar(minute, minute + 1));
  assert.notDeepEqual(history({ seed: 2 }).tradesOf(minute), history().tradesOf(minute));
  assert.notDeepEqual(history({ symbol: 'XRPUSDT' }).tradesOf(minute), history().tradesOf(minute));
});

test('a span cut anywhere adds up to the whole', () => {
  const { bar } = history();
  const from = NOW - 1000;
  const whole = bar(from, NOW)!;

  for (const cut of [from + 1, from + 239, from + 500, NOW - 1]) {
    const [first, then] = [bar(from, cut)!, bar(cut, NOW)!];
    assert.deepEqual(
      [first.open, then.close, Math.max(first.high, then.high), Math.min(first.low, then.low)],
      [whole.open, whole.close, whole.high, whole.low],
    );
    assert.equal(first.base + then.base, whole.base);
    assert.equal(first.quote + then.quote, whole.quote);
  }
});

test('the bar of a minute is what its trades make, one to five of them in the order of time', () => {
  const { bar, tradesOf } = history();
  for (let minute = NOW - 200; minute < NOW; minute++) {
    const trades = tradesOf(minute);
    assert.ok(trades.length >= 1 && trades.length <= 5);
    for (const [i, { offset }] of trades.entries()) {
      assert.ok(offset >= (trades[i - 1]?.offset ?? 0) && offset < 60_000);
    }
    const prices = trades.map(({ price }) => price);
    assert.deepEqual(bar(minute, minute + 1), {
      open: prices[0],
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices.at(-1),
      base: trades.reduce((sum, { quantity }) => sum + quantity, 0),
      quote: trades.reduce((sum, { price, quantity }) => sum + price * quantity, 0),
    });
  }
});

test('prices go through the opening price, wander over months and hardly jump within a minute', () => {
  const { bar } = history();
  const near = bar(NOW - 1, NOW)!;
  assert.ok(Math.abs(near.close - 14_250) < 30, `${near.close}`);
  const year = bar(NOW - 365 * 1440, NOW)!;
  assert.ok(year.high / year.low > 1.1 && year.high / year.low < 4, `${year.high / year.low}`);
  for (let minute = NOW - 500; minute < NOW; minute++) {
    const { high, low } = bar(minute, minute + 1)!;
    assert.ok(high / low < 1.005);
  }
});

test('the share of quiet minutes is kept, from none to all', () => {
  const empty = (quietShare: number) => {
    const { tradesOf } = history({ quietShare });
    let count = 0;
    for (let minute = NOW - 2000; minute < NOW; minute++) if (tradesOf(minute).length === 0) count += 1;
    return count / 2000;
  };

  assert.equal(empty(0), 0);
  assert.equal(empty(1), 0 + 1);
  assert.ok(Math.abs(empty(0.4) - 0.4) < 0.05);
  assert.equal(history({ quietShare: 1 }).bar(NOW - 5000, NOW), null);
});

test('sums of a month are exact for coins of any price', () => {
  for (const price of [1e-9, 0.00000123, 0.15, 1, 9.99, 142.5, 87_650, 9_999_999, 5e8]) {
    const { bar, pricePlaces, quantityPlaces } = history({
      price,
      quotePrecision: 18,
      baseAssetPrecision: 18,
    });
    const month = bar(NOW - MONTH, NOW)!;
    assert.ok(Number.isSafeInteger(month.quote) && month.low >= 1, String(price));
    const average =
      Number(unitText(month.quote, pricePlaces + quantityPlaces)) /
      Number(unitText(month.base, quantityPlaces));
    assert.ok(average > price / 2 && average < price * 2, `${price}: ${average}`);
  }
});

test('units become plain decimals, with places, without them and with negative ones', () => {
  assert.equal(unitText(14_250, 2), '142.5');
  assert.equal(unitText(5, 3), '0.005');
  assert.equal(unitText(120_000, 3), '120');
  assert.equal(unitText(7, 0), '7');
  assert.equal(unitText(7, -3), '7000');
  assert.equal(unitText(0, 4), '0');
  assert.equal(unitText(0, -2), '0');
});
