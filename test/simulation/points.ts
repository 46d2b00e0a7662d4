import type { FaultRule } from '../../lib/simulator/fault-rule.ts';
import type { Chance } from './chance.ts';
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
  'PutItem Control/time',
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

/** How much more often than others a point is drawn, because few worlds come by it; and those passed all the time. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'POST /api/v3/order': 3,
  'POST /api/v3/order/test': 3.5,
  'DELETE /api/v3/order': 4,
  'GET /api/v3/allOrders': 4,
  'GET /api/v3/openOrders': 2,
  'GET /api/v3/order': 1.6,
  'GET /api/v3/myTrades': 2,
  'GET /api/v3/account': 1.2,
  'GET /api/v3/exchangeInfo': 1.6,
  'GET /api/v3/selfSymbols': 1.4,
  'GET /api/v3/ticker/price': 0.9,
  'TransactWriteItems Fills+Orders+Positions': 2.5,
  'TransactWriteItems Fills+Orders+Positions+Strategies': 2.5,
  'TransactWriteItems Orders+Positions+Strategies': 1.5,
  'BatchGetItem Fills': 3,
  'BatchWriteItem Symbols': 1.3,
};

/** Points that every world passes a hundred times. */
const BUSY = new Set([
  'GET /api/v3/time',
  'UpdateItem Control/reads',
  'UpdateItem Control/run',
  'BatchGetItem view',
]);

const bare = (point: string): string => point.replace(/^(before|after) /, '');

/** The largest distance between two faults at one point, counted in passages. */
export const gapAt = (point: string): number => {
  if (point === 'POST /api/v3/order') return 5;
  if (BUSY.has(bare(point))) return 6;
  return (WEIGHTS[bare(point)] ?? 1) > 1.3 ? 1 : 2;
};

export const drawCell = <Each extends Cell<string>>(
  chance: Chance,
  cells: readonly [Each, ...Each[]],
): Each => {
  let left = chance.fraction() * cells.reduce((sum, cell) => sum + weightOf(cell), 0);
  for (const cell of cells) {
    left -= weightOf(cell);
    if (left < 0) return cell;
  }
  return cells[0];
};

const weightOf = ({ point }: Cell<string>): number => WEIGHTS[bare(point)] ?? 1;

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
