import * as z from 'zod';
import type { CallOptions } from '../domain/ports.ts';
import { type ProfitRow, profitBy } from '../domain/profit.ts';
import type { Remainder, Snapshot } from '../domain/snapshot.ts';
import type { Balances } from '../domain/snapshot-ports.ts';
import { BadQueryError, badQuery, readCursor, Time, writeCursor } from './query.ts';

const DAY = 86_400_000;
/** Days of results that one question may cover. */
const MOST_DAYS = 400;
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** Most bytes of JSON in one answer: a function's answer ends at 6 MB. */
const MAX_ANSWER = 5_000_000;

const BalancesQuery = z.strictObject({
  from: Time.optional(),
  to: Time.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional(),
});

const ProfitQuery = z.strictObject({
  by: z.enum(['day', 'strategy', 'symbol'], 'must be day, strategy or symbol').default('day'),
  from: Time.optional(),
  to: Time.optional(),
});

type Parameters = Readonly<Record<string, string | undefined>>;

/** What the read of balances and results asks of the stores. */
export type BalanceReader = Pick<Balances, 'between' | 'profitOfDay'>;

/**
 * `GET /balances`: snapshots, oldest first, the last day's by default. @throws BadQueryError naming the parameter
 * @param now local epoch ms
 */
export const listBalances = async (
  parameters: Parameters,
  reader: BalanceReader,
  now: number,
  options: CallOptions,
) => {
  const query = BalancesQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error);
  const { to = now, from = to - DAY, limit, cursor } = query.data;
  if (from > to) throw new BadQueryError('from', 'must not be after "to"');
  const after = cursor === undefined ? undefined : Number(readCursor(cursor, { slot: /^\d{1,15}$/ }).slot);
  const page = { limit, ...(after !== undefined && { after }) };
  const { snapshots, more } = await reader.between(from, to, page, options);
  const shown: ReturnType<typeof snapshotView>[] = [];
  let size = 0;
  let last: Snapshot | undefined;
  for (const snapshot of snapshots) {
    const view = snapshotView(snapshot);
    size += JSON.stringify(view).length;
    if (size > MAX_ANSWER && last) break;
    shown.push(view);
    last = snapshot;
  }
  const isCut = more || shown.length < snapshots.length;
  return { balances: shown, ...(isCut && last && { next: writeCursor({ slot: String(last.slot) }) }) };
};

/** `GET /profit`: results by day, strategy or symbol, of the last 30 days by default. */
export const listProfit = async (
  parameters: Parameters,
  reader: BalanceReader,
  now: number,
  options: CallOptions,
): Promise<{ readonly by: string; readonly profit: readonly ProfitRow[] }> => {
  const query = ProfitQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error);
  const { by, to = now, from = to - 29 * DAY } = query.data;
  if (from > to) throw new BadQueryError('from', 'must not be after "to"');
  const days: string[] = [];
  for (let at = Math.floor(from / DAY) * DAY; at <= to; at += DAY) {
    days.push(new Date(at).toISOString().slice(0, 10));
    if (days.length > MOST_DAYS)
      throw new BadQueryError('from', `lies more than ${MOST_DAYS} days before "to"`);
  }
  const rows = await Promise.all(days.map((day) => reader.profitOfDay(day, options)));
  return { by, profit: profitBy(by, rows.flat()) };
};

const iso = (ms: number): string => new Date(ms).toISOString();

const remainderView = ({ from, to, closedAt, ...rest }: Remainder) => ({
  ...rest,
  from: iso(from),
  to: iso(to),
  ...(closedAt !== undefined && { closedAt: iso(closedAt) }),
});

/** A snapshot as every answer shows it: amounts as decimal text, times as ISO 8601 UTC. */
export const snapshotView = (snapshot: Snapshot) => ({
  slot: iso(snapshot.slot),
  takenAt: iso(snapshot.takenTo),
  quote: snapshot.quote,
  total: snapshot.total,
  drawdownPercent: snapshot.drawdownPercent,
  assets: snapshot.assets,
  unpriced: snapshot.unpriced,
  traded: snapshot.traded,
  unexplained: snapshot.open.map(remainderView),
  explained: snapshot.closed.map(remainderView),
});
