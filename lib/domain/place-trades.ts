import type { Fill } from './fill.ts';
import { type Decimal, decimal, ZERO } from './money.ts';
import type { Remainder } from './snapshot.ts';

/** A fill and the assets it moves. */
export interface Movement {
  readonly fill: Fill;
  readonly base: string;
  readonly quote: string;
}

/** Trades carry whole seconds, and the exchange's clocks may differ by one more: so near a border a trade may lie on either side, ms. */
const BORDER = 2_000;
/** Most ways of placing the doubtful trades that are all tried. */
const MOST_WAYS = 4_096;
/** Amounts by asset. */
export type Changes = ReadonlyMap<string, Decimal>;

/**
 * Where a trade may belong: in this period (`now`), in the first reading (`origin`), or in the period of remainders that are
 * open (by its borders). `lone`: in an earlier period that left nothing over.
 */
export type Place = string;
/** What is left over, by place and asset. */
export type Cells = Map<string, Decimal>;

/** One doubt, and the ways to settle it, the likeliest first. */
export interface Doubt {
  readonly time: number;
  readonly ways: readonly (readonly (readonly [Place, Movement])[])[];
}

export const placeOf = ({ from, to }: Pick<Remainder, 'from' | 'to'>): Place => `${from}-${to}`;

/** Where a trade may belong, the likeliest first. */
export const placesOf = (
  { fill }: Movement,
  before: { readonly takenFrom: number; readonly origin: number },
  open: readonly Remainder[],
): readonly Place[] => {
  const touches = (from: number, to: number, by: number): boolean =>
    fill.time + 999 >= from - by && fill.time <= to + by;
  // Its own second says the most; two seconds around it are possible too.
  const around = (by: number): Place[] => [
    ...(touches(before.takenFrom, Number.POSITIVE_INFINITY, by) ? ['now'] : []),
    ...open.filter(({ from, to }) => touches(from, to, by)).map(placeOf),
  ];
  return [
    ...new Set([
      ...around(0),
      ...around(BORDER),
      // Trades up to the first reading are in it, whenever they are applied.
      ...(fill.time <= before.origin + BORDER ? ['origin'] : []),
    ]),
  ];
};

/** `origin` is a place where nothing is left over: what lies there is accounted for. */
export const put = (cells: Cells, place: Place, asset: string, amount: Decimal): void => {
  if (place === 'origin') return;
  const key = `${place} ${asset}`;
  cells.set(key, (cells.get(key) ?? ZERO).plus(amount));
};

export const explain = (cells: Cells, placed: readonly (readonly [Place, Movement])[]): void => {
  for (const [place, movement] of placed)
    for (const [asset, change] of changesOf([movement])) put(cells, place, asset, ZERO.minus(change));
};

export const chosenOf = (doubts: readonly Doubt[], way: readonly number[]) =>
  doubts.flatMap(({ ways }, index) => ways[way[index] ?? 0] ?? []);

/** The way with the fewest amounts left over; of equals the likeliest. */
export const bestWay = (cells: Cells, doubts: readonly Doubt[]): readonly number[] => {
  const usual = doubts.map(() => 0);
  const over = (way: readonly number[]): number => {
    const rest = new Map(cells);
    explain(rest, chosenOf(doubts, way));
    return [...rest.values()].filter((amount) => !amount.eq('0')).length;
  };
  const better = (found: Found, way: readonly number[]): Found => {
    const left = over(way);
    return left < found.left ? { way, left } : found;
  };
  type Found = { readonly way: readonly number[]; readonly left: number };
  let best: Found = { way: usual, left: over(usual) };
  const count = doubts.reduce((all, { ways }) => all * ways.length, 1);
  if (count <= MOST_WAYS) {
    for (let n = 1; n < count; n += 1) best = better(best, wayOf(n, doubts));
    return best.way;
  }
  // Too many for all: trades lie in order, so all up to one of them belong to the past; then each doubt by itself.
  for (let past = 1; past <= doubts.length; past += 1)
    best = better(
      best,
      usual.map((_, index) => (index < past ? 1 : 0)),
    );
  for (const [index, { ways }] of doubts.entries())
    for (let n = 0; n < ways.length; n += 1) best = better(best, best.way.with(index, n));
  return best.way;
};

/** The n-th way through all doubts. */
const wayOf = (n: number, doubts: readonly Doubt[]): readonly number[] => {
  let left = n;
  return doubts.map(({ ways }) => {
    const choice = left % ways.length;
    left = Math.floor(left / ways.length);
    return choice;
  });
};

/** What a trade did to each asset: both sides and the commission, in whatever asset it was taken. */
export const changesOf = (movements: readonly Movement[]): Changes => {
  const changes = new Map<string, Decimal>();
  const add = (asset: string, amount: Decimal): void => {
    if (!amount.eq('0')) changes.set(asset, (changes.get(asset) ?? ZERO).plus(amount));
  };
  for (const { fill, base, quote } of movements) {
    const sign = fill.side === 'buy' ? decimal('1') : decimal('-1');
    add(base, sign.times(fill.quantity));
    add(quote, ZERO.minus(sign.times(fill.quoteQuantity)));
    add(fill.commissionAsset, ZERO.minus(fill.commission));
  }
  return changes;
};
