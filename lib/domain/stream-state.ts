import * as z from 'zod';
import type { Balance } from './exchange.ts';
import { DecimalText } from './money.ts';

/** A heartbeat older than this says nothing any more, ms: it comes every ten seconds. */
const HEARTBEAT_FRESH = 15_000;
/** Whatever was sent this long before the account was shown is in it, ms: the exchange tells within fractions of a second. */
const ORDER_SHOWN_WITHIN = 2_000;

/** What the stream task knows, shared with the other processes. Item of `Control`. */
export const StreamState = z.object({
  /** Heartbeat, local epoch ms. */
  at: z.int(),
  /** The private channels are subscribed, and the state was read since: nothing is known to be missing. */
  live: z.boolean(),
  /** Last prices of the configuration's symbols. */
  prices: z.record(z.string(), DecimalText),
  /** Best bid and ask price of each order book that is followed, has both sides and is not stale. */
  best: z.record(z.string(), z.tuple([DecimalText, DecimalText])).optional(),
  /** Free and locked of the assets of those symbols; an asset that is missing has neither. */
  balances: z.record(z.string(), z.tuple([DecimalText, DecimalText])),
});
export type StreamState = z.infer<typeof StreamState>;

/** The stream task is at work and misses nothing that it knows of. */
export const isFresh = (state: StreamState | undefined, now: number): state is StreamState =>
  state?.live === true && now - state.at <= HEARTBEAT_FRESH;

/** A last price at most one heartbeat old; `undefined`: ask the exchange. */
export const streamedPrice = (
  state: StreamState | undefined,
  symbol: string,
  now: number,
): DecimalText | undefined => (isFresh(state, now) ? state.prices[symbol] : undefined);

/**
 * Free and locked of these assets, if no order of the account can have changed them since; `undefined`: ask the exchange.
 * @param lastSend when the account's last request for an order left at the latest, local epoch ms
 */
export const streamedBalances = (
  state: StreamState | undefined,
  assets: readonly string[],
  lastSend: number,
  now: number,
): readonly Balance[] | undefined => {
  if (!isFresh(state, now) || lastSend + ORDER_SHOWN_WITHIN > state.at) return undefined;
  return assets.map((asset) => {
    const [free, locked] = state.balances[asset] ?? ['0', '0'];
    return { asset, free, locked };
  });
};
