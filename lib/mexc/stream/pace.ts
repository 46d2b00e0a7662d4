import type { SetTimer } from '../transport.ts';

/** 66 messages a second, where the exchange closes the connection above 100 (reference section 6). */
const SPACING_MS = 15;

/** Lets messages leave one after another, over all connections of a feed: whether the limit is shared is not documented. */
export interface Pace {
  send(run: () => void): void;
  /** The same before everything that waits: a ping must not stand behind a thousand subscriptions. */
  sendFirst(run: () => void): void;
}

export const createPace = (setTimer: SetTimer): Pace => {
  const waiting: (() => void)[] = [];
  let isBusy = false;

  const leave = (run: () => void): void => {
    isBusy = true;
    setTimer(SPACING_MS, () => {
      isBusy = false;
      const next = waiting.shift();
      if (next) leave(next);
    });
    run();
  };
  return {
    send: (run) => {
      if (isBusy) waiting.push(run);
      else leave(run);
    },
    sendFirst: (run) => {
      if (isBusy) waiting.unshift(run);
      else leave(run);
    },
  };
};
