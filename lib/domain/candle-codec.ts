import { type BitReader, type BitWriter, bitReader, bitWriter } from './candle-bits.ts';
import { firstOf, openOf } from './candle-interval.ts';
import { type CandleWindow, type ClosedCandle, candlesOf, isCandle, type SlotWord } from './candle-window.ts';
import type { CandleInterval } from './exchange.ts';

/**
 * The candles of a window as bytes; which slots have one stands beside them (`slotsText`).
 *
 * A byte 1 for this format, then bits, most significant first:
 * - the decimals of prices, of volumes and of quote volumes, 6 bits each: the most that any of them has. All amounts are whole
 *   numbers of their last decimal from here on.
 * - seven columns with a number per candle: open time − the one that `openOf` names (ms); open − close of the candle before
 *   (the first: open); close − open; high − the higher of open and close; the lower of both − low; volume; quote volume − what
 *   volume × (open + high + low + close) ÷ 4 comes to, cut to its decimals towards minus infinity.
 *
 * A column: 1 bit for whether its numbers are signed (then 2n for n ≥ 0, −2n−1 below), and 6 bits for k; 63 says that all are 0
 * and that nothing follows. Each number n as n >> k, plus one, in as many bits as it has, after one zero less than that; then
 * the lowest k bits of n (an exponential Golomb code of order k). Zeros fill the last byte.
 */
const FORMAT = 1;
const ALL_ZERO = 63;
const MOST_PLACES = 40;
const COLUMNS = 7;

/** Decimals of the prices, the volumes and the quote volumes. */
type Places = readonly [prices: number, volumes: number, quotes: number];

const placesIn = (text: string): number => {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
};

const unitsOf = (text: string, places: number): bigint => {
  const point = text.indexOf('.');
  if (point < 0) return BigInt(text + '0'.repeat(places));
  return BigInt(
    text.slice(0, point) + text.slice(point + 1) + '0'.repeat(places - (text.length - point - 1)),
  );
};

/** Without zeros at the end, as `plain` writes it. */
const textOf = (units: bigint, places: number): string => {
  if (places === 0) return String(units);
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
};

const higher = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const lower = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Towards minus infinity. */
const floorDiv = (a: bigint, b: bigint): bigint => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

interface Prices {
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
}

/** What the quote volume would be if everything had traded at the middle of the four prices. */
const usualQuote = (volume: bigint, { open, high, low, close }: Prices, [p, v, q]: Places): bigint => {
  const total = volume * (open + high + low + close);
  const shift = q - p - v;
  return shift >= 0
    ? floorDiv(total * 10n ** BigInt(shift), 4n)
    : floorDiv(total, 4n * 10n ** BigInt(-shift));
};

/** @throws RangeError for an amount with more decimals than the format can say */
export const encodeCandles = (window: CandleWindow): Uint8Array => {
  const { interval, slots } = window;
  const candles = candlesOf(window);
  const most = (pick: (candle: ClosedCandle) => readonly string[]): number =>
    candles.reduce((max, each) => pick(each).reduce((m, text) => Math.max(m, placesIn(text)), max), 0);
  const places: Places = [
    most(({ open, high, low, close }) => [open, high, low, close]),
    most(({ volume }) => [volume]),
    most(({ quoteVolume }) => [quoteVolume]),
  ];
  if (Math.max(...places) > MOST_PLACES) throw new RangeError('an amount has too many decimals');
  const columns = Array.from({ length: COLUMNS }, (): bigint[] => []);
  let before = 0n;
  for (const [n, slot] of slots.entries()) {
    if (!isCandle(slot)) continue;
    const [open, high, low, close] = [
      unitsOf(slot.open, places[0]),
      unitsOf(slot.high, places[0]),
      unitsOf(slot.low, places[0]),
      unitsOf(slot.close, places[0]),
    ] as const;
    const volume = unitsOf(slot.volume, places[1]);
    const row = [
      BigInt(slot.openTime - openOf(interval, firstOf(window.window) + n)),
      open - before,
      close - open,
      high - higher(open, close),
      lower(open, close) - low,
      volume,
      unitsOf(slot.quoteVolume, places[2]) - usualQuote(volume, { open, high, low, close }, places),
    ];
    for (const [at, column] of columns.entries()) column.push(row[at] ?? 0n);
    before = close;
  }
  const bits = bitWriter();
  bits.write(BigInt(FORMAT), 8);
  for (const each of places) bits.write(BigInt(each), 6);
  for (const column of columns) writeColumn(bits, column);
  return bits.bytes();
};

const bitLength = (value: bigint): number =>
  value <= 0xffffffffn ? 32 - Math.clz32(Number(value)) : 32 + bitLength(value >> 32n);

const writeColumn = (bits: BitWriter, column: readonly bigint[]): void => {
  const isSigned = column.some((each) => each < 0n);
  const numbers = isSigned ? column.map((each) => (each < 0n ? -2n * each - 1n : 2n * each)) : column;
  const k = orderFor(numbers);
  bits.write(isSigned ? 1n : 0n, 1);
  bits.write(BigInt(k), 6);
  if (k === ALL_ZERO) return;
  for (const number of numbers) {
    const head = (number >> BigInt(k)) + 1n;
    bits.write(head, 2 * bitLength(head) - 1);
    if (k > 0) bits.write(number, k);
  }
};

/** The order that needs the fewest bits; the sizes of the numbers say it nearly exactly. */
const orderFor = (numbers: readonly bigint[]): number => {
  if (numbers.every((each) => each === 0n)) return ALL_ZERO;
  const counts = new Map<number, number>();
  for (const each of numbers) {
    const size = bitLength(each);
    counts.set(size, (counts.get(size) ?? 0) + 1);
  }
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  const longest = Math.min(ALL_ZERO - 1, Math.max(...counts.keys()));
  for (let k = 0; k <= longest; k += 1) {
    let total = 0;
    // A number of n bits keeps n − k of them; the one that is added makes one of all ones longer, which is left out here.
    for (const [size, count] of counts) total += count * (k + 2 * Math.max(1, size - k) - 1);
    if (total < least) [best, least] = [k, total];
  }
  return best;
};

const MOST_BITS = 400;

const readColumn = (bits: BitReader, count: number): readonly bigint[] => {
  const isSigned = bits.read(1) === 1n;
  const k = Number(bits.read(6));
  if (k === ALL_ZERO) return Array.from({ length: count }, () => 0n);
  return Array.from({ length: count }, () => {
    let zeros = 0;
    while (bits.read(1) === 0n) {
      zeros += 1;
      if (zeros > MOST_BITS) throw new RangeError('a number is too long');
    }
    const head = (1n << BigInt(zeros)) | (zeros > 0 ? bits.read(zeros) : 0n);
    const number = ((head - 1n) << BigInt(k)) | (k > 0 ? bits.read(k) : 0n);
    if (!isSigned) return number;
    return number & 1n ? -(number >> 1n) - 1n : number >> 1n;
  });
};

/**
 * The candles back, exactly as `encodeCandles` was given them.
 * @param slots which have one
 * @throws RangeError where the bytes are not what that function writes
 */
export const decodeCandles = (
  bytes: Uint8Array,
  interval: CandleInterval,
  window: number,
  slots: readonly (SlotWord | 'candle')[],
): CandleWindow['slots'] => {
  const bits = bitReader(bytes);
  if (bits.read(8) !== BigInt(FORMAT)) throw new RangeError('not this format');
  const places: Places = [Number(bits.read(6)), Number(bits.read(6)), Number(bits.read(6))];
  const count = slots.filter((slot) => slot === 'candle').length;
  const [times, opens, bodies, uppers, lowers, volumes, quotes] = Array.from({ length: COLUMNS }, () =>
    readColumn(bits, count),
  );
  if (!bits.isAtEnd()) throw new RangeError('more than the rows');
  let before = 0n;
  let at = 0;
  return slots.map((slot, n) => {
    if (slot !== 'candle') return slot;
    const open = before + (opens?.[at] ?? 0n);
    const close = open + (bodies?.[at] ?? 0n);
    const high = higher(open, close) + (uppers?.[at] ?? 0n);
    const low = lower(open, close) - (lowers?.[at] ?? 0n);
    const volume = volumes?.[at] ?? 0n;
    const quote = (quotes?.[at] ?? 0n) + usualQuote(volume, { open, high, low, close }, places);
    const openTime = openOf(interval, firstOf(window) + n) + Number(times?.[at] ?? 0n);
    before = close;
    at += 1;
    return {
      openTime,
      open: textOf(open, places[0]),
      high: textOf(high, places[0]),
      low: textOf(low, places[0]),
      close: textOf(close, places[0]),
      volume: textOf(volume, places[1]),
      quoteVolume: textOf(quote, places[2]),
    };
  });
};
