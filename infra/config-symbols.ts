import type { Config } from './config.ts';
import { distance, nearestName } from './nearest-name.ts';

/** What MEXC trades against; a symbol ends with one of them. A new one is no mistake, a near miss is. */
const QUOTES = ['USDT', 'USDC', 'USDE', 'USD1', 'USDF', 'BTC', 'ETH', 'EUR', 'BRL', 'TRY', 'MX'];

/** Every symbol of a configuration with its path. */
const symbolsOf = ({
  symbols,
  candles,
  strategies,
}: Config): readonly (readonly [path: string, symbol: string])[] => {
  const listed = (path: string, list: readonly string[] = []) =>
    list.map((symbol, n) => [`${path}.${n}`, symbol] as const);
  return [
    ...listed('symbols', symbols),
    ...listed('candles.symbols', candles.symbols),
    ...Object.entries(strategies).flatMap(([name, strategy]) => [
      ...listed(`strategies.${name}.symbols`, strategy.symbols),
      ...Object.entries(strategy.symbolAliases).map(
        ([alias, symbol]) => [`strategies.${name}.symbolAliases.${alias}`, symbol] as const,
      ),
    ]),
  ];
};

/** Symbols whose end is nearly, but not quite, something that MEXC trades against. */
export const misspeltSymbols = (config: Config): string[] =>
  symbolsOf(config).flatMap(([path, symbol]) => {
    if (QUOTES.some((quote) => symbol.endsWith(quote) && symbol.length > quote.length)) return [];
    const right = rightSpelling(symbol);
    return right === undefined
      ? []
      : [`${path}: ${symbol} ends with nothing that MEXC trades against; did you mean ${right}?`];
  });

const rightSpelling = (symbol: string): string | undefined => {
  const futures = /^(.+)\.P$/.exec(symbol)?.[1];
  if (futures !== undefined) return futures;
  const candidates = ['USDT', 'USDC'].flatMap((quote) =>
    [4, 5, 3].flatMap((length) => {
      const end = symbol.slice(-length);
      return symbol.length > length && distance(end, quote) === 1
        ? [`${symbol.slice(0, -length)}${quote}`]
        : [];
    }),
  );
  return candidates[0];
};

/** Symbols that an exchange does not list. @param listed all that it does */
export const unknownSymbols = (config: Config, listed: ReadonlySet<string>): string[] =>
  symbolsOf(config)
    .filter(([, symbol]) => !listed.has(symbol))
    .map(([path, symbol]) => {
      const near = nearestName(symbol, listed);
      return `${path}: the exchange has no ${symbol}${near ? `; did you mean ${near}?` : ''}`;
    });
