import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { AppError } from '../domain/errors.ts';
import { decimal, plain } from '../domain/money.ts';

/** An item as the client returns it, numbers still wrapped. */
export type Item = Record<string, unknown>;

/** Decimal text as a DynamoDB number: arithmetic in update expressions is exact to 38 digits. */
export const asNumber = (text: string): NumberValue => NumberValue.from(text);

/**
 * Unwraps an item's numbers: as text where `decimals` names the attribute, as numbers (integers, times) elsewhere. The
 * text is ours: engines differ in zeros at the end, and in when they write an exponent.
 */
const unwrap = (value: unknown, decimals: ReadonlySet<string>, name = ''): unknown => {
  if (value instanceof NumberValue)
    return decimals.has(name) ? plain(decimal(value.value)) : Number(value.value);
  if (Array.isArray(value)) return value.map((each) => unwrap(each, decimals));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unwrap(each, decimals, key)]));
};

/**
 * Parses an item on its way out; attributes that only serve indexes are dropped by the schema.
 * @throws AppError `corrupt_item` naming table and key: an item that does not parse was not written by this system
 */
export const parseItem = <Schema extends z.ZodType>(
  schema: Schema,
  item: Item,
  what: string,
  decimals: readonly string[] = [],
): z.output<Schema> => {
  const parsed = schema.safeParse(unwrap(item, new Set(decimals)));
  if (!parsed.success) throw new AppError('corrupt_item', `${what} cannot be read: ${parsed.error.message}`);
  return parsed.data;
};
