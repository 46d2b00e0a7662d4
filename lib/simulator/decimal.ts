import { Big } from 'big.js';
import * as z from 'zod';

export type Decimal = Big;

/** A decimal in plain notation, the only form in which the simulator stores numbers of money. */
export const DecimalText = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal string without exponent');

/** A decimal greater than zero, as control calls take it. */
export const PositiveText = DecimalText.refine((text) => Number(text) > 0, 'must be greater than zero');

export function decimal(value: string | number): Decimal {
  return new Big(value);
}

/** Plain notation without exponent and without trailing zeros. */
export function plain(value: Decimal): string {
  return value.toFixed();
}

/** A whole number of units of 10^-places in the notation of `plain`. */
export function unitText(units: number, places: number): string {
  if (places <= 0 || units === 0) return `${units}${units === 0 ? '' : '0'.repeat(-places)}`;
  const digits = String(units).padStart(places + 1, '0');
  let end = digits.length;
  while (end > digits.length - places && digits[end - 1] === '0') end -= 1;
  const whole = digits.slice(0, digits.length - places);
  return end === whole.length ? whole : `${whole}.${digits.slice(whole.length, end)}`;
}

export function floorTo(value: Decimal, places: number): Decimal {
  return value.round(places, Big.roundDown);
}

export function smaller(a: Decimal, b: Decimal): Decimal {
  return a.lt(b) ? a : b;
}

/** The step of a number with `places` decimals: 10^-places. */
export function step(places: number): Decimal {
  return decimal(10).pow(-places);
}

/** Decimals as written: "1.50" has two. The exchange counts characters, not value. */
export function placesOf(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}
