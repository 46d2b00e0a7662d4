import { firstOf, openOf, windowName, windowOf } from '../domain/candle-interval.ts';
import type { CandleStore } from '../domain/candle-ports.ts';
import { type CandleRange, type CandleWindow, holesIn, type Series } from '../domain/candle-window.ts';
import { AppError } from '../domain/errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import { candlesCsv, holeView, rowsOf } from './read-candles.ts';

export type ExportFormat = 'csv' | 'ndjson';

/**
 * Candles of a range as text, window by window. CSV has the candles and a head line; NDJSON a line per candle
 * `{openTime, open, …}` and per hole `{from, to, label}`.
 * @throws AppError `corrupt_item` naming the window that is broken
 */
export async function* exportCandles(
  series: Series,
  range: CandleRange,
  format: ExportFormat,
  store: Pick<CandleStore, 'range'>,
  options: CallOptions,
): AsyncGenerator<string> {
  if (format === 'csv') yield candlesCsv({ rows: [] });
  let next = range.first;
  for await (const stored of store.range(series, windowOf(range.first), windowOf(range.end - 1), options)) {
    if (stored.kind === 'broken') throw new AppError('corrupt_item', stored.problem);
    const { window } = stored;
    const end = Math.min(range.end, firstOf(window.window + 1));
    yield textOf(series, new Map([[window.window, window]]), { first: next, end }, format);
    next = end;
  }
  if (next < range.end && format === 'ndjson')
    yield textOf(series, new Map(), { first: next, end: range.end }, format);
}

const textOf = (
  { interval }: Series,
  windows: ReadonlyMap<number, CandleWindow>,
  range: CandleRange,
  format: ExportFormat,
): string => {
  const rows = rowsOf(windows, range);
  if (format === 'csv') return candlesCsv({ rows }).split('\r\n').slice(1).join('\r\n');
  const holes = holesIn(windows, interval, range, openOf(interval, range.end));
  const lines = [
    ...rows.map(([openTime, open, high, low, close, volume, quoteVolume]) => ({
      at: openTime,
      line: { openTime, open, high, low, close, volume, quoteVolume },
    })),
    ...holes.map((hole) => ({ at: hole.from, line: holeView(hole) })),
  ].sort((a, b) => a.at - b.at);
  return lines.map(({ line }) => `${JSON.stringify(line)}\n`).join('');
};

/** What is stored of every series, for people. */
export const listSeries = async (store: Pick<CandleStore, 'allSeries'>, options: CallOptions) =>
  (await store.allSeries(options)).map((each) => {
    if (each.kind === 'broken') return { ...each.series, state: 'broken', stretches: [] };
    const { symbol, interval, state, stretches } = each.record;
    const shown = stretches.map(([first, last]) => ({
      from: windowName(interval, first),
      to: windowName(interval, last + 1),
    }));
    return { symbol, interval, state, stretches: shown };
  });
