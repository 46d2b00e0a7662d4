import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dispatcher } from 'undici';
import { clientFor, manualClock, startRawServer, startServer } from './support.ts';

const NOW = 1_700_000_000_000;
const TERMS = { timestamp: NOW, recvWindow: 3000, test: false };
const REQUEST = { symbol: 'A', side: 'buy', type: 'MARKET', quantity: '1', clientOrderId: 'a-1' } as const;
const ACK = { symbol: 'A', orderId: 'X1' };

const setUp = async (delayMs = 0) => {
  const server = await startServer(({ target }) => ({
    body: target.startsWith('/api/v3/order') ? ACK : { symbol: 'A', price: '1' },
    delayMs,
  }));
  const clock = manualClock(NOW);
  const { client } = clientFor(server.url, { clock });
  const options = () => ({ deadline: clock.now() + 5000 });
  return {
    server,
    clock,
    client,
    read: () => client.lastPrice('A', options()),
    place: async () => client.sendOrder(await client.signOrder(REQUEST, TERMS), options()),
    end: async () => {
      await client.close();
      await server.close();
    },
  };
};

test('an order uses a connection that was used within the last three seconds', async () => {
  const { server, clock, read, place, end } = await setUp();
  await read();

  clock.advance(3000);
  await place();

  assert.equal(server.connections(), 1);
  await end();
});

test('an order opens a new connection when the last use is longer ago, and drops the old one', async () => {
  const { server, clock, read, place, end } = await setUp();
  await read();

  clock.advance(3001);
  const outcome = await place();

  assert.equal(outcome.kind, 'acknowledged');
  assert.equal(server.connections(), 2);
  assert.equal(server.open(), 1);
  await end();
});

test('each use makes a connection fresh again', async () => {
  const { server, clock, read, place, end } = await setUp();
  for (let n = 0; n < 4; n++) {
    await read();
    clock.advance(2000);
  }

  await place();

  assert.equal(server.connections(), 1);
  await end();
});

test('a connection counts by its own last use, not by another one’s', async () => {
  const { server, clock, read, place, end } = await setUp(30);
  await Promise.all([place(), place()]);
  assert.equal(server.connections(), 2);
  clock.advance(2000);
  await read();
  clock.advance(2000);

  await Promise.all([place(), place()]);

  assert.equal(server.connections(), 3);
  await end();
});

test('a clock that was set back makes no connection fresh', async () => {
  const { server, clock, read, place, end } = await setUp();
  await read();

  clock.advance(-60_000);
  await place();

  assert.equal(server.connections(), 2);
  await end();
});

test('a freeze between taking a connection and writing to it does not let the order onto the old one', async () => {
  const server = await startServer(() => ({ body: ACK }));
  const clock = manualClock(NOW);
  let freezeAt = Number.POSITIVE_INFINITY;
  let readings = 0;
  const freezing = {
    ...clock,
    now: () => {
      if (++readings === freezeAt) clock.advance(4000);
      return clock.now();
    },
  };
  const { client } = clientFor(server.url, { clock: freezing });
  const place = async () =>
    client.sendOrder(await client.signOrder(REQUEST, TERMS), { deadline: clock.now() + 60_000 });
  await place();
  readings = 0;
  await place();
  assert.equal(server.connections(), 1);
  const perOrder = readings;

  for (let n = 1; n <= perOrder; n++) {
    const before = server.connections();
    readings = 0;
    freezeAt = n;
    assert.equal((await place()).kind, 'acknowledged');
    freezeAt = Number.POSITIVE_INFINITY;
    const opened = server.connections() - before;
    // Frozen before the first byte: a new connection. Frozen after it: the old one, and the next order opens one.
    if (opened === 0) {
      await place();
      assert.ok(n > perOrder - 2, `reading ${n} of ${perOrder}`);
    }
  }

  assert.equal(server.requests.length, new Set(server.requests).size);
  await client.close();
  await server.close();
});

test('a pooled connection that the server closed is replaced without sending twice', async () => {
  const server = await startRawServer((socket, request) => {
    const body = request.startsWith('GET') ? '{"symbol":"A","price":"1"}' : JSON.stringify(ACK);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    if (request.startsWith('GET')) setTimeout(() => socket.destroy(), 10);
  });
  const { client } = clientFor(server.url);
  await client.lastPrice('A', { deadline: Date.now() + 1000 });
  await new Promise((resolve) => setTimeout(resolve, 50));

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), {
    deadline: Date.now() + 1000,
  });

  assert.equal(outcome.kind, 'acknowledged');
  assert.equal(server.requests.filter((text) => text.startsWith('POST')).length, 1);
  await client.close();
  await server.close();
});

test('a pooled connection that dies under an order leaves it unknown, and sends nothing again', async () => {
  const server = await startRawServer((socket, request) => {
    if (request.startsWith('POST')) {
      socket.resetAndDestroy();
      return;
    }
    const body = '{"symbol":"A","price":"1"}';
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  const { client } = clientFor(server.url);
  await client.lastPrice('A', { deadline: Date.now() + 1000 });

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), {
    deadline: Date.now() + 1000,
  });

  assert.equal(outcome.kind, 'unknown');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.requests.filter((text) => text.startsWith('POST')).length, 1);
  await client.close();
  await server.close();
});

test('few connections serve many calls; who finds none by his deadline has sent nothing', async () => {
  const { server, client, place, end } = await setUp(60);
  const order = await client.signOrder(REQUEST, TERMS);

  const orders = Array.from({ length: 12 }, () => place());
  await new Promise((resolve) => setImmediate(resolve));
  const late = await client.sendOrder(order, { deadline: NOW + 25 });
  const outcomes = await Promise.all(orders);

  assert.deepEqual(late, { kind: 'unsent', reason: 'deadline' });
  assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(['acknowledged']));
  assert.equal(server.connections(), 6);
  assert.equal(server.requests.length, 12);
  await end();
});

test('closing leaves no connection open', async () => {
  const { server, client, read, end } = await setUp();
  await read();

  await client.close();
  await server.emptied();

  assert.equal(server.open(), 0);
  await end();
});

test('an HTTP library that repeats a request is stopped before its first byte', async () => {
  const written: string[] = [];
  // A stand-in for undici that starts a request twice, as a library with retries of its own would.
  const dispatch = (_options: unknown, handler: Dispatcher.DispatchHandler): boolean => {
    for (const attempt of ['first', 'second']) {
      let aborted = false;
      const abort = () => {
        aborted = true;
      };
      const controller = { aborted: false, paused: false, reason: null, abort, pause: abort, resume: abort };
      handler.onRequestStart?.(controller, null);
      if (!aborted) written.push(attempt);
    }
    return true;
  };
  const { client } = clientFor('http://127.0.0.1:9', { dispatcher: { dispatch } });

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), {
    deadline: Date.now() + 100,
  });

  assert.equal(outcome.kind, 'unknown');
  assert.deepEqual(written, ['first']);
});

test('a freeze beyond the deadline, at any moment before the first byte, sends nothing', async () => {
  const kinds: string[] = [];
  for (let freezeAt = 1; freezeAt <= 5; freezeAt++) {
    const server = await startServer(() => ({ body: ACK }));
    const clock = manualClock(NOW);
    let readings = Number.NEGATIVE_INFINITY;
    const now = () => {
      if (++readings === freezeAt) clock.advance(4000);
      return clock.now();
    };
    const { client } = clientFor(server.url, { clock: { ...clock, now } });
    const order = await client.signOrder(REQUEST, TERMS);

    readings = 0;
    const { kind } = await client.sendOrder(order, { deadline: NOW + 3000 });
    await new Promise((resolve) => setTimeout(resolve, 20));

    kinds.push(`${kind} ${server.requests.length}`);
  }

  assert.deepEqual(kinds, ['unsent 0', 'unsent 0', 'unsent 0', 'unsent 0', 'acknowledged 1']);
});
