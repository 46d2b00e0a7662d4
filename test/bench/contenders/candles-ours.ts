import { numberAt } from '../../../lib/domain/candle-interval.ts';
import type { CandleStore } from '../../../lib/domain/candle-ports.ts';
import { windowItem } from '../../../lib/dynamo/candle-items.ts';
import { fetchCandles, learn } from '../../../lib/usecases/learn-candles.ts';
import { unlimitedSource } from './candle-session.ts';
import { exchangeUrl, measureCandles, PAGE } from './candles-loop.ts';

const { source, close } = unlimitedSource(exchangeUrl);
const series = { symbol: 'SOLUSDT', interval: '1m' } as const;
/** Items are made, hashed and let go. */
const store: Pick<CandleStore, 'save'> = {
  save: async (window) => {
    windowItem(window);
    return undefined;
  },
};

const measured = measureCandles(async (from) => {
  const first = numberAt('1m', from);
  const range = { first, end: first + PAGE };
  const options = { deadline: Date.now() + 60_000 };
  const fetch = await fetchCandles(series, range, 'backfill', { source }, options);
  return learn(series, fetch, range, new Map(), { store: { ...NOTHING, ...store } }, options);
});
void measured.finally(close);

const never = (): never => {
  throw new Error('not asked for here');
};
const NOTHING: CandleStore = {
  windows: never,
  range: never,
  save: never,
  replace: never,
  allSeries: never,
  series: never,
  saveSeries: never,
};
