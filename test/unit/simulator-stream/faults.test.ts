import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandInput } from '../../../lib/simulator/exchange.ts';
import { BUY } from '../simulator/simulator-client.ts';
import {
  ACCOUNT,
  DEALS,
  DEPTH,
  ORDERS,
  opened,
  openStreams,
  refusal,
  type StreamBench,
} from './stream-bench.ts';
import { decode } from './wire-schema.ts';

type Fault = Extract<CommandInput, { do: 'streamFault' }>['with'];

const add = ({ exchange }: StreamBench, fault: Fault) => exchange.apply({ do: 'streamFault', with: fault });
const onOrders = { channel: ORDERS };

/** An owner's connection on the orders channel, with this fault. */
async function withFault(fault: Fault) {
  const bench = openStreams();
  const client = bench.connect(await bench.listenKey());
  client.subscribe(ORDERS);
  add(bench, fault);
  const place = (quantity: string) => bench.order({ ...BUY, quantity });
  const seen = () => client.pushes(ORDERS).map(({ privateOrders }) => privateOrders.quantity);
  return { bench, client, place, seen };
}

test('a connection is dropped in place of a push, with a close frame or without', async () => {
  for (const how of ['close', 'destroy'] as const) {
    const { bench, client, place, seen } = await withFault({ kind: 'drop', match: { nth: 2 }, how });
    for (const quantity of ['1', '2', '3']) await place(quantity);

    assert.equal(client.closed, how);
    assert.deepEqual(seen(), ['1']);
    assert.equal(bench.exchange.stream.usage().ended.disturbance, 1);
  }
});

test('a connection may be dropped as it opens, as it subscribes or with a PING', async () => {
  const bench = openStreams();
  add(bench, { kind: 'drop', on: 'connect', match: { nth: 1 } });
  const first = bench.connect();
  await opened();
  assert.equal(first.closed, 'destroy');

  add(bench, { kind: 'drop', on: 'subscribe', match: { channel: DEPTH } });
  const second = bench.connect();
  assert.deepEqual(second.ask({ method: 'SUBSCRIPTION', params: [DEPTH] }), []);
  assert.equal(second.closed, 'destroy');

  add(bench, { kind: 'drop', on: 'ping', match: { times: 1 }, how: 'close' });
  const third = bench.connect();
  third.ask({ method: 'PING' });
  assert.equal(third.closed, 'close');
});

test('a silent connection stays open and answers nothing, not even a PING', async () => {
  const { bench, client, place, seen } = await withFault({ kind: 'silence', match: { times: 1 } });
  await place('1');

  assert.deepEqual(client.ask({ method: 'PING' }), []);
  assert.deepEqual(client.ask({ method: 'SUBSCRIPTION', params: [DEPTH] }), []);
  await place('2');
  bench.clock.advance(86_400_000 * 2);
  assert.deepEqual([seen(), client.closed, client.connection.isSilent()], [[], null, true]);
});

test('a silence may end', async () => {
  const { bench, client, place, seen } = await withFault({ kind: 'silence', match: { times: 1 }, ms: 5000 });
  await place('1');
  bench.clock.advance(4999);
  await place('2');
  bench.clock.advance(1);
  await place('3');

  assert.deepEqual(seen(), ['3']);
  assert.equal(client.ask({ method: 'PING' })[0].msg, 'PONG');
});

test('a push is lost, and a PONG or an acknowledgement may be', async () => {
  const { bench, client, place, seen } = await withFault({ kind: 'lose', match: { ...onOrders, nth: 1 } });
  await place('1');
  await place('2');
  assert.deepEqual(seen(), ['2']);

  add(bench, { kind: 'lose', on: 'ping', match: { times: 1 } });
  assert.deepEqual(client.ask({ method: 'PING' }), []);
  assert.equal(client.ask({ method: 'PING' }).length, 1);
  add(bench, { kind: 'lose', on: 'subscribe' });
  assert.deepEqual(client.ask({ method: 'SUBSCRIPTION', params: [DEALS] }), []);
  assert.equal(client.ask({ method: 'SUBSCRIPTION', params: [DEALS] }).length, 0);
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '1' });
  assert.equal(client.pushes(DEALS).length, 1, 'subscribed all the same');
});

test('a push is repeated', async () => {
  const { place, seen } = await withFault({ kind: 'repeat', match: { nth: 1 }, copies: 2 });
  await place('1');
  await place('2');

  assert.deepEqual(seen(), ['1', '1', '1', '2']);
});

test('a push held back arrives after later ones, or alone when none come', async () => {
  const { bench, place, seen } = await withFault({ kind: 'hold', match: { nth: 1 }, after: 2, ms: 1000 });
  for (const quantity of ['1', '2', '3', '4']) await place(quantity);
  assert.deepEqual(seen(), ['2', '3', '1', '4']);

  add(bench, { kind: 'hold', match: { nth: 1 }, ms: 1000 });
  await place('5');
  bench.clock.advance(999);
  assert.deepEqual(seen().slice(4), []);
  bench.clock.advance(1);
  assert.deepEqual(seen().slice(4), ['5']);
  bench.clock.advance(60_000);
  assert.equal(seen().length, 5, 'and only once');
});

test('a delay holds back everything behind it too', async () => {
  const { bench, client, place, seen } = await withFault({ kind: 'delay', match: { nth: 1 }, ms: 500 });
  await place('1');
  await place('2');
  assert.deepEqual(client.ask({ method: 'PING' }), []);

  bench.clock.advance(499);
  assert.deepEqual(seen(), []);
  bench.clock.advance(1);
  assert.deepEqual(seen(), ['1', '2']);
  assert.equal(JSON.parse(client.texts.at(-1)!).msg, 'PONG');
});

test('a subscription is refused', async () => {
  const bench = openStreams();
  add(bench, { kind: 'refuse', match: { symbol: 'SOLUSDT', times: 1 } });
  const client = bench.connect();

  assert.deepEqual(client.ask({ method: 'SUBSCRIPTION', params: [DEPTH], id: 3 }), [
    { id: 3, code: 0, msg: refusal(DEPTH) },
  ]);
  client.subscribe(DEPTH);
  assert.equal(bench.exchange.stream.usage().refusedChannels, 1);
});

test('garbage can be taken for no push, and a push may be cut anywhere', async () => {
  const garbage = await withFault({ kind: 'garbage', match: { nth: 1 } });
  await garbage.place('1');
  assert.throws(() => decode(garbage.client.binaries[0]!));

  const whole = await withFault({ kind: 'lose', match: { nth: 2 } });
  await whole.place('1');
  for (const at of [0, 1, 30, 70]) {
    const { client, place } = await withFault({ kind: 'cut', match: {}, at });
    await place('1');
    assert.deepEqual(client.binaries[0], whole.client.binaries[0]?.subarray(0, at));
  }
  const drawn = await withFault({ kind: 'cut', match: {} });
  for (let i = 0; i < 20; i++) await drawn.place('1');
  assert.ok(new Set(drawn.client.binaries.map(({ length }) => length)).size > 5);
});

test('unknown fields, an order without its client id, and frames of the wrong type', async () => {
  const strange = await withFault({ kind: 'unknown-field', match: {} });
  const plain = await withFault({ kind: 'lose', match: { nth: 2 } });
  await strange.place('1');
  await plain.place('1');
  assert.deepEqual(strange.client.pushes(), plain.client.pushes());
  assert.ok(strange.client.binaries[0]!.length > plain.client.binaries[0]!.length);

  const { bench, client } = await withFault({ kind: 'no-client-id', match: {} });
  client.subscribe(DEALS, ACCOUNT);
  await bench.order({
    symbol: 'SOLUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: '1',
    newClientOrderId: 'mine',
  });
  assert.equal(client.pushes(ORDERS).length, 2);
  assert.ok(client.pushes(ORDERS).every(({ privateOrders }) => privateOrders.clientId === undefined));
  assert.ok(client.pushes(DEALS).every(({ privateDeals }) => privateDeals.clientOrderId === undefined));

  const turned = await withFault({ kind: 'wrong-type', match: {} });
  await turned.place('1');
  assert.deepEqual(turned.client.binaries, []);
  assert.ok(turned.client.texts.at(-1)?.includes(ORDERS));
  add(turned.bench, { kind: 'wrong-type', on: 'ping' });
  assert.deepEqual(turned.client.ask({ method: 'PING' }), []);
  assert.equal(Buffer.from(turned.client.binaries[0]!).toString(), '{"id":0,"code":0,"msg":"PONG"}');
});

test('a gap leaves versions of the book out, and touches no other channel', async () => {
  const bench = openStreams();
  const client = bench.connect(await bench.listenKey());
  client.subscribe(DEPTH, ORDERS);
  add(bench, { kind: 'gap', match: { nth: 2 } });

  for (const quantity of ['1', '2', '3']) {
    await bench.order({ ...BUY, quantity });
    bench.clock.advance(100);
  }

  assert.equal(client.pushes(ORDERS).length, 3);
  assert.deepEqual(
    client.pushes(DEPTH).map(({ publicAggreDepths: { fromVersion, toVersion } }) => [fromVersion, toVersion]),
    [
      ['20000000001', '20000000001'],
      ['20000000003', '20000000003'],
    ],
  );
});

test('no new connections, as long as the fault holds', () => {
  const bench = openStreams();
  const { clock } = bench;
  add(bench, { kind: 'no-connect', match: { to: clock.now() + 1000 } });

  assert.equal(bench.knock(), false);
  clock.advance(999);
  assert.equal(bench.knock(), false);
  clock.advance(1);
  assert.equal(bench.knock(), true);
  assert.equal(bench.exchange.stream.usage().turnedAway, 2);
});

test('a listen key runs out early, for REST as well', async () => {
  const bench = openStreams();
  add(bench, { kind: 'expire-key', match: { nth: 1 }, ms: 60_000 });
  const [early, usual] = [await bench.listenKey(), await bench.listenKey()];

  bench.clock.advance(60_000);

  const { parsed } = await bench.signed('GET', '/api/v3/userDataStream');
  assert.deepEqual(parsed.listenKey, [usual]);
  const client = bench.connect(early);
  await opened();
  assert.deepEqual(client.texts, ['Invalid listen key']);
});

test('a command ends or mutes connections at once, all or those of one key', async () => {
  const bench = openStreams();
  const [own, other, third] = [await bench.own(), await bench.own(), bench.connect()];
  const listenKey = bench.exchange.snapshot().listenKeys[0]!.key;

  bench.exchange.apply({ do: 'connections', with: { how: 'silence', listenKey } });
  assert.deepEqual([own.ask({ method: 'PING' }).length, other.ask({ method: 'PING' }).length], [0, 1]);
  bench.exchange.apply({ do: 'connections', with: { how: 'close' } });
  assert.deepEqual([other.closed, third.closed], ['close', 'close']);
  assert.equal(bench.exchange.stream.usage().connections, 0);
});

test('faults are matched by connection, channel, symbol and time', async () => {
  const bench = openStreams();
  const [first, second] = [await bench.own(), await bench.own()];
  add(bench, { kind: 'lose', match: { connection: second.connection.number, channel: 'spot@private' } });
  add(bench, { kind: 'lose', match: { symbol: 'XRPUSDT' } });
  add(bench, { kind: 'lose', match: { from: bench.clock.now() + 10, channel: ACCOUNT } });

  await bench.order(BUY);
  await bench.order({ ...BUY, symbol: 'XRPUSDT', price: '2.0000', quantity: '10' });
  bench.clock.advance(10);
  await bench.order(BUY);

  assert.deepEqual(second.pushes(), []);
  assert.deepEqual([first.pushes(ORDERS).length, first.pushes(ACCOUNT).length], [2, 2]);
  bench.exchange.apply({ do: 'streamFaultsCleared', with: {} });
  await bench.order(BUY);
  assert.ok(second.pushes().length > 0);
});
