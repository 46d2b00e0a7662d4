import { ApiError } from './api.ts';

/** Longest pause after errors, ms. */
const MOST = 60_000;

/** Asks again and again while the tab can be seen; one question at a time, with longer and longer pauses after errors. */
export interface Poll {
  stop(): void;
}

export interface Polled {
  readonly ask: () => Promise<void>;
  /** ms */
  readonly every: number;
  /** After every question. @param error absent: an answer came. @param again ms until the next question */
  readonly onOutcome: (error: ApiError | undefined, again: number) => void;
}

export const startPoll = ({ ask, every, onOutcome }: Polled): Poll => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let asking = false;
  let failures = 0;
  const after = (ms: number): void => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = setTimeout(() => void run(), ms);
  };
  const run = async (): Promise<void> => {
    if (asking || stopped) return;
    asking = true;
    let error: ApiError | undefined;
    try {
      await ask();
      failures = 0;
    } catch (thrown) {
      failures += 1;
      error =
        thrown instanceof ApiError ? thrown : new ApiError(0, { message: `The console failed: ${thrown}` });
    }
    asking = false;
    if (stopped) return;
    const again = Math.min(MOST, every * 2 ** failures);
    onOutcome(error, again);
    after(again);
  };
  const onVisible = (): void => {
    if (document.hidden) clearTimeout(timer);
    else void run();
  };
  document.addEventListener('visibilitychange', onVisible);
  void run();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
};
