import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DayProfit, profitBy } from '../../../lib/domain/profit.ts';
import type { Balances } from '../../../lib/domain/snapshot-ports.ts';
import { addProfit } from '../../../lib/usecases/add-profit.ts';
import { drawHistory, type Traded } from '../../support/account-history.ts';
import { fractions } from '../../support/account-world.ts';
import { add, exact, product, type Sums, texts } from '../../support/exact.ts';

const clock = { now: () => 0, sleep: async () => {} };
const soon = { deadline: 1 };
/** What commissions are worth, at the same prices in every run. */
const PRICES = { USDT: '1', MX: '2', SOL: '140', XRP: '2.5' } as const;
const prices = new Map([
  ['MXUSDT', PRICES.MX],
  ['SOLUSDT', PRICES.SOL],
  ['XRPUSDT', PRICES.XRP],
]);

class Died extends Error {}

/** Results in memory; dies after so many writes, or while the answer to the last of them is on its way. */
const resultsIn = (stored: Map<string, DayProfit>) => {
  let left = Number.POSITIVE_INFINITY;
  const keyOf = ({ day, strategy, symbol }: Pick<DayProfit, 'day' | 'strategy' | 'symbol'>) =>
    `${day} ${strategy} ${symbol}`;
  const unused = (): never => assert.fail('is not asked for');
  const balances: Balances = {
    latest: unused,
    save: unused,
    between: unused,
    fills: unused,
    profitOfDay: unused,
    dayProfit: async (key) => stored.get(keyOf(key)),
    saveDayProfit: async (profit, before) => {
      if (stored.get(keyOf(profit))?.through !== before?.through) return false;
      if (left < 0.5) throw new Died();
      stored.set(keyOf(profit), profit);
      left -= 1;
      if (left > 0 && left < 1) throw new Died();
      return true;
    },
  };
  return {
    balances,
    /** @param writes a half: that write is carried out, and nobody learns of it */
    diesAfter: (writes: number) => {
      left = writes;
    },
  };
};

/** The same from the raw trades, with other arithmetic. */
const recomputed = (trades: readonly Traded[], by: (trade: Traded) => string) => {
  const rows = new Map<string, { sums: Sums; trades: number }>();
  for (const trade of trades) {
    const { fill } = trade;
    const row = rows.get(by(trade)) ?? { sums: new Map(), trades: 0 };
    rows.set(by(trade), row);
    row.trades += 1;
    add(row.sums, 'realised', exact(fill.realised));
    add(row.sums, 'volume', product(exact(fill.price), exact(fill.quantity)));
    const price = Object.entries(PRICES).find(([asset]) => asset === fill.commissionAsset)?.[1] ?? '0';
    add(row.sums, 'feesValue', product(exact(fill.commission), exact(price)));
  }
  return rows;
};

const dayOf = ({ fill }: Traded): string => new Date(fill.time).toISOString().slice(0, 10);

describe('results by day', () => {
  test('random histories, late trades and runs that die anywhere: each trade counts once, on its own day', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        // Four days, so that late trades cross midnight.
        const { trades } = drawHistory(seed, 384);
        const some = trades.slice(0, 60);
        const draw = fractions(seed);
        const stored = new Map<string, DayProfit>();
        const { balances, diesAfter } = resultsIn(stored);
        // Snapshots take trades lane by lane in the order of their numbers, wherever they stop.
        const counted = new Map<string, number>();
        const laneOf = ({ fill }: Traded) => `${fill.strategy} ${fill.symbol}`;
        for (let run = 0; run < 12; run += 1) {
          const isLast = run === 11;
          const upTo = new Map<string, number>();
          for (const lane of new Set(some.map(laneOf)))
            upTo.set(lane, isLast ? 1e9 : (counted.get(lane) ?? 0) + Math.floor(draw() * 6));
          const taken = some.filter(
            (trade) =>
              trade.fill.n > (counted.get(laneOf(trade)) ?? 0) &&
              trade.fill.n <= (upTo.get(laneOf(trade)) ?? 0),
          );
          diesAfter(isLast ? Number.POSITIVE_INFINITY : Math.floor(draw() * 8) / 2);
          try {
            await addProfit(taken, { balances, clock, quote: 'USDT', prices }, soon);
            for (const trade of taken)
              counted.set(laneOf(trade), Math.max(counted.get(laneOf(trade)) ?? 0, trade.fill.n));
          } catch (error) {
            // The snapshot was not written: the next run counts from where this one began, up to somewhere else.
            if (!(error instanceof Died)) throw error;
          }
        }
        for (const [by, key] of [
          ['day', dayOf],
          ['strategy', ({ fill }: Traded) => fill.strategy],
          ['symbol', ({ fill }: Traded) => fill.symbol],
        ] as const) {
          const expected = recomputed(some, key);
          const rows = profitBy(by, [...stored.values()]);
          assert.deepEqual(
            rows.map((row) => row.key),
            [...expected.keys()].sort(),
          );
          for (const { key: name, realised, volume, feesValue, trades: count } of rows) {
            const sums = texts(expected.get(name)?.sums ?? new Map());
            assert.deepEqual(
              [count, realised, volume],
              [expected.get(name)?.trades, sums.realised ?? '0', sums.volume],
            );
            // Worths are cut to eight decimals, once for each time that a day was written.
            const lost = exact(sums.feesValue ?? '0') - exact(feesValue);
            assert.ok(lost >= 0n && lost < exact('0.00001'), `${lost}`);
          }
        }
        const fees: Sums = new Map();
        for (const row of stored.values())
          for (const [asset, fee] of Object.entries(row.fees)) add(fees, asset, exact(fee));
        const paid: Sums = new Map();
        for (const { fill } of some) add(paid, fill.commissionAsset, exact(fill.commission));
        assert.deepEqual(texts(fees), texts(paid));
      }),
      { numRuns: 60 },
    );
  });

  test('rows come in the order of their keys, with sums exact beyond what binary numbers hold', () => {
    const row = (day: string, realised: string): DayProfit => ({
      day,
      strategy: 'a',
      symbol: 'SOLUSDT',
      realised,
      fees: {},
      feesValue: '0.1',
      volume: '0.2',
      trades: 1,
      through: 1,
    });
    const rows = profitBy('symbol', [row('2026-11-23', '0.1'), row('2026-11-22', '0.2')]);
    assert.deepEqual(rows, [{ key: 'SOLUSDT', realised: '0.3', feesValue: '0.2', volume: '0.4', trades: 2 }]);
    const days = profitBy('day', [row('2026-11-23', '1'), row('2026-11-22', '-9007199254740993.5')]);
    assert.deepEqual(
      days.map(({ key, realised }) => [key, realised]),
      [
        ['2026-11-22', '-9007199254740993.5'],
        ['2026-11-23', '1'],
      ],
    );
  });
});
