import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from '../../../lib/mexc/redact.ts';

const SIGNATURE = 'fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a';

test('keys and signatures are masked, also in upper case', () => {
  const text = redact(`key=mx0key sig ${SIGNATURE} and ${SIGNATURE.toUpperCase()}`, ['mx0key', '']);

  assert.equal(text, 'key=[hidden] sig [hidden] and [hidden]');
});

test('a signature parameter is masked whatever its value', () => {
  assert.equal(redact('?symbol=A&signature=abc123&x=1', []), '?symbol=A&signature=[hidden]&x=1');
});

test('an order id of 32 hex digits is no secret', () => {
  assert.equal(redact('06a480e69e604477bfb48dddd5f0b750', []), '06a480e69e604477bfb48dddd5f0b750');
});

test('control and direction characters go, also those inside a key', () => {
  assert.equal(redact('a\r\nb\u0000\u202ec mx0\nkey', ['mx0key']), 'abc [hidden]');
});

test('a text is cut after masking, by whole characters', () => {
  const text = redact(`${'x'.repeat(190)}${SIGNATURE}${'😀'.repeat(50)}`, []);

  assert.equal([...text].length, 200);
  assert.equal(text, `${'x'.repeat(190)}[hidden]😀😀`);
});
