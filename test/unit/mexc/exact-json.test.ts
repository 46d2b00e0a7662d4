import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExactJson } from '../../../lib/mexc/exact-json.ts';
import { WireDecimal, WireInteger } from '../../../lib/mexc/wire.ts';

test('numbers keep every digit of their source', () => {
  const parsed = parseExactJson(
    '{"a":0.003000000000000000,"b":[1e-8,-12.10],"c":12345678901234567890,"d":"0.10"}',
  );

  assert.deepEqual(parsed, {
    a: '0.003000000000000000',
    b: ['1e-8', '-12.10'],
    c: '12345678901234567890',
    d: '0.10',
  });
});

test('other values stay what they are', () => {
  assert.deepEqual(parseExactJson('[true,null,"x",{}]'), [true, null, 'x', {}]);
});

test('what is not JSON, or too deep, is undefined', () => {
  assert.equal(parseExactJson(''), undefined);
  assert.equal(parseExactJson('{"a":1'), undefined);
  assert.equal(parseExactJson('<html>'), undefined);
  assert.equal(parseExactJson('['.repeat(100_000) + ']'.repeat(100_000)), undefined);
});

test('a decimal in any notation becomes plain text', () => {
  const plain = ['1e-8', '0.003000000000000000', '1E3', '.5', '5.', '-0', ' 7 '].map((t) =>
    WireDecimal.parse(t),
  );

  assert.deepEqual(plain, ['0.00000001', '0.003', '1000', '0.5', '5', '0', '7']);
});

test('what is no number, or would grow without bound, is refused', () => {
  for (const text of ['', 'NaN', '1,5', '1e999', '0x10', '--1', '1'.repeat(101)]) {
    assert.equal(WireDecimal.safeParse(text).success, false, text);
  }
  for (const text of ['1.5', '-1', '9007199254740993'])
    assert.equal(WireInteger.safeParse(text).success, false, text);
});
