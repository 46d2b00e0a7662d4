import type { Fill } from '../../lib/domain/fill.ts';
import { aFill, NOON } from './contract-domain.ts';

export const MINUTE = 60_000;
export const LANES = [
  { strategy: 'a', symbol: 'SOLUSDT' },
  { strategy: 'a', symbol: 'XRPUSDT' },
  { strategy: 'b', symbol: 'SOLUSDT' },
];

/** A fill every ten minutes in each lane; every fifth was applied an hour late, behind those that came after it. */
const fillsOf = (lane: (typeof LANES)[number], count: number): Fill[] =>
  Array.from({ length: count }, (_, n) => ({
    time: NOON + n * 10 * MINUTE,
    late: n % 5 === 3 ? 60 * MINUTE : 5,
  }))
    .map(({ time, late }) => ({ time, appliedAt: time + late }))
    .sort((x, y) => x.appliedAt - y.appliedAt || x.time - y.time)
    .map((times, n) =>
      aFill({ ...lane, ...times, n: n + 1, tradeId: `${lane.strategy}-${times.time}`, order: `m${n}` }),
    );

/** Lane by lane, each in the order of application. */
export const ALL = LANES.flatMap((lane, n) => fillsOf(lane, [23, 1, 12][n] ?? 0));

type Named = Pick<Fill, 'tradeId' | 'symbol'>;

export const namesOf = (fills: readonly Named[]): string[] =>
  fills.map(({ tradeId, symbol }) => `${tradeId} ${symbol}`);

/** What every page names, read to the end. */
export const pagesOf = async (
  list: (cursor: string | undefined) => Promise<{ readonly fills: readonly Named[]; readonly next?: string }>,
): Promise<string[][]> => {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { fills, next } = await list(cursor);
    pages.push(namesOf(fills));
    cursor = next;
    if (pages.length > 100) throw new Error('the listing has no end');
  } while (cursor !== undefined);
  return pages;
};
