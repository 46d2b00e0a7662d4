import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createExchange, manualClock, SIMULATOR_KEYS, systemClock } from '../../../lib/simulator/exchange.ts';
import { type ListenOptions, listen } from '../../../lib/simulator/server.ts';
import { BUY, START, signedTarget } from './simulator-client.ts';

const open: { close(): Promise<void> }[] = [];
after(() => Promise.all(open.map((server) => server.close())));

async function serve(options: ListenOptions = {}, clock = manualClock(START)) {
  const exchange = createExchange({ seed: 'server', clock, limits: 'off' });
  const server = await listen(exchange, options);
  open.push(server);
  return { exchange, clock, ...server };
}

function post(url: string, params: Record<string, string>, at: number): Promise<Response> {
  return fetch(url + signedTarget('/api/v3/order', params, at), {
    method: 'POST',
    headers: { 'X-MEXC-APIKEY': SIMULATOR_KEYS.trade.accessKey, 'Content-Type': 'application/json' },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
type Answered = { status: number; body: any };

async function control(url: string, method: string, name: string, body?: object): Promise<Answered> {
  const response = await fetch(`${url}/_simulator/${name}`, { method, body: body && JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

test('an order goes over HTTP exactly as signed, Chinese symbols included', async () => {
  const { url } = await serve();

  const chinese = { symbol: '币安人生USDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '10' };
  const response = await post(url, chinese, START);

  assert.equal(response.status, 200);
  assert.equal(JSON.parse(await response.text()).symbol, '币安人生USDT');
});

test('a dropped reply is a connection that ends without an answer', async () => {
  const { url, exchange } = await serve();
  exchange.faults.add({ match: { path: '/api/v3/order' }, kind: 'drop-after' });

  await assert.rejects(post(url, BUY, START), /fetch failed/);

  assert.equal(exchange.truth().orders.length, 1);
});

test('a delay is real time over HTTP', async () => {
  const { url, exchange } = await serve();
  exchange.faults.add({ match: { path: '/api/v3/ping' }, kind: 'delay', ms: 60 });
  const started = performance.now();

  await fetch(`${url}/api/v3/ping`);

  assert.ok(performance.now() - started >= 55);
});

test('the control interface moves the market, sets faults, balances and rules, and tells the truth', async () => {
  const { url } = await serve();
  await post(url, BUY, START);

  assert.equal((await control(url, 'POST', 'price', { symbol: 'SOLUSDT', price: '139.00' })).status, 200);
  assert.equal((await control(url, 'POST', 'balance', { asset: 'USDT', amount: '-99000' })).status, 200);
  assert.equal(
    (await control(url, 'POST', 'rules', { symbol: 'SOLUSDT', isSpotTradingAllowed: false })).status,
    200,
  );
  const book = { symbol: 'XRPUSDT', bids: [['2.0000', '5']], asks: [] };
  assert.equal((await control(url, 'POST', 'book', book)).status, 200);
  const byHand = { symbol: 'XRPUSDT', side: 'BUY', type: 'LIMIT', quantity: '10', price: '2.0000' };
  const placed = await control(url, 'POST', 'order', byHand);
  assert.equal((await control(url, 'POST', 'cancel', { orderId: placed.body.orderId })).status, 200);

  const truth = (await control(url, 'GET', 'truth')).body;
  assert.deepEqual(
    truth.orders.map((order: { status: string }) => order.status),
    ['FILLED', 'CANCELED'],
  );
  assert.deepEqual(truth.accounts[0].balances.USDT, { free: '860', locked: '0' });
  assert.equal(JSON.parse(await (await post(url, BUY, START)).text()).code, 10007);

  await control(url, 'POST', 'faults', {
    match: { path: '/api/v3/ping' },
    kind: 'answer',
    status: 429,
    body: { code: 429 },
  });
  assert.equal((await fetch(`${url}/api/v3/ping`)).status, 429);
  await control(url, 'DELETE', 'faults');
  assert.equal((await fetch(`${url}/api/v3/ping`)).status, 200);
  const journal = (await control(url, 'GET', 'journal?path=/api/v3/ping')).body;
  assert.deepEqual(
    journal.map((entry: { status: number }) => entry.status),
    [429, 200],
  );
});

test('a wrong control body is refused and the field named', async () => {
  const { url } = await serve();
  const field = async (name: string, body: object) => {
    const answer = await control(url, 'POST', name, body);
    assert.equal(answer.status, 400);
    return answer.body.field;
  };

  assert.equal(await field('price', { symbol: 'SOLUSDT', price: '1e3' }), 'price');
  assert.equal(await field('price', { symbol: 'NOPE', price: '1' }), 'symbol');
  assert.equal(await field('faults', { kind: 'delay', ms: -1 }), 'ms');
  assert.equal(await field('balance', { asset: 'USDT', amount: '-100001' }), 'amount');
  assert.equal((await control(url, 'POST', 'nothing', {})).status, 404);
});

test('without control the exchange knows no such path', async () => {
  const { url } = await serve({ control: false });

  assert.equal((await fetch(`${url}/_simulator/truth`)).status, 404);
});

test('a restarted server goes on from its file, even when the last line was cut off', async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'state.jsonl');
  const first = await serve({ stateFile });
  first.exchange.faults.add({ match: { nth: 3 }, kind: 'drop-before' });
  for (const price of ['140.00', '141.00']) await post(first.url, { ...BUY, price }, START);
  first.exchange.setPrice('SOLUSDT', '140.50');
  const before = first.exchange.snapshot();
  await first.close();
  appendFileSync(stateFile, '{"at":1,"request":{"meth');

  const second = await serve({ stateFile });

  assert.deepEqual(second.exchange.snapshot(), before);
  await assert.rejects(fetch(`${second.url}/api/v3/ping`), /fetch failed/);
  assert.equal(readFileSync(stateFile, 'utf8').split('\n').length, 3, 'one snapshot and one input');
});

test('a server killed without warning has lost nothing it answered', async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'state.jsonl');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server-process.ts'), stateFile]);
  const url: string = await new Promise((resolve) =>
    child.stdout.once('data', (text) => resolve(String(text).trim())),
  );
  const answered: string[] = [];
  for (let i = 0; i < 20; i++) {
    const response = await post(url, { ...BUY, newClientOrderId: `n${i}` }, Date.now());
    answered.push(JSON.parse(await response.text()).orderId);
  }

  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));

  const exchange = createExchange({ seed: 'other', clock: systemClock });
  open.push(await listen(exchange, { stateFile }));
  assert.deepEqual(
    exchange.truth().orders.map((order) => order.orderId),
    answered,
  );
});

test('5,000 orders on file do not slow the last one down', async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'state.jsonl');
  const { exchange } = await serve({ stateFile });
  const headers = { 'x-mexc-apikey': SIMULATOR_KEYS.trade.accessKey, 'content-type': 'application/json' };
  const params = { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '5' };
  const target = signedTarget('/api/v3/order', params, START);
  const timed = (count: number): number => {
    const started = performance.now();
    for (let i = 0; i < count; i++) exchange.step({ method: 'POST', target, headers });
    return performance.now() - started;
  };

  timed(500);
  const early = timed(1000);
  timed(2500);
  const late = timed(1000);

  assert.equal(exchange.truth().orders.length, 5000);
  assert.ok(late < early * 3 + 200, `${early} ms, then ${late} ms`);
});
