import type { Candle } from '../domain/exchange.ts';
import { unreadableAnswer } from './answer.ts';
import { readWire, WireDecimal, WireInteger } from './wire.ts';

/** A decimal as nearly all come; anything else takes the long way. */
const USUAL = /^(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/;
const TIME = /^[1-9]\d{0,14}$/;

/** Plain decimal text without zeros at its end: years of candles come this way, so it is done by hand. */
const decimalIn = (value: unknown): string => {
  if (typeof value !== 'string' || !USUAL.test(value)) return readWire(WireDecimal, value, 'klines');
  if (!value.includes('.')) return value;
  let end = value.length;
  while (value.charCodeAt(end - 1) === 48) end -= 1;
  if (value.charCodeAt(end - 1) === 46) end -= 1;
  return end === value.length ? value : value.slice(0, end);
};

const timeIn = (value: unknown): number =>
  typeof value === 'string' && TIME.test(value) ? Number(value) : readWire(WireInteger, value, 'klines');

const rowIn = (row: unknown): Omit<Candle, 'closed'> => {
  if (!Array.isArray(row) || row.length < 8) throw unreadableAnswer('klines');
  const [openTime, open, high, low, close, volume, closeTime, quoteVolume]: readonly unknown[] = row;
  const candle = {
    openTime: timeIn(openTime),
    closeTime: timeIn(closeTime),
    open: decimalIn(open),
    high: decimalIn(high),
    low: decimalIn(low),
    close: decimalIn(close),
    volume: decimalIn(volume),
    quoteVolume: decimalIn(quoteVolume),
  };
  if (candle.openTime >= candle.closeTime) throw unreadableAnswer('klines');
  return candle;
};

/**
 * Candles of an answer (reference section 7.5), numbers kept as text: eight columns, what may be appended some day is not read.
 * Ascending, each once, none that opens outside of `[from, to]`: the exchange keeps none of this.
 * @throws UnknownOutcomeError `unreadable`
 */
export const readCandleRows = (
  data: unknown,
  from: number,
  to: number,
): readonly Omit<Candle, 'closed'>[] => {
  if (!Array.isArray(data)) throw unreadableAnswer('klines');
  const rows = new Map<number, Omit<Candle, 'closed'>>();
  for (const each of data) {
    const row = rowIn(each);
    if (from <= row.openTime && row.openTime <= to) rows.set(row.openTime, row);
  }
  return [...rows.values()].sort((a, b) => a.openTime - b.openTime);
};
