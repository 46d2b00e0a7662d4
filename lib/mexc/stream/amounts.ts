import { decimal, plain } from '../../domain/money.ts';
import { WireDecimal } from '../wire.ts';

/** A number in any notation that answers may have, as plain decimal text; `null` if it is none, empty if it is empty. */
export const amountFrom = (text: string): string | null => {
  if (text === '') return '';
  const read = WireDecimal.safeParse(text);
  return read.success ? read.data : null;
};

const POINT = '.';

/** Digits of a plain amount as one whole number, and how many of them are decimals. */
const wholeOf = (amount: string, point: number): number =>
  Number(point < 0 ? amount : amount.slice(0, point) + amount.slice(point + 1));

/** Exact product of two plain amounts without a sign. Most fit into whole numbers, which is many times faster. */
export const product = (a: string, b: string): string => {
  const pointA = a.indexOf(POINT);
  const pointB = b.indexOf(POINT);
  const whole = wholeOf(a, pointA) * wholeOf(b, pointB);
  // A true product beyond the safe range never rounds to a number within it.
  if (!Number.isSafeInteger(whole) || a.length > 16 || b.length > 16) return plain(decimal(a).times(b));
  const decimals = (pointA < 0 ? 0 : a.length - 1 - pointA) + (pointB < 0 ? 0 : b.length - 1 - pointB);
  if (whole === 0 || decimals === 0) return String(whole);
  const digits = String(whole).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48 && end > point) end -= 1;
  return end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
};
