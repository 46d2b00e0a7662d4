import { channels } from '../../lib/mexc/stream/channels.ts';

/** Order books are followed of so many of the symbols. */
const BOOKS = 10;

/** `market`: best prices, trades and candles of the symbols, and whole books of some. `prices`: last prices, as the task has them. */
export type Kind = 'market' | 'prices';

export const symbolsOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `S${n}USDT`);

export const bookSymbols = (kind: Kind, count: number): readonly string[] =>
  kind === 'market' ? symbolsOf(count).slice(0, BOOKS) : [];

/** Every channel of a recording. */
export const channelsOf = (kind: Kind, count: number): readonly string[] => {
  const symbols = symbolsOf(count);
  if (kind === 'prices') return symbols.map((symbol) => channels.price(symbol));
  return [
    ...symbols.flatMap((symbol) => [
      channels.best(symbol),
      channels.trades(symbol),
      channels.candles(symbol, '1m'),
    ]),
    ...bookSymbols(kind, count).map((symbol) => channels.bookChanges(symbol)),
  ];
};
