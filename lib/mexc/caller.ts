import { ExchangeError, FatalError, TransientError } from '../domain/exchange-errors.ts';
import { type ExchangeClock, earliest, estimateFrom, type TimeEstimate } from '../domain/exchange-time.ts';
import type { CallOptions, Clock } from '../domain/ports.ts';
import { readServerTime } from './account-data.ts';
import { errorOf, failureOf, judge } from './answer.ts';
import { isClockCode } from './error-codes.ts';
import { type QueryParameters, queryOf, signedQuery } from './signing.ts';
import type { SetTimer, Transport } from './transport.ts';

export interface MexcCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What every call of the client needs. */
export interface CallerParts {
  readonly transport: Transport;
  readonly credentials: () => Promise<MexcCredentials>;
  readonly clock: Clock;
  readonly exchangeClock: ExchangeClock;
  /** In `[0, 1)`, for the jitter of retries. */
  readonly random: () => number;
  readonly setTimer: SetTimer;
}

/** One call: a GET, or a cancel. Parameters without `timestamp`, `recvWindow` and `signature`. */
export interface Call {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  readonly parameters: QueryParameters;
  readonly signed: boolean;
  /** Largest body that is read. @default 4 MiB */
  readonly maxBytes?: number;
  /** Longest single try, ms. @default 3000 */
  readonly tryMs?: number;
}

/** Data of a successful answer, with the local clock just before the first byte left and after the last came. */
interface Reply {
  readonly data: unknown;
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface Caller {
  /** Sends once. Throws an `ExchangeError`; its `retryable` says whether a read may be repeated. */
  once(call: Call, options: CallOptions): Promise<Reply>;
  /** Sends up to three times with full jitter inside the deadline, each time signed afresh. For reads only. */
  read(call: Call, options: CallOptions): Promise<Reply>;
  /** Takes up to three samples of the exchange's clock and adopts the one with the shortest round trip. */
  measureTime(options: CallOptions): Promise<TimeEstimate>;
}

/** Reads and cancels; orders carry the window of the order protocol. */
const RECV_WINDOW_MS = 5000;
const TRIES = 3;
const SAMPLES = 3;
const FIRST_PAUSE_MS = 200;
const DEFAULT_MAX_BYTES = 4 * 2 ** 20;
const DEFAULT_TRY_MS = 3000;
/** A repetition that would have less time than this is not begun. */
const LEAST_TRY_MS = 20;

const TIME: Call = { method: 'GET', path: '/api/v3/time', parameters: [], signed: false };

/** After 429 and 418 the caller has to wait as long as he is told; everything else retryable is tried again at once. */
const isWorthRepeating = (error: unknown): boolean =>
  error instanceof ExchangeError &&
  error.retryable &&
  error.retryAfterMs === undefined &&
  !isClockCode(error.code);

export const createCaller = (parts: CallerParts): Caller => {
  const { transport, clock, exchangeClock, random, setTimer } = parts;

  const credentialsBefore = (deadline: number): Promise<MexcCredentials> =>
    new Promise((resolve, reject) => {
      const cancelTimer = setTimer(Math.max(0, deadline - clock.now()), () =>
        reject(new TransientError('deadline', 'The key was not there in time.', { retryable: true })),
      );
      void Promise.resolve().then(parts.credentials).then(resolve, reject).finally(cancelTimer);
    });

  const target = async (
    call: Call,
    deadline: number,
  ): Promise<{ target: string; keys?: MexcCredentials }> => {
    try {
      if (!call.signed) {
        const query = queryOf(call.parameters);
        return { target: query === '' ? call.path : `${call.path}?${query}` };
      }
      const keys = await credentialsBefore(deadline);
      const estimate = exchangeClock.estimate() ?? (await measureTime({ deadline }));
      const parameters: QueryParameters = [
        ...call.parameters,
        ['recvWindow', String(RECV_WINDOW_MS)],
        ['timestamp', String(earliest(estimate, clock.now()))],
      ];
      return { target: `${call.path}?${signedQuery(parameters, keys.secretKey)}`, keys };
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      throw new FatalError('invalid_request', 'A parameter is not well-formed Unicode.');
    }
  };

  const once: Caller['once'] = async (call, { deadline }) => {
    const { target: path, keys } = await target(call, deadline);
    const result = await transport.send({
      method: call.method,
      target: path,
      ...(keys ? { accessKey: keys.accessKey } : {}),
      deadline,
      maxBytes: call.maxBytes ?? DEFAULT_MAX_BYTES,
    });
    if (result.kind !== 'answer') throw errorOf(failureOf(result));
    const judged = judge(result, keys ? [keys.accessKey, keys.secretKey] : []);
    if (!judged.ok) throw errorOf(judged.failure);
    return { data: judged.data, sentAt: result.sentAt, receivedAt: result.receivedAt };
  };

  /** Waits with full jitter before repetition `n`; false when the deadline leaves no room for it. */
  const pauseBefore = async (n: number, deadline: number): Promise<boolean> => {
    const ms = random() * FIRST_PAUSE_MS * 2 ** (n - 1);
    if (clock.now() + ms + LEAST_TRY_MS > deadline) return false;
    await clock.sleep(ms);
    return clock.now() + LEAST_TRY_MS <= deadline;
  };

  const read: Caller['read'] = async (call, { deadline }) => {
    let resynchronised = false;
    for (let n = 1; ; n++) {
      try {
        return await once(call, {
          deadline: Math.min(deadline, clock.now() + (call.tryMs ?? DEFAULT_TRY_MS)),
        });
      } catch (error) {
        if (call.signed && !resynchronised && error instanceof ExchangeError && isClockCode(error.code)) {
          resynchronised = true;
          exchangeClock.forget();
          await measureTime({ deadline });
          continue;
        }
        if (n >= TRIES || !isWorthRepeating(error) || !(await pauseBefore(n, deadline))) throw error;
      }
    }
  };

  const measureTime: Caller['measureTime'] = async ({ deadline }) => {
    let best: TimeEstimate | undefined;
    for (let n = 1; n <= SAMPLES; n++) {
      // A further sample may take twice as long as the best so far, and must leave that much for the call itself.
      if (best && deadline - clock.now() < 4 * 2 * best.uncertainty + LEAST_TRY_MS) break;
      try {
        const reply = await once(TIME, { deadline: Math.min(deadline, clock.now() + DEFAULT_TRY_MS) });
        const estimate = estimateFrom({ ...reply, serverTime: readServerTime(reply.data) });
        if (reply.receivedAt < reply.sentAt) continue; // the local clock was set back in between
        if (!best || estimate.uncertainty < best.uncertainty) best = estimate;
      } catch (error) {
        if (best) break;
        if (n >= SAMPLES || !isWorthRepeating(error) || !(await pauseBefore(n, deadline))) throw error;
      }
    }
    if (!best)
      throw new TransientError('clock_set_back', 'The local clock ran backwards.', { retryable: true });
    exchangeClock.adopt(best);
    return best;
  };

  return { once, read, measureTime };
};
