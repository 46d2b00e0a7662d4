import mexc from '../node_modules/ccxt/js/src/pro/mexc.js';
import markets from './ccxt-markets.json' with { type: 'json' };
import { books, exchangeUrl, measureStream, streamUrl, symbolNames } from './stream-loop.ts';

let frames = 0;
class Counting extends mexc {
  override handleMessage(client: Parameters<mexc['handleMessage']>[0], message: unknown): void {
    if (message instanceof Uint8Array) frames += 1;
    super.handleMessage(client, message);
  }
}

const market = (id: string) => ({
  ...markets['SOL/USDT'],
  id,
  symbol: named(id),
  base: id.slice(0, -4),
  baseId: id.slice(0, -4),
});
const named = (id: string): string => `${id.slice(0, -4)}/USDT`;

const exchange = new Counting({
  enableRateLimit: false,
  markets: Object.fromEntries(symbolNames.map((id) => [named(id), market(id)])),
  urls: { api: { ws: { spot: streamUrl }, spot: { public: exchangeUrl, private: exchangeUrl } } },
});

/** As everybody uses it: what is watched is awaited again and again. */
const watch = async (next: () => Promise<unknown>): Promise<void> => {
  for (;;) await next();
};
const bestBid = (id: string): string | undefined => {
  const price = exchange.orderbooks[named(id)]?.bids[0]?.[0];
  return price === undefined ? undefined : String(price);
};
const measured = async (): Promise<never> => {
  await exchange.loadHttpProxyAgent(); // it wants to for an address without TLS
  for (const id of symbolNames) {
    void watch(() => exchange.watchTicker(named(id)));
    void watch(() => exchange.watchTrades(named(id)));
    void watch(() => exchange.watchOHLCV(named(id), '1m'));
  }
  for (const id of books) void watch(() => exchange.watchOrderBook(named(id)));

  return measureStream({
    frames: () => frames,
    upToDate: () => books.every((id) => exchange.orderbooks[named(id)]?.nonce !== undefined),
    bestBid,
  });
};
void measured();
