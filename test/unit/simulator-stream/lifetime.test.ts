import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY } from '../simulator/simulator-client.ts';
import { KLINE, ORDERS, openStreams } from './stream-bench.ts';

/** A symbol without trades of strangers: nothing flows unless the test says so. */
const QUIET = 'spot@public.aggre.depth.v3.api.pb@100ms@SOLUSDT';

test('a connection without a subscription is closed after 30 s, whatever it pings', () => {
  const { connect, clock } = openStreams();
  const client = connect();
  client.ask({ method: 'SUBSCRIPTION', params: ['spot@public.deals.v3.api.pb@SOLUSDT'] });

  clock.advance(29_999);
  client.ask({ method: 'PING' });
  assert.equal(client.closed, null);
  clock.advance(1);
  assert.equal(client.closed, 'close');
  assert.deepEqual(client.ask({ method: 'PING' }), [], 'and says nothing any more');
});

test('leaving the last channel starts the 30 s again', () => {
  const { connect, clock } = openStreams();
  const client = connect();
  client.subscribe(QUIET);
  clock.advance(50_000);
  client.ask({ method: 'PING' });
  clock.advance(15_000);
  client.ask({ method: 'UNSUBSCRIPTION', params: [QUIET] });

  clock.advance(29_999);
  assert.equal(client.closed, null);
  clock.advance(1);
  assert.equal(client.closed, 'close');
});

test('a connection on which nothing flows is closed after 60 s, and a PING keeps it open', () => {
  const { connect, clock } = openStreams();
  const [idle, pinging] = [connect(), connect()];
  idle.subscribe(QUIET);
  pinging.subscribe(QUIET);

  clock.advance(59_999);
  pinging.ask({ method: 'PING' });
  assert.equal(idle.closed, null);
  clock.advance(1);
  assert.deepEqual([idle.closed, pinging.closed], ['close', null]);
  clock.advance(59_999);
  assert.equal(pinging.closed, 'close');
});

test('pushes keep a connection open without any PING', () => {
  const { connect, clock } = openStreams();
  const client = connect();
  client.subscribe('spot@public.miniTicker.v3.api.pb@SOLUSDT@24H');

  clock.advance(300_000);

  assert.equal(client.closed, null);
  assert.equal(client.binaries.length, 100, 'one every 3 s, changed or not');
});

test('after 24 h a connection is closed, however busy it is', () => {
  const { connect, pass } = openStreams();
  const client = connect();
  client.subscribe(QUIET);

  pass(86_399_999);
  assert.equal(client.closed, null);
  pass(1);
  assert.equal(client.closed, 'close');
});

test('five connections a key, and a place is free again once one has ended', async () => {
  const bench = openStreams();
  const [first, second] = [await bench.listenKey(), await bench.listenKey()];
  const clients = Array.from({ length: 5 }, () => bench.connect(first));

  assert.equal(bench.knock(first), false);
  assert.equal(bench.knock(second), true);
  clients[0]!.connection.close();
  assert.equal(bench.knock(first), true);
  const { turnedAway, peak, connections, listenKeys } = bench.exchange.stream.usage();
  assert.deepEqual([turnedAway, peak, connections, listenKeys], [1, 6, 6, { '10000001': 2 }]);
});

for (const [name, end] of Object.entries({
  deleted: (bench: ReturnType<typeof openStreams>, listenKey: string) =>
    bench.signed('DELETE', '/api/v3/userDataStream', { listenKey }),
  'set to expire by a command': (bench: ReturnType<typeof openStreams>, listenKey: string) =>
    bench.exchange.apply({ do: 'listenKeyExpired', with: { listenKey } }),
  'not extended for 60 min': (bench: ReturnType<typeof openStreams>) => bench.pass(3_600_000),
})) {
  test(`the connection of a key that is ${name} stays open and hears nothing of its account`, async () => {
    const bench = openStreams();
    const listenKey = await bench.listenKey();
    const client = bench.connect(listenKey);
    client.subscribe(ORDERS, KLINE);

    await end(bench, listenKey);
    await bench.order(BUY);

    assert.equal(client.closed, null);
    assert.deepEqual(client.pushes(ORDERS), []);
    assert.equal(client.ask({ method: 'PING' })[0].msg, 'PONG');
    bench.pass(120_000);
    assert.ok(client.pushes(KLINE).length > 0, 'public channels go on');
  });
}

test('an extended key goes on for 60 min from its extension', async () => {
  const bench = openStreams();
  const listenKey = await bench.listenKey();
  const client = bench.connect(listenKey);
  client.subscribe(ORDERS);

  bench.pass(3_000_000);
  await bench.signed('PUT', '/api/v3/userDataStream', { listenKey });
  bench.pass(3_599_999);
  await bench.order(BUY);
  assert.equal(client.pushes(ORDERS).length, 1);
  bench.pass(1);
  await bench.order(BUY);
  assert.equal(client.pushes(ORDERS).length, 1);
});

test('what the client closes is closed without a word, and stays so', async () => {
  const bench = openStreams();
  const client = await bench.own();

  client.connection.close();
  await bench.order(BUY);

  assert.equal(client.closed, null);
  assert.deepEqual(client.pushes(), []);
  assert.equal(bench.exchange.stream.usage().connections, 0);
});

test('a clock that is set back stops neither pushes nor deadlines', () => {
  const { connect, clock, exchange } = openStreams();
  const client = connect();
  client.subscribe(QUIET);
  clock.advance(30_000);

  clock.advance(-3_600_000);
  exchange.setPrice('SOLUSDT', '143.00');
  clock.advance(100);
  assert.equal(client.pushes(QUIET).length, 1);
  clock.advance(59_900);
  assert.equal(client.closed, null);
  clock.advance(100);
  assert.equal(client.closed, 'close');
});

test('a snapshot put in place ends every connection', () => {
  const { connect, exchange } = openStreams();
  const client = connect();
  client.subscribe(QUIET);

  exchange.restore(exchange.snapshot());

  assert.equal(client.closed, 'destroy');
  exchange.setPrice('SOLUSDT', '143.00');
  assert.equal(exchange.stream.usage().connections, 0);
});
