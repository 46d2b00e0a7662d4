import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channels } from '../../../lib/mexc/stream/channels.ts';
import { refusal } from '../../support/stream-peer.ts';
import { bestFrame, feedRig, MINUTE, SECOND } from '../../support/stream-rig.ts';

const ONE = channels.best('S0USDT');
const TWO = channels.best('S1USDT');

test('a lost connection is a hole at once, and live again when all its channels are taken again', async () => {
  const rig = feedRig({ channels: [ONE, TWO] });
  await rig.after(10 * SECOND);
  const heardAt = rig.timeline.now() - 3 * SECOND;
  await rig.timeline.playTo(heardAt);
  rig.network.open()[0]?.frame(bestFrame('S0USDT', '5', heardAt));
  await rig.after(3 * SECOND);
  rig.network.open()[0]?.drop();
  await rig.after(SECOND);

  const kinds = rig.items.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['live', 'best', 'hole', 'live']);
  const [hole] = rig.of('hole');
  assert.deepEqual(hole?.channels, [ONE, TWO]);
  assert.ok((hole?.since ?? 0) < rig.timeline.now() - 2 * SECOND, 'it began when the last frame had come');
  assert.deepEqual(rig.of('live')[1]?.channels, [ONE, TWO]);
  assert.equal(rig.feed.health().losses, 1);
  await rig.end();
});

test('only the channels of the connection that was lost have a hole', async () => {
  const many = Array.from({ length: 31 }, (_, n) => channels.best(`S${n}USDT`));
  const rig = feedRig({ channels: many });
  await rig.after(5 * SECOND);
  const [alone] = rig.network.open().filter(({ subscribed }) => subscribed.size === 1);
  alone?.drop();
  await rig.after(SECOND);

  assert.deepEqual(
    rig.of('hole').map(({ channels }) => channels),
    [[many[30]]],
  );
  await rig.end();
});

test('silence is noticed ten seconds after a ping was due', async () => {
  let answers = true;
  const rig = feedRig({ channels: [ONE], script: { pongs: () => answers } });
  await rig.after(40 * SECOND);
  assert.deepEqual(rig.of('hole'), [], 'a quiet channel is not lost while pings are answered');
  answers = false;
  const before = rig.timeline.now();
  await rig.after(26 * SECOND);
  answers = true;
  await rig.after(SECOND);

  const [hole] = rig.of('hole');
  assert.equal(hole?.why, 'silence');
  assert.ok((hole?.since ?? 0) <= before);
  assert.equal(rig.network.tries.length, 2);
  assert.equal(rig.network.open().length, 1, 'the silent one was closed');
  await rig.end();
});

test('whatever comes answers a ping', async () => {
  const rig = feedRig({ channels: [ONE], script: { pongs: () => false } });
  for (let n = 0; n < 60; n += 1) {
    await rig.after(2 * SECOND);
    rig.network.open()[0]?.frame(bestFrame('S0USDT', '5', rig.timeline.now()));
  }
  assert.deepEqual(rig.of('hole'), []);
  assert.equal(rig.network.tries.length, 1);
  await rig.end();
});

test('the first reconnect is tried at once, the next ones ever later, and never later than half a minute', async () => {
  let admits = true;
  const rig = feedRig({ channels: [ONE], script: { admits: () => admits } });
  await rig.after(MINUTE);
  admits = false;
  rig.network.open()[0]?.drop();
  const lostAt = rig.timeline.now();
  await rig.after(10 * MINUTE);

  const tries = rig.network.tries.filter((at) => at >= lostAt);
  const pauses = tries.slice(1).map((at, n) => at - (tries[n] ?? 0));
  assert.ok((tries[0] ?? 0) - lostAt < 50, 'at once');
  assert.ok(
    pauses.every((pause, n) => n === 0 || pause >= (pauses[n - 1] ?? 0)),
    `${pauses}`,
  );
  assert.ok(Math.max(...pauses) <= 31 * SECOND && (pauses.at(-1) ?? 0) > 10 * SECOND, `${pauses}`);
  assert.equal(rig.of('hole').length, 1, 'one hole, however often it is tried');

  admits = true;
  await rig.after(MINUTE);
  assert.equal(rig.items.at(-1)?.kind, 'live');
  await rig.end();
});

test('a server that ends every connection as soon as it works is not stormed', async () => {
  const rig = feedRig({ channels: [ONE] });
  const dropper = (): void => {
    for (const peer of rig.network.having(ONE)) peer.drop();
    rig.timeline.setTimer(100, dropper);
  };
  dropper();
  await rig.after(5 * MINUTE);

  assert.ok(rig.network.tries.length < 25, `${rig.network.tries.length} connections in five minutes`);
  await rig.end();
});

test('a text that means nothing and a frame that cannot be read are told and survived', async () => {
  const rig = feedRig({ channels: [ONE] });
  await rig.after(SECOND);
  const [peer] = rig.network.open();
  peer?.text('<html>busy</html>');
  peer?.text('{"code":0}');
  peer?.text('null');
  peer?.frame(Uint8Array.of(1, 2, 3));
  peer?.frame(bestFrame('S0USDT', '5', rig.timeline.now()));
  await rig.after(SECOND);

  assert.deepEqual(
    rig.items.map(({ kind }) => kind),
    ['live', 'undecodable', 'undecodable', 'undecodable', 'undecodable', 'best'],
  );
  assert.equal(rig.feed.health().undecodable, 4);
  assert.equal(rig.network.tries.length, 1);
  await rig.end();
});

test('a connection whose every channel is refused is not opened again before one is to be asked for', async () => {
  const rig = feedRig({ channels: [ONE], script: { acknowledge: refusal } });
  for (let minute = 0; minute < 30; minute += 1) {
    await rig.after(30 * SECOND);
    for (const peer of rig.network.open()) if (peer.subscribed.size === 0) peer.drop(); // section 11.1
    await rig.after(30 * SECOND);
  }

  const asked = rig.network.peers.flatMap(({ received }) =>
    received.filter((text) => text.includes('SUBSCR')),
  );
  assert.ok(rig.network.tries.length <= asked.length, `${rig.network.tries.length} for ${asked.length}`);
  assert.ok(asked.length < 20);
  assert.deepEqual(rig.of('hole'), []);
  await rig.end();
});

test('an address that cannot even be tried is like one where nobody answers, and is in no log', async () => {
  const tries: string[] = [];
  const rig = feedRig({
    channels: [ONE],
    connect: (url) => {
      tries.push(url);
      throw new SyntaxError(`Invalid URL: ${url}`);
    },
  });
  await rig.after(10 * SECOND);

  assert.ok(tries.length > 2);
  assert.ok(rig.lines.length > 1 && rig.lines.every((line) => !line.includes('wss://')));
  await rig.end();
});

test('nothing is left running after it was closed: no connection, no timer, no consumer', async () => {
  const rig = feedRig({ channels: [ONE, TWO] });
  await rig.after(SECOND);
  await rig.end();
  const tries = rig.network.tries.length;
  await rig.after(MINUTE);

  assert.deepEqual(rig.network.open(), []);
  assert.equal(rig.network.tries.length, tries);
  assert.deepEqual(rig.of('hole'), [], 'whoever closes it knows');
  rig.feed.ask([channels.best('LATEUSDT')]);
  await rig.feed.close();
  assert.equal(rig.feed.health().channels, 0);
});
