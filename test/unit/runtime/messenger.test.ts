import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { createMessenger } from '../../../lib/runtime/messenger.ts';

const messenger = createMessenger(systemClock);

/** A server that does this with each connection once a request has come. */
const serving = async (respond: (socket: Socket) => void) => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => respond(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/hook/secret-part?x=1`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
const post = (url: string, within = 5_000) =>
  messenger.post(
    { url, headers: { 'content-type': 'application/json' }, body: '{"text":"ü"}' },
    { deadline: Date.now() + within },
  );

test('An answer comes with its status, its Retry-After and its beginning', async () => {
  const head = 'HTTP/1.1 429 Slow\r\nretry-after: 7\r\nconnection: close\r\n\r\n';
  await using server = await serving((socket) => socket.end(`${head}{"retry_after":7}`));

  assert.deepEqual(await post(server.url), {
    kind: 'answer',
    status: 429,
    retryAfter: '7',
    text: '{"retry_after":7}',
  });
});

test('A redirect is an answer and is not followed', async () => {
  await using server = await serving((socket) =>
    socket.end('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
  );

  assert.deepEqual(await post(server.url), { kind: 'answer', status: 302, text: '' });
});

test('A messenger that is not there, hangs up, stays silent or never comes to an end gives no answer, and no address', async () => {
  await using hangsUp = await serving((socket) => socket.destroy());
  await using silent = await serving(() => {});
  await using endless = await serving((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx');
  });

  const answers = [
    await post('http://127.0.0.1:1/hook/secret-part'),
    await post(hangsUp.url),
    await post(silent.url, 150),
    await post(endless.url, 150),
    await post('http://127.0.0.1:1/', 0),
  ];

  assert.deepEqual(
    answers.map(({ kind }) => kind),
    ['none', 'none', 'none', 'none', 'none'],
  );
  assert.doesNotMatch(JSON.stringify(answers), /secret-part|127\.0\.0\.1/);
});

test('A header that cannot be sent is reported without its value', async () => {
  await using server = await serving((socket) => socket.end());
  const headers = { authorization: 'Bearer a\nb-secret' };

  const answer = await messenger.post(
    { url: server.url, headers, body: '{}' },
    { deadline: Date.now() + 2_000 },
  );

  assert.equal(answer.kind, 'none');
  assert.doesNotMatch(JSON.stringify(answer), /b-secret/);
});
