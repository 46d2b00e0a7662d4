import type { Clock } from '../clock.ts';

/** Calls once at a true time, as long as nothing earlier is asked for. */
export type WakeUp = {
  /** Rings at `time` (Unix ms) at the latest: ringing too early does no harm. Infinity asks for nothing. */
  at(time: number): void;
  off(): void;
};

export function createWakeUp(clock: Clock, ring: () => void): WakeUp {
  let set = Number.POSITIVE_INFINITY;
  /** The clock when it was set: one that was set back since makes the wait too long. */
  let setAt = 0;
  let turn = 0;
  let cancel = (): void => {};
  const off = (): void => {
    cancel();
    cancel = () => {};
    turn += 1;
    set = Number.POSITIVE_INFINITY;
  };
  return {
    at(time) {
      const now = clock.now();
      if (time >= set && now >= setAt) return;
      off();
      if (time === Number.POSITIVE_INFINITY) return;
      set = time;
      setAt = now;
      const mine = turn;
      const wake = (): void => {
        if (mine !== turn) return;
        off();
        ring();
      };
      const ms = Math.max(0, time - now);
      if (clock.alarm === undefined) void clock.sleep(ms).then(wake);
      else cancel = clock.alarm(ms, wake);
    },
    off,
  };
}
