import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { createExchange, manualClock, SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../../lib/simulator/fault-rule.ts';
import { listen } from '../../../lib/simulator/server.ts';
import { BUY, START, signedTarget } from './simulator-client.ts';

const open: { close(): Promise<void> }[] = [];
after(() => Promise.all(open.map((server) => server.close())));

async function serve() {
  const clock = manualClock(START);
  const exchange = createExchange({ seed: 'server', clock });
  const server = await listen(exchange);
  open.push(server);
  const disturb = (fault: FaultInput) => exchange.faults.add(fault);
  const post = (signal?: AbortSignal) =>
    fetch(server.url + signedTarget('/api/v3/order', BUY, clock.now()), {
      method: 'POST',
      headers: { 'X-MEXC-APIKEY': SIMULATOR_KEYS.trade.accessKey, 'Content-Type': 'application/json' },
      ...(signal && { signal }),
    });
  return { exchange, clock, disturb, post, url: server.url };
}

/** Everything that comes down a connection of its own until the other side closes it. */
async function raw(url: string, target: string): Promise<Buffer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
  socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

test('a hanging request keeps its connection open until the caller gives up', async () => {
  const { exchange, disturb, post } = await serve();
  disturb({ kind: 'hang', executed: true });
  const giveUp = new AbortController();
  const pending = post(giveUp.signal);

  while (exchange.truth().orders.length === 0) await new Promise(setImmediate);
  giveUp.abort();

  await assert.rejects(pending, { name: 'AbortError' });
});

test('a cut answer promises its whole length and ends early', async () => {
  const { disturb, url } = await serve();
  const whole = await raw(url, '/api/v3/time');
  disturb({ kind: 'cut', executed: true, at: 5 });

  const cut = String(await raw(url, '/api/v3/time'));

  assert.match(cut, /content-length: 28\r\n/);
  assert.ok(cut.endsWith('\r\n\r\n{"ser'), cut);
  assert.ok(String(whole).endsWith(`{"serverTime":${START}}`));
  await assert.rejects(fetch(`${url}/api/v3/time`).then((response) => response.text()));
});

test('a connection can end before the first byte of a body', async () => {
  const { disturb, url } = await serve();
  disturb({ kind: 'cut', executed: true, at: 0 });

  const text = String(await raw(url, '/api/v3/time'));

  assert.ok(text.startsWith('HTTP/1.1 200 OK\r\n') && text.endsWith('\r\n\r\n'), text);
});

test('a short answer is complete as HTTP and half a text', async () => {
  const { disturb, url } = await serve();
  disturb({ kind: 'cut', executed: true, at: 5, form: 'short' });

  assert.equal(await (await fetch(`${url}/api/v3/time`)).text(), '{"ser');
});

test('garbage arrives as the very bytes of the seed, and nothing as nothing', async () => {
  const { disturb, url } = await serve();
  disturb({ kind: 'garbage', executed: true, match: { nth: 1 } });
  disturb({ kind: 'empty', executed: true, match: { nth: 2 } });

  const garbage = await fetch(`${url}/api/v3/time`);
  const bytes = Buffer.from(await garbage.arrayBuffer());
  const empty = await fetch(`${url}/api/v3/time`);

  assert.match(garbage.headers.get('content-type') ?? '', /json/);
  assert.equal(bytes[0], 0xff);
  assert.throws(() => JSON.parse(String(bytes)), SyntaxError);
  assert.deepEqual([empty.status, await empty.text()], [200, '']);
});

test('the reply to a late order comes when the clock of the exchange got there', async () => {
  const { exchange, clock, disturb, post } = await serve();
  disturb({ kind: 'late', ms: 5000 });
  const pending = post();
  while (exchange.journal().length === 0) await new Promise(setImmediate);
  assert.deepEqual(exchange.truth().orders, []);

  clock.advance(5000);

  assert.equal(JSON.parse(await (await pending).text()).transactTime, START + 5000);
});

test('limits count the address of the socket and report what was used', async () => {
  const { exchange, url, post } = await serve();
  const control = (name: string, body: object) =>
    fetch(`${url}/_simulator/${name}`, { method: 'POST', body: JSON.stringify(body) });
  assert.equal((await control('limits', { limits: { order: { most: 1, windowMs: 1000 } } })).status, 200);

  assert.equal((await post()).status, 200);
  const refused = await post();

  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
  const usage = JSON.parse(await (await fetch(`${url}/_simulator/usage`)).text());
  assert.deepEqual(usage, exchange.usage());
  assert.deepEqual(usage.budgets[0], { budget: 'ipCalls', of: '127.0.0.1', peak: 1, refused: 0 });
  assert.equal(usage.refused, 1);
});

test('the world outside is moved by control calls, wrong ones name their field', async () => {
  const { url, exchange } = await serve();
  const control = async (name: string, body: object) => {
    const response = await fetch(`${url}/_simulator/${name}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, field: JSON.parse(await response.text()).field };
  };
  const { accessKey } = SIMULATOR_KEYS.trade;

  assert.equal((await control('key', { accessKey, ipWhiteList: '10.0.0.1' })).status, 200);
  assert.equal((await control('clock', { skewMs: 100 })).status, 200);
  assert.equal((await control('maintenance', { code: 801 })).status, 200);
  assert.equal((await control('errorStatus', { status: 200 })).status, 200);
  assert.equal((await control('balance', { asset: 'MX', amount: '5', kind: 'DEPOSIT' })).status, 200);
  assert.deepEqual(exchange.snapshot().world, {
    skewMs: 100,
    errorStatus: 200,
    errorWording: 'usual',
    maintenance: 801,
  });

  assert.deepEqual(await control('maintenance', { code: 500 }), { status: 400, field: 'code' });
  assert.deepEqual(await control('clock', { skewMs: 0.5 }), { status: 400, field: 'skewMs' });
  assert.deepEqual(await control('balance', { asset: 'MX', amount: '5', kind: 'WITHDRAW' }), {
    status: 400,
    field: 'kind',
  });
  assert.deepEqual(await control('limits', { limits: 'loose' }), { status: 400, field: 'limits' });
});
