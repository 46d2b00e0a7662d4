import type { SetTimer } from '../../../lib/mexc/transport.ts';

/** Lets everything that is not waiting for time come to an end. */
const settle = async (): Promise<void> => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

/** Clock and timers that move only when told to; a timer runs exactly at its time. */
export const virtualTime = (start: number) => {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = start;
  const setTimer: SetTimer = (ms, run) => {
    const timer = { at: now + Math.max(0, ms), run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const due = (by: number) => [...timers].filter(({ at }) => at <= by).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    setTimer,
    sleep: (ms: number) => new Promise<void>((resolve) => void setTimer(ms, resolve)),
    timers: () => timers.size,
    settle,
    /** Runs whatever comes due, each at its own time. */
    advance: async (ms: number): Promise<void> => {
      const end = now + ms;
      await settle();
      for (let timer = due(end); timer; timer = due(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = end;
    },
    /** The process is frozen, or its clock set: no timer runs. */
    jump: (ms: number): void => {
      now += ms;
    },
  };
};

/** Waits for a turn are shorter than this, ms; the time that a request has is longer. */
const SHORT = 2_500;

/** Real time in which waits for a turn of the budget are skipped: the clock jumps to their end. */
export const skippingTime = () => {
  let skipped = 0;
  const clock = {
    now: () => Date.now() + skipped,
    sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
  };
  const setTimer: SetTimer = (ms, run) => {
    if (ms > SHORT) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    }
    const end = clock.now() + ms;
    const turn = setImmediate(() => {
      skipped = Math.max(skipped, end - Date.now());
      run();
    });
    return () => clearImmediate(turn);
  };
  return { clock, setTimer, within: (ms: number) => ({ deadline: clock.now() + ms }) };
};
