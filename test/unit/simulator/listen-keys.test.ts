import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { type Bench, openBench } from './simulator-client.ts';

const PATH = '/api/v3/userDataStream';
const HOUR = 3_600_000;

const create = async (bench: Bench) => (await bench.signed('POST', PATH)).parsed;
const list = async (bench: Bench) => (await bench.signed('GET', PATH)).parsed;

test('every creation makes a new key, and the list holds them oldest first', async () => {
  const bench = openBench();

  const first = await create(bench);
  const second = await create(bench);

  assert.deepEqual(Object.keys(first), ['listenKey']);
  assert.match(first.listenKey, /^[0-9a-f]{64}$/);
  assert.notEqual(first.listenKey, second.listenKey);
  assert.deepEqual(await list(bench), {
    listenKey: [first.listenKey, second.listenKey],
    total: 60,
    available: 58,
  });
});

test('a key lives sixty minutes from its last extension', async () => {
  const bench = openBench();
  const { listenKey } = await create(bench);
  const other = (await create(bench)).listenKey;
  const extend = () => bench.signed('PUT', PATH, { listenKey });

  bench.clock.advance(HOUR - 1);
  assert.deepEqual((await extend()).parsed, { listenKey });
  bench.clock.advance(1);
  assert.deepEqual((await list(bench)).listenKey, [listenKey], 'the one never extended is gone');
  assert.equal((await bench.signed('PUT', PATH, { listenKey: other })).parsed.code, 22222);
  bench.clock.advance(HOUR - 2);
  assert.deepEqual((await list(bench)).listenKey, [listenKey]);
  bench.clock.advance(1);
  assert.deepEqual((await list(bench)).listenKey, []);
  const late = await extend();
  assert.deepEqual([late.status, late.parsed.code], [400, 22222]);
});

test('a closed key is gone, and closing it twice is refused', async () => {
  const bench = openBench();
  const { listenKey } = await create(bench);
  const close = () => bench.signed('DELETE', PATH, { listenKey });

  assert.deepEqual((await close()).parsed, { listenKey });
  assert.deepEqual((await list(bench)).listenKey, []);
  assert.equal((await close()).parsed.code, 22222);
});

test('the sixty-first valid key is refused until one is closed or has run out', async () => {
  const bench = openBench();
  const { listenKey } = await create(bench);
  bench.clock.advance(1000);
  for (let i = 1; i < 60; i++) await create(bench);

  const full = await bench.signed('POST', PATH);
  assert.deepEqual([full.status, full.parsed.code], [400, 26]);
  assert.equal((await list(bench)).available, 0);
  await bench.signed('DELETE', PATH, { listenKey });
  assert.ok((await create(bench)).listenKey);
  assert.equal((await create(bench)).code, 26);
  bench.clock.advance(HOUR);
  assert.ok((await create(bench)).listenKey);
  assert.equal(bench.exchange.snapshot().listenKeys.length, 1, 'what ran out is forgotten');
});

test('keys belong to their account', async () => {
  const key = { accessKey: 'mx0otheraccount', secretKey: 'other' };
  const [first] = openBench().exchange.snapshot().accounts;
  const account = { ...first!, balances: {} };
  const bench = openBench({
    accounts: [account, { ...account, uid: '2', keys: [{ ...account.keys[0]!, ...key }] }],
  });
  const { listenKey } = await create(bench);

  assert.equal((await bench.signed('PUT', PATH, { listenKey }, key)).parsed.code, 22222);
  assert.equal((await bench.signed('DELETE', PATH, { listenKey }, key)).parsed.code, 22222);
  assert.deepEqual((await bench.signed('GET', PATH, {}, key)).parsed.listenKey, []);
});

test('all four calls are signed and need nothing but the right to read', async () => {
  const bench = openBench();
  for (const method of ['POST', 'GET', 'PUT', 'DELETE']) {
    const reply = await bench.exchange.handle({
      method,
      target: PATH,
      headers: { 'content-type': 'application/json' },
    });
    assert.ok(reply !== 'drop' && JSON.parse(reply.body).code === 400, method);
  }
  assert.equal((await bench.signed('POST', PATH, {}, SIMULATOR_KEYS.read)).status, 200);
  assert.equal((await bench.signed('POST', PATH, { listenKey: 'x' })).parsed.code, 33333);
  assert.equal((await bench.signed('PUT', PATH)).parsed.code, 44444);
});

test('making keys moves no draw, and a restart keeps them', async () => {
  const bench = openBench();
  const { rng } = bench.exchange.snapshot();
  const { listenKey } = await create(bench);

  const state = bench.exchange.snapshot();

  assert.equal(state.rng, rng);
  const after = openBench({ state });
  assert.deepEqual((await list(after)).listenKey, [listenKey]);
  assert.notEqual((await create(after)).listenKey, listenKey);
});
