import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channels } from '../../../lib/mexc/stream/channels.ts';
import { refusal } from '../../support/stream-peer.ts';
import { bestFrame, feedRig, HOUR, MINUTE, rememberedKeys, SECOND } from '../../support/stream-rig.ts';

const ONE = channels.best('S0USDT');
const TWO = channels.best('S1USDT');

test('over two days no connection grows older than 24 hours, and there is no hole', async () => {
  const { keys, valid } = rememberedKeys();
  const lives = new Map<string | undefined, number[]>();
  const rig = feedRig({
    channels: [ONE],
    private: keys,
    script: {
      opened: ({ listenKey }) => {
        const kind = listenKey === undefined ? 'public' : 'private';
        lives.set(kind, [...(lives.get(kind) ?? []), rig.timeline.now()]);
      },
    },
  });
  await rig.after(48 * HOUR);

  for (const [kind, openings] of lives) {
    const ages = openings.slice(1).map((at, n) => at - (openings[n] ?? 0));
    assert.equal(ages.length, 2, String(kind));
    assert.ok(
      ages.every((age) => age >= 22 * HOUR && age <= 23.5 * HOUR),
      `${ages}`,
    );
  }
  assert.deepEqual(rig.of('hole'), []);
  assert.equal(rig.of('live').length, 2, 'one for the public, one for the private connection');
  assert.equal(rig.network.open().length, 2, 'what was replaced is closed');
  assert.equal(valid.size, 1);
  assert.equal(rig.feed.health().losses, 0);
  await rig.end();
});

test('feeds that start together do not roll together', async () => {
  const rollOf = async (chance: number): Promise<number> => {
    const rig = feedRig({ channels: [ONE], random: () => chance });
    await rig.after(24 * HOUR);
    await rig.end();
    return rig.network.tries[1] ?? 0;
  };
  const [early, late] = [await rollOf(0), await rollOf(0.999)];

  assert.ok(late - early > HOUR, `${early} ${late}`);
});

test('while one connection replaces another, what either pushes is passed on', async () => {
  const rig = feedRig({
    channels: [ONE, TWO],
    random: () => 0,
    script: {
      acknowledge: (channel, peer) => {
        // The second connection is slow to take its second channel: the first one goes on pushing meanwhile.
        if (rig.network.peers.indexOf(peer) === 1 && channel === TWO) {
          rig.timeline.setTimer(3 * SECOND, () => peer.text(JSON.stringify({ id: 2, code: 0, msg: TWO })));
          return undefined;
        }
        return channel;
      },
    },
  });
  await rig.after(22 * HOUR + SECOND);
  const [old, next] = rig.network.peers;
  assert.ok(old?.isOpen && next?.isOpen, 'both are open');
  old.frame(bestFrame('S1USDT', '1', rig.timeline.now()));
  next.frame(bestFrame('S0USDT', '2', rig.timeline.now()));
  await rig.after(5 * SECOND);

  assert.deepEqual(
    rig.of('best').map(({ best }) => best.bid?.price),
    ['1', '2'],
  );
  assert.equal(old.isOpen, false);
  assert.deepEqual(rig.of('hole'), []);
  await rig.end();
});

test('a connection that dies while it is replaced leaves a hole only where the next one is not ready', async () => {
  const rig = feedRig({
    channels: [ONE, TWO],
    random: () => 0,
    script: {
      acknowledge: (channel, peer) => {
        if (rig.network.peers.indexOf(peer) !== 1 || channel !== TWO) return channel;
        rig.timeline.setTimer(3 * SECOND, () => peer.text(JSON.stringify({ id: 2, code: 0, msg: TWO })));
        return undefined;
      },
    },
  });
  await rig.after(22 * HOUR + SECOND);
  rig.network.peers[0]?.drop();
  await rig.after(SECOND);
  assert.deepEqual(
    rig.of('hole').map(({ channels }) => channels),
    [[TWO]],
  );
  await rig.after(5 * SECOND);

  assert.deepEqual(rig.of('live').at(-1)?.channels, [TWO]);
  assert.equal(rig.network.tries.length, 2, 'the next one was there already');
  assert.equal(rig.network.open().length, 1);
  await rig.end();
});

test('when the next connection cannot be had the old one is kept, and it is tried again', async () => {
  let admits = true;
  const rig = feedRig({ channels: [ONE], random: () => 0, script: { admits: () => admits } });
  await rig.after(21 * HOUR);
  admits = false;
  await rig.after(HOUR + 5 * MINUTE);
  assert.deepEqual(rig.of('hole'), []);
  assert.equal(rig.network.open().length, 1);
  assert.ok(rig.network.tries.length > 5);
  admits = true;
  await rig.after(MINUTE);

  assert.equal(rig.network.open().length, 1);
  assert.equal(rig.network.peers.length, 2);
  assert.deepEqual(rig.of('hole'), []);
  await rig.end();
});

test('a channel that only the old connection had is a hole when that one goes', async () => {
  let blocked = false;
  const rig = feedRig({
    channels: [ONE, TWO],
    random: () => 0,
    script: { acknowledge: (channel) => (blocked && channel === TWO ? refusal(channel) : channel) },
  });
  await rig.after(21 * HOUR);
  blocked = true;
  await rig.after(HOUR + SECOND);

  assert.deepEqual(
    rig.items.filter(({ kind }) => kind !== 'live').map(({ kind }) => kind),
    ['refused', 'hole'],
  );
  assert.deepEqual(rig.of('hole')[0]?.channels, [TWO]);
  assert.deepEqual(rig.feed.health().missing, [TWO]);
  await rig.end();
});
