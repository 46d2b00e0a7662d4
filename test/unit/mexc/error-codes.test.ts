import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classOfCode, classOfStatus } from '../../../lib/mexc/error-codes.ts';
import { CODES } from './error-table.ts';

for (const { code, letter } of CODES) {
  test(`code ${code} is of class ${letter}`, () => assert.equal(classOfCode(code, 'some text'), letter));
}

test('a code that the reference does not know has no class', () => {
  for (const code of [
    '-2010',
    '0',
    '200',
    '700',
    '705',
    '10199',
    '10269',
    '730708',
    '1e3',
    'html',
    '',
    '88001',
  ]) {
    assert.equal(classOfCode(code, ''), undefined, code);
  }
});

test('30018 about the account is a matter of credentials, in English and in Chinese', () => {
  assert.equal(classOfCode('30018', 'Your account may not place orders for now'), 'C');
  assert.equal(classOfCode('30018', '账户暂时无法下单'), 'C');
  assert.equal(classOfCode('30018', 'market orders are disabled'), 'M');
});

test('an HTTP status alone says refused, not authorised, or nothing at all', () => {
  const letters = [429, 418, 510, 401, 400, 403, 404, 500, 502, 504, 200, 302].map(classOfStatus);

  assert.equal(letters.join(''), 'TTTCUUUUUUUU');
});
