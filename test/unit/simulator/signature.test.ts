import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSigned, signText } from '../../../lib/simulator/signature.ts';

const SECRET = '45d0b3c26f2644f19bfb98b07741b2f5';
const QUERY =
  'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087';
const HEAD = 'symbol=BTCUSDT&side=BUY&type=LIMIT';
const TAIL = 'quantity=1&price=11&recvWindow=5000&timestamp=1644489390087';
const WRONG = '323c96ab85a745712e95e63cad28903dd8292e4a905e99c4ee3932023843a117';
const RIGHT = 'fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a';
const SPLIT = 'd1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592';

test('the official vectors 2 (query) and 3 (query and body) verify', () => {
  assert.ok(isSigned(SECRET, `${QUERY}&signature=${RIGHT}`, ''));
  assert.ok(isSigned(SECRET, HEAD, `${TAIL}&signature=${SPLIT}`));
  assert.ok(isSigned(SECRET, '', `${QUERY}&signature=${RIGHT}`));
});

test('the official vector 1 does not verify: it is an error of the documentation', () => {
  assert.ok(!isSigned(SECRET, '', `${QUERY}&signature=${WRONG}`));
  assert.ok(!isSigned(SECRET, `${QUERY}&signature=${WRONG}`, ''));
});

test('sorting the parameters after signing breaks the signature', () => {
  const sorted = QUERY.split('&').sort().join('&');

  assert.ok(!isSigned(SECRET, `${sorted}&signature=${RIGHT}`, ''));
  assert.ok(
    isSigned(
      SECRET,
      `${sorted}&signature=dd70895e937dcd54776fd8eea4cdd609ce0e76d495d646be6c92e4fb8559dd4a`,
      '',
    ),
  );
});

test('upper-case hex, a signature that is not last, twice or absent are refused', () => {
  assert.ok(!isSigned(SECRET, `${QUERY}&signature=${RIGHT.toUpperCase()}`, ''));
  assert.ok(!isSigned(SECRET, `signature=${RIGHT}&${QUERY}`, ''));
  assert.ok(!isSigned(SECRET, `${QUERY}&signature=${RIGHT}`, `a=1&signature=${RIGHT}`));
  assert.ok(!isSigned(SECRET, QUERY, ''));
});

test('a value that is not encoded as the page demands is refused even when signed as sent', () => {
  for (const value of ['%e5%b8%81', 'a+b', 'a,b', '%41', '币']) {
    const query = `symbol=${value}&timestamp=1`;
    assert.ok(!isSigned(SECRET, `${query}&signature=${signText(SECRET, query)}`, ''), value);
  }
  const encoded = 'symbol=%E5%B8%81%2C%20x&timestamp=1';
  assert.ok(isSigned(SECRET, `${encoded}&signature=${signText(SECRET, encoded)}`, ''));
});
