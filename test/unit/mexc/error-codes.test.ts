import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classOfCode, classOfStatus } from '../../../lib/mexc/error-codes.ts';

/** The rows of the reference, section 10.2, in its order. */
const ROWS = `
-1121 F, -1127 F, -1128 F, -2011 N, -2013 N, 26 F, 400 C, 401 C, 402 C, 403 C, 406 C, 429 T, 510 T, 500 U, 501 U, 503 U,
504 U, 511 C, 701 C, 702 C, 703 C, 704 C, 513 F, 600 F, 601 F, 602 C, 604 T, 801 T, 11444 T, 10001 C, 10007 M, 10015 F,
10072 C, 10073 T, 10095 F, 10096 F, 10097 F, 10102 F, 10098 C, 10099 F, 10100 F, 10103 F, 10101 B, 10200 F, 10231 F,
10268 F, 20001 F, 20002 U, 22222 N, 30000 M, 30001 M, 30002 F, 30003 F, 30004 B, 30005 B, 30010 F, 30014 F, 30021 F,
30016 M, 30018 M, 30019 M, 30020 M, 30025 F, 30026 F, 30027 M, 30028 M, 30029 F, 30032 F, 30041 M, 30087 F, 33333 F,
44444 F, 60005 C, 70011 M, 700001 C, 700002 C, 700003 T, 700004 F, 700005 F, 700006 C, 700007 C, 700008 F, 700013 F,
730000 F, 730100 F, 730703 F, 730707 F, 140001 C, 140002 C`;

for (const row of ROWS.split(',')) {
  const [code = '', letter] = row.trim().split(' ');
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
