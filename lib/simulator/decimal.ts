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
