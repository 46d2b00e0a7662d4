import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readFreeText, readNumber, readText, readWhole, readWord } from '../../../lib/domain/alert-fields.ts';
import { decimal } from '../../../lib/domain/money.ts';
import { always } from './alert-support.ts';

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`));

test('A number is read exactly, from text and from JSON, and written without exponent', () => {
  const cases = [
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    [' 1e3 ', '1000'],
    ['1E-18', '0.000000000000000001'],
    ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['1e19', '10000000000000000000'],
    ['0.000000000000000000001e3', '0.000000000000000001'],
  ];
  for (const [text = '', value] of cases) assert.deepEqual(readNumber(text), { ok: true, value }, text);
  assert.deepEqual(readNumber({ kind: 'number', source: '0.1' }), { ok: true, value: '0.1' });
});

test('Within the digits that are allowed a number is what it says; beyond them it is refused', () => {
  always(
    fc.property(digits(25), digits(25), fc.integer({ min: -30, max: 30 }), (whole, fraction, exponent) => {
      fc.pre(whole !== '' || fraction !== '');
      const text = `${whole}.${fraction}e${exponent}`;
      const fits = whole.length + exponent <= 20 && fraction.length - exponent <= 18;

      const read = readNumber(text, { zero: true });

      assert.equal(read.ok, fits);
      if (!read.ok) return;
      assert.match(read.value, /^\d+(\.\d*[1-9])?$/);
      assert.ok(decimal(read.value).eq(`${whole || '0'}.${fraction || '0'}e${exponent}`));
    }),
  );
});

test('A sign is read only where it means something, and zero has none', () => {
  assert.deepEqual(readNumber('-1.5', { signed: true, zero: true }), { ok: true, value: '-1.5' });
  assert.deepEqual(readNumber('+1.5', { signed: true, zero: true }), { ok: true, value: '1.5' });
  assert.deepEqual(readNumber('-0.0', { signed: true, zero: true }), { ok: true, value: '0' });
  for (const text of ['-1', '+1', '-0']) assert.ok(!readNumber(text, { zero: true }).ok, text);
});

test('Huge exponents are refused at once', () => {
  const started = performance.now();
  for (const text of [
    '1e400',
    '1e-400',
    `1e${'9'.repeat(8000)}`,
    `1e-${'9'.repeat(8000)}`,
    '9'.repeat(8000),
  ]) {
    assert.ok(!readNumber(text).ok);
  }

  assert.ok(performance.now() - started < 2000);
});

test('A whole number keeps its bounds, whatever way it is written', () => {
  assert.deepEqual(readWhole('6e2', 60, 1000), { ok: true, value: 600 });
  assert.deepEqual(readWhole({ kind: 'number', source: '60.0' }, 60, 1000), { ok: true, value: 60 });
  assert.deepEqual(readWhole('0', 0, 1000), { ok: true, value: 0 });
  for (const text of ['59', '1001', '60.5', '9007199254740993'])
    assert.ok(!readWhole(text, 60, 1000).ok, text);
});

test('Words are read in any ASCII case and in no other', () => {
  assert.deepEqual(readWord(' BuY ', ['buy', 'sell']), { ok: true, value: 'buy' });
  // the Kelvin sign is a k in lower case
  assert.ok(!readWord('FO\u212a', ['fok']).ok);
});

test('Text is trimmed, never empty, no placeholder and whole characters', () => {
  assert.deepEqual(readText(' \u00a0a b\n'), { ok: true, value: 'a b' });
  for (const text of ['', ' \t', 'a {{b', 'a }} b', '\ud800']) assert.ok(!readText(text).ok);
});

test('Free text may be empty, which is absent, and may hold placeholders', () => {
  assert.deepEqual(readFreeText('  ', 5), { ok: true, value: undefined });
  assert.deepEqual(readFreeText('{{a}}', 5), { ok: true, value: '{{a}}' });
  assert.deepEqual(readFreeText('\u{1f600}'.repeat(5), 5), { ok: true, value: '\u{1f600}'.repeat(5) });
  assert.ok(!readFreeText('123456', 5).ok);
});
