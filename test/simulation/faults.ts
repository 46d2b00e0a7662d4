import type { Fate, Fates } from '../support/memory-dynamo/faults.ts';
import type { Chance } from './chance.ts';
import type { Stops } from './machine.ts';
import type { Plan, StoreFault } from './plan.ts';
import { storePoint } from './store-port.ts';
import type { Timeline } from './timeline.ts';
import type { Passage } from './wire.ts';

/** Counts what happened, by words. */
export type Count = (what: string) => void;

interface Planned {
  readonly point: string;
  readonly nth: number;
}

/** Planned events by point: each asks once, when its point is passed for the n-th time. */
const byPoint = <Event extends Planned>(events: readonly Event[]) => {
  const passed = new Map<string, number>();
  const planned = new Map(events.map((event) => [`${event.point} ${event.nth}`, event]));
  return (point: string): Event | undefined => {
    const nth = (passed.get(point) ?? 0) + 1;
    passed.set(point, nth);
    return planned.get(`${point} ${nth}`);
  };
};

const fateOf = ({ kind, ms, instead }: StoreFault, usual: Required<Pick<Fate, 'there' | 'back'>>): Fate => {
  switch (kind) {
    case 'reset-before':
      return { ...usual, reset: 'before' };
    case 'reset-after':
      return { ...usual, reset: 'after' };
    case 'lost-request':
      return { there: Number.POSITIVE_INFINITY };
    case 'lost-answer':
      return { ...usual, back: Number.POSITIVE_INFINITY };
    case 'late-write':
      return { ...usual, there: ms };
    default:
      return { ...usual, ...(instead && { instead }) };
  }
};

/** What happens to requests and processes while the plan's faults last. */
export interface Disturbances {
  readonly fates: (chance: Chance) => Fates;
  readonly passage: (point: string) => Passage | undefined;
  readonly stops: Stops;
}

export const disturbancesOf = (plan: Plan, timeline: Timeline, count: Count): Disturbances => {
  const store = byPoint(plan.storeFaults);
  const wire = byPoint(plan.wireFaults);
  const stops = byPoint(plan.stops);
  const elapsed = (): number => timeline.now() - plan.start;
  const last = (): boolean => elapsed() < plan.lasts;
  return {
    fates:
      (chance) =>
      ({ operation, request }) => {
        const usual = { there: chance.whole(1, 6), back: chance.whole(1, 4) };
        const point = storePoint(operation, request);
        const fault = last() ? store(point) : undefined;
        if (!fault) return usual;
        count(`store ${fault.kind} ${point}`);
        return fateOf(fault, usual);
      },
    passage: (point) => {
      const fault = last() ? wire(point) : undefined;
      if (!fault) return undefined;
      count(`wire ${fault.kind} ${point}`);
      return fault.kind === 'refused' ? 'refused' : { delay: fault.ms };
    },
    stops: (point) => {
      const planned = last() ? stops(point) : undefined;
      if (planned) count(`${planned.stop.kind} ${point}`);
      return planned?.stop;
    },
  };
};
