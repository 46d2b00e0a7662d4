/**
 * JSON with every number kept as its source text, so that 0.003000000000000000 or an id of twenty digits never passes
 * through binary floating point. `undefined` when the text is not JSON; the parser's own message is dropped, because
 * it quotes the text.
 */
export const parseExactJson = (text: string): unknown => {
  try {
    return LOSSY.test(text) ? JSON.parse(text, keepNumbers) : asText(JSON.parse(text));
  } catch {
    return undefined; // a RangeError too: nested deeper than the stack
  }
};

/** A number that a plain parse may not give back as it was written: a fraction, an exponent, 16 digits and more, -0. */
const LOSSY = /(?:^|[[:,])\s*-?(?:\d{16}|\d+[.eE])|(?:^|[[:,])\s*-0/u;

/** Changes a value that was parsed just now in place: nobody else has it yet. */
const asText = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) value[index] = asText(each);
  } else if (isFields(value)) {
    for (const key of Object.keys(value)) {
      const each = value[key];
      if (typeof each === 'number' || typeof each === 'object') value[key] = asText(each);
    }
  }
  return value;
};

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

// The third argument (the primitive's source) is in the language, not yet in TypeScript's library: hence `rest`.
const keepNumbers = (_key: string, value: unknown, ...rest: readonly unknown[]): unknown => {
  if (typeof value !== 'number') return value;
  const [context] = rest;
  const source =
    typeof context === 'object' && context !== null && 'source' in context ? context.source : undefined;
  return typeof source === 'string' ? source : String(value);
};
