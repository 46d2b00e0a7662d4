import { type CsvRow, toCsv } from './csv.ts';
import type { listBalances, listProfit } from './read-balances.ts';
import type { listPositions } from './read-state.ts';

/** One line per snapshot and asset. */
export const balancesCsv = ({ balances }: Awaited<ReturnType<typeof listBalances>>): string =>
  toCsv(
    ['slot', 'asset', 'free', 'locked', 'price', 'value', 'quote', 'total', 'unexplained'],
    balances.flatMap(({ slot, assets, quote, total, unexplained }) =>
      Object.entries(assets).map(
        ([asset, { free, locked, price, value }]): CsvRow => ({
          slot,
          asset,
          free,
          locked,
          price,
          value,
          quote,
          total,
          unexplained: unexplained
            .filter((remainder) => remainder.asset === asset)
            .map(({ amount }) => amount)
            .join(' '),
        }),
      ),
    ),
  );

export const profitCsv = ({ by, profit }: Awaited<ReturnType<typeof listProfit>>): string =>
  toCsv(
    [by, 'realised', 'feesValue', 'volume', 'trades'],
    profit.map(({ key, ...row }) => ({ [by]: key, ...row })),
  );

export const positionsCsv = ({ positions }: Awaited<ReturnType<typeof listPositions>>): string =>
  toCsv(
    ['strategy', 'symbol', 'quantity', 'cost', 'averagePrice', 'realised'],
    positions.map(({ strategy, symbol, quantity, cost, averagePrice, realised }) => ({
      strategy,
      symbol,
      quantity,
      cost,
      averagePrice,
      realised,
    })),
  );
