import type { Fill } from './fill.ts';
import { type Decimal, type DecimalText, decimal, plain, ZERO } from './money.ts';
import type { Remainder, Totals } from './snapshot.ts';

/** A fill and the assets it moves. */
export interface Movement {
  readonly fill: Fill;
  readonly base: string;
  readonly quote: string;
}

/** What is to be explained: two readings of the account, and what is known to have happened between them. */
export interface Period {
  /** Start of the slot that the second reading is for; part of the ids of remainders. */
  readonly slot: number;
  /** When the account was read before, exchange ms, and what it held. Absent: this is the first reading. */
  readonly before?: {
    readonly takenFrom: number;
    readonly takenTo: number;
    readonly totals: Totals;
    /** `takenTo` of the very first reading: trades before it are in it. */
    readonly origin: number;
  };
  readonly after: { readonly takenFrom: number; readonly takenTo: number; readonly totals: Totals };
  /** Not accounted for yet, and applied before the account was read. */
  readonly certain: readonly Movement[];
  /**
   * Applied while the account was read, by lane in the order of application: of each lane the account shows the first few,
   * or none.
   */
  readonly uncertain: readonly (readonly Movement[])[];
  /** Open remainders of earlier periods. */
  readonly open: readonly Remainder[];
  /** Orders in flight that may have moved an asset unseen, by asset. */
  readonly inFlight: ReadonlyMap<string, readonly string[]>;
}

export interface Account {
  /** Of each uncertain lane, how many fills the account shows. */
  readonly taken: readonly number[];
  readonly traded: ReadonlyMap<string, DecimalText>;
  readonly open: readonly Remainder[];
  readonly closed: readonly Remainder[];
}

/** Trades carry whole seconds, and the exchange's clocks may differ by one more: so near a border a trade may lie on either side, ms. */
const BORDER = 2_000;
/** Most ways of splitting the uncertain fills that are tried. */
const MOST_WAYS = 4_096;

type Changes = Map<string, Decimal>;

/**
 * Proves, asset by asset, that what was there before, own trades and commissions make what is there now (design, section 9);
 * exact, without tolerance. What is left over is a remainder with the period in which it arose; trades that come late close the
 * remainder of their own period. Pure.
 */
export const account = (period: Period): Account => {
  const { before, certain, uncertain, after, open } = period;
  if (!before) {
    // The first reading explains nothing: it is what later ones are compared with.
    return { taken: uncertain.map((lane) => lane.length), traded: new Map(), open: [], closed: [] };
  }
  const border = before.takenFrom - BORDER;
  const late = certain.filter(({ fill }) => fill.time + 999 < border);
  const near = certain.filter(
    ({ fill }) => fill.time + 999 >= border && fill.time <= before.takenTo + BORDER,
  );
  const sure = certain.filter(({ fill }) => fill.time > before.takenTo + BORDER);
  const difference = differenceOf(before.totals, after.totals);
  // Trades at the border, and those that were applied meanwhile, belong where they leave the least over.
  const options = [
    { late, now: [...sure, ...near] },
    ...(near.length > 0 &&
    (wouldClose(open, changesOf(near)) || near.every((one) => isIn(before.origin, one)))
      ? [{ late: [...late, ...near], now: sure }]
      : []),
  ].flatMap((option) =>
    waysOf(uncertain).map((taken) => {
      const rest = left(difference, changesOf([...option.now, ...takenOf(uncertain, taken)]));
      return { ...option, taken, over: [...rest.values()].filter((amount) => !amount.eq('0')).length };
    }),
  );
  const best = options.reduce((a, b) => (b.over < a.over ? b : a));
  return concluded(period, best.taken, best.late, best.now);
};

/** Trades up to the first reading are in it, whenever they are applied. */
const isIn = (origin: number, { fill }: Movement): boolean => fill.time <= origin + BORDER;

const concluded = (
  period: Period,
  taken: readonly number[],
  late: readonly Movement[],
  now: readonly Movement[],
): Account => {
  const { before, after, uncertain } = period;
  const current = [...now, ...takenOf(uncertain, taken)];
  const remainders = new Map(period.open.map((each) => [each.id, each]));
  for (const movement of late)
    if (!before || !isIn(before.origin, movement)) applyLate(movement, remainders, period);
  const traded = changesOf([...late, ...current]);
  const rest = left(differenceOf(before?.totals ?? new Map(), after.totals), changesOf(current));
  for (const [asset, amount] of rest) {
    if (amount.eq('0')) continue;
    const id = `${period.slot}-${asset}`;
    const orders = period.inFlight.get(asset) ?? [];
    remainders.set(id, {
      id,
      asset,
      amount: plain(amount),
      from: before?.takenFrom ?? after.takenFrom,
      to: after.takenTo,
      state: orders.length > 0 ? 'pending' : 'unexplained',
      ...(orders.length > 0 && { orders: [...orders] }),
    });
  }
  const all = [...remainders.values()].map((each) => judged(each, period));
  return {
    taken,
    traded: texts(traded),
    open: all.filter(({ closedAt }) => closedAt === undefined),
    closed: all.filter(({ closedAt }) => closedAt !== undefined),
  };
};

/** A trade of an earlier period: what was left over then is less now, or more. */
const applyLate = (
  { fill, base, quote }: Movement,
  remainders: Map<string, Remainder>,
  period: Period,
): void => {
  for (const [asset, change] of changesOf([{ fill, base, quote }])) {
    if (change.eq('0')) continue;
    const found = [...remainders.values()].find(
      (each) =>
        each.asset === asset && fill.time + 999 >= each.from - BORDER && fill.time <= each.to + BORDER,
    );
    const amount = decimal(found?.amount ?? '0').minus(change);
    const id = found?.id ?? `${fill.time}-${asset}`;
    remainders.set(id, {
      id,
      asset,
      from: found?.from ?? fill.time,
      to: found?.to ?? fill.time,
      state: found?.state ?? 'unexplained',
      ...(found?.orders && { orders: found.orders }),
      amount: plain(amount),
      note: `the trade ${fill.tradeId} of order ${fill.order} was applied late`,
      ...(amount.eq('0') && { closedAt: period.after.takenTo }),
    });
  }
};

/** What was waited for has come to nothing once the orders that could explain it are over. */
const judged = (remainder: Remainder, { inFlight }: Period): Remainder => {
  if (remainder.state !== 'pending' || remainder.closedAt !== undefined) return remainder;
  const flying = new Set([...inFlight.values()].flat());
  return remainder.orders?.some((id) => flying.has(id)) ? remainder : { ...remainder, state: 'unexplained' };
};

const wouldClose = (open: readonly Remainder[], changes: Changes): boolean =>
  [...changes].every(
    ([asset, change]) =>
      change.eq('0') || open.some((each) => each.asset === asset && decimal(each.amount).eq(change)),
  );

/** What a trade did to each asset: both sides and the commission, in whatever asset it was taken. */
const changesOf = (movements: readonly Movement[]): Changes => {
  const changes: Changes = new Map();
  const add = (asset: string, amount: Decimal): void => {
    changes.set(asset, (changes.get(asset) ?? ZERO).plus(amount));
  };
  for (const { fill, base, quote } of movements) {
    const sign = fill.side === 'buy' ? decimal('1') : decimal('-1');
    add(base, sign.times(fill.quantity));
    add(quote, ZERO.minus(sign.times(fill.quoteQuantity)));
    add(fill.commissionAsset, ZERO.minus(fill.commission));
  }
  return changes;
};

const differenceOf = (before: Totals, after: Totals): Changes =>
  new Map(
    [...new Set([...before.keys(), ...after.keys()])].map((asset) => [
      asset,
      decimal(after.get(asset) ?? '0').minus(before.get(asset) ?? '0'),
    ]),
  );

const left = (difference: Changes, explained: Changes): Changes =>
  new Map(
    [...new Set([...difference.keys(), ...explained.keys()])].map((asset) => [
      asset,
      (difference.get(asset) ?? ZERO).minus(explained.get(asset) ?? ZERO),
    ]),
  );

const texts = (changes: Changes): ReadonlyMap<string, DecimalText> =>
  new Map(
    [...changes].flatMap(([asset, amount]) => (amount.eq('0') ? [] : [[asset, plain(amount)] as const])),
  );

/** How many fills of each lane the account may show: all of them first, as is most likely. */
const waysOf = (lanes: readonly (readonly Movement[])[]): readonly (readonly number[])[] => {
  let ways: number[][] = [[]];
  for (const lane of lanes) {
    const counts = Array.from({ length: lane.length + 1 }, (_, n) => lane.length - n);
    ways = ways.flatMap((way) => counts.map((count) => [...way, count]));
    if (ways.length > MOST_WAYS) return [lanes.map(({ length }) => length), lanes.map(() => 0)];
  }
  return ways;
};

const takenOf = (lanes: readonly (readonly Movement[])[], way: readonly number[]): Movement[] =>
  lanes.flatMap((lane, index) => lane.slice(0, way[index] ?? 0));
