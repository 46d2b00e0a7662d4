import { type Decimal, type DecimalText, decimal, plain, roundDown } from './money.ts';

/** Decimals of a price that is computed from others. */
const PRICE_DECIMALS = 18;

/** Assets that a price may be bridged through, in the order in which they are tried. */
const BRIDGES = ['USDT', 'USDC', 'BTC', 'ETH', 'USD1', 'EUR'];

/** What one unit of an asset is worth in another, and through which symbols that was found. */
export interface AssetPrice {
  readonly price: DecimalText;
  /** Symbols whose last prices it is made of; none for the quote asset itself. */
  readonly via: readonly string[];
}

/**
 * Price of an asset in the quote asset: by their own pair, else through one bridge pair. `undefined`: there is none; it is
 * never taken for zero.
 * @param prices last prices by symbol
 */
export const priceIn = (
  asset: string,
  quote: string,
  prices: ReadonlyMap<string, string>,
): AssetPrice | undefined => {
  if (asset === quote) return { price: '1', via: [] };
  const direct = pair(asset, quote, prices);
  if (direct) return { price: plain(direct.price), via: [direct.symbol] };
  for (const bridge of BRIDGES) {
    if (bridge === asset || bridge === quote) continue;
    const [first, second] = [pair(asset, bridge, prices), pair(bridge, quote, prices)];
    if (!first || !second) continue;
    const price = roundDown(first.price.times(second.price), PRICE_DECIMALS);
    if (price.lte('0')) continue;
    return { price: plain(price), via: [first.symbol, second.symbol] };
  }
  return undefined;
};

/** The pair of two assets in either direction. */
const pair = (
  base: string,
  quote: string,
  prices: ReadonlyMap<string, string>,
): { readonly symbol: string; readonly price: Decimal } | undefined => {
  const last = priceOf(`${base}${quote}`, prices);
  if (last) return { symbol: `${base}${quote}`, price: last };
  const inverse = priceOf(`${quote}${base}`, prices);
  if (!inverse) return undefined;
  const price = roundDown(decimal('1').div(inverse), PRICE_DECIMALS);
  return price.gt('0') ? { symbol: `${quote}${base}`, price } : undefined;
};

/** A last price of zero is none; nor is one that rounding makes zero. */
const priceOf = (symbol: string, prices: ReadonlyMap<string, string>): Decimal | undefined => {
  const text = prices.get(symbol);
  const price = text === undefined ? undefined : decimal(text);
  return price?.gt('0') ? price : undefined;
};
