import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { decodeCandles, encodeCandles } from '../domain/candle-codec.ts';
import { INTERVALS, readInterval, windowName, windowNamed } from '../domain/candle-interval.ts';
import type { StoredSeries, StoredWindow } from '../domain/candle-ports.ts';
import type { SeriesRecord } from '../domain/candle-series.ts';
import { type CandleWindow, readSlots, type Series, slotsText } from '../domain/candle-window.ts';
import { AppError } from '../domain/errors.ts';
import { type Item, parseItem } from './items.ts';

/** Partition of the records of all series. */
export const RECORDS = '#series';
/** Bytes of SHA-256 that are kept. */
const HASH_BYTES = 16;

export const seriesKey = ({ symbol, interval }: Series): string => `${symbol}#${interval}`;

export const windowKey = (series: Series, window: number): Item => ({
  series: seriesKey(series),
  start: windowName(series.interval, window),
});

export const recordKey = (series: Series): Item => ({ series: RECORDS, start: seriesKey(series) });

const StoredItem = z.object({
  series: z.string(),
  start: z.string(),
  /** Which slots have a candle and what the others lack one for, as `slotsText`. */
  slots: z.string(),
  /** First 16 bytes of SHA-256 of key, slots and rows, base64url: the same candles have the same hash. */
  hash: z.string(),
  version: z.int().min(1),
  revisions: z.int().min(0).default(0),
  absentAt: z.int().min(0).default(0),
  sealedAt: z.int().optional(),
  sealedBy: z.enum(['pull', 'backfill', 'stream', 'repair']).optional(),
  /** CRC-32 of the hash and what it does not cover. */
  check: z.int(),
});
type StoredItem = z.infer<typeof StoredItem>;

interface Content extends Pick<StoredItem, 'series' | 'start' | 'slots'> {
  readonly rows: Uint8Array;
}

/** The candles, as `encodeCandles`. */
const StoredRows = z.instanceof(Uint8Array);

const hashOf = ({ series, start, slots, rows }: Content) =>
  createHash('sha256')
    .update(`${series}\n${start}\n${slots}\n`)
    .update(rows)
    .digest()
    .subarray(0, HASH_BYTES)
    .toString('base64url');

const checkOf = (item: Omit<StoredItem, 'check' | 'series' | 'start' | 'slots'>): number =>
  crc32([item.hash, item.version, item.revisions, item.absentAt, item.sealedAt, item.sealedBy].join(' '));

export const windowItem = (window: CandleWindow): Item => {
  const { version, revisions, absentAt, sealed } = window;
  const content = {
    series: seriesKey(window),
    start: windowName(window.interval, window.window),
    slots: slotsText(window.slots),
    rows: encodeCandles(window),
  };
  const facts = {
    hash: hashOf(content),
    version,
    revisions,
    absentAt,
    ...(sealed && { sealedAt: sealed.at, sealedBy: sealed.by }),
  };
  return {
    ...content,
    ...facts,
    // What is nothing takes no room.
    revisions: revisions || undefined,
    absentAt: absentAt || undefined,
    check: checkOf(facts),
  };
};

/** @throws AppError `corrupt_item` saying what is wrong */
export const parseWindow = (
  item: Item,
  { symbol, interval }: Series,
): { readonly window: CandleWindow; readonly hash: string } => {
  const what = `candles ${String(item.series)} ${String(item.start)}`;
  const corrupt = (why: string, cause?: unknown): AppError =>
    new AppError('corrupt_item', `${what} cannot be read: ${why}`, { cause });
  // Bytes are no map of numbers to unwrap.
  const { rows: given, ...rest } = item;
  const rows = StoredRows.safeParse(given).data;
  if (!rows) throw corrupt('it has no rows');
  const stored = parseItem(StoredItem, rest, what);
  const { hash, version, revisions, absentAt, sealedAt, sealedBy } = stored;
  if (hashOf({ ...stored, rows }) !== hash) throw corrupt('its content does not have its hash');
  if (checkOf(stored) !== stored.check) throw corrupt('its version, counts or seal were changed');
  const window = windowNamed(interval, stored.start);
  const slots = readSlots(stored.slots);
  if (window === undefined || !slots) throw corrupt('it is no window of this interval');
  const sealed = sealedAt !== undefined && sealedBy ? { at: sealedAt, by: sealedBy } : undefined;
  try {
    return {
      window: {
        symbol,
        interval,
        window,
        slots: decodeCandles(rows, interval, window, slots),
        version,
        revisions,
        absentAt,
        ...(sealed && { sealed }),
      },
      hash,
    };
  } catch (error) {
    throw corrupt('its rows are not rows', error);
  }
};

/** What tells one state of an item from another. */
const MARKS = new Set(['series', 'hash', 'version', 'check']);

/** The same for whoever checks: what cannot be read is told, not thrown. */
export const inspectWindow = (item: Item, series: Series): StoredWindow => {
  try {
    return { kind: 'window', ...parseWindow(item, series) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const seen = Object.fromEntries(Object.entries(item).filter(([name]) => MARKS.has(name)));
    return { kind: 'broken', name: String(item.start), problem: error.message, seen };
  }
};

const StoredRecord = z.object({
  symbol: z.string(),
  interval: z.enum(INTERVALS),
  stretches: z.array(z.tuple([z.int(), z.int()])),
  open: z.int().optional(),
  state: z.enum(['listed', 'suspended', 'delisted']),
  since: z.int().optional(),
  listedFrom: z.int().optional(),
  listedUntil: z.int().optional(),
  version: z.int(),
  check: z.int(),
});

/** CRC-32 of a record, its fields in one order whatever the engine makes of it. */
const recordCheck = ({ symbol, interval, stretches, open, state, since, ...rest }: SeriesRecord): number =>
  crc32(
    JSON.stringify([
      ...[symbol, interval, stretches, open, state, since],
      ...[rest.listedFrom, rest.listedUntil, rest.version],
    ]),
  );

export const recordItem = (record: SeriesRecord): Item => ({
  ...recordKey(record),
  ...record,
  check: recordCheck(record),
});

/** @throws AppError `corrupt_item` */
export const parseRecord = (item: Item): SeriesRecord => {
  const what = `series ${String(item.start)}`;
  const { check, ...record } = parseItem(StoredRecord, item, what);
  if (check !== recordCheck(record)) throw new AppError('corrupt_item', `${what} was changed`);
  return record;
};

/** The same for whoever checks. */
export const inspectRecord = (item: Item): StoredSeries => {
  try {
    return { kind: 'series', record: parseRecord(item) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [symbol = '', interval = ''] = String(item.start).split('#');
    return { kind: 'broken', series: { symbol, interval: readInterval(interval) }, problem: error.message };
  }
};
