import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channels } from '../../../lib/mexc/stream/channels.ts';
import { refusal } from '../../support/stream-peer.ts';
import { bestFrame, feedRig, MINUTE, SECOND } from '../../support/stream-rig.ts';

const symbols = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => channels.best(`S${n}USDT`));
const [ONE = '', TWO = ''] = symbols(2);

test('channels are live once the exchange has taken them, and what they push is passed on', async () => {
  const rig = feedRig({ channels: [ONE, TWO] });
  await rig.after(SECOND);

  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE, TWO]],
  );
  rig.network.open()[0]?.frame(bestFrame('S0USDT', '5.50', rig.timeline.now()));
  await rig.after(SECOND);
  assert.deepEqual(
    rig.of('best').map(({ best }) => [best.symbol, best.bid?.price]),
    [['S0USDT', '5.5']],
  );
  assert.deepEqual(rig.feed.health().missing, []);
  await rig.end();
});

test('each subscription is a message of its own, with a number of its own', async () => {
  const rig = feedRig({ channels: symbols(5) });
  await rig.after(SECOND);

  const messages = rig.network.peers[0]?.received.map((text) => JSON.parse(text)) ?? [];
  assert.deepEqual(
    messages.map(({ method, params }) => [method, params]),
    symbols(5).map((channel) => ['SUBSCRIPTION', [channel]]),
  );
  assert.equal(new Set(messages.map(({ id }) => id)).size, 5);
  await rig.end();
});

test('no connection has more than 30 subscriptions, and no second more than 100 messages', async () => {
  const rig = feedRig({ channels: symbols(200) });
  await rig.after(10 * SECOND);

  const sizes = rig.network.open().map(({ subscribed }) => subscribed.size);
  assert.deepEqual(
    sizes.toSorted((a, b) => b - a),
    [30, 30, 30, 30, 30, 30, 20],
  );
  assert.equal(rig.feed.health().live, 200);
  const { messagesAt } = rig.network;
  const busiest = Math.max(
    ...messagesAt.map((from) => messagesAt.filter((at) => at >= from && at < from + SECOND).length),
  );
  assert.ok(busiest <= 90, `${busiest} messages in a second`);
  await rig.end();
});

test('a connection that waits for its turn to subscribe is not taken for a silent one', async () => {
  const rig = feedRig({ channels: symbols(1_900) });
  await rig.after(40 * SECOND);

  const { live, losses } = rig.feed.health();
  assert.deepEqual([live, losses], [1_900, 0]);
  await rig.end();
});

test('a refusal is named although its code says success, and asked for again ever more seldom', async () => {
  const bad = channels.best('NOSUCH');
  const asked: number[] = [];
  const rig = feedRig({
    channels: [ONE, bad],
    script: {
      acknowledge: (channel) => {
        if (channel === bad) asked.push(rig.timeline.now());
        return channel === bad ? refusal(channel) : channel;
      },
    },
  });
  await rig.after(30 * MINUTE);

  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE]],
  );
  assert.match(rig.of('refused')[0]?.why ?? '', /^Not Subscribed successfully/);
  const pauses = asked.slice(1).map((at, n) => at - (asked[n] ?? 0));
  assert.ok(pauses.length >= 6 && pauses.length < 20, `${pauses}`);
  assert.ok((pauses[0] ?? 0) < 5 * SECOND && (pauses.at(-1) ?? 0) > 3 * MINUTE, `${pauses}`);
  assert.deepEqual(rig.feed.health().missing, [bad]);
  await rig.end();
});

test('a channel that was refused is live as soon as the exchange has it', async () => {
  let isBlocked = true;
  const rig = feedRig({
    channels: [ONE, TWO],
    script: { acknowledge: (channel) => (isBlocked && channel === TWO ? refusal(channel) : channel) },
  });
  await rig.after(SECOND);
  isBlocked = false;
  await rig.after(10 * SECOND);

  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE], [TWO]],
  );
  assert.equal(rig.network.tries.length, 1, 'connections');
  await rig.end();
});

test('an answer that names another channel is no success', async () => {
  const rig = feedRig({ channels: [ONE], script: { acknowledge: () => TWO } });
  await rig.after(SECOND);

  assert.deepEqual(rig.of('live'), []);
  assert.deepEqual(
    rig.of('refused').map(({ channel }) => channel),
    [ONE],
  );
  await rig.end();
});

test('a connection on which a subscription is never answered is replaced after five seconds', async () => {
  let isDeaf = true;
  const rig = feedRig({
    channels: [ONE, TWO],
    script: { acknowledge: (channel) => (isDeaf && channel === TWO ? undefined : channel) },
  });
  await rig.after(4 * SECOND);
  assert.deepEqual(rig.network.tries.length, 1);
  assert.deepEqual(rig.of('live'), [], 'nothing is live before all is answered');
  isDeaf = false;
  await rig.after(2 * SECOND);

  assert.equal(rig.network.tries.length, 2);
  assert.equal(rig.network.open().length, 1);
  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE, TWO]],
  );
  await rig.end();
});

test('channels are asked for and dropped while it runs', async () => {
  const rig = feedRig({ channels: symbols(30) });
  await rig.after(5 * SECOND);
  const more = channels.trades('MXUSDT');
  rig.feed.ask([more, ONE]);
  await rig.after(SECOND);

  assert.equal(rig.network.open().length, 2, 'the first connection is full');
  assert.deepEqual(rig.of('live').at(-1)?.channels, [more]);

  rig.feed.drop([ONE, more]);
  await rig.after(SECOND);
  assert.equal(rig.network.open().length, 1, 'a connection without channels is closed');
  assert.equal(rig.network.having(ONE).length, 0);
  assert.deepEqual(rig.of('hole'), []);

  rig.feed.ask([ONE]);
  await rig.after(SECOND);
  assert.equal(rig.network.having(ONE).length, 1);
  assert.equal(rig.feed.health().channels, 30);
  await rig.end();
});

test('a channel dropped before its turn to be asked for is never asked for', async () => {
  const rig = feedRig({ channels: symbols(30) });
  const last = symbols(30).at(-1) ?? '';
  await rig.after(20);
  rig.feed.drop([last]);
  await rig.after(5 * SECOND);

  const sent = rig.network.peers[0]?.received.filter((text) => text.includes(last)) ?? [];
  assert.deepEqual(
    sent.map((text) => JSON.parse(text).method),
    ['UNSUBSCRIPTION'],
  );
  assert.equal(rig.feed.health().live, 29);
  await rig.end();
});

test('a name that fits in no message is refused here, and a private one is not for asking', async () => {
  const endless = channels.best('X'.repeat(1_100));
  const rig = feedRig({ channels: [ONE, endless] });
  await rig.after(SECOND);

  assert.deepEqual(
    rig.of('refused').map(({ channel }) => channel),
    [endless],
  );
  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE]],
  );
  assert.ok(rig.network.peers[0]?.received.every((text) => Buffer.byteLength(text) <= 1_024));
  assert.throws(() => rig.feed.ask(['spot@private.orders.v3.api.pb']), { code: 'private_channel' });
  await rig.end();
});
