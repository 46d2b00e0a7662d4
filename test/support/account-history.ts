import type { Fill } from '../../lib/domain/fill.ts';
import { fractions } from './account-world.ts';
import { aFill } from './contract-domain.ts';
import { add, exact, product, type Sums, textOf } from './exact.ts';

export const QUARTER = 900_000;
export const OPENS = Date.UTC(2026, 10, 1);

/** A trade of ours: when the exchange did it, and when the ledger learnt of it. True epoch ms. */
export interface Traded {
  readonly fill: Fill;
  readonly base: string;
  readonly quote: string;
  readonly at: number;
  readonly appliedAt: number;
}

/** What came or went beside the trades. */
export interface Outside {
  readonly asset: string;
  readonly amount: bigint;
  readonly at: number;
}

/** A made-up account: the truth that a proof is held against. */
export interface History {
  /** In the order of application, lane by lane numbered. */
  readonly trades: readonly Traded[];
  readonly outside: readonly Outside[];
  readonly readings: readonly number[];
  /** What the account held at a time, asset by asset. */
  held(at: number): Sums;
}

const OPENING: readonly (readonly [string, string])[] = [
  ['USDT', '50000'],
  ['MX', '500'],
  ['SOL', '100'],
  ['XRP', '10000'],
];

/** What a trade changes, recomputed from its price and size alone. */
export const changesOf = ({ fill, base, quote }: Pick<Traded, 'fill' | 'base' | 'quote'>) => {
  const sign = fill.side === 'buy' ? 1n : -1n;
  const quantity = exact(fill.quantity);
  return [
    [base, sign * quantity],
    [quote, -sign * product(exact(fill.price), quantity)],
    [fill.commissionAsset, -exact(fill.commission)],
  ] as const;
};

/** @param seed the same makes the same @param slots how many readings, a quarter of an hour apart */
export const drawHistory = (seed: number, slots: number): History => {
  const draw = fractions(seed);
  const whole = (least: number, most: number): number => Math.floor(least + draw() * (most - least + 1));
  const readings = Array.from({ length: slots }, (_, slot) => OPENS + slot * QUARTER + whole(20, 900));
  const hides = draw() < 0.5;
  /**
   * Often near a reading, where a trade's second may lie on either side. Not near the first one: beside another trade that is
   * hidden, nothing tells then whether it holds this one.
   */
  const someTime = (): number => {
    const at =
      draw() < 0.6
        ? (readings[whole(1, slots - 1)] ?? OPENS) + whole(-2_400, 2_400)
        : OPENS + whole(-600_000, slots * QUARTER);
    if (Math.abs(at - (readings[0] ?? 0)) < 5_000) return at + 10_000;
    // Where others hide for long, nothing tells on which side of a reading a trade of its very second lay.
    return hides && readings.some((read) => Math.abs(read - at) < 1_100) ? at + 2_300 : at;
  };
  const digits = (least: number, most: number, places: number): string =>
    `${whole(least, most)}.${String(whole(1, 10 ** places - 1)).padStart(places, '0')}`;

  const drawn = Array.from({ length: whole(0, slots * 3) }, (_, n): Traded => {
    const base = draw() < 0.5 ? 'SOL' : 'XRP';
    const price = base === 'SOL' ? digits(140, 144, 2) : digits(2, 2, 4);
    const quantity = digits(0, 2, 3);
    const worth = product(exact(price), exact(quantity));
    const at = someTime();
    // Mostly at once, sometimes after an hour.
    const isSoon = !hides || draw() < 0.7;
    const delay = isSoon ? whole(10, 400) : draw() < 0.6 ? whole(400, 5_000) : whole(5_000, 4_500_000);
    const fill = aFill({
      strategy: `s-${whole(0, 2)}`,
      symbol: `${base}USDT`,
      tradeId: `t${n}`,
      order: `o${n}`,
      side: draw() < 0.5 ? 'buy' : 'sell',
      price,
      quantity,
      quoteQuantity: textOf(worth),
      commission: digits(0, 0, 8),
      commissionAsset: draw() < 0.4 ? 'MX' : draw() < 0.9 ? 'USDT' : base,
      realised: `${draw() < 0.4 ? '-' : ''}${digits(0, 5, 6)}`,
      time: Math.floor(at / 1_000) * 1_000,
    });
    return { fill, base, quote: 'USDT', at, appliedAt: at + delay };
  });
  // One after the other within a lane, as the ledger applies them.
  const trades = [...Map.groupBy(drawn, ({ fill }) => `${fill.strategy} ${fill.symbol}`).values()].flatMap(
    (lane) => {
      let last = 0;
      return lane
        .sort((a, b) => a.at - b.at)
        .map((trade, index) => {
          last = Math.max(last, trade.appliedAt);
          return { ...trade, appliedAt: last, fill: { ...trade.fill, n: index + 1, appliedAt: last } };
        });
    },
  );
  const outside = ['USDT', 'SOL', 'MX', 'DOGE'].flatMap((asset): Outside[] => {
    const sign = draw() < 0.5 && asset !== 'DOGE' ? '-' : '';
    return draw() < 0.4 ? [{ asset, amount: exact(`${sign}${digits(1, 9, 7)}`), at: someTime() }] : [];
  });
  return {
    trades,
    outside,
    readings,
    held: (at) => {
      const sums: Sums = new Map(OPENING.map(([asset, amount]) => [asset, exact(amount)]));
      for (const trade of trades)
        if (trade.at < at) for (const [asset, amount] of changesOf(trade)) add(sums, asset, amount);
      for (const event of outside) if (event.at < at) add(sums, event.asset, event.amount);
      return sums;
    },
  };
};
