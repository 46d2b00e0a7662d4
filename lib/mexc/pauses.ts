import type { CallOptions, Clock } from '../domain/ports.ts';
import type { Failure, Judgement, PauseAsked } from './answer.ts';
import type { Limiter } from './limiter.ts';
import type { HttpAnswer } from './transport.ts';

/** After a 429 that does not say how long; doubled while they go on (reference section 6). */
const FIRST_RATE_PAUSE_MS = 10_000;
const LONGEST_RATE_PAUSE_MS = 10 * 60_000;
/** After a 418 that does not say how long. */
const BAN_PAUSE_MS = 10 * 60_000;
/** After a 403 that is no answer of the exchange's own, at least (section 10.1). */
const FORBIDDEN_PAUSE_MS = 60_000;

/**
 * Told when a pause begins or grows, before the call that met it ends: one account has many processes. Bounded by the
 * call's own deadline; a failure of its own is its own to log.
 * @param until local epoch ms
 */
export type OnPause = (
  until: number,
  asked: { readonly why: PauseAsked['why']; readonly deadline: number },
) => Promise<void>;

export interface Pauses {
  /** Takes note of an answer. A failure that asks for a pause begins it, and gets its length as `retryAfterMs`. */
  heed(answer: HttpAnswer, judged: Judgement, options: CallOptions): Promise<Judgement>;
}

/** Silence after 429, 510, 418 and a bare 403: of this process through the limiter, of all others through `onPause`. */
export const createPauses = (
  limiter: Pick<Limiter, 'pause'>,
  clock: Pick<Clock, 'now'>,
  onPause: OnPause = async () => undefined,
): Pauses => {
  /** Refusals in a row, each to a request that was sent after the one before had come. */
  let strikes = 0;
  let struckAt = 0;

  /** Several answers to requests that were under way together are one refusal. */
  const ratePause = (asked: number | undefined, sentAt: number, now: number): number => {
    if (sentAt >= struckAt || struckAt > now) {
      strikes += 1;
      struckAt = now;
    }
    return asked === undefined
      ? struckAt + Math.min(FIRST_RATE_PAUSE_MS * 2 ** (strikes - 1), LONGEST_RATE_PAUSE_MS)
      : now + asked;
  };

  const untilAsked = ({ why, ms }: PauseAsked, sentAt: number, now: number): number => {
    switch (why) {
      case 'rate':
        return ratePause(ms, sentAt, now);
      case 'ban':
        return now + (ms ?? BAN_PAUSE_MS);
      case 'forbidden':
        return now + Math.max(ms ?? 0, FORBIDDEN_PAUSE_MS);
    }
  };

  const paused = async (
    failure: Failure,
    asked: PauseAsked,
    sentAt: number,
    { deadline }: CallOptions,
  ): Promise<Failure> => {
    const now = clock.now();
    const until = untilAsked(asked, sentAt, now);
    if (limiter.pause(until)) await onPause(until, { why: asked.why, deadline }).catch(() => undefined);
    return { ...failure, retryAfterMs: Math.max(1, Math.ceil(until - now)) };
  };

  return {
    heed: async ({ sentAt }, judged, options) => {
      if (judged.ok) {
        if (sentAt >= struckAt) strikes = 0;
        return judged;
      }
      const { failure } = judged;
      if (!failure.pause) return judged;
      return { ok: false, failure: await paused(failure, failure.pause, sentAt, options) };
    },
  };
};
