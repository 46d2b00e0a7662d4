import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CredentialsError, TransientError } from '../../../lib/domain/exchange-errors.ts';
import { channels, PRIVATE_CHANNELS } from '../../../lib/mexc/stream/channels.ts';
import { feedRig, MINUTE, orderFrame, rememberedKeys, SECOND } from '../../support/stream-rig.ts';

const ONE = channels.best('S0USDT');
const noAnswer = () => new TransientError('timeout', 'no answer', { retryable: true });

test('the private channels have a connection and a key of their own', async () => {
  const { keys, valid } = rememberedKeys();
  const rig = feedRig({ channels: [ONE], private: keys });
  await rig.after(SECOND);

  const [own] = rig.network.having('spot@private.orders.v3.api.pb');
  assert.equal(own?.listenKey, 'key-1');
  assert.deepEqual([...(own?.subscribed ?? [])], PRIVATE_CHANNELS);
  assert.equal(rig.network.having(ONE)[0]?.listenKey, undefined);
  own?.frame(orderFrame('C02__1', rig.timeline.now()));
  await rig.after(SECOND);
  assert.deepEqual(
    rig.of('order').map(({ order }) => order.exchangeOrderId),
    ['C02__1'],
  );
  await rig.end();
  assert.equal(valid.size, 0);
});

test('a key is extended every thirty minutes as long as its connection lives', async () => {
  const { keys, calls } = rememberedKeys();
  const rig = feedRig({ private: keys });
  await rig.after(121 * MINUTE);

  assert.deepEqual(calls, ['create', ...Array<string>(4).fill('extend key-1')]);
  assert.equal(rig.network.tries.length, 1);
  await rig.end();
});

test('a renewal that fails is tried again soon, and while it may still work nothing is replaced', async () => {
  let fails = 3;
  const { keys, calls } = rememberedKeys((call) => {
    if (!call.startsWith('extend') || fails === 0) return undefined;
    fails -= 1;
    return noAnswer();
  });
  const rig = feedRig({ private: keys });
  await rig.after(40 * MINUTE);

  assert.equal(calls.filter((call) => call.startsWith('extend')).length, 4);
  assert.equal(rig.network.tries.length, 1);
  await rig.after(31 * MINUTE);
  assert.equal(calls.filter((call) => call.startsWith('extend')).length, 5);
  await rig.end();
});

test('when a key cannot be extended the next connection stands before the old one goes', async () => {
  const { keys, valid, calls } = rememberedKeys((call) => (call === 'extend key-1' ? noAnswer() : undefined));
  const rig = feedRig({ private: keys });
  await rig.after(36 * MINUTE);

  assert.deepEqual([...valid], ['key-2'], 'the old key is deleted');
  assert.ok(calls.indexOf('create', 1) < calls.indexOf('remove key-1'));
  assert.deepEqual(rig.of('hole'), []);
  assert.equal(rig.of('live').length, 1);
  assert.deepEqual(
    rig.network.open().map(({ listenKey }) => listenKey),
    ['key-2'],
  );
  await rig.end();
  assert.equal(valid.size, 0);
});

test('a key that the exchange knows no more is replaced at once', async () => {
  const { keys, valid } = rememberedKeys((call) =>
    call === 'extend key-1' ? new CredentialsError('400', 'no such key') : undefined,
  );
  const rig = feedRig({ private: keys });
  await rig.after(30 * MINUTE + SECOND);

  assert.deepEqual(
    rig.network.open().map(({ listenKey }) => listenKey),
    ['key-2'],
  );
  assert.deepEqual([...valid], ['key-2']);
  await rig.end();
});

test('what a key that had ended kept silent is a hole since it was last known to be good', async () => {
  const { keys } = rememberedKeys((call) =>
    call === 'extend key-1' ? new CredentialsError('22222', 'no such key') : undefined,
  );
  const rig = feedRig({ private: keys });
  const opened = rig.timeline.now();
  await rig.after(30 * MINUTE + SECOND);

  const [hole, ...more] = rig.of('hole');
  assert.deepEqual(hole?.channels, PRIVATE_CHANNELS);
  assert.ok(hole && hole.since <= opened + SECOND);
  assert.deepEqual(more, []);
  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [PRIVATE_CHANNELS, PRIVATE_CHANNELS],
  );
  await rig.end();
});

test('a connection that may be deaf is kept until there is another, and is not called live', async () => {
  let isDown = false;
  const { keys } = rememberedKeys((call) =>
    isDown || call === 'extend key-1' ? new CredentialsError('22222', 'no such key') : undefined,
  );
  const rig = feedRig({ private: keys });
  await rig.after(MINUTE);
  isDown = true;
  await rig.after(30 * MINUTE);
  assert.equal(rig.network.open().length, 1);
  assert.equal(rig.of('hole').length, 1);
  rig.network.open()[0]?.frame(orderFrame('C02__1', rig.timeline.now()));

  isDown = false;
  await rig.after(MINUTE);
  assert.equal(rig.of('order').length, 1);
  assert.deepEqual(
    rig.network.open().map(({ listenKey }) => listenKey),
    ['key-2'],
  );
  assert.equal(rig.of('live').length, 2);
  await rig.end();
});

test('when neither the old key nor a new one is to be had, the old connection is used to its end', async () => {
  let isDown = false;
  const { keys, valid } = rememberedKeys(() => (isDown ? noAnswer() : undefined));
  const rig = feedRig({ private: keys });
  await rig.after(MINUTE);
  isDown = true;
  await rig.after(50 * MINUTE);
  assert.deepEqual(rig.of('hole'), []);
  assert.equal(rig.network.open().length, 1);

  isDown = false;
  await rig.after(2 * MINUTE);
  assert.deepEqual([...valid], ['key-2']);
  assert.deepEqual(rig.of('hole'), []);
  await rig.end();
  assert.equal(valid.size, 0);
});

test('a listen key that the stream refuses is given up for a new one', async () => {
  const { keys, valid } = rememberedKeys();
  const rig = feedRig({
    private: keys,
    script: {
      opened: (peer) => {
        if (peer.listenKey === 'key-1') peer.text('Invalid listen key');
      },
      acknowledge: (channel, peer) => (peer.listenKey === 'key-1' ? undefined : channel),
    },
  });
  await rig.after(5 * SECOND);

  assert.deepEqual([...valid], ['key-2']);
  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [PRIVATE_CHANNELS],
  );
  await rig.end();
  assert.equal(valid.size, 0);
});

test('each private connection has a key of its own, and a lost one leaves none behind', async () => {
  const { keys, valid } = rememberedKeys();
  const rig = feedRig({ private: keys });
  for (let n = 0; n < 20; n += 1) {
    await rig.after(MINUTE);
    rig.network.open()[0]?.drop();
  }
  await rig.after(MINUTE);

  assert.equal(new Set(rig.network.peers.map(({ listenKey }) => listenKey)).size, 21);
  assert.equal(valid.size, 1);
  assert.equal(rig.of('hole').length, 20);
  await rig.end();
  assert.equal(valid.size, 0);
});

test('without a key the public channels live on, and the exchange is not asked in a storm', async () => {
  const { keys, calls } = rememberedKeys(() => new CredentialsError('700007', 'no permission'));
  const rig = feedRig({ channels: [ONE], private: keys });
  await rig.after(10 * MINUTE);

  assert.deepEqual(
    rig.of('live').map(({ channels }) => channels),
    [[ONE]],
  );
  assert.deepEqual(rig.feed.health().missing, PRIVATE_CHANNELS);
  assert.ok(calls.length > 10 && calls.length < 40, `${calls.length} calls`);
  await rig.end();
});

test('no key is asked for before the exchange says so', async () => {
  const { keys, calls } = rememberedKeys(
    () => new TransientError('429', 'slow down', { retryable: true, retryAfterMs: 5 * MINUTE }),
  );
  const rig = feedRig({ private: keys });
  await rig.after(4 * MINUTE);

  assert.equal(calls.length, 1);
  await rig.end();
});

test('a hundred starts and stops, at any moment of a start, leave no key behind', async () => {
  const { keys, valid, calls } = rememberedKeys();
  for (let n = 0; n < 100; n += 1) {
    const rig = feedRig({ private: keys, channels: [ONE] });
    if (n > 0) await rig.after(n - 1); // the first is closed while it waits for its key
    await rig.end();
    assert.equal(valid.size, 0, `start ${n}`);
  }
  assert.equal(calls.filter((call) => call === 'create').length, 100);
});

test('a key that cannot be deleted at first is tried again before the end', async () => {
  let fails = 2;
  const { keys, valid } = rememberedKeys((call) => {
    if (!call.startsWith('remove') || fails === 0) return undefined;
    fails -= 1;
    return noAnswer();
  });
  const rig = feedRig({ private: keys });
  await rig.after(SECOND);
  await rig.end();

  assert.equal(valid.size, 0);
});

test('no log line holds a key', async () => {
  const { keys } = rememberedKeys((call) =>
    call.startsWith('extend') || call.startsWith('remove') ? noAnswer() : undefined,
  );
  const rig = feedRig({ private: keys });
  await rig.after(40 * MINUTE);
  rig.network.open()[0]?.drop();
  await rig.after(MINUTE);
  await rig.end();

  assert.ok(rig.lines.length > 5);
  assert.doesNotMatch(rig.lines.join('\n'), /key-\d|listenKey=/);
});
