import * as z from 'zod';
import { DecimalText } from './money.ts';

/** One asset of the account at the moment of a snapshot. */
export const AssetBalance = z.object({
  free: DecimalText,
  locked: DecimalText,
  /** Of one unit, in the snapshot's quote asset; absent: it could not be priced. */
  price: DecimalText.optional(),
  /** Slot that the price is of, where this one's answer had none; absent: this one. */
  pricedIn: z.int().optional(),
  /** Symbols that the price was made of. */
  via: z.array(z.string()).optional(),
  /** Of free and locked together. */
  value: DecimalText.optional(),
});
export type AssetBalance = z.infer<typeof AssetBalance>;

/**
 * What of an asset's change between two snapshots no trade of ours explains. `pending`: orders in flight may have executed
 * more than the ledger has applied yet.
 */
export const Remainder = z.object({
  /** `<slot it was found in>-<asset>`. */
  id: z.string(),
  asset: z.string(),
  /** Positive: there is more than there should be. */
  amount: DecimalText,
  /** The window in which it arose: exchange ms of the snapshots before and after. */
  from: z.int(),
  to: z.int(),
  state: z.enum(['pending', 'unexplained']),
  /** In flight when it was found. */
  orders: z.array(z.string()).optional(),
  /** How it was closed: by which fills, or by the operator's word. */
  note: z.string().optional(),
  closedAt: z.int().optional(),
  /** Ids of the deposits, withdrawals and the like that explain it. */
  transfers: z.array(z.string()).optional(),
});
export type Remainder = z.infer<typeof Remainder>;

/** The account at one moment, and the proof that nothing is missing since the snapshot before. Item of `Balances`. */
export const Snapshot = z.object({
  /** Start of the slot, local epoch ms: one snapshot each. */
  slot: z.int(),
  /** When the account was read, exchange ms: between these two. */
  takenFrom: z.int(),
  takenTo: z.int(),
  /** `takenTo` of the first snapshot ever: what was traded up to then is in it. */
  origin: z.int(),
  quote: z.string(),
  assets: z.record(z.string(), AssetBalance),
  /** Of all assets with a price. */
  total: DecimalText,
  /** Assets that are held, or in an open remainder, and have no price. */
  unpriced: z.array(z.string()),
  /** Fills that are accounted for, by lane: all up to this number. */
  counted: z.record(z.string(), z.int()),
  /** What own trades and their commissions changed since the snapshot before, by asset. */
  traded: z.record(z.string(), DecimalText),
  /** Remainders that are open after this snapshot, older ones included. */
  open: z.array(Remainder),
  /** Remainders that were closed by this snapshot, or by the operator after it. */
  closed: z.array(Remainder),
  /** Highest total so far, moved by what came and went from outside. */
  peak: DecimalText,
  /** How far below the peak, in percent. */
  drawdownPercent: DecimalText,
  /** Counts the writes: naming a remainder changes the item. */
  version: z.int(),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Free and locked together. */
export type Totals = ReadonlyMap<string, DecimalText>;
