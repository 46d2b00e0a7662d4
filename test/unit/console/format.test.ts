import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { amount, assetsOf, moment, signed, span } from '../../../lib/console/format.ts';

describe('figures for people', () => {
  test('an amount keeps its digits: grouped, cut after eight decimals, never rounded', () => {
    assert.equal(amount('1234567.123456789'), '1\u202f234\u202f567.12345678');
    assert.equal(amount('0.10', 'SOL'), '0.1\u00a0SOL');
    assert.equal(amount('-1000'), '\u22121\u202f000');
    assert.equal(amount('9007199254740993'), '9\u202f007\u202f199\u202f254\u202f740\u202f993');
    assert.equal(amount(undefined), '–');
  });

  test('a result has its sign, and nothing has none', () => {
    assert.deepEqual(
      ['1.5', '-1.5', '0', '0.00'].map((text) => signed(text)),
      ['+1.5', '\u22121.5', '0', '0'],
    );
  });

  test('a duration is said in the two largest units', () => {
    assert.deepEqual([0, 999, 1_250, 65_000, 7_500_000, 93_600_000].map(span), [
      '0\u00a0ms',
      '999\u00a0ms',
      '1.3\u00a0s',
      '1\u00a0min 5\u00a0s',
      '2\u00a0h 5\u00a0min',
      '1\u00a0d 2\u00a0h',
    ]);
  });

  test('a time names its zone', () => {
    assert.equal(moment('2026-11-22T18:03:04.120Z', true), '2026-11-22 18:03:04.120\u00a0UTC');
  });

  test('a symbol is taken apart where its end is a quote asset', () => {
    assert.deepEqual(['SOLUSDT', 'BTCUSDC', 'ETHBTC', 'XYZ', 'USDT', undefined].map(assetsOf), [
      ['SOL', 'USDT'],
      ['BTC', 'USDC'],
      ['ETH', 'BTC'],
      ['XYZ', ''],
      ['USDT', ''],
      ['', ''],
    ]);
  });
});
