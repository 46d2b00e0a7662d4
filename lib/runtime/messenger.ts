import type { Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import type { Post, PostAnswer } from '../domain/messengers.ts';
import type { Messenger } from '../domain/notice-ports.ts';
import type { Clock } from '../domain/ports.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** As much of an answer as a hint when to come back can need. */
const MOST_BYTES = 4_096;

/**
 * Posts over a connection of its own each time: minutes lie between two notices. Redirects are not followed. Errors come out as
 * their technical code only, since messages may quote the address.
 */
export const createMessenger = (clock: Pick<Clock, 'now'>): Messenger => ({
  post: async (post, { deadline }) => {
    const left = deadline - clock.now();
    if (left <= 0) return { kind: 'none', why: 'no time left' };
    const { origin, pathname, search } = new URL(post.url);
    const client = new Client(origin, {
      allowH2: false,
      useMilo: false,
      connectTimeout: Math.min(CONNECT_TIMEOUT_MS, left),
      headersTimeout: left,
      bodyTimeout: left,
    });
    const { promise, resolve } = Promise.withResolvers<PostAnswer>();
    // The other limits count anew with every byte.
    const timer = setTimeout(() => resolve({ kind: 'none', why: 'timeout' }), left);
    try {
      dispatch(client, `${pathname}${search}`, post, resolve);
      return await promise;
    } finally {
      clearTimeout(timer);
      await client.destroy().catch(() => undefined);
    }
  },
});

const dispatch = (client: Client, path: string, post: Post, settle: (answer: PostAnswer) => void): void => {
  let head: { status: number; retryAfter?: string } | undefined;
  let text = '';
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: (_controller, status, headers) => {
      if (status < 200) return;
      const retryAfter = [headers['retry-after']].flat()[0];
      head = { status, ...(retryAfter !== undefined && { retryAfter }) };
    },
    onResponseData: (_controller, chunk) => {
      if (text.length < MOST_BYTES) text += chunk.toString('utf8');
      // The status says it all; nobody needs the rest.
      if (head && text.length >= MOST_BYTES) settle({ kind: 'answer', ...head, text });
    },
    onResponseEnd: () =>
      settle(head ? { kind: 'answer', ...head, text } : { kind: 'none', why: 'no answer' }),
    onResponseError: (_controller, error) =>
      settle(head ? { kind: 'answer', ...head, text } : { kind: 'none', why: codeOf(error) }),
  };
  const headers = { ...post.headers, 'user-agent': 'mexc-serverless' };
  try {
    client.dispatch({ method: 'POST', path, headers, body: post.body }, handler);
  } catch {
    settle({ kind: 'none', why: 'the address or a header is not usable' });
  }
};

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;
