import type { Dispatcher } from 'undici';
import type { Clock } from '../domain/ports.ts';
import type { Connection, Connections } from './connections.ts';

/** One request. `target` is sent byte for byte; it holds the signature and appears in no message. */
interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, ASCII, encoded already. */
  readonly target: string;
  /** Only on signed calls. */
  readonly accessKey?: string;
  /** Local epoch ms. */
  readonly deadline: number;
  /** A longer body is not read. */
  readonly maxBytes: number;
}

/** A complete answer. `sentAt` is read just before the first byte is written, `receivedAt` after the last was read. */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly text: string;
  readonly retryAfter?: string;
  readonly contentType?: string;
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface NoAnswer {
  /** `unsent`: provably no byte left. `lost`: some may have left, and no complete answer came. */
  readonly kind: 'unsent' | 'lost';
  /** `deadline`, `timeout`, `connect_failed`, `reset`, `cut_off`, `too_large`, `not_http`, `closed`, `invalid_request`. */
  readonly reason: string;
  /** The reason with the technical code, e.g. `connect_failed: ECONNREFUSED`. */
  readonly detail: string;
}

/** Sends each request at most once and never throws. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpAnswer | NoAnswer>;
}

/** Calls `run` after `ms` milliseconds unless the returned function is called before. */
export type SetTimer = (ms: number, run: () => void) => () => void;

/** With less time than this before the deadline nothing is begun. */
const LEAST_MS = 5;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The timer of real time. */
export const realTimer: SetTimer = (ms, run) => {
  const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
};

const UTF8 = new TextDecoder();

const unsent = (reason: string): NoAnswer => ({ kind: 'unsent', reason, detail: reason });

const errorCode = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'unknown';
};

const unsentReason = (code: string): string => {
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'invalid_request';
  return code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED' ? 'closed' : 'connect_failed';
};

const lostReason = (code: string, begun: boolean): string => {
  if (/^HPE_|^HTTPParserError$|^UND_ERR_HEADERS_OVERFLOW$/u.test(code)) return 'not_http';
  return begun ? 'cut_off' : 'reset';
};

const COMMON_HEADERS = [
  ...['accept', 'application/json'],
  ...['accept-encoding', 'identity'],
  ...['user-agent', 'mexc-serverless'],
];

/** Names and values in turn: the form that needs the least work. */
const headersOf = ({ method, accessKey }: HttpRequest): string[] => {
  const headers = [...COMMON_HEADERS];
  if (method !== 'GET') headers.push('content-type', 'application/json');
  if (accessKey !== undefined) headers.push('x-mexc-apikey', accessKey);
  return headers;
};

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** One HTTP exchange on one connection. `stale` asks for another connection: nothing was written on this one. */
const exchange = (
  request: HttpRequest,
  connection: Connection,
  clock: Pick<Clock, 'now'>,
  setTimer: SetTimer,
): Promise<HttpAnswer | NoAnswer | 'stale'> =>
  new Promise((resolve) => {
    const enteredAt = clock.now();
    let sentAt: number | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let head: { status: number; retryAfter: string | undefined; contentType: string | undefined } | undefined;
    let chunks: Buffer[] = [];
    let size = 0;
    let settled = false;

    const settle = (result: HttpAnswer | NoAnswer | 'stale'): void => {
      if (settled) return;
      settled = true;
      cancelTimer();
      chunks = [];
      resolve(result);
    };
    const fail = (reason: string, code?: string): void => {
      const kind = sentAt === undefined && head === undefined ? 'unsent' : 'lost';
      settle({ kind, reason, detail: code === undefined ? reason : `${reason}: ${code}` });
    };
    const cancelTimer = setTimer(Math.max(0, request.deadline - enteredAt), () => {
      fail(sentAt === undefined ? 'deadline' : 'timeout');
      controller?.abort(new Error('deadline'));
    });

    const handler: Dispatcher.DispatchHandler = {
      // Called when a connection stands, immediately before the first byte is written. Aborting here means that
      // none is: what has not come this far is provably unsent.
      onRequestStart: (started) => {
        if (settled || sentAt !== undefined) {
          fail('reset', 'would repeat'); // undici must never write a request twice; if it ever tries, it ends here
          return started.abort(new Error('never twice'));
        }
        const now = clock.now();
        if (request.deadline - now < LEAST_MS) fail('deadline');
        else if (!connection.isFresh()) settle('stale');
        if (settled) return started.abort(new Error('not begun'));
        controller = started;
        sentAt = now;
      },
      onResponseStart: (_controller, status, headers) => {
        if (status < 200) return; // 100, 103: the answer is still to come
        head = {
          status,
          retryAfter: single(headers['retry-after']),
          contentType: single(headers['content-type']),
        };
      },
      onResponseData: (started, chunk) => {
        size += chunk.length;
        if (size <= request.maxBytes) {
          chunks.push(chunk);
          return;
        }
        fail('too_large');
        started.abort(new Error('too large'));
      },
      onResponseEnd: () => {
        if (!head) return fail('cut_off');
        settle({
          kind: 'answer',
          status: head.status,
          text: UTF8.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
          ...(head.retryAfter === undefined ? {} : { retryAfter: head.retryAfter }),
          ...(head.contentType === undefined ? {} : { contentType: head.contentType }),
          sentAt: sentAt ?? enteredAt,
          receivedAt: clock.now(),
        });
      },
      onResponseError: (_controller, error) => {
        const code = errorCode(error);
        fail(sentAt === undefined ? unsentReason(code) : lostReason(code, head !== undefined), code);
      },
    };
    const { target: path, method } = request;
    try {
      connection.dispatcher.dispatch(
        { path, method, headers: headersOf(request), idempotent: false },
        handler,
      );
    } catch (error) {
      fail(sentAt === undefined ? 'invalid_request' : 'reset', errorCode(error));
    }
  });

/**
 * Sends requests over pooled connections, each within its deadline.
 * @param setTimer `realTimer`, or another where time is virtual
 */
export const createTransport = (
  connections: Connections,
  clock: Pick<Clock, 'now'>,
  setTimer: SetTimer,
): Transport => {
  const isFreedWithin = (ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const cancelTimer = setTimer(ms, () => resolve(false));
      void connections.freed().then(() => {
        cancelTimer();
        resolve(true);
      });
    });

  return {
    send: async (request) => {
      for (;;) {
        const left = request.deadline - clock.now();
        if (!(left >= LEAST_MS)) return unsent('deadline');
        if (connections.closed) return unsent('closed');
        const connection = connections.take();
        if (!connection) {
          if (!(await isFreedWithin(left))) return unsent('deadline');
          continue;
        }
        const result = await exchange(request, connection, clock, setTimer);
        connections.give(connection, result !== 'stale' && result.kind === 'answer');
        if (result !== 'stale') return result;
      }
    },
  };
};
