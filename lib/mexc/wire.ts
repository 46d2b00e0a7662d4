import * as z from 'zod';
import { decimal, plain } from '../domain/money.ts';
import { unreadableAnswer } from './answer.ts';

/**
 * Field types of the exchange's answers after `parseExactJson`, where every number is its source text: whether a field
 * is a string or a number makes no difference.
 */

/** A number of any notation, as plain decimal text without trailing zeros. */
export const WireDecimal = z
  .string()
  .trim()
  .max(100)
  .regex(/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/iu)
  .transform((text) => plain(decimal(text)));

/** An integer that JavaScript can hold: milliseconds, counts of decimals. */
export const WireInteger = WireDecimal.transform(Number).pipe(z.int().min(0));

export const WireBoolean = z.union([
  z.boolean(),
  z.enum(['true', 'false']).transform((text) => text === 'true'),
]);

/** Identifiers, symbols, assets, words. */
export const WireText = z.string().trim().min(1);

const blankToAbsent = (value: unknown): unknown => (value === null || value === '' ? undefined : value);

/** Missing, null and the empty string all mean absent. */
export const absentable = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(blankToAbsent, schema.optional());

/**
 * Reads an answer's data. Throws `UnknownOutcomeError` (`unreadable`) that names the place, never the content.
 * @param what for the message, e.g. `openOrders`
 */
export const readWire = <Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  what: string,
): z.output<Schema> => {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const place = (result.error.issues[0]?.path ?? []).map(String).join('.');
  throw unreadableAnswer(place === '' ? what : `${what}: ${place}`);
};
