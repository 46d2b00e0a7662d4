import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Clock } from '../../../lib/simulator/clock.ts';
import { createExchange, manualClock, SIMULATOR_KEYS, systemClock } from '../../../lib/simulator/exchange.ts';
import { listen } from '../../../lib/simulator/server.ts';
import { BUY, START, signedTarget } from '../simulator/simulator-client.ts';
import { DEPTH, KLINE, ORDERS } from './stream-bench.ts';
import { type Decoded, decode } from './wire-schema.ts';

const running: { close(): Promise<void> }[] = [];
after(() => Promise.all(running.map((server) => server.close())));

async function serve(clock: Clock) {
  const exchange = createExchange({ seed: 'sockets', clock, limits: 'off' });
  const server = await listen(exchange);
  running.push(server);
  const post = async (path: string, params: Record<string, string> = {}): Promise<Decoded> => {
    const response = await fetch(server.url + signedTarget(path, params, clock.now()), {
      method: 'POST',
      headers: { 'X-MEXC-APIKEY': SIMULATOR_KEYS.trade.accessKey, 'Content-Type': 'application/json' },
    });
    return response.json();
  };
  const control = async (method: string, name: string, body?: object): Promise<Decoded> => {
    const response = await fetch(`${server.url}/_simulator/${name}`, {
      method,
      body: body && JSON.stringify(body),
    });
    return response.json();
  };
  const dial = (query = '') => new WebSocket(`${server.url.replace('http', 'ws')}/ws${query}`);
  return { exchange, post, control, dial };
}

/** The next frame of a socket: parsed text, or a decoded push. */
async function next(socket: WebSocket): Promise<Decoded> {
  const [data, isBinary] = await once(socket, 'message');
  if (isBinary) return decode(data);
  const text = String(data);
  return text.startsWith('{') ? JSON.parse(text) : text;
}

async function connect(socket: WebSocket, ...channels: string[]): Promise<WebSocket> {
  await once(socket, 'open');
  for (const channel of channels) {
    const answer = next(socket);
    socket.send(JSON.stringify({ method: 'SUBSCRIPTION', params: [channel], id: 1 }));
    assert.deepEqual(await answer, { id: 1, code: 0, msg: channel });
  }
  return socket;
}

test('a user stream over a real socket tells of an order placed by REST', async () => {
  const { post, dial } = await serve(systemClock);
  const { listenKey } = await post('/api/v3/userDataStream');
  const socket = await connect(dial(`?listenKey=${listenKey}`), ORDERS);

  const push = next(socket);
  const { orderId } = await post('/api/v3/order', BUY);

  assert.equal((await push).privateOrders.id, orderId);
  socket.send('{"method":"PING"}');
  assert.deepEqual(await next(socket), { id: 0, code: 0, msg: 'PONG' });
});

test('pushes that are due come by themselves on the machine’s clock', async () => {
  const { exchange, dial } = await serve(systemClock);
  const socket = await connect(dial(), DEPTH);

  const push = next(socket);
  exchange.setPrice('SOLUSDT', '144.00');

  assert.equal((await push).publicAggreDepths.fromVersion, '20000000001');
});

test('an invalid listen key is complained about, an unknown path is not there', async () => {
  const { dial, exchange } = await serve(systemClock);
  const socket = dial('?listenKey=made-up');

  assert.equal(await next(socket), 'Invalid listen key');
  const [, response] = await once(dial('/elsewhere'), 'unexpected-response');
  assert.equal(response.statusCode, 404);
  assert.equal(exchange.stream.usage().connections, 1);
});

test('faults are set over HTTP; a refused connection is a 503, a dropped one ends without a close frame', async () => {
  const clock = manualClock(START);
  const { control, dial, exchange } = await serve(clock);
  const { faultId } = await control('POST', 'streamFaults', { kind: 'no-connect', match: { nth: 1 } });
  assert.deepEqual((await control('GET', 'streamFaults'))[0].id, faultId);
  const [, response] = await once(dial(), 'unexpected-response');
  assert.equal(response.statusCode, 503);

  await control('POST', 'streamFaults', { kind: 'drop', match: { channel: DEPTH } });
  const [dropped, closed] = [await connect(dial(), DEPTH), await connect(dial(), KLINE)];
  const end = once(dropped, 'close');
  exchange.setPrice('SOLUSDT', '144.00');
  clock.advance(100);
  assert.equal((await end)[0], 1006);
  const close = once(closed, 'close');
  await control('POST', 'connections', { how: 'close' });
  assert.equal((await close)[0], 1000);

  assert.equal((await control('POST', 'streamFaults', { kind: 'none' })).field, 'kind');
  await control('DELETE', 'streamFaults');
  assert.deepEqual(await control('GET', 'streamFaults'), []);
  const usage = await control('GET', 'stream');
  assert.deepEqual(
    [usage.opened, usage.turnedAway, usage.connections, usage.ended],
    [2, 1, 0, { rule: 0, disturbance: 2 }],
  );
});

test('a silent connection does not answer protocol pings either', async () => {
  const { control, dial } = await serve(systemClock);
  const socket = await connect(dial(), KLINE);
  const pong = once(socket, 'pong');
  socket.ping();
  await pong;
  let pongs = 0;
  socket.on('pong', () => {
    pongs += 1;
  });

  await control('POST', 'connections', { how: 'silence' });
  socket.ping();
  socket.send('{"method":"PING"}');
  // Answered behind the ping, had it been answered.
  const other = await connect(dial(), KLINE);
  other.ping();
  await once(other, 'pong');

  assert.deepEqual([pongs, socket.readyState], [0, WebSocket.OPEN]);
});

test('what a client closes is gone from the exchange', async () => {
  const { dial, exchange } = await serve(systemClock);
  const socket = await connect(dial(), KLINE);
  assert.equal(exchange.stream.usage().connections, 1);

  socket.close();
  await once(socket, 'close');

  // The server may hear of it some turns later.
  for (let turns = 0; turns < 10_000 && exchange.stream.usage().connections > 0; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(exchange.stream.usage().connections, 0);
});
