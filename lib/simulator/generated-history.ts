import { seedOf } from './random.ts';

/**
 * What the strangers of a symbol did, as a pure function of the seed, the symbol and the minute: any minute of any
 * year can be asked for at once, in any order, nothing is stored and no draw is made from the shared generator.
 *
 * Prices and quantities are whole numbers of units (10^-`pricePlaces`, 10^-`quantityPlaces`), small enough that the
 * sums over a block are exact. Only the shape of the path is computed in floats, before it is rounded to units.
 */
export type GeneratedHistory = {
  pricePlaces: number;
  quantityPlaces: number;
  /** The trades of a minute by time. */
  tradesOf(minute: number): GeneratedTrade[];
  /** All trades from minute `from` (inclusive) to minute `to` (exclusive) as one bar, null without trades. */
  bar(from: number, to: number): UnitBar | null;
};

type GeneratedTrade = {
  /** Milliseconds after the start of the minute. */
  offset: number;
  price: number;
  quantity: number;
  buyerMaker: boolean;
};

/** A bar in units; `quote` counts 10^-(pricePlaces + quantityPlaces). */
export type UnitBar = {
  open: number;
  high: number;
  low: number;
  close: number;
  base: number;
  quote: number;
};

export type HistorySetup = {
  seed: number;
  symbol: string;
  /** The path goes through `price` at the start of minute `anchorMinute`. */
  price: number;
  anchorMinute: number;
  /** Share of minutes without a trade. */
  quietShare: number;
  quotePrecision: number;
  baseAssetPrecision: number;
};

/** Octaves of the price path: lattices of 1, 4, 16 … 4^9 minutes (half a year). */
const OCTAVES = 10;
/** Size of the wave of one minute; each further octave is twice as high on four times the length. */
const RIPPLE = 0.0004;
const MAX_TRADES = 5;
/** Amount of quote an ordinary trade is about. */
const USUAL_AMOUNT = 250;
/** Minutes kept as one bar once computed: six blocks a day. */
const BLOCK = 240;

const SALT = { quiet: 101, count: 102, offset: 200, price: 300, quantity: 400, side: 500 } as const;

export function generatedHistory(setup: HistorySetup): GeneratedHistory {
  const key = seedOf(`${setup.seed} ${setup.symbol}`);
  const magnitude = Number(setup.price.toExponential().split('e')[1]);
  // Together eight places: a month of trades then stays below 2^53. May be negative, for units of 10, 100 …
  const pricePlaces = Math.min(setup.quotePrecision, 6 - magnitude);
  const quantityPlaces = Math.min(setup.baseAssetPrecision, magnitude + 2);
  const basePrice = setup.price * 10 ** pricePlaces;
  const usualQuantity = (USUAL_AMOUNT / setup.price) * 10 ** quantityPlaces;
  const spread = Math.max(2, basePrice * 0.0006);
  const blocks = new Map<number, UnitBar | null>();
  const waveOf = waves(key);
  const anchorWave = waveOf(setup.anchorMinute);

  const priceAt = (minute: number): number => {
    const shift = waveOf(minute) - anchorWave;
    // Rises and falls by the same factor for the same wave, and never reaches zero.
    return shift >= 0 ? basePrice * (1 + shift) : basePrice / (1 - shift);
  };
  const countOf = (minute: number): number => {
    if (fraction(key, minute, SALT.quiet) < setup.quietShare) return 0;
    return 1 + Math.floor(fraction(key, minute, SALT.count) * MAX_TRADES);
  };
  const offsetOf = (minute: number, i: number, count: number): number =>
    Math.floor(((i + fraction(key, minute, SALT.offset + i)) * 60_000) / count);
  const tradePrice = (minute: number, i: number, from: number, to: number, offset: number): number => {
    const between = from + ((to - from) * offset) / 60_000;
    return Math.max(1, Math.round(between + (fraction(key, minute, SALT.price + i) - 0.5) * spread));
  };
  const quantityOf = (minute: number, i: number): number => {
    const size = fraction(key, minute, SALT.quantity + i);
    return Math.max(1, Math.floor(usualQuantity * (0.1 + 3 * size * size * size)));
  };

  const scan = (from: number, to: number): UnitBar | null => {
    let open = 0;
    let high = 0;
    let low = 0;
    let close = 0;
    let base = 0;
    let quote = 0;
    let start = priceAt(from);
    for (let minute = from; minute < to; minute++) {
      const end = priceAt(minute + 1);
      const count = countOf(minute);
      for (let i = 0; i < count; i++) {
        close = tradePrice(minute, i, start, end, offsetOf(minute, i, count));
        const quantity = quantityOf(minute, i);
        if (open === 0) {
          open = close;
          low = close;
        }
        if (close > high) high = close;
        if (close < low) low = close;
        base += quantity;
        quote += close * quantity;
      }
      start = end;
    }
    return open === 0 ? null : { open, high, low, close, base, quote };
  };
  const blockAt = (from: number): UnitBar | null => {
    const known = blocks.get(from);
    if (known !== undefined) return known;
    const bar = scan(from, from + BLOCK);
    blocks.set(from, bar);
    return bar;
  };

  return {
    pricePlaces,
    quantityPlaces,
    tradesOf(minute) {
      const count = countOf(minute);
      const from = priceAt(minute);
      const to = priceAt(minute + 1);
      return Array.from({ length: count }, (_, i) => {
        const offset = offsetOf(minute, i, count);
        return {
          offset,
          price: tradePrice(minute, i, from, to, offset),
          quantity: quantityOf(minute, i),
          buyerMaker: fraction(key, minute, SALT.side + i) < 0.5,
        };
      });
    },
    bar(from, to) {
      let bar: UnitBar | null = null;
      for (let at = from; at < to; ) {
        const edge = (Math.floor(at / BLOCK) + 1) * BLOCK;
        const next = Math.min(edge, to);
        const part = next - at === BLOCK ? blockAt(at) : scan(at, next);
        at = next;
        if (part === null) continue;
        bar = bar === null ? part : joined(bar, part);
      }
      return bar;
    },
  };
}

function joined(first: UnitBar, then: UnitBar): UnitBar {
  return {
    open: first.open,
    high: Math.max(first.high, then.high),
    low: Math.min(first.low, then.low),
    close: then.close,
    base: first.base + then.base,
    quote: first.quote + then.quote,
  };
}

/** The sum of all octaves at a minute. Lattice values are kept between neighbours; they change nothing. */
function waves(key: number): (minute: number) => number {
  const cells = new Float64Array(OCTAVES).fill(Number.NaN);
  const left = new Float64Array(OCTAVES);
  const right = new Float64Array(OCTAVES);
  const swing = (octave: number, cell: number): number => fraction(key, cell, octave) * 2 - 1;
  return (minute) => {
    let sum = 0;
    let length = 1;
    let height = RIPPLE;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const place = minute / length;
      const cell = Math.floor(place);
      if (cells[octave] !== cell) {
        cells[octave] = cell;
        left[octave] = swing(octave, cell);
        right[octave] = swing(octave, cell + 1);
      }
      const from = left[octave] ?? 0;
      sum += height * (from + ((right[octave] ?? 0) - from) * (place - cell));
      length *= 4;
      height *= 2;
    }
    return sum;
  };
}

/** A fraction in [0, 1) that depends on nothing but its arguments (murmur3's finalizer over a mix of them). */
function fraction(key: number, index: number, salt: number): number {
  let hash = key ^ Math.imul(index, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ salt, 0x27d4eb2f);
  return ((hash ^ (hash >>> 15)) >>> 0) / 0x1_0000_0000;
}
