/** Decimals as whole numbers of 10^-36: arithmetic that shares nothing with what is tested. */
const PLACES = 36;

/** @throws Error for more decimals than there are places */
export const exact = (text: string): bigint => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const [, sign, whole = '', part = ''] = match ?? [];
  if (!match || part.length > PLACES) throw new Error(`no exact decimal: ${text}`);
  const size = BigInt(whole + part.padEnd(PLACES, '0'));
  return sign ? -size : size;
};

/** Exact product of two such numbers. @throws Error when it needs more places */
export const product = (a: bigint, b: bigint): bigint => {
  const full = a * b;
  const unit = 10n ** BigInt(PLACES);
  if (full % unit !== 0n) throw new Error('the product needs more places');
  return full / unit;
};

export const textOf = (value: bigint): string => {
  const digits = (value < 0n ? -value : value).toString().padStart(PLACES + 1, '0');
  const text = `${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`.replace(/\.?0+$/, '');
  return value < 0n ? `-${text}` : text;
};

/** Amounts by name, summed. */
export type Sums = Map<string, bigint>;

export const add = (sums: Sums, name: string, amount: bigint): void => {
  sums.set(name, (sums.get(name) ?? 0n) + amount);
};

/** As decimal text, sorted by name, without what came to nothing. */
export const texts = (sums: Sums): Record<string, string> =>
  Object.fromEntries(
    [...sums]
      .filter(([, amount]) => amount !== 0n)
      .map(([name, amount]) => [name, textOf(amount)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
