import type { Balance, BestPrices } from '../domain/exchange.ts';
import type { DecimalText } from '../domain/money.ts';
import type { StreamState } from '../domain/stream-state.ts';

/** Prices and balances as the stream last told them. */
export interface LiveState {
  /** Takes over what REST said. @param at exchange ms before which everything is in it */
  balances(balances: readonly Balance[], at: number): void;
  /** @param at exchange ms */
  balance(balance: Balance, at: number): void;
  prices(prices: ReadonlyMap<string, DecimalText>): void;
  /** As it is to be shared. */
  shared(now: number, live: boolean): StreamState;
}

/**
 * @param symbols whose prices are shared; all others are dropped, so that the item stays small
 * @param assets of those symbols
 * @param best of the order books that are followed
 * @param onBalance something about them changed
 */
export const createLiveState = (
  symbols: ReadonlySet<string>,
  assets: () => ReadonlySet<string>,
  best: () => readonly BestPrices[],
  onBalance: () => void,
): LiveState => {
  const prices = new Map<string, DecimalText>();
  let balances = new Map<string, { readonly balance: Balance; readonly at: number }>();
  return {
    balances: (told, at) => {
      const newer = [...balances].filter(([, known]) => known.at > at);
      balances = new Map([...told.map((balance) => [balance.asset, { balance, at }] as const), ...newer]);
      onBalance();
    },
    balance: (balance, at) => {
      const known = balances.get(balance.asset);
      // Repeated and reordered pushes: the later word stands.
      if (known && known.at > at) return;
      balances.set(balance.asset, { balance, at });
      const same = known && known.balance.free === balance.free && known.balance.locked === balance.locked;
      if (!same && assets().has(balance.asset)) onBalance();
    },
    prices: (told) => {
      if (told.size > symbols.size) {
        for (const symbol of symbols) {
          const price = told.get(symbol);
          if (price !== undefined) prices.set(symbol, price);
        }
      } else {
        for (const [symbol, price] of told) if (symbols.has(symbol)) prices.set(symbol, price);
      }
    },
    shared: (now, live) => ({
      at: now,
      live,
      prices: Object.fromEntries(prices),
      ...bestPrices(best()),
      balances: Object.fromEntries(
        [...assets()].flatMap((asset) => {
          const known = balances.get(asset);
          return known ? [[asset, [known.balance.free, known.balance.locked]]] : [];
        }),
      ),
    }),
  };
};

/** Those that have both sides; nothing at all where there are none. */
const bestPrices = (books: readonly BestPrices[]): Pick<StreamState, 'best'> => {
  const both = books.flatMap(({ symbol, bid, ask }): [string, [string, string]][] =>
    bid && ask ? [[symbol, [bid.price, ask.price]]] : [],
  );
  return both.length > 0 ? { best: Object.fromEntries(both) } : {};
};
