import { DEFAULT_ACCOUNTS } from '../../lib/simulator/accounts.ts';
import type { ExchangeOptions } from '../../lib/simulator/exchange.ts';
import { DEFAULT_SYMBOLS } from '../../lib/simulator/symbols.ts';

/** A symbol as the alerts trade it: around which price, with how many decimals, in what quantities. */
export interface Market {
  readonly symbol: string;
  readonly price: number;
  readonly decimals: number;
  readonly quantity: number;
  readonly places: number;
}

export const FIRST: Market = { symbol: 'SOLUSDT', price: 142.5, decimals: 2, quantity: 0.2, places: 2 };
export const MARKETS: readonly Market[] = [
  FIRST,
  { symbol: 'XRPUSDT', price: 2.105, decimals: 4, quantity: 12, places: 1 },
  { symbol: 'MXUSDT', price: 2, decimals: 4, quantity: 12, places: 1 },
];

/** So many symbols of which the account has some, for an exchange of that size. */
export const manyMarkets = (
  count: number,
): {
  readonly markets: readonly Market[];
  readonly exchange: Pick<ExchangeOptions, 'symbols' | 'accounts'>;
} => {
  const names = Array.from({ length: count }, (_, n) => `COIN${n}`);
  const price = (n: number): number => 2 + n / 10;
  return {
    markets: names.map((name, n) => ({
      symbol: `${name}USDT`,
      price: price(n),
      decimals: 4,
      quantity: 9,
      places: 1,
    })),
    exchange: {
      symbols: [
        ...names.map((name, n) => ({
          symbol: `${name}USDT`,
          baseAsset: name,
          lastPrice: price(n).toFixed(4),
          baseAssetPrecision: 2,
          quotePrecision: 4,
          quoteAssetPrecision: 4,
        })),
        ...DEFAULT_SYMBOLS.filter(({ symbol }) => symbol === 'MXUSDT'),
      ],
      accounts: DEFAULT_ACCOUNTS.map((account) => ({
        ...account,
        balances: { ...account.balances, ...Object.fromEntries(names.map((name) => [name, '1234.56'])) },
      })),
    },
  };
};
