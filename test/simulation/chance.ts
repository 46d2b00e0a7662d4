import { nextFraction, type Randomness, seedOf } from '../../lib/simulator/random.ts';

/** Seeded chance. Streams of different names are independent, so that what one draws more or less moves no other. */
export interface Chance {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** True with this probability. */
  happens(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** One of the names, each as likely as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  stream(name: string | number): Chance;
}

export const chanceOf = (seed: string): Chance => {
  const source: Randomness = { rng: seedOf(seed) };
  const fraction = (): number => nextFraction(source);
  const whole = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    happens: (probability) => fraction() < probability,
    pick: (items) => items[whole(0, items.length - 1)] ?? items[0],
    weighted: (weights) => {
      const names = Object.keys(weights) as (keyof typeof weights)[];
      let left = fraction() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        left -= weights[name];
        if (left < 0) return name;
      }
      throw new Error('nothing to draw from');
    },
    stream: (name) => chanceOf(`${seed}/${name}`),
  };
};

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** As many characters of base64url as 16 random bytes have. */
export const drawNonce = (chance: Chance): string =>
  Array.from({ length: 22 }, () => LETTERS[chance.whole(0, 63)]).join('');
