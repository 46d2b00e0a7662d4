/** The middle of the values; of an even number the upper of the two. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** @param share in [0, 1] */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** One ratio per round, and what they come to. Only values of the same round are divided: the machine changes. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: readonly number[];
}

export const ratioOf = (values: readonly number[], others: readonly number[]): Ratio => {
  const rounds = values.map((value, round) => rounded(value / (others[round] ?? Number.NaN), 3));
  return {
    median: median(rounds),
    least: Math.min(...rounds),
    most: Math.max(...rounds),
    rounds,
  };
};

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The contenders of one round: each round begins with another one, so that none always runs on a warm machine. */
export const rotated = <T>(all: readonly T[], round: number): readonly T[] => {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
};
