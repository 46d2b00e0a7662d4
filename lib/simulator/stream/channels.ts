import type { Interval } from '../candle-rows.ts';
import { intervalNamed } from '../candle-rows.ts';

/** A channel of section 11.3, read from its name. */
export type Channel =
  | { kind: 'deals' | 'depth' | 'aggreBookTicker'; symbol: string; everyMs: number; event: string }
  | { kind: 'kline'; symbol: string; interval: string }
  | { kind: 'limitDepth'; symbol: string; levels: number; event: string }
  | { kind: 'bookTickerBatch'; symbol: string }
  | { kind: 'miniTicker'; symbol: string; zone: string }
  | { kind: 'miniTickers'; zone: string }
  | { kind: 'private'; of: 'orders' | 'deals' | 'account' };

const SPEEDS: Readonly<Record<string, number>> = { '100ms': 100, '10ms': 10 };
const DEPTHS = new Set(['5', '10', '20']);

/** Interval names, each with its REST twin; Hour8 has none. */
const INTERVALS: Readonly<Record<string, string>> = {
  Min1: '1m',
  Min5: '5m',
  Min15: '15m',
  Min30: '30m',
  Min60: '60m',
  Hour4: '4h',
  Hour8: '',
  Day1: '1d',
  Week1: '1W',
  Month1: '1M',
};

const ZONES = new Set(
  (
    '24H UTC-10 UTC-8 UTC-7 UTC-6 UTC-5 UTC-4 UTC-3 UTC+0 UTC+1 UTC+2 UTC+3 UTC+4 UTC+4:30 UTC+5 UTC+5:30 UTC+6 ' +
    'UTC+7 UTC+8 UTC+9 UTC+10 UTC+11 UTC+12 UTC+12:45 UTC+13'
  ).split(' '),
);

const AGGREGATED = {
  'spot@public.aggre.deals.v3.api.pb': 'deals',
  'spot@public.aggre.depth.v3.api.pb': 'depth',
  'spot@public.aggre.bookTicker.v3.api.pb': 'aggreBookTicker',
} as const;

/** The names of the private channels. */
export const PRIVATE_CHANNELS = {
  orders: 'spot@private.orders.v3.api.pb',
  deals: 'spot@private.deals.v3.api.pb',
  account: 'spot@private.account.v3.api.pb',
} as const;

/**
 * The channel of this name, null when there is none: retired names, a suffix in the wrong place or missing, an interval or a
 * time zone that does not exist. Whether the symbol exists is not asked here.
 */
export function parseChannel(name: string): Channel | null {
  const [base = '', ...rest] = splitName(name);
  const [first, second] = rest;
  if (rest.length > 2 || rest.includes('')) return null;
  if (first === undefined) return privateChannel(name);
  if (isAggregated(base)) {
    const everyMs = own(SPEEDS, first);
    if (everyMs === undefined || second === undefined) return null;
    return { kind: AGGREGATED[base], symbol: second, everyMs, event: `${base}@${first}` };
  }
  switch (base) {
    case 'spot@public.kline.v3.api.pb':
      if (second === undefined || own(INTERVALS, second) === undefined) return null;
      return { kind: 'kline', symbol: first, interval: second };
    case 'spot@public.limit.depth.v3.api.pb':
      if (second === undefined || !DEPTHS.has(second)) return null;
      return { kind: 'limitDepth', symbol: first, levels: Number(second), event: base };
    case 'spot@public.bookTicker.batch.v3.api.pb':
      return second === undefined ? { kind: 'bookTickerBatch', symbol: first } : null;
    case 'spot@public.miniTicker.v3.api.pb':
      if (second === undefined || !ZONES.has(second)) return null;
      return { kind: 'miniTicker', symbol: first, zone: second };
    case 'spot@public.miniTickers.v3.api.pb':
      return second === undefined && ZONES.has(first) ? { kind: 'miniTickers', zone: first } : null;
    default:
      return null;
  }
}

/** The window of a candle; those of a day or longer, and Hour8, open `dayOpensAt` hours after 00:00 UTC as in REST. */
export function klineInterval(name: string, dayOpensAt: number): Interval {
  const twin = own(INTERVALS, name);
  if (twin !== undefined && twin !== '') return intervalNamed(twin, dayOpensAt);
  const length = 8 * 3_600_000;
  const shift = dayOpensAt * 3_600_000;
  return {
    openOf: (time) => Math.floor((time - shift) / length) * length + shift,
    next: (open) => open + length,
  };
}

/** Minutes that a zone is ahead of UTC, null for the last 24 hours. */
export function zoneOffset(zone: string): number | null {
  const [, sign, hours, minutes] = /^UTC([+-])(\d+)(?::(\d+))?$/.exec(zone) ?? [];
  if (hours === undefined) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
}

/** The first `@` belongs to the name. */
function splitName(name: string): string[] {
  const [market = '', base = '', ...rest] = name.split('@');
  return [`${market}@${base}`, ...rest];
}

function privateChannel(name: string): Channel | null {
  for (const topic of ['orders', 'deals', 'account'] as const) {
    if (PRIVATE_CHANNELS[topic] === name) return { kind: 'private', of: topic };
  }
  return null;
}

function isAggregated(base: string): base is keyof typeof AGGREGATED {
  return Object.hasOwn(AGGREGATED, base);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
