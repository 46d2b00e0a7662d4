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

const asText = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(asText);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asText(each)]));
};

// The third argument (the primitive's source) is in the language, not yet in TypeScript's library: hence `rest`.
const keepNumbers = (_key: string, value: unknown, ...rest: readonly unknown[]): unknown => {
  if (typeof value !== 'number') return value;
  const [context] = rest;
  const source =
    typeof context === 'object' && context !== null && 'source' in context ? context.source : undefined;
  return typeof source === 'string' ? source : String(value);
};
