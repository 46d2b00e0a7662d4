import * as z from 'zod';
import { CandleRequestError, numberAt, openOf, windowOf } from '../domain/candle-interval.ts';
import type { CandleStore } from '../domain/candle-ports.ts';
import { earliestFrom, readCandleRequest } from '../domain/candle-request.ts';
import {
  type CandleRange,
  type CandleWindow,
  holesIn,
  isCandle,
  type Series,
  slotAt,
} from '../domain/candle-window.ts';
import { AppError } from '../domain/errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type CsvRow, toCsv } from './csv.ts';
import { BadQueryError, badQuery } from './query.ts';

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
/** A slot that was not asked for yet is no hole until the schedule has had so long for it, ms. */
const PATIENCE = 15 * 60_000;

const CandlesQuery = z.strictObject({
  symbol: z.string().optional(),
  interval: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().optional(),
});
const PARAMETERS = 'symbol, interval, from, to, limit and cursor';

/** Open time in epoch ms, amounts as decimal text. */
export type CandleRow = readonly [
  openTime: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  quoteVolume: string,
];

/** The stored windows of a range, which one query after the other reads. */
export const windowsIn = async (
  series: Series,
  { first, end }: CandleRange,
  store: Pick<CandleStore, 'range'>,
  options: CallOptions,
): Promise<ReadonlyMap<number, CandleWindow>> => {
  const windows = new Map<number, CandleWindow>();
  for await (const stored of store.range(series, windowOf(first), windowOf(end - 1), options)) {
    if (stored.kind === 'broken') throw new AppError('corrupt_item', stored.problem);
    windows.set(stored.window.window, stored.window);
  }
  return windows;
};

/** Candles of a range as rows, ascending. */
export const rowsOf = (
  windows: ReadonlyMap<number, CandleWindow>,
  { first, end }: CandleRange,
): readonly CandleRow[] => {
  const rows: CandleRow[] = [];
  for (let number = first; number < end; number += 1) {
    const slot = slotAt(windows, number);
    if (!isCandle(slot)) continue;
    const { openTime, open, high, low, close, volume, quoteVolume } = slot;
    rows.push([openTime, open, high, low, close, volume, quoteVolume]);
  }
  return rows;
};

/** A hole as it is answered. */
export const holeView = ({ from, to, label }: ReturnType<typeof holesIn>[number]) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  label,
});

/**
 * `GET /candles`: those that open from `from` on and before `to`, at most `limit` slots a page, holes counted.
 * @param now local epoch ms
 * @throws BadQueryError naming the parameter
 */
export const listCandles = async (
  parameters: Readonly<Record<string, string | undefined>>,
  store: CandleStore,
  now: number,
  options: CallOptions,
) => {
  const query = CandlesQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error, PARAMETERS);
  const { limit, cursor, ...asked } = query.data;
  const { series, range } = requestOf(
    { ...asked, from: asked.from ?? latest(asked.interval, limit, now) },
    now,
  );
  const first = cursor === undefined ? range.first : numberFrom(cursor, series, range);
  const page = { first, end: Math.min(range.end, first + limit) };
  const [windows, record] = await Promise.all([
    windowsIn(series, page, store, options),
    store.series(series, options),
  ]);
  return {
    ...series,
    rows: rowsOf(windows, page),
    holes: holesIn(windows, series.interval, page, now - PATIENCE, record).map(holeView),
    ...(page.end < range.end && { next: String(openOf(series.interval, page.end)) }),
  };
};

const requestOf = (
  asked: Parameters<typeof readCandleRequest>[0],
  now: number,
): ReturnType<typeof readCandleRequest> => {
  try {
    return readCandleRequest(asked, now);
  } catch (error) {
    if (error instanceof CandleRequestError) throw new BadQueryError(error.path, error.message);
    throw error;
  }
};

/** Without `from`: the latest page. */
const latest = (interval: string | undefined, limit: number, now: number): string => {
  const { series } = requestOf({ symbol: 'ANY', interval, from: '2018-01-01', to: '2018-02-01' }, now);
  const from = openOf(series.interval, numberAt(series.interval, now) - limit + 1);
  return String(Math.max(from, earliestFrom(now)));
};

const numberFrom = (cursor: string, { interval }: Series, { first, end }: CandleRange): number => {
  const number = numberAt(interval, Number(cursor));
  if (!/^\d+$/.test(cursor) || openOf(interval, number) !== Number(cursor) || number < first || number >= end)
    throw new BadQueryError('cursor', 'is not a cursor of this listing: use the answer\'s "next" as it is');
  return number;
};

const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume', 'quoteVolume'] as const;

/** The rows alone, with a head line. */
export const candlesCsv = ({ rows }: { readonly rows: readonly CandleRow[] }): string =>
  toCsv(
    COLUMNS,
    rows.map((row): CsvRow => Object.fromEntries(COLUMNS.map((name, n) => [name, String(row[n])]))),
  );
