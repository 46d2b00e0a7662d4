import { setTimeout as wait } from 'node:timers/promises';

/** Where the exchange takes its time from. */
export type Clock = {
  /** Unix time in milliseconds. */
  now(): number;
  /** Resolves once `ms` milliseconds of this clock have passed. */
  sleep(ms: number): Promise<void>;
  /**
   * Calls `ring` once `ms` milliseconds have passed, unless it is taken back. Keeps no process alive. Where a clock has none,
   * `sleep` serves.
   */
  alarm?(ms: number, ring: () => void): () => void;
};

/** A clock that only moves when told to. */
export type ManualClock = Clock & {
  /**
   * Moves the clock by `ms` (may be negative: clocks do jump back) and wakes the sleepers that are due. Alarms ring before it
   * returns.
   */
  advance(ms: number): void;
};

/**
 * A virtual clock starting at `startMs` (Unix milliseconds). `sleep` ends when `advance` passes its deadline,
 * never by itself.
 */
export function manualClock(startMs: number): ManualClock {
  let time = startMs;
  let sleepers: { due: number; wake: () => void }[] = [];
  let alarms: { due: number; ring: () => void }[] = [];
  return {
    now: () => time,
    sleep: (ms) =>
      ms <= 0 ? Promise.resolve() : new Promise((wake) => void sleepers.push({ due: time + ms, wake })),
    alarm(ms, ring) {
      const alarm = { due: time + ms, ring };
      alarms.push(alarm);
      return () => {
        alarms = alarms.filter((other) => other !== alarm);
      };
    },
    advance(ms) {
      time += ms;
      const ringing = alarms.filter((alarm) => alarm.due <= time).sort((a, b) => a.due - b.due);
      alarms = alarms.filter((alarm) => alarm.due > time);
      for (const alarm of ringing) alarm.ring();
      const due = sleepers.filter((sleeper) => sleeper.due <= time).sort((a, b) => a.due - b.due);
      sleepers = sleepers.filter((sleeper) => sleeper.due > time);
      for (const sleeper of due) sleeper.wake();
    },
  };
}

/** The machine's own clock: the only place of the simulator that reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    await wait(ms);
  },
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, ms).unref();
    return () => clearTimeout(timer);
  },
};
