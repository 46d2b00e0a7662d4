import * as z from 'zod';
import { CandleRequestError } from '../domain/candle-interval.ts';
import { readCandleRequest } from '../domain/candle-request.ts';
import { FatalError } from '../domain/exchange-errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import { backfillCandles } from './backfill-candles.ts';
import type { Candling } from './learn-candles.ts';
import { holeView } from './read-candles.ts';

/** Time that one invocation takes at most, ms: whoever called wants to know how far it is. */
const BUDGET = 50_000;
/** Holes that are answered; there is no need to list more of them here, they are stored. */
const MOST_HOLES = 1_000;

const Moment = z.union([z.string(), z.number()]).transform(String);

const BackfillEvent = z.strictObject({
  symbol: z.string(),
  interval: z.string(),
  from: Moment,
  to: Moment,
  /** Where the invocation before has ended. */
  cursor: Moment.optional(),
});

/**
 * `{"backfill": {symbol, interval, from, to, cursor?}}`: fetches what is missing there, as far as the time goes.
 * @returns `{requested, written, holes, cursor?}`; with a cursor there is more to do: invoke again with it
 * @throws CandleRequestError naming what is wrong and what would be right; nothing is written then
 */
export const answerBackfill = async (event: unknown, candling: Candling, options: CallOptions) => {
  const parsed = BackfillEvent.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CandleRequestError('backfill', `${issue?.path.join('.') || 'it'}: ${issue?.message}`);
  }
  const { cursor, ...asked } = parsed.data;
  const { clock, source } = candling;
  const within = { deadline: Math.min(options.deadline, clock.now() + BUDGET) };
  const request = readCandleRequest({ ...asked, from: cursor ?? asked.from }, await source.time(within));
  try {
    const { holes, cursor: next, ...counts } = await backfillCandles(request, candling, within);
    return {
      ...counts,
      holes: holes.slice(0, MOST_HOLES).map(holeView),
      ...(next !== undefined && { cursor: new Date(next).toISOString() }),
    };
  } catch (error) {
    if (!(error instanceof FatalError) || error.code !== '-1121') throw error;
    throw new CandleRequestError(
      'symbol',
      `the exchange does not know ${asked.symbol}: use a name of GET /api/v3/defaultSymbols, e.g. SOLUSDT`,
    );
  }
};

export type BackfillAnswer = Awaited<ReturnType<typeof answerBackfill>>;
