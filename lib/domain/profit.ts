import * as z from 'zod';
import { DecimalText, decimal, plain, ZERO } from './money.ts';

/** Result of one strategy in one symbol on one UTC day. Item of `Profit`. */
export const DayProfit = z.object({
  /** `YYYY-MM-DD`. */
  day: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  /** Realised, commissions in the quote asset included; quote. */
  realised: DecimalText,
  /** Commissions, by asset. */
  fees: z.record(z.string(), DecimalText),
  /** Their worth when they were accounted for, quote of the account; without those that had no price. */
  feesValue: DecimalText,
  /** Executed, quote. */
  volume: DecimalText,
  trades: z.int(),
  /** Number of the last fill that is in it. */
  through: z.int(),
});
export type DayProfit = z.infer<typeof DayProfit>;

/** One row of a listing: what was asked for, and sums. */
export interface ProfitRow {
  readonly key: string;
  readonly realised: DecimalText;
  readonly feesValue: DecimalText;
  readonly volume: DecimalText;
  readonly trades: number;
}

/** Sums by day, strategy or symbol, in the order of the key. */
export const profitBy = (
  by: 'day' | 'strategy' | 'symbol',
  days: readonly DayProfit[],
): readonly ProfitRow[] => {
  const total = (rows: readonly DayProfit[], field: 'realised' | 'feesValue' | 'volume'): DecimalText =>
    plain(rows.reduce((sum, row) => sum.plus(row[field]), ZERO));
  return [...Map.groupBy(days, (row) => row[by])]
    .map(([key, rows]) => ({
      key,
      realised: total(rows, 'realised'),
      feesValue: total(rows, 'feesValue'),
      volume: total(rows, 'volume'),
      trades: rows.reduce((count, { trades }) => count + trades, 0),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
};

/** A day's result with more of it. */
export const withResult = (
  before: DayProfit | undefined,
  more: Omit<DayProfit, 'trades'> & { readonly trades: number },
): DayProfit => {
  if (!before) return more;
  const add = (a: DecimalText, b: DecimalText): DecimalText => plain(decimal(a).plus(b));
  const fees = { ...before.fees };
  for (const [asset, fee] of Object.entries(more.fees)) fees[asset] = add(fees[asset] ?? '0', fee);
  return {
    ...before,
    realised: add(before.realised, more.realised),
    fees,
    feesValue: add(before.feesValue, more.feesValue),
    volume: add(before.volume, more.volume),
    trades: before.trades + more.trades,
    through: more.through,
  };
};
