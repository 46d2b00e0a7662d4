import type { IncomingMessage } from 'node:http';
import { readBody, sendJson } from '../../infra/local/http.ts';
import { listenLocally } from '../../infra/local/ports.ts';

/** What a messenger was sent. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the message is said to hold
  readonly body: any;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A messenger that the test holds in its hands. */
export interface TestMessenger {
  readonly url: string;
  /** What it took, in order. */
  readonly taken: readonly Received[];
  /** What it turned away. */
  readonly refused: readonly Received[];
  /** From now on it answers with this. @default it takes everything */
  answers(answer: Answer | undefined): void;
  /** Resolves when it has taken so many. */
  took(count: number): Promise<void>;
  /** Resolves when it has turned away so many. */
  turnedAway(count: number): Promise<void>;
  close(): Promise<void>;
}

export const startMessenger = async (): Promise<TestMessenger> => {
  const taken: Received[] = [];
  const refused: Received[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer | undefined;
  const listener = await listenLocally(async (request, response) => {
    const body: unknown = JSON.parse(String(await readBody(request, 100_000)));
    const received = { path: request.url ?? '', headers: request.headers, body };
    const ok = answer === undefined || answer.status < 300;
    (ok ? taken : refused).push(received);
    sendJson(response, answer?.status ?? 200, answer?.body ?? {}, answer?.headers);
    for (const look of [...waiting]) look();
  });
  const until = (list: readonly Received[], count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (list.length < count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    url: listener.url,
    taken,
    refused,
    answers: (next) => {
      answer = next;
    },
    took: (count) => until(taken, count),
    turnedAway: (count) => until(refused, count),
    close: listener.close,
  };
};
