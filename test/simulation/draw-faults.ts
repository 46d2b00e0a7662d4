import type { FaultInput } from '../../lib/simulator/fault-rule.ts';
import type { Chance } from './chance.ts';
import type { ExchangeFault, Plan, PlannedStop, StoreFault, StoreFaultKind, WireFault } from './plan.ts';
import {
  cellsOf,
  drawTime,
  type ExchangeCell,
  exchangeCells,
  SOURCES,
  stopCells,
  storeCells,
  wireCells,
} from './points.ts';

type Class = Plan['class'];

/** Error codes that leave open whether anything was executed, and such as say that nothing was. */
const OPEN_CODES = [500, 503, 504, 20002, 88888] as const;
const REFUSAL_CODES = [
  700003, 700003, 700003, 700003, 10073, 10101, 30004, 30016, 30020, 700007, 33333, 604,
] as const;

/** One disturbance of this kind at this endpoint. Class A keeps within D, Q and V. */
const faultOf = (chance: Chance, seedClass: Class, { kind, point }: ExchangeCell): FaultInput => {
  const [method = '', path = ''] = point.split(' ');
  const match = { method, path };
  const executed = chance.happens(0.5);
  const within = (a: readonly [number, number], b: readonly [number, number]): number => {
    const [least, most] = seedClass === 'A' ? a : b;
    return chance.whole(least, most);
  };
  switch (kind) {
    case 'drop-before':
    case 'drop-after':
      return { kind, match };
    case 'answer':
    case 'answer-after':
      // Words that refuse are only ever said of what was not executed.
      return {
        kind,
        match,
        status: chance.pick([200, 500, 502, 403]),
        body: chance.pick(['{}', '[]', 'no', {}]),
      };
    case 'code': {
      const place = point === 'POST /api/v3/order' && !executed;
      const code = place ? chance.pick(REFUSAL_CODES) : chance.pick(OPEN_CODES);
      return { kind, match, code, executed: place ? false : executed };
    }
    case 'html':
      return { kind, match, status: chance.pick([403, 500, 502, 504]), executed };
    case 'limit':
      return {
        kind,
        match,
        code: chance.pick([429, 429, 418, 510] as const),
        retryAfter: chance.pick([1, 1, 2, 4, 15]),
      };
    case 'empty':
    case 'garbage':
    case 'hang':
      return { kind, match, executed };
    case 'cut':
      return { kind, match, executed, form: chance.pick(['connection', 'short'] as const) };
    case 'delay':
      return { kind, match, ms: chance.pick([400, 1_500, 4_000]) };
    case 'late':
      return {
        kind,
        match,
        ms: within([100, 2_000], [1_000, 40_000]),
        reply: chance.pick(['held', 'lost'] as const),
      };
    case 'skew':
      return { kind, match, ms: within([-500, 500], [-6_000, 6_000]), stamps: chance.happens(0.5) };
    case 'visibility':
      return { kind, match, ms: within([200, 10_000], [2_000, 60_000]) };
    case 'flap':
      return { kind, match };
    case 'partial-cancel':
      return { kind, match, share: chance.pick([0, 0.3, 0.5, 0.99]) };
  }
};

/** Faults on top of those that each seed has anyway: they come in clusters. */
const more = <Each>(chance: Chance, all: readonly [Each, ...Each[]], many: number): Each[] =>
  Array.from({ length: many }, () => chance.pick(all));

interface Many {
  readonly seed: number;
  /** Until when alerts come in, ms after the start. */
  readonly busy: number;
  /** How many to draw beside those that are this seed's. */
  readonly extra: number;
}

/** Of the four sources one never flaps within V and shows what is in the book; in some worlds the others hardly ever do. */
export const drawExchangeFaults = (
  chance: Chance,
  seedClass: Class,
  { seed, busy, extra }: Many,
): ExchangeFault[] => {
  const cells = [...cellsOf(seed, exchangeCells), ...more(chance, exchangeCells, extra)];
  const flaps = cells.some(({ kind, point }) => kind === 'flap' && point === 'GET /api/v3/order');
  const blind = chance.happens(0.3);
  const sure = flaps || (blind && chance.happens(0.5)) ? '/api/v3/allOrders' : '/api/v3/order';
  const lasting: ExchangeFault[] = SOURCES.filter(
    (point) => blind && (seedClass === 'B' || !point.endsWith(` ${sure}`)),
  ).map((point) => {
    const [method = '', path = ''] = point.split(' ');
    return {
      at: 0,
      point,
      lasting: true,
      fault: { kind: 'flap', match: { method, path, probability: 0.9 } },
    };
  });
  const single = cells
    .filter(({ kind, point }) => seedClass === 'B' || kind !== 'flap' || !point.endsWith(` ${sure}`))
    .map((cell) => ({
      at: drawTime(chance, cell.point, busy),
      point: cell.point,
      fault: faultOf(chance, seedClass, cell),
    }));
  return [...lasting, ...single];
};

export const drawWireFaults = (chance: Chance, { seed, busy, extra }: Many): WireFault[] => {
  return [...cellsOf(seed, wireCells), ...more(chance, wireCells, extra)].map(({ point, kind }) => {
    return {
      point,
      at: drawTime(chance, point, busy),
      kind,
      ms: chance.pick([300, 1_000, 2_500, 3_500, 12_000, 30_000, 30_000, 45_000]),
    };
  });
};

const insteadOf = (chance: Chance, kind: StoreFaultKind): StoreFault['instead'] => {
  switch (kind) {
    case 'conflict':
      return { kind, item: chance.whole(0, 3) };
    case 'throughput':
    case 'throttled':
    case 'in-progress':
      return { kind };
    case 'server-error':
      return { kind, status: chance.pick([500, 503] as const) };
    default:
      return undefined;
  }
};

export const drawStoreFaults = (chance: Chance, { seed, busy, extra }: Many): StoreFault[] => {
  return [...cellsOf(seed, storeCells), ...more(chance, storeCells, extra)].map(({ point, kind }) => {
    const instead = insteadOf(chance, kind);
    const ms = chance.pick([850, 1_600, 6_000, 25_000]);
    return { point, at: drawTime(chance, point, busy), kind, ms, ...(instead && { instead }) };
  });
};

export const drawStops = (chance: Chance, { seed, busy, extra }: Many): PlannedStop[] => {
  return [...cellsOf(seed, stopCells), ...more(chance, stopCells, extra)].map(({ point, kind }) => {
    const ms = chance.pick([700, 3_000, 9_000, 40_000, 200_000]);
    const behind = chance.happens(0.25) ? Math.floor(ms * chance.pick([0.5, 1])) : 0;
    const at = drawTime(chance, point, busy);
    return { point, at, stop: kind === 'kill' ? { kind } : { kind, ms, ...(behind > 0 && { behind }) } };
  });
};
