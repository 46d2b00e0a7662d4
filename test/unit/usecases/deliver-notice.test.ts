import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotConfiguredError } from '../../../lib/domain/errors.ts';
import type { Addressed, Mail, Post, PostAnswer } from '../../../lib/domain/messengers.ts';
import type { Notice } from '../../../lib/domain/notice.ts';
import { type Delivering, deliverNotice } from '../../../lib/usecases/deliver-notice.ts';
import { NOW } from '../../support/builders.ts';

const notice: Notice = { id: 'm1/2', event: 'filled', at: NOW, title: 'Filled', lines: [] };
const DAY = 86_400_000;

/** A channel whose messenger gives these answers in turn; `access` gives what the secret holds, by the age asked for. */
const world = (
  answers: PostAnswer[],
  access: (maxAge: number | undefined) => unknown = () => ({ url: 'https://a.example' }),
) => {
  const posts: Post[] = [];
  const mails: (Mail & { channel: string })[] = [];
  const aside: Addressed[] = [];
  const lines: string[] = [];
  const log = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const delivering: Delivering = {
    channels: {
      desk: { kind: 'slack', events: ['filled'] },
      letters: { kind: 'email', address: 'me@example.com', events: ['filled'] },
    },
    access: { value: async (maxAge) => ({ desk: access(maxAge) }) },
    messenger: {
      post: async (post) => {
        posts.push(post);
        return answers.shift() ?? assert.fail('nothing more was expected');
      },
    },
    mailer: {
      send: async (channel, mail) => {
        mails.push({ channel, ...mail });
        return answers.shift() ?? assert.fail('nothing more was expected');
      },
    },
    queues: { putAside: async (addressed) => void aside.push(addressed) },
    clock: { now: () => NOW },
    log: { info: log, warn: log, error: log },
  };
  const deliver = (own: { tries?: number; queuedAt?: number; channel?: string } = {}) =>
    deliverNotice({ channel: 'desk', notice, tries: 1, queuedAt: NOW, ...own }, delivering, {
      deadline: NOW + 8_000,
    });
  return { deliver, delivering, posts, mails, aside, lines };
};
const status = (code: number, retryAfter?: string): PostAnswer => ({
  kind: 'answer',
  status: code,
  text: '',
  ...(retryAfter && { retryAfter }),
});

test('What the messenger takes is done with', async () => {
  const { deliver, aside } = world([status(200)]);

  assert.equal(await deliver(), undefined);
  assert.deepEqual(aside, []);
});

test('E-mail is told the same, needs no secret, and is tried again in the same way', async () => {
  const { deliver, mails, posts } = world(
    [{ kind: 'none', why: 'TimeoutError' }, status(200)],
    () => undefined,
  );

  assert.equal(await deliver({ channel: 'letters', tries: 3 }), 4);
  assert.equal(await deliver({ channel: 'letters', tries: 4 }), undefined);

  assert.equal(posts.length, 0);
  assert.deepEqual(mails[1], {
    channel: 'letters',
    subject: 'Filled',
    text: `Filled\nat: ${new Date(NOW).toISOString()}\nevent: m1/2`,
  });
});

test('A messenger that is down is tried again after ever longer pauses, up to five minutes', async () => {
  const pauses = [];
  for (const tries of [1, 2, 3, 8, 9, 10, 400]) {
    const { deliver } = world([{ kind: 'none', why: 'ECONNREFUSED' }]);
    pauses.push(await deliver({ tries }));
  }

  assert.deepEqual(pauses, [1, 2, 4, 128, 256, 300, 300]);
});

test('A messenger that says when to come back is obeyed, as far as a queue can hide a message', async () => {
  assert.equal(await world([status(429, '600')]).deliver(), 600);
  assert.equal(await world([status(429, '0')]).deliver(), 1);
  assert.equal(await world([status(503, '999999')]).deliver(), 39_600);
});

test('What will never be taken is put aside with a line that says why', async () => {
  const { deliver, aside, lines } = world([status(400)]);

  assert.equal(await deliver(), undefined);
  assert.deepEqual(aside, [{ channel: 'desk', notice }]);
  assert.match(lines.join('\n'), /put aside .*"status 400"/);
});

test('What was not taken for three days is put aside; until then it waits', async () => {
  const waiting = world([status(500)]);
  assert.equal(typeof (await waiting.deliver({ queuedAt: NOW - 3 * DAY })), 'number');

  const given = world([status(500)]);
  assert.equal(await given.deliver({ queuedAt: NOW - 3 * DAY - 1 }), undefined);
  assert.equal(given.aside.length, 1);
});

test('After a refusal a secret that was changed meanwhile is tried at once', async () => {
  const changing = (maxAge: number | undefined) => ({
    url: maxAge === undefined ? 'https://old.example' : 'https://new.example',
  });
  const { deliver, posts, aside } = world([status(404), status(200)], changing);

  assert.equal(await deliver(), undefined);
  assert.deepEqual(
    posts.map(({ url }) => url),
    ['https://old.example', 'https://new.example'],
  );
  assert.deepEqual(aside, []);
});

test('Until the secret is set, and while its entry is not usable, messages wait', async () => {
  const unset = world([], () => {
    throw new NotConfiguredError('The secret is not set yet.');
  });
  assert.equal(await unset.deliver({ tries: 3 }), 4);

  const wrong = world([], () => ({ botToken: 'secret-thing' }));
  assert.equal(await wrong.deliver(), 1);
  assert.doesNotMatch(wrong.lines.join(), /secret-thing/);
});

test('What lies in the queue of a channel that is configured no more is put aside', async () => {
  const { deliver, aside } = world([]);

  assert.equal(await deliver({ channel: 'gone' }), undefined);
  assert.equal(aside.length, 1);
});
