/** Doubles from `first` up to `longest`, milliseconds. */
interface Pauses {
  readonly first: number;
  readonly longest: number;
}

/** The pause before try `n` (from 1): half of it fixed, half by chance, so that nobody comes back together. */
export const backoff = (n: number, { first, longest }: Pauses, random: () => number): number =>
  Math.min(longest, first * 2 ** Math.min(n - 1, 30)) * (0.5 + random() / 2);
