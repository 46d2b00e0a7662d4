import * as z from 'zod';
import type { Fill } from '../domain/fill.ts';
import type { Lane } from '../domain/lane.ts';
import { fillView } from '../domain/order-view.ts';
import type { CallOptions } from '../domain/ports.ts';
import { BadQueryError, badQuery, readCursor, Time, writeCursor } from './query.ts';

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** Most bytes of JSON in one answer: a function's answer ends at 6 MB. */
const MAX_ANSWER = 5_000_000;
/** Most fills that one answer looks at, so that a range long past does not outlast its time. */
const MOST_READ = 20_000;
/** What the exchange's clock and those of the functions may differ by at most, ms: a trade is applied after it happened. */
const CLOCKS = 60_000;

/** What a listing of fills asks of the stores. */
export interface FillReader {
  lanes(options: CallOptions): Promise<readonly Lane[]>;
  /** Fills of one lane with numbers above `after`, in that order. */
  fillsAfter(
    lane: Pick<Lane, 'strategy' | 'symbol'>,
    page: { readonly after: number; readonly limit: number },
    options: CallOptions,
  ): Promise<readonly Fill[]>;
}

const FillsQuery = z.strictObject({
  strategy: z.string().min(1).optional(),
  symbol: z.string().min(1).optional(),
  from: Time.optional(),
  to: Time.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional(),
});

/**
 * `GET /fills`: own trades that happened at or after `from` and before `to`, lane by lane (strategy, then symbol), each in the
 * order in which they moved its position. There is no index by time: the numbers of a lane grow with the time of application,
 * so the first one of a range is found by halving, some seventeen reads of one item in a lane of 100,000 fills.
 * @throws BadQueryError naming the parameter
 */
export const listFills = async (
  parameters: Readonly<Record<string, string | undefined>>,
  reader: FillReader,
  options: CallOptions,
) => {
  const query = FillsQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error, 'strategy, symbol, from, to, limit and cursor');
  const { strategy, symbol, from = 0, to = Number.MAX_SAFE_INTEGER, limit, cursor } = query.data;
  if (from > to) throw new BadQueryError('from', 'must not be after "to"');
  const stand = cursor === undefined ? undefined : standOf(cursor);
  const lanes = (await reader.lanes(options))
    .filter(
      (lane) => (strategy ?? lane.strategy) === lane.strategy && (symbol ?? lane.symbol) === lane.symbol,
    )
    .filter((lane) => !stand || compared(lane, stand) >= 0)
    .sort(compared);

  const fills: ReturnType<typeof fillView>[] = [];
  let size = 0;
  let left = MOST_READ;
  for (const lane of lanes) {
    let after =
      stand && compared(lane, stand) === 0
        ? stand.after
        : await lastBefore(from - CLOCKS, lane, reader, options);
    for (;;) {
      const wanted = limit - fills.length;
      const page = await reader.fillsAfter(lane, { after, limit: wanted }, options);
      left -= page.length;
      for (const fill of page) {
        after = fill.n;
        if (fill.time < from || fill.time >= to) continue;
        const view = fillView(fill);
        fills.push(view);
        size += JSON.stringify(view).length;
        if (size > MAX_ANSWER) break;
      }
      if (fills.length >= limit || size > MAX_ANSWER || left <= 0)
        return {
          fills,
          next: writeCursor({ strategy: lane.strategy, symbol: lane.symbol, after: String(after) }),
        };
      if (page.length < wanted) break;
    }
  }
  return { fills };
};

type Stand = Pick<Lane, 'strategy' | 'symbol'> & { readonly after: number };

const standOf = (cursor: string): Stand => {
  const {
    strategy = '',
    symbol = '',
    after = '',
  } = readCursor(cursor, { strategy: /./, symbol: /./, after: /^\d{1,12}$/ });
  return { strategy, symbol, after: Number(after) };
};

const compared = (a: Pick<Lane, 'strategy' | 'symbol'>, b: Pick<Lane, 'strategy' | 'symbol'>): number => {
  const [left, right] = a.strategy === b.strategy ? [a.symbol, b.symbol] : [a.strategy, b.strategy];
  return left === right ? 0 : left < right ? -1 : 1;
};

/** Number of the last fill that was applied before a time, 0 when there is none. */
const lastBefore = async (
  time: number,
  lane: Lane,
  reader: FillReader,
  options: CallOptions,
): Promise<number> => {
  if (time <= 0) return 0;
  let [low, high] = [0, lane.fillCount];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [fill] = await reader.fillsAfter(lane, { after: middle - 1, limit: 1 }, options);
    if (fill && fill.appliedAt < time) low = middle;
    else high = middle - 1;
  }
  return low;
};
