import { type Decimal, type DecimalText, decimal, plain } from './money.ts';
import {
  bestWay,
  type Cells,
  type Changes,
  changesOf,
  chosenOf,
  type Doubt,
  explain,
  type Movement,
  type Place,
  placeOf,
  placesOf,
  put,
} from './place-trades.ts';
import type { Remainder, Totals } from './snapshot.ts';

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
  /** Orders that may have moved assets unseen. */
  readonly inFlight: readonly InFlight[];
}

/** Orders of one symbol that may have executed more than is applied. */
export interface InFlight {
  readonly base: string;
  readonly quote: string;
  /** Assets that commissions may be taken in. */
  readonly fees: readonly string[];
  readonly orders: readonly string[];
}

export interface Account {
  /** Of each uncertain lane, how many fills the account shows. */
  readonly taken: readonly number[];
  readonly traded: ReadonlyMap<string, DecimalText>;
  readonly open: readonly Remainder[];
  readonly closed: readonly Remainder[];
}

/** An order explains what is left over for so long, ms; one that rests for weeks must not hide a loss. */
const PENDING_FOR = 2 * 3_600_000;

/**
 * Proves, asset by asset, that what was there before, own trades and commissions make what is there now (design, section 9);
 * exact, without tolerance. What is left over is a remainder with the period in which it arose; trades that come late close the
 * remainder of their own period. Trades at a border, and those that were applied meanwhile, belong where they leave the least
 * over, each by itself. Pure.
 */
export const account = (period: Period): Account => {
  const { before, certain, uncertain, after, open } = period;
  if (!before) {
    // The first reading explains nothing: it is what later ones are compared with.
    return { taken: uncertain.map((lane) => lane.length), traded: new Map(), open: [], closed: [] };
  }
  const placed: (readonly [Place, Movement])[] = [];
  const doubts: Doubt[] = [];
  for (const movement of certain) {
    const [first = 'lone', ...others] = placesOf(movement, before, open);
    if (others.length === 0) placed.push([first, movement]);
    else
      doubts.push({
        time: movement.fill.time,
        ways: [first, ...others].map((place) => [[place, movement] as const]),
      });
  }
  doubts.sort((a, b) => a.time - b.time);
  for (const lane of uncertain)
    doubts.push({
      time: after.takenTo,
      ways: Array.from({ length: lane.length + 1 }, (_, less) =>
        lane.slice(0, lane.length - less).map((movement) => ['now', movement] as const),
      ),
    });
  const cells: Cells = new Map();
  for (const [asset, amount] of differenceOf(before.totals, after.totals)) put(cells, 'now', asset, amount);
  for (const remainder of open) put(cells, placeOf(remainder), remainder.asset, decimal(remainder.amount));
  explain(cells, placed);
  const way = bestWay(cells, doubts);
  const rest = new Map(cells);
  const chosen = chosenOf(doubts, way);
  explain(rest, chosen);
  const taken = uncertain.map((lane, index) => {
    const n = doubts.length - uncertain.length + index;
    return lane.length - (way[n] ?? 0);
  });
  return concluded(period, before, taken, [...placed, ...chosen], rest);
};

const concluded = (
  period: Period,
  before: NonNullable<Period['before']>,
  taken: readonly number[],
  placed: readonly (readonly [Place, Movement])[],
  rest: Cells,
): Account => {
  const { after, open, slot } = period;
  const left = new Map<string, Decimal>();
  const remainders = new Map(open.map((each) => [each.id, each]));
  for (const [key, amount] of rest) {
    const [place = ''] = key.split(' ', 1);
    const asset = key.slice(place.length + 1);
    if (place === 'now') {
      if (!amount.eq('0')) left.set(asset, amount);
      continue;
    }
    const here = open.filter((each) => placeOf(each) === place);
    const late = placed.filter(([at, movement]) => at === place && changesOf([movement]).has(asset));
    const last = late.at(-1)?.[1].fill;
    const known = here.find((each) => each.asset === asset);
    if (!last || (!known && amount.eq('0'))) continue;
    // What left nothing over in its own period, because something else made up for it, does now.
    const found =
      known ??
      newRemainder(
        asset,
        here[0],
        late.map(([, { fill }]) => fill.time),
      );
    remainders.set(found.id, {
      ...found,
      amount: plain(amount),
      note: `the trade ${last.tradeId} of order ${last.order} was applied late`,
      ...(amount.eq('0') && { closedAt: after.takenTo }),
    });
  }
  for (const [asset, amount] of left) {
    const orders = explainers(asset, left, period.inFlight);
    const id = `${slot}-${asset}`;
    remainders.set(id, {
      id,
      asset,
      amount: plain(amount),
      from: before.takenFrom,
      to: after.takenTo,
      state: orders.length > 0 ? 'pending' : 'unexplained',
      ...(orders.length > 0 && { orders: [...orders] }),
    });
  }
  for (const pair of cancelling([...remainders.values()]))
    for (const each of pair)
      remainders.set(each.id, { ...each, note: `${each.note}; the two cancel out`, closedAt: after.takenTo });
  const all = [...remainders.values()].map((each) => judged(each, period));
  return {
    taken,
    traded: texts(changesOf(placed.flatMap(([place, movement]) => (place === 'origin' ? [] : [movement])))),
    open: all.filter(({ closedAt }) => closedAt === undefined),
    closed: all.filter(({ closedAt }) => closedAt !== undefined),
  };
};

/**
 * Remainders of neighbouring periods that cancel each other out after late trades: a trade in the very second of the reading
 * between them was counted on the wrong side while others still hid where it belonged.
 */
const cancelling = (remainders: readonly Remainder[]): readonly (readonly Remainder[])[] => {
  const late = remainders.filter(({ closedAt, note }) => closedAt === undefined && note !== undefined);
  return late.flatMap((one) => {
    const other = late.find(
      (each) =>
        each.asset === one.asset &&
        each.from > one.from &&
        each.from <= one.to &&
        decimal(each.amount).plus(one.amount).eq('0'),
    );
    return other ? [[one, other]] : [];
  });
};

/** @param beside another remainder of the same period, if there is one */
const newRemainder = (
  asset: string,
  beside: Remainder | undefined,
  times: readonly number[],
): Omit<Remainder, 'amount'> => {
  const [from, to] = [beside?.from ?? Math.min(...times), beside?.to ?? Math.max(...times)];
  const slot = beside?.id.split('-')[0] ?? from;
  return {
    id: `${slot}-${asset}`,
    asset,
    from,
    to,
    state: beside?.state ?? 'unexplained',
    ...(beside?.orders && { orders: beside.orders }),
  };
};

/**
 * Orders in flight that may have left this over. A trade moves both assets of its symbol, so where only one of them moved it
 * was none; in the quote two may cancel each other out.
 */
const explainers = (asset: string, left: Changes, inFlight: readonly InFlight[]): readonly string[] => {
  const moved = inFlight.filter(({ base }) => left.has(base));
  const possible = moved.filter(
    ({ base, quote }) =>
      left.has(quote) || moved.some((other) => other.quote === quote && other.base !== base),
  );
  const ids = possible.flatMap(({ base, quote, fees, orders }) =>
    [base, quote, ...fees].includes(asset) ? orders : [],
  );
  return [...new Set(ids)];
};

/** What was waited for has come to nothing once the orders that could explain it are over, or after so long. */
const judged = (remainder: Remainder, { inFlight, after }: Period): Remainder => {
  if (remainder.state !== 'pending' || remainder.closedAt !== undefined) return remainder;
  const isFlying = inFlight.some(({ orders }) => orders.some((id) => remainder.orders?.includes(id)));
  const isRecent = after.takenTo - remainder.to <= PENDING_FOR;
  return isFlying && isRecent ? remainder : { ...remainder, state: 'unexplained' };
};

const differenceOf = (before: Totals, after: Totals): Changes =>
  new Map(
    [...new Set([...before.keys(), ...after.keys()])].map((asset) => [
      asset,
      decimal(after.get(asset) ?? '0').minus(before.get(asset) ?? '0'),
    ]),
  );

const texts = (changes: Changes): ReadonlyMap<string, DecimalText> =>
  new Map(
    [...changes].flatMap(([asset, amount]) => (amount.eq('0') ? [] : [[asset, plain(amount)] as const])),
  );
