import * as z from 'zod';
import type { CallOptions } from '../domain/ports.ts';
import { badQuery } from './query.ts';
import type { BalanceReader } from './read-balances.ts';

const DAY = 86_400_000;
const MOST_DAYS = 31;
/** Most points in one answer: more than a screen has columns for. */
const MOST_POINTS = 600;
/** Snapshots that one question reads at most: one a minute for a week. */
const MOST_READ = 10_000;

const EquityQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(MOST_DAYS).default(7),
});

/** Time in epoch ms, worth of the account in `quote`, drawdown in percent. */
type EquityRow = readonly [at: number, total: string, drawdownPercent: string];

/**
 * `GET /equity?days=`: the account's worth over the last days, oldest first, thinned evenly; the newest is always in it.
 * @param now local epoch ms
 * @throws BadQueryError naming the parameter
 */
export const readEquity = async (
  parameters: Readonly<Record<string, string | undefined>>,
  reader: Pick<BalanceReader, 'between'>,
  now: number,
  options: CallOptions,
): Promise<{ readonly quote: string | undefined; readonly rows: readonly EquityRow[] }> => {
  const query = EquityQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error, 'days');
  const from = now - query.data.days * DAY;
  const { snapshots } = await reader.between(from, now, { limit: MOST_READ }, options);
  const step = Math.max(1, Math.ceil(snapshots.length / MOST_POINTS));
  const last = snapshots.length - 1;
  return {
    quote: snapshots.at(-1)?.quote,
    rows: snapshots
      .filter((_, n) => (last - n) % step === 0)
      .map(({ slot, total, drawdownPercent }): EquityRow => [slot, total, drawdownPercent]),
  };
};
