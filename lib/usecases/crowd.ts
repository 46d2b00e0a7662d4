import type { Clock } from '../domain/ports.ts';

/** How long a taken lane says that the next alerts will find theirs taken too, ms. */
const LASTS = 2_000;

/** Whether this process has just met alerts that could not go out at once. Only ever a guess, for saving calls. */
export interface Crowd {
  meet(): void;
  isNear(): boolean;
}

export const createCrowd = (clock: Clock): Crowd => {
  let until = 0;
  return {
    meet: () => {
      until = clock.now() + LASTS;
    },
    isNear: () => clock.now() < until,
  };
};
