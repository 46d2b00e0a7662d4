import { AppError } from '../../domain/errors.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { SetTimer } from '../transport.ts';
import type { Address } from './line.ts';
import type { ListenKeys } from './listen-keys.ts';

const RENEW_MS = 30 * 60_000;
/** A renewal that failed is tried again well before the key's 60 minutes are over. */
const AGAIN_MS = 60_000;
const MOST_FAILURES = 5;
const CALL_MS = 5_000;
const REMOVALS = 3;
const REMOVE_AGAIN_MS = 2_000;

interface LeaseParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly setTimer: SetTimer;
  readonly log: Log;
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : 'unexpected');

/**
 * The address of a private connection: each has a listen key of its own, extended every 30 minutes and deleted when it is
 * over. When a key cannot be extended, the connection is said to be failing while it still works; when the exchange will not
 * have the key any more, to be deaf.
 * @param url without the key
 */
export const listenAddress = (
  keys: ListenKeys,
  url: string,
  { clock, setTimer, log }: LeaseParts,
): Address => {
  const soon = () => ({ deadline: clock.now() + CALL_MS });

  const remove = async (key: string): Promise<void> => {
    for (let n = 1; ; n += 1) {
      try {
        return await keys.remove(key, soon());
      } catch (error) {
        if (n === REMOVALS || (error instanceof AppError && !error.retryable)) {
          return log.warn('a listen key could not be deleted', { code: codeOf(error) });
        }
        await new Promise<void>((resolve) => void setTimer(REMOVE_AGAIN_MS, resolve));
      }
    }
  };

  return async (failing) => {
    let goodAt = clock.now();
    const key = await keys.create(soon());
    let isReleased = false;
    let failures = 0;
    let cancelTimer = (): void => undefined;

    const renewIn = (ms: number): void => {
      cancelTimer = setTimer(ms, () => void renew());
    };
    const renew = async (): Promise<void> => {
      const asked = clock.now();
      try {
        await keys.extend(key, soon());
        goodAt = asked;
        failures = 0;
        if (!isReleased) renewIn(RENEW_MS);
      } catch (error) {
        if (isReleased) return;
        failures += 1;
        log.warn('a listen key could not be extended', { code: codeOf(error), failures });
        const isHopeless = error instanceof AppError && !error.retryable;
        // The exchange says nothing when a key ends: an open connection is only silent from then on.
        if (isHopeless) failing(goodAt);
        else if (failures >= MOST_FAILURES) failing();
        else renewIn(AGAIN_MS);
      }
    };

    renewIn(RENEW_MS);
    return {
      url: `${url}?listenKey=${encodeURIComponent(key)}`,
      release: () => {
        isReleased = true;
        cancelTimer();
        return remove(key);
      },
    };
  };
};
