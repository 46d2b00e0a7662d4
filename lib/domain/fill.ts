import * as z from 'zod';
import { Side } from './exchange.ts';
import { DecimalText } from './money.ts';

/** One own trade, applied exactly once. Item of `Fills`, keyed by symbol and the exchange's trade id. */
export const Fill = z.object({
  symbol: z.string(),
  tradeId: z.string(),
  order: z.string(),
  strategy: z.string(),
  attempt: z.int(),
  exchangeOrderId: z.string(),
  side: Side,
  price: DecimalText,
  quantity: DecimalText,
  quoteQuantity: DecimalText,
  commission: DecimalText,
  commissionAsset: z.string(),
  maker: z.boolean(),
  /** Exchange time of the trade, epoch ms (second resolution). */
  time: z.int(),
  /** When it was applied to the position, local epoch ms. */
  appliedAt: z.int(),
});
export type Fill = z.infer<typeof Fill>;
