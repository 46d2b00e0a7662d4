import * as z from 'zod';
import { Side } from './exchange.ts';
import { DecimalText } from './money.ts';

/** One own trade, applied exactly once. Item of `Fills`, keyed by symbol and the exchange's trade id. */
export const Fill = z.object({
  symbol: z.string(),
  tradeId: z.string(),
  order: z.string(),
  strategy: z.string(),
  /** Number of the fill in its lane, from 1, in the order of application: none is missing below it. */
  n: z.int().min(1),
  attempt: z.int(),
  exchangeOrderId: z.string(),
  side: Side,
  price: DecimalText,
  quantity: DecimalText,
  quoteQuantity: DecimalText,
  commission: DecimalText,
  commissionAsset: z.string(),
  maker: z.boolean(),
  /** What it realised in the position, quote; a loss is negative. */
  realised: DecimalText,
  /** Exchange time of the trade, epoch ms (second resolution). */
  time: z.int(),
  /** When it was applied to the position, local epoch ms. */
  appliedAt: z.int(),
});
export type Fill = z.infer<typeof Fill>;

/** A trade that is about to be applied: what its place in the position adds is not known yet. */
export type NewFill = Omit<Fill, 'n' | 'realised'>;
