import type { Json } from './alert-json.ts';
import { decimal, plain } from './money.ts';

/** What is wrong with one field of an alert. `path` is the field; `info.x` inside `info`. */
export interface AlertProblem {
  readonly path: string;
  readonly message: string;
}

/** One field read: its value, or why not. A message describes and never quotes: any field may hold the token. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

export const no = (message: string): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message,
});
export const yes = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

const NOT_FILLED_IN =
  'the placeholder was not filled in; strategy placeholders are filled in strategy alerts only';
const HALF_CHARACTER = 'holds half a character (a lone surrogate)';

/** ASCII letters only: the lower case of other scripts may be another word. */
export const asciiLower = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
export const asciiUpper = (text: string): string =>
  text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());

const characterCount = (text: string): number => [...text].length;

/** Trimmed text that is not empty, is no unfilled placeholder and can be stored as it is. */
export const readText = (value: Json): Read<string> => {
  if (typeof value !== 'string') return no('must be text');
  const text = value.trim();
  if (text === '') return no('is empty: the placeholder had no value');
  if (text.includes('{{') || text.includes('}}')) return no(NOT_FILLED_IN);
  return text.isWellFormed() ? yes(text) : no(HALF_CHARACTER);
};

/** Free text: empty means absent, placeholders may stay. */
export const readFreeText = (value: Json, most: number): Read<string | undefined> => {
  if (typeof value !== 'string') return no('must be text');
  const text = value.trim();
  if (!text.isWellFormed()) return no(HALF_CHARACTER);
  const count = characterCount(text);
  if (count > most) return no(`has ${count} characters; at most ${most} are stored`);
  return yes(text === '' ? undefined : text);
};

const MAX_ID = 128;

/** An alert's id. A JSON number is taken as the text it is written as: nobody computes with it. */
export const readId = (value: Json): Read<string> => {
  const source =
    value !== null && typeof value === 'object' && value.kind === 'number' ? value.source : value;
  const text = readText(source);
  if (!text.ok || characterCount(text.value) <= MAX_ID) return text;
  return no(`has ${characterCount(text.value)} characters; at most ${MAX_ID} are allowed`);
};

/** One of a few words, in any ASCII case. `hints` say more about words that other systems use. */
export const readWord = <T extends string>(
  value: Json,
  words: readonly T[],
  hint: (word: string) => string | undefined = () => undefined,
): Read<T> => {
  const text = readText(value);
  if (!text.ok) return text;
  const lower = asciiLower(text.value);
  const word = words.find((candidate) => candidate === lower);
  if (word !== undefined) return yes(word);
  const more = hint(lower);
  return no(`must be one of ${words.join(', ')}${more === undefined ? '' : `: ${more}`}`);
};

export const readBoolean = (value: Json): Read<boolean> =>
  typeof value === 'boolean' ? yes(value) : no('must be true or false, without quotes');

export interface NumberRule {
  /** A leading + or - is allowed. @default false */
  readonly signed?: boolean;
  /** Zero is allowed. @default false */
  readonly zero?: boolean;
  /** The largest value allowed. @default none */
  readonly most?: string;
}

const DIGITS_BEFORE = 20;
const DIGITS_AFTER = 18;
const PLAIN_NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * An exact number from a JSON number or text, as plain decimal text. `.5` and `5.` are numbers: digits and one point.
 * Digits are counted as written, after the exponent moved the point, before anything is computed.
 */
export const readNumber = (value: Json, rule: NumberRule = {}): Read<string> => {
  if (value === null || typeof value === 'boolean') return no('must be a number');
  if (typeof value === 'object' && value.kind !== 'number') return no('must be a number');
  const text = typeof value === 'string' ? readText(value) : yes(value.source);
  if (!text.ok) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = PLAIN_NUMBER.exec(text.value) ?? [];
  if (whole === '' && fraction === '') return no(notANumber(text.value));
  if (sign !== '' && rule.signed !== true) return no('must not have a sign');
  const shift = Number(exponent);
  if (whole.length + shift > DIGITS_BEFORE || fraction.length - shift > DIGITS_AFTER) {
    return no(`has too many digits: at most ${DIGITS_BEFORE} before and ${DIGITS_AFTER} after the point`);
  }
  const number = decimal(`${sign === '-' ? '-' : ''}${whole || '0'}.${fraction || '0'}e${shift}`);
  if (number.eq('0')) return rule.zero === true ? yes('0') : no('must be above 0');
  if (rule.most !== undefined && number.gt(rule.most)) return no(`must be at most ${rule.most}`);
  return yes(plain(number));
};

const notANumber = (text: string): string => {
  if (/^[+-]?(nan|na|null|none|undefined|inf(inity)?|∞)$/i.test(text)) {
    return 'is not a number: the script had no finite value (NaN, na or Infinity)';
  }
  if (text.includes(',')) return 'must be a plain number: no commas, the decimal sign is a point';
  if (text.includes('%')) return 'must be a plain number: no % sign';
  if (/\p{Sc}/u.test(text)) return 'must be a plain number: no currency sign';
  if (/\s/.test(text)) return 'must be a plain number: no blanks inside';
  if (/[^\P{Nd}0-9]/u.test(text)) return 'must be a plain number: digits are 0 to 9';
  return 'must be a plain number such as 1.5: digits, at most one point, no unit';
};

/** A whole number within bounds. */
export const readWhole = (value: Json, least: number, most: number): Read<number> => {
  const number = readNumber(value, { zero: true });
  if (!number.ok) return number;
  if (number.value.includes('.')) return no('must be a whole number');
  const whole = decimal(number.value);
  if (whole.lt(String(least))) return no(`must be at least ${least}`);
  return whole.gt(String(most)) ? no(`must be at most ${most}`) : yes(Number(number.value));
};
