import * as z from 'zod';
import { DecimalText } from './money.ts';

export const Mode = z.enum(['ACTIVE', 'REDUCE_ONLY', 'HALTED']);
export type Mode = z.infer<typeof Mode>;

/** Orders in doubt or live, by id. `until`: exchange ms after which the attempt cannot come into being. */
const InFlight = z.record(z.string(), z.object({ attempt: z.int(), until: z.int() }));

/** What changed a mode last: who, when (local epoch ms) and why. Its id tells one change from another. */
export const Changed = z.object({
  id: z.string(),
  mode: Mode,
  reason: z.string(),
  at: z.int(),
  by: z.enum(['operator', 'automatic']),
});
export type Changed = z.infer<typeof Changed>;

/** The last command of the operator that takes time: `flatten` sells everything, `cancelAll` empties the book. */
export const Command = z.object({
  id: z.string(),
  kind: z.enum(['flatten', 'cancelAll']),
  reason: z.string(),
  /** Local epoch ms. */
  at: z.int(),
  /** When it was found to be carried out; absent while it runs. */
  doneAt: z.int().optional(),
});
export type Command = z.infer<typeof Command>;

/** Mode, day counters and reservations of one strategy. Item of `Strategies`. */
export const Strategy = z.object({
  strategy: z.string(),
  mode: Mode,
  /** Counts the loosenings of the mode, so that a halt sees whether somebody re-armed meanwhile. */
  epoch: z.int(),
  /** Absent until the mode was first changed. */
  changed: Changed.optional(),
  /** Command of a running flatten. */
  flatten: z.string().optional(),
  command: Command.optional(),
  /** What a running `cancelAll` found in flight and has to see the end of. */
  cancelling: InFlight.optional(),
  /** UTC day of the counters, `YYYY-MM-DD`; never goes back. */
  day: z.string(),
  dayOrders: z.int(),
  dayNotional: DecimalText,
  /** Of the day's orders, those that the exchange refused. */
  dayRejects: z.int().default(0),
  /** Sum of the reservations of everything in flight. */
  reserved: DecimalText,
  inFlight: InFlight,
  /** Highest sequence number that an alert of the strategy has had. */
  lastSequence: z.int().optional(),
  /** Cause of the last automatic change: what the operator has re-armed after does not happen again for the same cause. */
  tripped: z.string().optional(),
  /** An order executed more than was reserved for it: nothing but exits until the operator re-arms. */
  overrun: z.string().optional(),
});
export type Strategy = z.infer<typeof Strategy>;

/** UTC day of a moment, `YYYY-MM-DD`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** When the next UTC day starts after `day`, ISO 8601. */
export const resetsAt = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString();

/** What an admission must find true of the mode. */
export type ModeRequirement = { readonly reduces: boolean } | { readonly flatten: string };

/** What an order needs of the mode: one of a flatten runs under its command, in whatever mode that is. */
export const requirementOf = (
  order: { readonly origin: string; readonly asked: string },
  reduces: boolean,
): ModeRequirement => (order.origin === 'flatten' ? { flatten: order.asked } : { reduces });

/** Limits of the day and of the orders in flight; checked by the transaction itself. */
export interface CounterLimits {
  readonly maxOrdersPerDay: number;
  readonly maxNotionalPerDay: DecimalText;
  readonly maxOpenOrders: number;
}

/**
 * A change of the counters (order protocol, section 8): `reserve` is "+", `undo` "−−", `finish` "−".
 * `contradict` reserves again without looking at limits and sets REDUCE_ONLY over ACTIVE.
 */
export type CounterChange =
  | {
      readonly kind: 'reserve';
      readonly strategy: string;
      readonly order: string;
      readonly attempt: number;
      readonly until: number;
      readonly notional: DecimalText;
      /** Day that the order is counted in, and whether it opens a new one on the record. */
      readonly day: string;
      readonly opensDay: boolean;
      readonly limits: CounterLimits;
      readonly mode: ModeRequirement;
    }
  | {
      readonly kind: 'undo';
      readonly strategy: string;
      readonly order: string;
      readonly notional: DecimalText;
      readonly day: string;
    }
  | {
      readonly kind: 'finish';
      readonly strategy: string;
      readonly order: string;
      readonly notional: DecimalText;
      /** X: what was executed, quote. */
      readonly executed: DecimalText;
      /** It cost more than N: entries are blocked until the operator re-arms. */
      readonly overrun: boolean;
      /** The exchange refused it. */
      readonly rejected: boolean;
      readonly day: string;
    }
  | {
      readonly kind: 'contradict';
      readonly strategy: string;
      readonly order: string;
      readonly attempt: number;
      readonly until: number;
      readonly notional: DecimalText;
      /** What the order's day, if it is still the record's, counts again: N less what it counts already. */
      readonly counts?: { readonly day: string; readonly notional: DecimalText };
    };
