import { ExchangeError, FatalError, TransientError } from '../domain/exchange-errors.ts';
import { type ExchangeClock, earliest, estimateFrom, type TimeEstimate } from '../domain/exchange-time.ts';
import type { CallOptions, Clock } from '../domain/ports.ts';
import { readServerTime } from './account-data.ts';
import { errorOf, failureOf, judge } from './answer.ts';
import { type Call, publicGet } from './calls.ts';
import { isClockCode, isMaintenanceCode } from './error-codes.ts';
import type { Limiter } from './limiter.ts';
import type { Pauses } from './pauses.ts';
import { type MexcCredentials, type QueryParameters, queryOf, signedQuery } from './signing.ts';
import type { SetTimer, Transport } from './transport.ts';

/** What every call of the client needs. */
export interface CallerParts {
  readonly transport: Transport;
  readonly limiter: Limiter;
  readonly pauses: Pauses;
  readonly credentials: () => Promise<MexcCredentials>;
  readonly clock: Clock;
  readonly exchangeClock: ExchangeClock;
  /** In `[0, 1)`, for the jitter of retries. */
  readonly random: () => number;
  readonly setTimer: SetTimer;
}

/** Data of a successful answer, with the local clock just before the first byte left and after the last came. */
interface Reply {
  readonly data: unknown;
  readonly sentAt: number;
  readonly receivedAt: number;
}

export interface Caller {
  /** Sends once, when it is its turn. Throws an `ExchangeError`; its `retryable` says whether a read may be repeated. */
  once(call: Call, options: CallOptions): Promise<Reply>;
  /** Sends up to three times with full jitter inside the deadline, each time signed afresh. For reads only. */
  read(call: Call, options: CallOptions): Promise<Reply>;
  /** Takes samples of the exchange's clock, up to three until one is sure, and adopts the one with the shortest round trip. */
  measureTime(options: CallOptions): Promise<TimeEstimate>;
  /** What is known of the exchange's clock; measured when nothing is. */
  knownTime(options: CallOptions): Promise<TimeEstimate>;
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

const TIME = publicGet('/api/v3/time', [], 'entry');
/** A measurement this sure needs no further sample, ms: the time that is signed only has to lie well within the window. */
const SURE_MS = 100;

/** Who was told how long to wait waits, and maintenance takes long; everything else retryable is tried again at once. */
const isWorthRepeating = (error: unknown): boolean =>
  error instanceof ExchangeError &&
  error.retryable &&
  error.retryAfterMs === undefined &&
  !isClockCode(error.code) &&
  !isMaintenanceCode(error.code);

/** @throws FatalError when a parameter cannot be encoded */
const wellFormed = (target: () => string): string => {
  try {
    return target();
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new FatalError('invalid_request', 'A parameter is not well-formed Unicode.');
  }
};

export const createCaller = (parts: CallerParts): Caller => {
  const { transport, limiter, pauses, clock, exchangeClock, random, setTimer } = parts;

  const credentialsBefore = (deadline: number): Promise<MexcCredentials> =>
    new Promise((resolve, reject) => {
      const cancelTimer = setTimer(Math.max(0, deadline - clock.now()), () =>
        reject(new TransientError('deadline', 'The key was not there in time.', { retryable: true })),
      );
      void Promise.resolve().then(parts.credentials).then(resolve, reject).finally(cancelTimer);
    });

  const knownTime: Caller['knownTime'] = async (options) => exchangeClock.estimate() ?? measureTime(options);

  /** Path and query, signed as of now. */
  const targetOf = ({ path, parameters }: Call, keys: MexcCredentials, estimate: TimeEstimate): string => {
    const signed: QueryParameters = [
      ...(typeof parameters === 'function' ? parameters(keys) : parameters),
      ['recvWindow', String(RECV_WINDOW_MS)],
      ['timestamp', String(earliest(estimate, clock.now()))],
    ];
    return `${path}?${signedQuery(signed, keys.secretKey)}`;
  };

  const publicTargetOf = ({ path, parameters }: Call): string => {
    const query = typeof parameters === 'function' ? '' : queryOf(parameters);
    return query === '' ? path : `${path}?${query}`;
  };

  const send = async (
    call: Call,
    target: string,
    keys: MexcCredentials | undefined,
    deadline: number,
  ): Promise<Reply> => {
    const result = await transport.send({
      method: call.method,
      target,
      ...(keys ? { accessKey: keys.accessKey } : {}),
      deadline,
      maxBytes: call.maxBytes ?? DEFAULT_MAX_BYTES,
    });
    if (result.kind !== 'answer') throw errorOf(failureOf(result));
    const secrets = keys ? [keys.accessKey, keys.secretKey] : [];
    const judged = await pauses.heed(result, judge(result, secrets), { deadline });
    if (judged.ok) return { data: judged.data, sentAt: result.sentAt, receivedAt: result.receivedAt };
    if (call.signed && judged.failure.clock) exchangeClock.forget(); // whoever signs next measures first
    throw errorOf(judged.failure);
  };

  /** @param tryMs longest time from sending to the answer; waiting for the turn is not part of it */
  const attempt = async (call: Call, options: CallOptions, tryMs: number): Promise<Reply> => {
    const before = () => Math.min(options.deadline, clock.now() + tryMs);
    const turn = { ...options, priority: options.priority ?? call.priority };
    if (!call.signed) {
      const target = wellFormed(() => publicTargetOf(call));
      await limiter.take(call.need, turn);
      return send(call, target, undefined, before());
    }
    const keys = await credentialsBefore(before());
    const known = exchangeClock.estimate();
    const estimate = known ?? (await measureTime(turn));
    // What the measurement has just taken of the budget must not turn the call away.
    const { leaveWithin, ...patient } = turn;
    await limiter.take(call.need, known ? turn : patient);
    const target = wellFormed(() => targetOf(call, keys, exchangeClock.estimate() ?? estimate));
    return send(call, target, keys, before());
  };

  const once: Caller['once'] = (call, options) => attempt(call, options, Number.POSITIVE_INFINITY);

  /** Waits with full jitter before repetition `n`; false when the deadline leaves no room for it. */
  const pauseBefore = async (n: number, deadline: number): Promise<boolean> => {
    const ms = random() * FIRST_PAUSE_MS * 2 ** (n - 1);
    if (clock.now() + ms + LEAST_TRY_MS > deadline) return false;
    await clock.sleep(ms);
    return clock.now() + LEAST_TRY_MS <= deadline;
  };

  const read: Caller['read'] = async (call, options) => {
    let resynchronised = false;
    for (let n = 1; ; n++) {
      try {
        return await attempt(call, options, call.tryMs ?? DEFAULT_TRY_MS);
      } catch (error) {
        if (call.signed && !resynchronised && error instanceof ExchangeError && isClockCode(error.code)) {
          resynchronised = true;
          continue;
        }
        if (n >= TRIES || !isWorthRepeating(error) || !(await pauseBefore(n, options.deadline))) throw error;
      }
    }
  };

  const measureTime: Caller['measureTime'] = async (options) => {
    const { deadline } = options;
    let best: TimeEstimate | undefined;
    for (let n = 1; n <= SAMPLES && !(best && best.uncertainty <= SURE_MS); n++) {
      // A further sample may take twice as long as the best so far, and must leave that much for the call itself.
      if (best && deadline - clock.now() < 4 * 2 * best.uncertainty + LEAST_TRY_MS) break;
      try {
        const turn = { ...options, priority: options.priority ?? TIME.priority };
        await limiter.take(TIME.need, best ? { ...turn, leaveWithin: 0 } : turn);
        const reply = await send(
          TIME,
          TIME.path,
          undefined,
          Math.min(deadline, clock.now() + DEFAULT_TRY_MS),
        );
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

  return { once, read, measureTime, knownTime };
};
