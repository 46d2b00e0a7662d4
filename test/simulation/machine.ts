import type { Clock } from '../../lib/domain/ports.ts';
import type { SetTimer } from '../../lib/mexc/transport.ts';
import type { Timeline } from './timeline.ts';

/** What happens to a process at one of its points. */
export type Stop =
  | { readonly kind: 'kill' }
  | {
      readonly kind: 'freeze';
      readonly ms: number;
      /** Its clock stood still as well for so much of that time, ms: it does not know how long it was away. */
      readonly behind?: number;
    };

/** Asked at every point that any process passes. */
export type Stops = (point: string) => Stop | undefined;

/** How far a machine's clock is off the true time. */
export interface Drift {
  /** ms */
  readonly offset: number;
  /** Parts per million. */
  readonly ppm: number;
}

/**
 * One process: a clock of its own, and points between its awaits at which it may be killed or frozen. Everything that reaches
 * it from outside goes through `deliver` or `gate`: a dead process never hears of it, a frozen one when it thaws.
 */
export interface Machine {
  readonly name: string;
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  /** A point between two awaits. Never resolves for a dead process. */
  gate(point: string): Promise<void>;
  deliver(run: () => void): void;
  /** Sets the clock forward or back by so many ms. */
  step(ms: number): void;
  isDead(): boolean;
  isFrozen(): boolean;
  /** The process ends: nothing that it waits for ever comes. */
  end(): void;
}

export const createMachine = (name: string, timeline: Timeline, drift: Drift, stops: Stops): Machine => {
  const start = timeline.now();
  let offset = drift.offset;
  let dead = false;
  let frozen = false;
  let held: (() => void)[] = [];

  const deliver = (run: () => void): void => {
    if (dead) return;
    if (frozen) held.push(run);
    else run();
  };
  const thaw = (behind: number): void => {
    frozen = false;
    offset -= behind;
    const all = held;
    held = [];
    for (const run of all) timeline.at(timeline.now(), () => deliver(run));
  };
  const setTimer: SetTimer = (ms, run) => {
    let cancelled = false;
    timeline.at(timeline.now() + Math.max(0, ms), () =>
      deliver(() => {
        if (!cancelled) run();
      }),
    );
    return () => {
      cancelled = true;
    };
  };
  const gate = async (point: string): Promise<void> => {
    if (!dead && !frozen) {
      const stop = stops(point);
      if (stop?.kind === 'kill') dead = true;
      if (stop?.kind === 'freeze') {
        frozen = true;
        timeline.at(timeline.now() + stop.ms, () => thaw(stop.behind ?? 0));
      }
    }
    if (dead) return new Promise(() => {});
    if (frozen) return new Promise((resolve) => void held.push(resolve));
  };
  return {
    name,
    clock: {
      now: () => {
        const now = timeline.now();
        return Math.floor(now + offset + ((now - start) * drift.ppm) / 1_000_000);
      },
      sleep: async (ms) => {
        await gate('before sleep');
        await new Promise<void>((resolve) => void setTimer(Math.max(1, ms), resolve));
        await gate('after sleep');
      },
    },
    setTimer,
    gate,
    deliver,
    step: (ms) => {
      offset += ms;
    },
    isDead: () => dead,
    isFrozen: () => frozen,
    end: () => {
      dead = true;
    },
  };
};
