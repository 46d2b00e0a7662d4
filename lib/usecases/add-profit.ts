import { StoreUnavailableError } from '../domain/errors.ts';
import { decimal, plain, roundDown, sum, ZERO } from '../domain/money.ts';
import type { Movement } from '../domain/place-trades.ts';
import type { CallOptions, Clock } from '../domain/ports.ts';
import { type DayProfit, withResult } from '../domain/profit.ts';
import type { Balances } from '../domain/snapshot-ports.ts';
import { dayOf } from '../domain/strategy.ts';
import { priceIn } from '../domain/valuation.ts';

const VALUE_DECIMALS = 8;

interface Parts {
  readonly balances: Balances;
  readonly clock: Clock;
  readonly quote: string;
  readonly prices: ReadonlyMap<string, string>;
}

/**
 * Adds fills to the results of their days: by lane and UTC day of the trade. Each fill counts once, however often this is
 * repeated, because a day remembers the number of the last fill that is in it. Commissions are valued at the prices of the
 * snapshot that accounts for them.
 */
export const addProfit = async (
  movements: readonly Movement[],
  parts: Parts,
  options: CallOptions,
): Promise<void> => {
  const groups = Map.groupBy(movements, ({ fill }) => `${dayOf(fill.time)} ${fill.strategy} ${fill.symbol}`);
  for (const group of groups.values()) await addDay(group, parts, options);
};

const addDay = async (movements: readonly Movement[], parts: Parts, options: CallOptions): Promise<void> => {
  const [first] = movements;
  if (!first) return;
  const { strategy, symbol, time } = first.fill;
  const key = { day: dayOf(time), strategy, symbol };
  for (;;) {
    const before = await parts.balances.dayProfit(key, options);
    const fresh = movements.filter(({ fill }) => fill.n > (before?.through ?? 0));
    if (fresh.length === 0) return;
    const after = withResult(before, { ...key, ...resultOf(fresh, parts) });
    if (await parts.balances.saveDayProfit(after, before, options)) return;
    if (parts.clock.now() >= options.deadline)
      throw new StoreUnavailableError('a result could not be written');
  }
};

const resultOf = (
  movements: readonly Movement[],
  { quote, prices }: Parts,
): Omit<DayProfit, 'day' | 'strategy' | 'symbol'> => {
  const fees: Record<string, string> = {};
  for (const { fill } of movements)
    fees[fill.commissionAsset] = plain(decimal(fees[fill.commissionAsset] ?? '0').plus(fill.commission));
  const feesValue = Object.entries(fees).reduce(
    (total, [asset, fee]) => total.plus(decimal(fee).times(priceIn(asset, quote, prices)?.price ?? '0')),
    ZERO,
  );
  return {
    realised: plain(sum(movements.map(({ fill }) => fill.realised))),
    fees,
    feesValue: plain(roundDown(feesValue, VALUE_DECIMALS)),
    volume: plain(sum(movements.map(({ fill }) => fill.quoteQuantity))),
    trades: movements.length,
    through: Math.max(...movements.map(({ fill }) => fill.n)),
  };
};
