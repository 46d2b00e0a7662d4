import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { oddSequence } from '../../../lib/domain/sequence.ts';
import { always } from './alert-support.ts';

test('The first number of a strategy, and the one after the highest so far, are nothing to speak of', () => {
  assert.deepEqual(
    [oddSequence(17, undefined), oddSequence(18, 17), oddSequence(0, undefined)],
    [undefined, undefined, undefined],
  );
});

test('A gap is said with every number that is missing', () => {
  assert.equal(oddSequence(7, 5), 'sequence 7 comes after 5: 6 is missing');
  assert.equal(oddSequence(9, 5), 'sequence 9 comes after 5: 6 to 8 are missing');
});

test('A number that was used before and one that comes late are told apart', () => {
  assert.equal(oddSequence(5, 5), 'sequence 5 was used before');
  assert.equal(oddSequence(3, 5), 'sequence 3 comes after 5');
});

test('Of all numbers only the next one is in order', () => {
  const number = fc.integer({ min: 0, max: 1_000_000 });
  always(
    fc.property(number, number, (sequence, last) => {
      assert.equal(oddSequence(sequence, last) === undefined, sequence === last + 1);
    }),
  );
});
