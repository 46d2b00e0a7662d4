import type { CandleStore } from '../domain/candle-ports.ts';
import type { CallOptions } from '../domain/ports.ts';

/** `GET /series`: every symbol and interval that has candles. */
export const listStoredSeries = async (store: Pick<CandleStore, 'allSeries'>, options: CallOptions) => ({
  series: (await store.allSeries(options))
    .map((stored) => (stored.kind === 'series' ? stored.record : stored.series))
    .map(({ symbol, interval }) => ({ symbol, interval })),
});
