import assert from 'node:assert/strict';
import type { CandleSource } from '../../lib/domain/candle-ports.ts';
import { decimal, plain } from '../../lib/domain/money.ts';
import { createExchange } from '../../lib/simulator/exchange.ts';
import type { SymbolSetup } from '../../lib/simulator/symbols.ts';

/** What is measured for: an ordinary symbol, a cheap one that pauses at times, and one with volumes of eight decimals. */
export const MEASURED: readonly SymbolSetup[] = [
  {
    symbol: 'SOLUSDT',
    baseAsset: 'SOL',
    lastPrice: '142.50',
    baseAssetPrecision: 3,
    quotePrecision: 2,
    quoteAssetPrecision: 2,
  },
  {
    ...{ symbol: 'XRPUSDT', baseAsset: 'XRP', lastPrice: '2.1050', baseAssetPrecision: 2, quotePrecision: 4 },
    quoteAssetPrecision: 4,
    hidden: { quietShare: 0.03 },
  },
  {
    symbol: 'BTCUSDT',
    baseAsset: 'BTC',
    lastPrice: '87650.00',
    baseAssetPrecision: 8,
    quotePrecision: 2,
    quoteAssetPrecision: 2,
  },
];

/** Of fifty symbols, how many are like each of them. */
export const SHARES: Readonly<Record<string, number>> = { SOLUSDT: 24, XRPUSDT: 23, BTCUSDT: 3 };

/** Generated volumes have fewer places: digits that the minute decides fill them up to eight. */
const withEightPlaces = (text: string, openTime: number): string => {
  const [whole = '0', places = ''] = text.split('.');
  const digits = String((openTime / 60_000) * 7_919 * 104_729).slice(-8);
  return `${whole}.${(places + digits.slice(places.length)).slice(0, 8)}`;
};

/** Candles straight from a generated market, without a network, limits or a budget. @param clock exchange time, epoch ms */
export const directSource = (
  clock: { now(): number },
  symbols: readonly SymbolSetup[] = MEASURED,
): CandleSource => {
  const exchange = createExchange({
    seed: 'candles',
    clock: { now: () => clock.now(), sleep: async () => undefined },
    symbols,
    limits: 'off',
  });
  return {
    time: async () => clock.now(),
    offline: async () => new Map(),
    candles: async ({ symbol, interval, from, to, limit }) => {
      const target = `/api/v3/klines?symbol=${symbol}&interval=${interval}&startTime=${from}&endTime=${to}&limit=${limit}`;
      const { reply } = exchange.step({ method: 'GET', target, headers: {}, address: '10.0.0.1' });
      assert.ok(reply !== 'drop' && reply.status === 200);
      const rows: [number, string, string, string, string, string, number, string][] = JSON.parse(
        String(reply.body),
      );
      const exact = (text: string): string => plain(decimal(text));
      return rows.map(([openTime, open, high, low, close, volume, closeTime, quoteVolume]) => ({
        openTime,
        closeTime,
        open: exact(open),
        high: exact(high),
        low: exact(low),
        close: exact(close),
        volume: exact(symbol === 'BTCUSDT' ? withEightPlaces(volume, openTime) : volume),
        quoteVolume: exact(
          symbol === 'BTCUSDT' ? withEightPlaces(quoteVolume, openTime + 60_000) : quoteVolume,
        ),
        closed: closeTime <= clock.now(),
      }));
    },
  };
};
