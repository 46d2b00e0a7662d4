import type { FaultInput } from '../../lib/simulator/fault-rule.ts';
import type { Fate, Fates } from '../support/memory-dynamo/faults.ts';
import type { Chance } from './chance.ts';
import type { Stops } from './machine.ts';
import type { Plan, Planned, StoreFault } from './plan.ts';
import { storePoint } from './store-port.ts';
import type { Timeline } from './timeline.ts';
import type { Passage } from './wire.ts';

/** Counts what happened, by words. */
export type Count = (what: string) => void;

/** Planned events by point: each is handed out once, to the first who asks when its time has come. */
const byPoint = <Event extends Planned>(events: readonly Event[], elapsed: () => number) => {
  const waiting = Map.groupBy(
    events.toSorted((a, b) => a.at - b.at),
    ({ point }) => point,
  );
  return (point: string): Event | undefined => {
    const [first, ...rest] = waiting.get(point) ?? [];
    if (!first || first.at > elapsed()) return undefined;
    waiting.set(point, rest);
    return first;
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
  /** The fault that meets a request which reaches the exchange now. */
  readonly atExchange: (point: string) => FaultInput | undefined;
  readonly stops: Stops;
}

export const disturbancesOf = (plan: Plan, timeline: Timeline, count: Count): Disturbances => {
  const elapsed = (): number => timeline.now() - plan.start;
  const store = byPoint(plan.storeFaults, elapsed);
  const wire = byPoint(plan.wireFaults, elapsed);
  const stops = byPoint(plan.stops, elapsed);
  const exchange = byPoint(
    plan.exchangeFaults.filter(({ lasting }) => !lasting),
    elapsed,
  );
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
      return fault.kind === 'refused' ? 'refused' : { delay: fault.ms, late: fault.late };
    },
    atExchange: (point) => (last() ? exchange(point)?.fault : undefined),
    stops: (point) => {
      count(`passed ${point}`);
      const planned = last() ? stops(point) : undefined;
      if (planned) count(`${planned.stop.kind} ${point}`);
      return planned?.stop;
    },
  };
};
