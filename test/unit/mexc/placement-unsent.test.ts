import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ACK,
  clientFor,
  closedPort,
  REQUEST,
  SECRET_KEY,
  soon,
  startRawServer,
  startServer,
  TERMS,
} from './support.ts';

test('nothing left when nobody listens', async () => {
  const { client } = clientFor(`http://127.0.0.1:${await closedPort()}`);

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon());

  assert.deepEqual(outcome, { kind: 'unsent', reason: 'connect_failed: ECONNREFUSED' });
  await client.close();
});

test('nothing left when the name does not exist', async () => {
  const { client } = clientFor('http://mexc.invalid');

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon(5000));

  assert.equal(outcome.kind, 'unsent');
  await client.close();
});

test('nothing left when the TLS handshake fails', async () => {
  const server = await startRawServer(() => undefined);
  const { client } = clientFor(server.url.replace('http:', 'https:'));
  const order = await client.signOrder(REQUEST, TERMS);

  const stuck = await client.sendOrder(order, soon(200));
  assert.deepEqual(stuck, { kind: 'unsent', reason: 'deadline' });
  await server.close();

  const plain = await startServer(() => ({ body: ACK }));
  const { client: other } = clientFor(plain.url.replace('http:', 'https:'));
  const refused = await other.sendOrder(await other.signOrder(REQUEST, TERMS), soon());
  assert.equal(refused.kind, 'unsent');
  assert.equal(plain.requests.length, 0);
  await Promise.all([client.close(), other.close(), plain.close()]);
});

test('past the deadline, or a moment before it, nothing is sent', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url);
  const order = await client.signOrder(REQUEST, TERMS);

  for (const deadline of [Date.now() - 1000, Date.now() + 2, Number.NaN]) {
    assert.deepEqual(await client.sendOrder(order, { deadline }), { kind: 'unsent', reason: 'deadline' });
  }

  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('without a key nothing is sent, and nothing is thrown', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url, { credentials: () => Promise.reject(new Error('no secret')) });
  const foreign = { clientOrderId: 'a', test: false, target: '/api/v3/order?symbol=MXUSDT&signature=0' };

  assert.deepEqual(await client.sendOrder(foreign, soon()), { kind: 'unsent', reason: 'no_credentials' });

  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('a key with a line break is refused before anything leaves', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const keys = { accessKey: 'abc\r\nx: y', secretKey: SECRET_KEY };
  const { client } = clientFor(server.url, { credentials: async () => keys });

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon());

  assert.equal(outcome.kind, 'unsent');
  assert.doesNotMatch(JSON.stringify(outcome), /abc/);
  assert.equal(server.requests.length, 0);
  await client.close();
  await server.close();
});

test('a key that is replaced between signing and sending does not mix with the old signature', async () => {
  const server = await startServer(() => ({ body: ACK }));
  let accessKey = 'old';
  const { client } = clientFor(server.url, {
    credentials: async () => ({ accessKey, secretKey: SECRET_KEY }),
  });
  const order = await client.signOrder(REQUEST, TERMS);

  accessKey = 'new';
  await client.sendOrder(order, soon());

  assert.equal(server.requests[0]?.headers['x-mexc-apikey'], 'old');
  await client.close();
  await server.close();
});

test('after closing nothing is sent', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const { client } = clientFor(server.url);
  const order = await client.signOrder(REQUEST, TERMS);

  await client.close();

  assert.deepEqual(await client.sendOrder(order, soon()), { kind: 'unsent', reason: 'closed' });
  await server.close();
});
