import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../domain/ports.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    await setTimeout(ms);
  },
};
