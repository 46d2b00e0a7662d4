import type { PriceLevel, Side } from '../../domain/exchange.ts';
import type { StreamInterval } from '../../domain/stream.ts';
import { intervalCalled } from './channels.ts';
import { Unreadable } from './unreadable.ts';

/** Section 9.1. */
const STATUS: Readonly<Record<number, string>> = {
  1: 'NEW',
  2: 'FILLED',
  3: 'PARTIALLY_FILLED',
  4: 'CANCELED',
  5: 'PARTIALLY_CANCELED',
};

/** Section 9.1. The last three are never sent by this system. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'LIMIT',
  2: 'LIMIT_MAKER',
  3: 'IMMEDIATE_OR_CANCEL',
  4: 'FILL_OR_KILL',
  5: 'MARKET',
  100: 'STOP_OR_TAKE_PROFIT',
  101: 'OCO_101',
  102: 'OCO_102',
};

/** The REST word of an order's status; a code that is not known is `UNKNOWN_` and the code, and ends nothing. */
export const statusOf = (code: number): string => STATUS[code] ?? `UNKNOWN_${code}`;

/** The REST word of an order's type; a code that is not known is `UNKNOWN_` and the code. */
export const typeOf = (code: number): string => TYPES[code] ?? `UNKNOWN_${code}`;

/** @throws Unreadable for a code that is neither */
export const sideOf = (code: number): Side => {
  if (code === 1) return 'buy';
  if (code === 2) return 'sell';
  throw new Unreadable('neither bought nor sold');
};

/** @throws Unreadable for an interval that is not known */
export const intervalOf = (word: string): StreamInterval => {
  const interval = intervalCalled(word);
  if (interval === undefined) throw new Unreadable('an interval that is not known');
  return interval;
};

/** One side of the best prices: absent where the book is empty. */
export const sideOfBook = (price: string, quantity: string): PriceLevel | undefined => {
  if ((price === '') !== (quantity === '')) throw new Unreadable('a price without a quantity');
  return price === '' || price === '0' ? undefined : { price, quantity };
};

/** Digits that a number holds exactly, and most that a version has. */
const EXACT = 15;
const MOST_DIGITS = 30;
const ZERO = 48;

/** A book's version (section 11.5). */
export const versionOf = (text: string): bigint => {
  if (text.length === 0 || text.length > MOST_DIGITS) throw new Unreadable('a version is no number');
  let value = 0;
  for (let n = 0; n < text.length; n += 1) {
    const digit = text.charCodeAt(n) - ZERO;
    if (digit < 0 || digit > 9) throw new Unreadable('a version is no number');
    value = value * 10 + digit;
  }
  return BigInt(text.length <= EXACT ? value : text);
};
