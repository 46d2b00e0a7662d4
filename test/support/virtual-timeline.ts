import type { Clock } from '../../lib/domain/ports.ts';
import type { SetTimer } from '../../lib/mexc/transport.ts';

/** Time that moves from event to event, as many processes share it. */
export interface VirtualTimeline extends Clock {
  readonly setTimer: SetTimer;
  /** Runs `run` at this time (epoch ms), or now if that is past. */
  at(time: number, run: () => void): void;
  /** Goes from event to event up to this time. */
  playTo(time: number): Promise<void>;
  /** Goes from event to event until the work is done. @throws Error when it waits for something that never comes */
  finish<T>(work: Promise<T>): Promise<T>;
}

interface Event {
  readonly time: number;
  readonly run: () => void;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** @param start epoch ms */
export const virtualTimeline = (start: number): VirtualTimeline => {
  // Few events wait at a time: the latest lies first, so that the next one is taken off the end.
  const waiting: Event[] = [];
  let now = start;

  const at = (time: number, run: () => void): Event => {
    const event = { time: Math.max(now, Math.ceil(time)), run };
    let place = waiting.length;
    while (place > 0 && (waiting[place - 1]?.time ?? 0) <= event.time) place -= 1;
    waiting.splice(place, 0, event);
    return event;
  };
  const next = async (event: Event): Promise<void> => {
    now = Math.max(now, event.time);
    event.run();
    await turn();
  };
  return {
    now: () => now,
    at: (time, run) => void at(time, run),
    sleep: (ms) => new Promise((resolve) => void at(now + ms, resolve)),
    setTimer: (ms, run) => {
      const timer = at(now + Math.max(0, ms), run);
      return () => {
        const place = waiting.indexOf(timer);
        if (place >= 0) waiting.splice(place, 1);
      };
    },
    playTo: async (time) => {
      await turn();
      while ((waiting.at(-1)?.time ?? Number.POSITIVE_INFINITY) <= time) {
        const event = waiting.pop();
        if (event) await next(event);
      }
      now = Math.max(now, time);
    },
    finish: async (work) => {
      let done = false;
      const ended = () => {
        done = true;
      };
      work.then(ended, ended);
      await turn();
      while (!done) {
        const event = waiting.pop();
        if (!event) throw new Error('it waits for something that never comes');
        await next(event);
      }
      return work;
    },
  };
};
