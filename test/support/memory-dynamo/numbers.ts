import Big from 'big.js';
import { invalid } from './refusal.ts';

/** DynamoDB's numbers: up to 38 digits, magnitudes from 1e-130 to below 1e126. */
const Exact = Big();
const DIGITS = 38;
const SMALL = /^-?(0|[1-9]\d{0,14})$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const checked = (value: Big): string => {
  const { c: digits, e: exponent } = value;
  if (digits[0] === 0) return '0';
  if (exponent > 125)
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (exponent < -130)
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  if (digits.length > DIGITS)
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  return value.toFixed();
};

/**
 * The one text of a number: plain, no zeros at the end.
 * @throws Refusal for what is no number or has no place in 38 digits
 */
export const canonicalNumber = (text: string): string => {
  if (SMALL.test(text)) return text === '-0' ? '0' : text;
  if (!NUMBER.test(text))
    throw invalid(
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text}`,
    );
  return checked(
    new Exact(
      text
        .replace(/^\+/, '')
        .replace(/\.(?=$|[eE])/, '')
        .replace(/^(-?)\./, '$10.'),
    ),
  );
};

/** Both in canonical form. @returns below, at or above zero */
export const compareNumbers = (a: string, b: string): number => {
  if (a === b) return 0;
  if (a.length < 16 && b.length < 16) return Number(a) - Number(b);
  return new Exact(a).cmp(b);
};

/** @throws Refusal where the result has no place in 38 digits */
export const addNumbers = (a: string, b: string): string => checked(new Exact(a).plus(b));

/** @throws Refusal where the result has no place in 38 digits */
export const subtractNumbers = (a: string, b: string): string => checked(new Exact(a).minus(b));
