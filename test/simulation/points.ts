import type { FaultRule } from '../../lib/simulator/fault-rule.ts';
import { type Chance, chanceOf } from './chance.ts';
import { STORE_FAULTS } from './plan.ts';

/** Requests to the exchange at which faults are drawn: method and path. */
export const EXCHANGE_POINTS = [
  'POST /api/v3/order',
  'DELETE /api/v3/order',
  'GET /api/v3/order',
  'GET /api/v3/openOrders',
  'GET /api/v3/allOrders',
  'GET /api/v3/myTrades',
  'GET /api/v3/time',
  'GET /api/v3/ticker/price',
  'GET /api/v3/account',
  'GET /api/v3/exchangeInfo',
  'GET /api/v3/selfSymbols',
  'POST /api/v3/order/test',
] as const;

/** Requests to the store at which faults are drawn: operation and what it is about. */
export const STORE_POINTS = [
  'TransactWriteItems Orders',
  'TransactWriteItems Orders+Positions',
  'TransactWriteItems Orders+Positions+Strategies',
  'TransactWriteItems Fills+Orders+Positions+Strategies',
  'TransactWriteItems Fills+Orders+Positions',
  'TransactWriteItems Control+Strategies',
  'UpdateItem Control/pace',
  'UpdateItem Control/reads',
  'UpdateItem Control/run',
  'UpdateItem Control/sweep',
  'UpdateItem Control/default',
  'UpdateItem Strategies',
  'PutItem Control/time',
  'GetItem Control/sweep',
  'GetItem Control/default',
  'GetItem Orders',
  'GetItem Strategies',
  'BatchGetItem view',
  'BatchGetItem Fills',
  'BatchWriteItem Symbols',
  'Query Orders',
  'Scan Positions',
  'Scan Strategies',
  'Scan Symbols',
] as const;

type Kind = FaultRule['kind'];

const EVERYWHERE: readonly Kind[] = [
  'drop-before',
  'drop-after',
  'answer',
  'answer-after',
  'code',
  'html',
  'limit',
  'empty',
  'garbage',
  'cut',
  'hang',
  'delay',
];
export const SOURCES = [
  'GET /api/v3/order',
  'GET /api/v3/openOrders',
  'GET /api/v3/allOrders',
  'GET /api/v3/myTrades',
] as const;

/** A kind of fault at a point; coverage is counted by cells. */
export interface Cell<Kind extends string> {
  readonly kind: Kind;
  readonly point: string;
}
export type ExchangeCell = Cell<FaultRule['kind']>;

interface Habits {
  /** A kind of fault is planned here in one of so many worlds: more often where fewer come by. */
  readonly every: number;
  /** When: as processes start, while alerts come in, or until all that is carried to its end. */
  readonly when: 'start' | 'alerts' | 'all';
}

const USUAL: Habits = { every: 10, when: 'all' };
const HABITS: Readonly<Record<string, Habits>> = {
  'POST /api/v3/order': { every: 6, when: 'alerts' },
  'POST /api/v3/order/test': { every: 4, when: 'alerts' },
  'DELETE /api/v3/order': { every: 3, when: 'start' },
  'GET /api/v3/ticker/price': { every: 9, when: 'alerts' },
  'GET /api/v3/account': { every: 7, when: 'alerts' },
  'GET /api/v3/order': { every: 6, when: 'all' },
  'GET /api/v3/openOrders': { every: 8, when: 'all' },
  'GET /api/v3/allOrders': { every: 3, when: 'all' },
  'GET /api/v3/myTrades': { every: 6, when: 'all' },
  'GET /api/v3/exchangeInfo': { every: 13, when: 'start' },
  'GET /api/v3/selfSymbols': { every: 13, when: 'start' },
  'BatchWriteItem Symbols': { every: 12, when: 'start' },
  'TransactWriteItems Control+Strategies': { every: 12, when: 'start' },
  'GetItem Control/default': { every: 12, when: 'start' },
  'GetItem Strategies': { every: 12, when: 'start' },
  'UpdateItem Strategies': { every: 9, when: 'alerts' },
  'UpdateItem Control/default': { every: 4, when: 'alerts' },
  'TransactWriteItems Orders': { every: 12, when: 'alerts' },
  'TransactWriteItems Orders+Positions': { every: 12, when: 'alerts' },
  'TransactWriteItems Orders+Positions+Strategies': { every: 8, when: 'alerts' },
  'TransactWriteItems Fills+Orders+Positions': { every: 2, when: 'alerts' },
  'TransactWriteItems Fills+Orders+Positions+Strategies': { every: 3, when: 'alerts' },
  'BatchGetItem Fills': { every: 2, when: 'alerts' },
  'UpdateItem Control/sweep': { every: 2, when: 'start' },
  'before UpdateItem Control/sweep': { every: 2, when: 'all' },
  'after UpdateItem Control/sweep': { every: 2, when: 'all' },
  'GetItem Control/sweep': { every: 5, when: 'alerts' },
  'UpdateItem Control/pace': { every: 12, when: 'alerts' },
  wake: { every: 11, when: 'alerts' },
};

/** A process is stopped at a point as often as anything else goes wrong there, unless its stops have habits of their own. */
const habitsOf = (point: string): Habits =>
  HABITS[point] ?? HABITS[point.replace(/^(before|after) /, '')] ?? USUAL;

/** ms after the start of a world. */
const SOON = 400;
const ALSO_AFTER = 30_000;

/** When a fault at this point is to set in, ms after the start. @param busy until when alerts come in */
export const drawTime = (chance: Chance, point: string, busy: number): number => {
  const { when } = habitsOf(point);
  if (when === 'start') return chance.whole(0, SOON);
  return chance.whole(0, when === 'alerts' ? Math.floor(busy / 2) : busy + ALSO_AFTER);
};

/**
 * The faults of one world: each cell in exactly one of `every` successive seeds, which one is chance. So a thousand seeds hit
 * each cell about as often as any other thousand, with as few faults as that takes.
 */
export const cellsOf = <Each extends Cell<string>>(seed: number, all: readonly Each[]): readonly Each[] =>
  all.filter(({ kind, point }) => {
    const { every } = habitsOf(point);
    const block = Math.floor(seed / every);
    return chanceOf(`${block} ${kind} ${point}`).whole(0, every - 1) === seed % every;
  });

const cells = <Kind extends string>(
  kinds: readonly Kind[],
  points: readonly string[],
  meansSomething: (kind: Kind, point: string) => boolean = () => true,
): readonly [Cell<Kind>, ...Cell<Kind>[]] => {
  const [first, ...rest] = kinds.flatMap((kind) =>
    points.filter((point) => meansSomething(kind, point)).map((point) => ({ kind, point })),
  );
  if (!first) throw new Error('nothing to draw from');
  return [first, ...rest];
};

const PLACING = ['POST /api/v3/order'] as const;

/** Every kind of fault at every endpoint where it means something. */
export const exchangeCells = [
  ...cells(EVERYWHERE, EXCHANGE_POINTS),
  ...cells<Kind>(['skew'], [...SOURCES, ...PLACING, 'DELETE /api/v3/order', 'GET /api/v3/time']),
  ...cells<Kind>(['flap'], SOURCES),
  ...cells<Kind>(['late', 'visibility', 'partial-cancel'], PLACING),
] as const;

export const wireCells = cells(['refused', 'delay'] as const, EXCHANGE_POINTS);

const isWrite = (point: string): boolean => /^(Transact|Update|Put|BatchWrite)/.test(point);

export const storeCells = cells(STORE_FAULTS, STORE_POINTS, (kind, point) => {
  if (kind === 'conflict') return isWrite(point) && !point.startsWith('BatchWrite');
  if (kind === 'in-progress') return point.startsWith('Transact');
  if (kind === 'late-write') return isWrite(point);
  return true;
});

/** Where processes are killed and frozen: before and after each request, pause and wake. */
export const stopCells = cells(
  ['kill', 'freeze'] as const,
  [...EXCHANGE_POINTS, ...STORE_POINTS, 'sleep', 'wake'].flatMap((point) => [
    `before ${point}`,
    `after ${point}`,
  ]),
);
