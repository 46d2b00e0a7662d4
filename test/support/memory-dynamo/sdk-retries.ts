import type { Clock } from '../../../lib/domain/ports.ts';

/** Names that the SDK takes for throttling, of those that occur here. */
const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
]);
const TRANSIENT_STATUS = new Set([500, 502, 503, 504]);
/** Longest first pauses, ms. */
const THROTTLING_PAUSE = 1_000;
const TRANSIENT_PAUSE = 50;
/** Tokens that repetitions cost, of those that a client has. */
const TOKENS = 500;
const COST = { throttling: 5, transient: 14 };

type Kind = keyof typeof COST;

const kindOf = (error: unknown): Kind | undefined => {
  if (!(error instanceof Error) || error.name === 'AbortError') return undefined;
  if (THROTTLING.has(error.name)) return 'throttling';
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  const transient =
    error.name === 'TimeoutError' || (typeof status === 'number' && TRANSIENT_STATUS.has(status));
  return transient ? 'transient' : undefined;
};

/**
 * The SDK's "standard" repetitions (version 3.1162, `@smithy/core/retry`): two attempts, as the stores' client asks for,
 * a pause with full jitter between them, and a stock of tokens that lasting failure uses up.
 */
export const createRetries = (clock: Clock, random: () => number) => {
  let tokens = TOKENS;
  return {
    /**
     * @param attempt runs the n-th attempt, from 1
     * @param due local epoch ms at which the caller gives up
     * @throws what the last attempt threw, with `$metadata` as the SDK adds it
     */
    run: async <T>(
      attempt: (n: number) => Promise<T>,
      most: number,
      due: number,
      abort: () => Error,
    ): Promise<T> => {
      let spent = 1;
      let totalRetryDelay = 0;
      for (let n = 1; ; n += 1) {
        try {
          const answer = await attempt(n);
          tokens = Math.min(TOKENS, tokens + spent);
          return answer;
        } catch (error) {
          const kind = kindOf(error);
          if (kind === undefined || n >= most || tokens < COST[kind])
            throw withMetadata(error, n, totalRetryDelay);
          spent = COST[kind];
          tokens -= spent;
          const pause = Math.floor(
            random() * (kind === 'throttling' ? THROTTLING_PAUSE : TRANSIENT_PAUSE) * 2 ** (n - 1),
          );
          totalRetryDelay += pause;
          const left = due - clock.now();
          await clock.sleep(Math.max(0, Math.min(pause, left)));
          if (left <= pause) throw abort();
        }
      }
    },
  };
};

const withMetadata = (error: unknown, attempts: number, totalRetryDelay: number): unknown => {
  if (!(error instanceof Error)) return error;
  const known = '$metadata' in error && typeof error.$metadata === 'object' ? error.$metadata : {};
  return Object.assign(error, { $metadata: { ...known, attempts, totalRetryDelay } });
};
