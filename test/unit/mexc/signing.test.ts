import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, queryOf, signatureOf, signedQuery } from '../../../lib/mexc/signing.ts';
import { SECRET_KEY } from './support.ts';

const SEVEN =
  'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087';

test('the exchange’s query vector verifies', () => {
  assert.equal(
    signatureOf(SECRET_KEY, SEVEN),
    'fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a',
  );
});

test('the exchange’s query-and-body vector verifies, joined without a separator', () => {
  const query = 'symbol=BTCUSDT&side=BUY&type=LIMIT';
  const body = 'quantity=1&price=11&recvWindow=5000&timestamp=1644489390087';

  assert.equal(
    signatureOf(SECRET_KEY, query + body),
    'd1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592',
  );
});

test('the documentation’s first example is wrong and does not verify', () => {
  assert.notEqual(
    signatureOf(SECRET_KEY, SEVEN),
    '323c96ab85a745712e95e63cad28903dd8292e4a905e99c4ee3932023843a117',
  );
});

test('parameters keep the given order and the signature comes last', () => {
  const parameters = SEVEN.split('&').map((pair) => pair.split('=') as [string, string]);

  const signed = signedQuery(parameters, SECRET_KEY);

  assert.equal(signed, `${SEVEN}&signature=fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a`);
});

test('everything but unreserved characters is percent-encoded with upper-case hex', () => {
  assert.equal(encode('azAZ09-_.~'), 'azAZ09-_.~');
  assert.equal(encode('a b'), 'a%20b');
  assert.equal(encode('a+b'), 'a%2Bb');
  assert.equal(encode('币安USDT'), '%E5%B8%81%E5%AE%89USDT');
  assert.equal(encode(`,"{}[]:@()!*'/?&=#%`), '%2C%22%7B%7D%5B%5D%3A%40%28%29%21%2A%27%2F%3F%26%3D%23%25');
});

test('the encoded text is what gets signed', () => {
  const parameters = [['symbol', '币安 USDT+']] as const;

  const signed = signedQuery(parameters, SECRET_KEY);

  const query = 'symbol=%E5%B8%81%E5%AE%89%20USDT%2B';
  assert.equal(queryOf(parameters), query);
  assert.equal(signed, `${query}&signature=${signatureOf(SECRET_KEY, query)}`);
});
