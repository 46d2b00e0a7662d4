import { closeOf, FIRST_MOMENT, numberOf, openOf } from '../domain/candle-interval.ts';
import type { Series } from '../domain/candle-window.ts';
import type { CandleInterval } from '../domain/exchange.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Candling, MOST_CANDLES } from './learn-candles.ts';

/** From coarse to fine: each answer is far from being cut, so that its first row is the first there is. */
const STEPS: readonly CandleInterval[] = ['1M', '1d', '60m'];

/**
 * The number of a symbol's first candle, by at most four calls; `undefined` when it has none at all. Errors as of every read of
 * the exchange.
 */
export const findFirstCandle = async (
  { symbol, interval }: Series,
  { source }: Pick<Candling, 'source'>,
  options: CallOptions,
): Promise<number | undefined> => {
  const length = (each: CandleInterval): number => closeOf(each, 0) - openOf(each, 0);
  let from = FIRST_MOMENT;
  let to = await source.time(options);
  for (const step of [...STEPS.filter((each) => length(each) > length(interval)), interval]) {
    // A week or a day that is asked for may have begun before the month that the step before named.
    const query = { symbol, interval: step, from: from - length(step), to, limit: MOST_CANDLES };
    const [first] = await source.candles(query, options);
    if (!first) return undefined;
    if (step === interval) return numberOf(interval, first.openTime);
    from = first.openTime;
    to = first.closeTime;
  }
  return undefined;
};
