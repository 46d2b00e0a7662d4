import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice, NoticeEvent } from '../../../lib/domain/notice.ts';
import { type Announcing, queueNotices } from '../../../lib/usecases/queue-notices.ts';
import { NOW } from '../../support/builders.ts';

const happening = (place: string, event: NoticeEvent) => ({
  place,
  notice: { id: place, event, at: NOW, title: event, lines: [] } satisfies Notice,
});

/** Two channels; puts that `fails` names are refused. */
const world = (fails: (put: string) => boolean = () => false) => {
  const puts: string[] = [];
  const log = () => {};
  const announcing: Announcing = {
    channels: {
      desk: { kind: 'slack', events: ['filled', 'alarm'] },
      phone: { kind: 'telegram', events: ['filled', 'halted'] },
    },
    queues: {
      put: async ({ channel, notice }) => {
        const put = `${channel} ${notice.id}`;
        if (fails(put)) throw new Error('throttled');
        puts.push(put);
      },
      putAside: () => assert.fail('nothing is put aside here'),
    },
    log: { info: log, warn: log, error: log },
  };
  return { announcing, puts };
};

test('Each notice goes to every channel that wants its event, in order', async () => {
  const { announcing, puts } = world();
  const silent = { place: '2', notice: undefined };

  const rest = await queueNotices(
    [
      happening('1', 'filled'),
      silent,
      happening('3', 'halted'),
      happening('4', 'alarm'),
      happening('5', 'unknown'),
    ],
    announcing,
  );

  assert.equal(rest, undefined);
  assert.deepEqual(puts, ['desk 1', 'phone 1', 'phone 3', 'desk 4']);
});

test('Nothing overtakes a notice that a queue did not take: the rest is left for the repeat', async () => {
  const { announcing, puts } = world((put) => put === 'phone 2');

  const rest = await queueNotices(
    [happening('1', 'filled'), happening('2', 'filled'), happening('3', 'filled')],
    announcing,
  );

  assert.equal(rest, '2');
  assert.deepEqual(puts, ['desk 1', 'phone 1', 'desk 2']);
});
