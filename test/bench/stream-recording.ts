import { channels } from '../../lib/mexc/stream/channels.ts';
import { frameOf } from '../support/stream-frames.ts';
import { bookSymbols, symbolsOf } from './stream-channels.ts';

/** Pushes of a book before its snapshot is asked for: ccxt wants to have some. */
const BOOK_PUSHES = 40;
const START = Date.UTC(2026, 10, 20);

type Make = (frame: number) => Uint8Array;

/** What a stream says: what comes first, and every frame after that. The same for the same arguments. */
export interface Recording {
  readonly opening: readonly Recorded[];
  /** The next frame, for ever. */
  next(): Recorded;
  /** What REST says of a book: as it was after its first push. */
  snapshot(symbol: string): object;
  /** Best bid of a book after the frames so far. */
  bestBid(symbol: string): string;
}

export interface Recorded {
  readonly channel: string;
  readonly bytes: Uint8Array;
}

/** Evenly distributed in [0, 1), the same every time. */
const fractions = (): (() => number) => {
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
};

/** Best prices, trades and candles of the symbols and whole books of some, as often as an ordinary market has them. */
export const recordMarket = (count: number): Recording => {
  const random = fractions();
  const symbols = symbolsOf(count);
  const books = new Map(bookSymbols('market', count).map((symbol, n) => [symbol, bookOf(symbol, n, random)]));
  const price = (n: number): string => (100 + n + Math.floor(random() * 500) / 100).toFixed(2);
  const quantity = (): string => (0.01 + random() * 20).toFixed(5);

  const best = (n: number): Make => {
    const [symbol = '', bid] = [symbols[n], price(n)];
    return frame(channels.best(symbol), symbol, () => ({
      publicAggreBookTicker: { bidPrice: bid, bidQuantity: quantity(), askPrice: (Number(bid) + 0.01).toFixed(2), askQuantity: quantity(), version: '36913293511' }, // biome-ignore format: one message
    }));
  };
  const trades = (n: number): Make => {
    const symbol = symbols[n] ?? '';
    return frame(channels.trades(symbol), symbol, (at) => ({
      publicAggreDeals: {
        deals: Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
          price: price(n),
          quantity: quantity(),
          tradeType: random() < 0.5 ? 1 : 2,
          time: at,
          tradeId: `${at}X${n}`,
        })),
        eventType: 'spot@public.aggre.deals.v3.api.pb@100ms',
      },
    }));
  };
  const candle = (n: number): Make => {
    const symbol = symbols[n] ?? '';
    return frame(channels.candles(symbol, '1m'), symbol, (at) => ({
      publicSpotKline: {
        interval: 'Min1',
        windowStart: Math.floor(at / 60_000) * 60,
        openingPrice: price(n),
        closingPrice: price(n),
        highestPrice: price(n),
        lowestPrice: price(n),
        volume: quantity(),
        amount: quantity(),
        windowEnd: Math.floor(at / 60_000) * 60 + 60,
      },
    }));
  };
  const depth = (n: number): Make => {
    const symbol = symbols[n] ?? '';
    return frame(channels.bookChanges(symbol), symbol, () => ({
      publicAggreDepths: books.get(symbol)?.push(),
    }));
  };

  let made = 0;
  const recorded = (make: (n: number) => Make, n: number, channel: string): Recorded => {
    made += 1;
    return { channel, bytes: make(n)(made) };
  };
  const one = (kind: number, n: number): Recorded => {
    const symbol = symbols[n] ?? '';
    if (kind < 0.4) return recorded(best, n, channels.best(symbol));
    if (kind < 0.7)
      return recorded(depth, n % books.size, channels.bookChanges(symbols[n % books.size] ?? ''));
    if (kind < 0.9) return recorded(trades, n, channels.trades(symbol));
    return recorded(candle, n, channels.candles(symbol, '1m'));
  };
  return {
    opening: [...books.keys()].flatMap((_, n) => Array.from({ length: BOOK_PUSHES }, () => one(0.5, n))),
    next: () => one(random(), Math.floor(random() * count)),
    snapshot: (symbol) => books.get(symbol)?.first() ?? {},
    bestBid: (symbol) => books.get(symbol)?.bestBid() ?? '',
  };
};

/** Last prices of the symbols, one after the other, as mini tickers. */
export const recordPrices = (count: number): Recording => {
  const random = fractions();
  const symbols = symbolsOf(count);
  let made = 0;
  return {
    opening: [],
    next: () => {
      const n = made % count;
      made += 1;
      const symbol = symbols[n] ?? '';
      const price = (100 + n + random()).toFixed(4);
      const make = frame(channels.price(symbol), symbol, () => ({
        publicMiniTicker: { symbol, price, rate: '-0.0055', zonedRate: '-0.0055', high: price, low: price, volume: '7348923.26', quantity: '75923.12', lastCloseRate: '0.0011', lastCloseZonedRate: '0.0011', lastCloseHigh: price, lastCloseLow: price }, // biome-ignore format: one message
      }));
      return { channel: channels.price(symbol), bytes: make(made) };
    },
    snapshot: () => ({}),
    bestBid: () => '',
  };
};

const frame =
  (channel: string, symbol: string, body: (at: number) => object): Make =>
  (made) => {
    const at = START + made * 7;
    return frameOf({ channel, symbol, sendTime: at, ...body(at) });
  };

/** A book whose levels come and go. */
const bookOf = (symbol: string, n: number, random: () => number) => {
  const LEVELS = 200;
  const price = (side: 'bids' | 'asks', level: number): string =>
    (100 + n + (side === 'bids' ? -1 : 1) * (level + 1) * 0.01).toFixed(2);
  const levels = { bids: new Map<string, string>(), asks: new Map<string, string>() };
  let version = 10_000_000_000;
  let opened: object | undefined;

  const change = (side: 'bids' | 'asks') =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const at = price(side, Math.floor(random() ** 2 * LEVELS));
      const quantity = random() < 0.3 ? '0' : (random() * 50).toFixed(4);
      if (Number(quantity) === 0) levels[side].delete(at);
      else levels[side].set(at, quantity);
      return { price: at, quantity };
    });
  for (const side of ['bids', 'asks'] as const) {
    for (let level = 0; level < LEVELS; level += 1) levels[side].set(price(side, level), '1.5');
  }
  return {
    push: () => {
      const from = version + 1;
      version += 1 + Math.floor(random() * 5);
      const [asks, bids] = [change('asks'), change('bids')];
      opened ??= { symbol, lastUpdateId: version, bids: [...levels.bids], asks: [...levels.asks] };
      return { asks, bids, eventType: 'spot@public.aggre.depth.v3.api.pb@100ms', fromVersion: String(from), toVersion: String(version) }; // biome-ignore format: one message
    },
    first: () => opened,
    bestBid: (): string => String(Math.max(...[...levels.bids.keys()].map(Number))),
  };
};
