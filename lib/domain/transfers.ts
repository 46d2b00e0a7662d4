import * as z from 'zod';
import { type DecimalText, DecimalText as DecimalTextSchema, decimal, plain } from './money.ts';
import type { Remainder } from './snapshot.ts';
import type { StreamEvent } from './stream.ts';

/** What came into or went out of the account otherwise than by an order, as the stream told it. Item of `Balances`. */
export const Transfer = z.object({
  /** The same for the same event, however often it is told. */
  id: z.string(),
  asset: z.string(),
  /** Signed; positive: it came in. */
  amount: DecimalTextSchema,
  /** The exchange's word: DEPOSIT, WITHDRAW, SUGAR… */
  cause: z.string(),
  /** Exchange ms. */
  time: z.int(),
});
export type Transfer = z.infer<typeof Transfer>;

/** Causes that orders have (reference section 11.4); any other is something from outside. */
const OF_ORDERS = new Set(['ENTRUST', 'ENTRUST_PLACE', 'ENTRUST_CANCEL', 'ENTRUST_UNFROZEN', 'TRADE_FEE']);
/** The clocks of the account and of its events may differ by so much, ms. */
const BORDER = 2_000;
/** At a border every choice is tried; more events than this at one are left to the operator. */
const MOST_AT_BORDERS = 8;

/** The transfer that a change of a balance tells of, if it does. */
export const transferOf = ({
  balance,
  cause,
  change,
  at,
}: Extract<StreamEvent, { kind: 'balance' }>): Transfer | undefined => {
  const amount = decimal(change.free).plus(change.locked);
  if (OF_ORDERS.has(cause) || amount.eq('0')) return undefined;
  const { asset, free, locked } = balance;
  // Two deposits of the same amount leave different balances behind; one that is told twice does not.
  const id = `${new Date(at).toISOString()} ${asset} ${cause} ${plain(amount)} ${free} ${locked}`;
  return { id, asset, amount: plain(amount), cause, time: at };
};

/** A remainder that transfers explain to the last decimal. */
export interface Recognised {
  readonly remainder: Remainder;
  readonly transfers: readonly Transfer[];
}

/**
 * Which remainders these transfers explain: all that happened for sure within the remainder's period, and of those at its borders
 * the ones that make it exact. What they do not explain exactly stays as it is.
 * @param transfers that explain nothing yet
 */
export const recognise = (
  remainders: readonly Remainder[],
  transfers: readonly Transfer[],
): readonly Recognised[] => {
  const left = new Set(transfers);
  return remainders.flatMap((remainder) => {
    const near = [...left].filter(
      ({ asset, time }) =>
        asset === remainder.asset && time >= remainder.from - BORDER && time <= remainder.to + BORDER,
    );
    const [inside = [], border = []] = partition(
      near,
      ({ time }) => time > remainder.from + BORDER && time < remainder.to - BORDER,
    );
    const used = choicesOf(border)
      .map((some) => [...inside, ...some])
      .find((some) => some.length > 0 && totalOf(some).eq(remainder.amount));
    if (!used) return [];
    for (const each of used) left.delete(each);
    return [{ remainder, transfers: used }];
  });
};

const totalOf = (transfers: readonly Transfer[]) =>
  transfers.reduce((sum, { amount }) => sum.plus(amount), decimal('0' satisfies DecimalText));

const partition = <T>(all: readonly T[], test: (each: T) => boolean): [T[], T[]] => [
  all.filter(test),
  all.filter((each) => !test(each)),
];

/** All selections of a few, the whole first. */
const choicesOf = <T>(all: readonly T[]): readonly (readonly T[])[] => {
  if (all.length > MOST_AT_BORDERS) return [all, []];
  return Array.from({ length: 2 ** all.length }, (_, mask) =>
    all.filter((_each, n) => ((mask >> n) & 1) === 0),
  );
};
