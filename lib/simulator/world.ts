import * as z from 'zod';
import { DecimalText } from './decimal.ts';

/** How the exchange as a whole behaves just now. */
export const World = z.strictObject({
  /** How far its clock is off the true time, in milliseconds. */
  skewMs: z.int().default(0),
  /** HTTP status of ordinary refusals (section 13, question 17). */
  errorStatus: z.union([z.literal(400), z.literal(200)]).default(400),
  /** 'alternative' answers with the other code of section 10.2 where it has two for one cause. */
  errorWording: z.enum(['usual', 'alternative']).default('usual'),
  /** The code every signed call is refused with (604, 801 or 11444), null when the exchange is open. */
  maintenance: z.int().nullable().default(null),
});

/** Why a balance changed from outside, by the names of section 11.4. */
export const BalanceKind = z.enum([
  'DEPOSIT',
  'DEPOSIT_FEE',
  'WITHDRAW',
  'WITHDRAW_FEE',
  'SUGAR',
  'CONTRACT_TRANSFER',
]);
export type BalanceKind = z.infer<typeof BalanceKind>;

/** One change of a balance that no order made. `amount` is negative for what left the account. */
export const AccountEvent = z.strictObject({
  uid: z.string(),
  time: z.int(),
  type: BalanceKind,
  asset: z.string(),
  amount: DecimalText,
});
export type AccountEvent = z.infer<typeof AccountEvent>;
