import Big from 'big.js';
import * as z from 'zod';

/**
 * Exact decimals. Amounts are decimal text at every boundary (wire, table, answer) and `Decimal` only while
 * something is computed; binary floating point never touches money.
 */
const Exact = Big();
Exact.strict = true; // a JavaScript number as input throws: it has been through binary floating point already
Exact.DP = 40;
Exact.RM = Big.roundDown;
Exact.NE = -1_000_000; // plain notation always: the exchange refuses exponents
Exact.PE = 1_000_000;

export type Decimal = Big;

/** Decimal text as it is stored and answered: digits, at most one point, optional minus, no exponent. */
export const DecimalText = z.string().regex(/^-?\d+(\.\d+)?$/);
export type DecimalText = z.infer<typeof DecimalText>;

/** Reads decimal text (an exponent is accepted). Throws when the text is not a number: callers parse first. */
export const decimal = (text: string): Decimal => new Exact(text);

/** Plain notation without exponent and without trailing zeros. */
export const plain = (value: Decimal): DecimalText => value.toFixed();

export const ZERO = decimal('0');

/** Rounds towards zero to `places` decimals. */
export const roundDown = (value: Decimal, places: number): Decimal => value.round(places, Big.roundDown);

/** Rounds away from zero to `places` decimals. */
export const roundUp = (value: Decimal, places: number): Decimal => value.round(places, Big.roundUp);

export const smaller = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);
export const larger = (a: Decimal, b: Decimal): Decimal => (a.gt(b) ? a : b);

/** Sum of decimal texts, exact. */
export const sum = (texts: Iterable<string>): Decimal => {
  let total = ZERO;
  for (const text of texts) total = total.plus(text);
  return total;
};
