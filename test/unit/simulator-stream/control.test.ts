import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCOUNT, DEPTH, KLINE, ORDERS, opened, openStreams, refusal } from './stream-bench.ts';

const subscription = (...params: string[]) => ({ method: 'SUBSCRIPTION', params, id: 7 });

test('a subscription is answered with its channel and its id', () => {
  const client = openStreams().connect();

  assert.deepEqual(client.ask(subscription(KLINE)), [{ id: 7, code: 0, msg: KLINE }]);
  assert.deepEqual(client.ask({ method: 'UNSUBSCRIPTION', params: [KLINE], id: 8 }), [
    { id: 8, code: 0, msg: KLINE },
  ]);
  assert.deepEqual(client.ask({ method: 'PING' }), [{ id: 0, code: 0, msg: 'PONG' }]);
  assert.deepEqual(client.ask({ method: 'PING', id: 9 }), [{ id: 9, code: 0, msg: 'PONG' }]);
});

test('without an id, or with one that is no unsigned integer, 0 comes back', () => {
  const client = openStreams().connect();

  for (const id of [undefined, null, -1, 1.5, '7']) {
    const [answer] = client.ask({ method: 'UNSUBSCRIPTION', params: [KLINE], id });
    assert.deepEqual(answer, { id: 0, code: 0, msg: KLINE });
  }
});

test('an accepted subscription of several channels names them joined by commas', () => {
  const client = openStreams().connect();

  assert.deepEqual(client.ask(subscription(KLINE, DEPTH)), [{ id: 7, code: 0, msg: `${KLINE},${DEPTH}` }]);
});

test('every channel of the page is let in, by its exact name only', () => {
  const good = [
    'spot@public.aggre.deals.v3.api.pb@10ms@SOLUSDT',
    'spot@public.aggre.depth.v3.api.pb@10ms@币安人生USDT',
    'spot@public.aggre.bookTicker.v3.api.pb@100ms@SOLUSDT',
    'spot@public.kline.v3.api.pb@SOLUSDT@Hour8',
    'spot@public.kline.v3.api.pb@SOLUSDT@Month1',
    'spot@public.limit.depth.v3.api.pb@SOLUSDT@20',
    'spot@public.bookTicker.batch.v3.api.pb@SOLUSDT',
    'spot@public.miniTicker.v3.api.pb@SOLUSDT@UTC+12:45',
    'spot@public.miniTickers.v3.api.pb@24H',
  ];
  const bad = [
    // Retired names.
    'spot@public.deals.v3.api.pb@SOLUSDT',
    'spot@public.increase.depth.v3.api.pb@SOLUSDT',
    'spot@public.increase.depth.batch.v3.api.pb@SOLUSDT',
    'spot@public.bookTicker.v3.api.pb@SOLUSDT',
    'spot@public.kline.v3.api@SOLUSDT@Min1',
    'spot@private.orders.v3.api',
    // Suffixes that are missing, wrong or elsewhere.
    'spot@public.miniTicker.v3.api.pb@SOLUSDT',
    'spot@public.miniTickers.v3.api.pb',
    'spot@public.miniTicker.v3.api.pb@SOLUSDT@UTC+14',
    'spot@public.aggre.deals.v3.api.pb@SOLUSDT@100ms',
    'spot@public.aggre.deals.v3.api.pb@SOLUSDT',
    'spot@public.aggre.deals.v3.api.pb@50ms@SOLUSDT',
    'spot@public.kline.v3.api.pb@Min1@SOLUSDT',
    'spot@public.kline.v3.api.pb@SOLUSDT@1m',
    'spot@public.kline.v3.api.pb@SOLUSDT@Min60@',
    'spot@public.kline.v3.api.pb@SOLUSDT@toString',
    'spot@public.limit.depth.v3.api.pb@SOLUSDT@50',
    'spot@public.bookTicker.batch.v3.api.pb@SOLUSDT@100ms',
    // Symbols that do not exist.
    'spot@public.kline.v3.api.pb@solusdt@Min1',
    'spot@public.kline.v3.api.pb@NOSUCHUSDT@Min1',
    'spot@public.aggre.depth.v3.api.pb@100ms@',
    '',
  ];
  for (const channel of good) {
    const [answer] = openStreams().connect().ask(subscription(channel));
    assert.equal(answer.msg, channel);
  }
  const client = openStreams().connect();
  for (const channel of bad) {
    assert.deepEqual(client.ask(subscription(channel)), [{ id: 7, code: 0, msg: refusal(channel) }], channel);
  }
});

test('a second subscription of a channel is refused, and the first one holds', () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(DEPTH);

  assert.equal(client.ask(subscription(DEPTH))[0].msg, refusal(DEPTH));
  assert.equal(bench.connect().ask(subscription(DEPTH))[0].msg, DEPTH, 'another connection may have it too');
  bench.exchange.setPrice('SOLUSDT', '143.00');
  bench.clock.advance(100);
  assert.equal(client.pushes(DEPTH).length, 1);

  client.ask({ method: 'UNSUBSCRIPTION', params: [DEPTH] });
  bench.exchange.setPrice('SOLUSDT', '144.00');
  bench.clock.advance(100);
  assert.equal(client.pushes(DEPTH).length, 1, 'nothing comes after the unsubscription');
  client.subscribe(DEPTH);
});

test('private channels need a listen key', async () => {
  const bench = openStreams();
  assert.equal(bench.connect().ask(subscription(ORDERS))[0].msg, refusal(ORDERS));

  const own = bench.connect(await bench.listenKey());
  assert.equal(own.ask(subscription(ORDERS))[0].msg, ORDERS);
  bench.exchange.apply({ do: 'listenKeyExpired', with: {} });
  assert.equal(own.ask(subscription(ACCOUNT))[0].msg, refusal(ACCOUNT));
});

test('an invalid listen key is complained about in plain text', async () => {
  const bench = openStreams();

  const client = bench.connect('made up');
  await opened();

  assert.deepEqual(client.texts, ['Invalid listen key']);
  assert.equal(client.ask(subscription(ORDERS))[0].msg, refusal(ORDERS));
  assert.equal(bench.exchange.stream.usage().invalidKeys, 1);
});

test('of several channels with some refused, the answer names what was accepted; other readings can be set', () => {
  const bad = 'spot@public.deals.v3.api.pb@SOLUSDT';
  const msgs = (mixed: 'accepted' | 'refused' | 'both'): string[] => {
    const bench = openStreams();
    bench.exchange.apply({ do: 'streamForm', with: { mixed } });
    const answers = bench.connect().ask(subscription(bad, KLINE));
    assert.ok(answers.every(({ id, code }) => id === 7 && code === 0));
    return answers.map(({ msg }) => msg);
  };

  assert.deepEqual(msgs('accepted'), [KLINE]);
  assert.deepEqual(msgs('refused'), [refusal(bad)]);
  assert.deepEqual(msgs('both'), [KLINE, refusal(bad)]);
});

test('the thirty-first channel of a connection is refused until another one is left', () => {
  const client = openStreams().connect();
  const names = ['Min1', 'Min5', 'Min15', 'Min30', 'Min60', 'Hour4', 'Hour8', 'Day1', 'Week1', 'Month1'];
  const all = ['SOLUSDT', 'XRPUSDT', 'MXUSDT', 'BTCUSDT'].flatMap((symbol) =>
    names.map((name) => `spot@public.kline.v3.api.pb@${symbol}@${name}`),
  );
  for (const name of all.slice(0, 29)) client.subscribe(name);

  assert.equal(client.ask(subscription(all[29]!, all[30]!))[0].msg, all[29]);
  assert.equal(client.ask(subscription(all[30]!))[0].msg, refusal(all[30]!));
  client.ask({ method: 'UNSUBSCRIPTION', params: [all[0]] });
  client.subscribe(all[30]!);
});

test('what is no known message is not answered', () => {
  const client = openStreams().connect();

  for (const text of ['', 'PING', '[]', 'null', '{"method":"ping"}', '{"method":"LOGIN"}', '{']) {
    client.connection.receive(text);
  }

  assert.deepEqual(client.texts, []);
  assert.equal(client.ask({ method: 'SUBSCRIPTION', params: 'text' })[0].msg, refusal(''));
});

test('a frame of more than 1,024 bytes is refused as a whole', () => {
  const bench = openStreams();
  const client = bench.connect();
  const message = (length: number): string => {
    const text = JSON.stringify(subscription(KLINE));
    return text + ' '.repeat(length - Buffer.byteLength(text));
  };

  client.connection.receive(message(1025));
  assert.equal(JSON.parse(client.texts[0]!).msg, refusal(''));
  client.connection.receive(message(1024));
  assert.equal(JSON.parse(client.texts[1]!).msg, KLINE);
  assert.equal(bench.exchange.stream.usage().refusedFrames, 1);
});

test('the hundred-and-first message within a second is not heard', () => {
  const bench = openStreams();
  const client = bench.connect();
  const ping = () => client.ask({ method: 'PING' }).length;

  for (let i = 0; i < 100; i++) assert.equal(ping(), 1);
  assert.equal(ping(), 0);
  assert.equal(bench.connect().ask({ method: 'PING' }).length, 1, 'each connection counts for itself');
  bench.clock.advance(999);
  assert.equal(ping(), 0);
  bench.clock.advance(1);
  assert.equal(ping(), 1);
  assert.equal(bench.exchange.stream.usage().refusedMessages, 2);
});
