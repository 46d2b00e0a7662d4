import type { Clock } from '../domain/ports.ts';

/** Pauses that may be cut short, all at once. */
export interface Pauses {
  /** @param ms at most */
  pause(ms: number): Promise<void>;
  /** Ends all that last. */
  interrupt(): void;
}

export const createPauses = (clock: Pick<Clock, 'sleep'>): Pauses => {
  const lasting = new Set<() => void>();
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const end = (): void => {
          lasting.delete(end);
          resolve();
        };
        lasting.add(end);
        void clock.sleep(ms).then(end);
      }),
    interrupt: () => {
      for (const end of lasting) end();
    },
  };
};
