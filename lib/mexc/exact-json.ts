/**
 * JSON with every number kept as its source text, so that 0.003000000000000000 or an id of twenty digits never passes
 * through binary floating point. `undefined` when the text is not JSON; the parser's own message is dropped, because
 * it quotes the text.
 */
export const parseExactJson = (text: string): unknown => {
  try {
    return JSON.parse(text, keepNumbers);
  } catch {
    return undefined; // a RangeError too: nested deeper than the stack
  }
};

// The third argument (the primitive's source) is in the language, not yet in TypeScript's library: hence `rest`.
const keepNumbers = (_key: string, value: unknown, ...rest: readonly unknown[]): unknown => {
  if (typeof value !== 'number') return value;
  const [context] = rest;
  const source =
    typeof context === 'object' && context !== null && 'source' in context ? context.source : undefined;
  return typeof source === 'string' ? source : String(value);
};
