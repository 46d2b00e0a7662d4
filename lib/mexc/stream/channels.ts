import type { StreamInterval } from '../../domain/stream.ts';

/** How often changes are sent. */
type Speed = '10ms' | '100ms';

const INTERVAL_WORDS: Readonly<Record<StreamInterval, string>> = {
  '1m': 'Min1',
  '5m': 'Min5',
  '15m': 'Min15',
  '30m': 'Min30',
  '60m': 'Min60',
  '4h': 'Hour4',
  '8h': 'Hour8',
  '1d': 'Day1',
  '1W': 'Week1',
  '1M': 'Month1',
};

const ALL: readonly StreamInterval[] = ['1m', '5m', '15m', '30m', '60m', '4h', '8h', '1d', '1W', '1M'];
const INTERVALS = new Map(ALL.map((interval) => [INTERVAL_WORDS[interval], interval]));

/**
 * Names of the public channels (reference section 11.3). Symbols in upper case; `zone`: the day that a mini ticker's changes
 * are measured over, e.g. `UTC+8`, which no price depends on.
 */
export const channels = {
  trades: (symbol: string, speed: Speed = '100ms') => `spot@public.aggre.deals.v3.api.pb@${speed}@${symbol}`,
  candles: (symbol: string, interval: StreamInterval) =>
    `spot@public.kline.v3.api.pb@${symbol}@${INTERVAL_WORDS[interval]}`,
  bookChanges: (symbol: string, speed: Speed = '100ms') =>
    `spot@public.aggre.depth.v3.api.pb@${speed}@${symbol}`,
  bookTop: (symbol: string, levels: 5 | 10 | 20) => `spot@public.limit.depth.v3.api.pb@${symbol}@${levels}`,
  best: (symbol: string, speed: Speed = '100ms') =>
    `spot@public.aggre.bookTicker.v3.api.pb@${speed}@${symbol}`,
  bestBatch: (symbol: string) => `spot@public.bookTicker.batch.v3.api.pb@${symbol}`,
  price: (symbol: string, zone = '24H') => `spot@public.miniTicker.v3.api.pb@${symbol}@${zone}`,
  prices: (zone = '24H') => `spot@public.miniTickers.v3.api.pb@${zone}`,
} as const;

/** What a connection with a listen key is for. */
export const PRIVATE_CHANNELS: readonly string[] = [
  'spot@private.orders.v3.api.pb',
  'spot@private.deals.v3.api.pb',
  'spot@private.account.v3.api.pb',
];

export const isPrivate = (channel: string): boolean => channel.startsWith('spot@private.');

/** The symbol that a channel is about, by its place in the name; `undefined` where there is none. */
export const symbolIn = (channel: string): string | undefined => {
  const [, kind = '', first, second] = channel.split('@');
  if (!kind.startsWith('public.') || kind.startsWith('public.miniTickers.')) return undefined;
  return kind.startsWith('public.aggre.') ? second : first;
};

/** The interval that the stream calls so, if it is known. */
export const intervalCalled = (word: string): StreamInterval | undefined => INTERVALS.get(word);
