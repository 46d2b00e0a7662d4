import { type Account, account, type InFlight } from '../domain/conservation.ts';
import { AppError } from '../domain/errors.ts';
import type { Balance, SymbolRules } from '../domain/exchange.ts';
import { type ExchangeClock, earliest, latest as latestAt } from '../domain/exchange-time.ts';
import { type Lane, laneKey } from '../domain/lane.ts';
import { type DecimalText, decimal, larger, plain, roundDown, sum, ZERO } from '../domain/money.ts';
import type { Movement } from '../domain/place-trades.ts';
import type { CallOptions, Clock, Exchange, Ledger, Log, MarketData } from '../domain/ports.ts';
import type { AssetBalance, Remainder, Snapshot } from '../domain/snapshot.ts';
import type { Balances, TransferStore } from '../domain/snapshot-ports.ts';
import { recognise, type Transfer } from '../domain/transfers.ts';
import { priceIn } from '../domain/valuation.ts';
import { addProfit } from './add-profit.ts';
import { allOf } from './all-of.ts';

/** What a snapshot needs from outside. */
export interface Snapshooting {
  readonly clock: Clock;
  readonly exchangeClock: ExchangeClock;
  readonly exchange: Pick<Exchange, 'balances' | 'measureTime'>;
  readonly market: Pick<MarketData, 'prices'>;
  readonly ledger: Pick<Ledger, 'lanes' | 'rules'>;
  readonly balances: Balances;
  readonly transfers: Pick<TransferStore, 'between'>;
  readonly log: Log;
  /** Asset that everything is valued in. */
  readonly quote: string;
  /** Length of a slot, ms. */
  readonly slotMs: number;
}

export interface SnapshotReport {
  /** False: the slot has its snapshot already. */
  readonly written: boolean;
  readonly snapshot: Snapshot;
  /** Remainders that nothing can be waited for any more, found with this snapshot. */
  readonly alarms: readonly Remainder[];
}

/** A value of this many decimals is exact enough to be looked at; amounts are never rounded. */
const VALUE_DECIMALS = 8;
const PERCENT_DECIMALS = 4;
/** A price that is not told any more counts for so long, ms. */
const PRICE_STANDS = 86_400_000;
/** Transfers are looked for this much beyond the period that they may explain, ms. */
const TRANSFER_REACH = 5_000;
/** A remainder that stays open for longer than so many snapshots is named by the operator. */
const MOST_SNAPSHOTS = 2_000;

/**
 * One snapshot of the account for the slot that has begun, with the proof that nothing is missing since the one before
 * (design, section 9). Two calls to the exchange; nothing is written unless both answered. Idempotent: a slot gets one.
 * @throws ExchangeError, StoreUnavailableError
 */
export const snapshotBalances = async (
  parts: Snapshooting,
  options: CallOptions,
): Promise<SnapshotReport> => {
  const { clock, ledger, balances, log } = parts;
  const slot = Math.floor(clock.now() / parts.slotMs) * parts.slotMs;
  const before = await balances.latest(options);
  if (before && before.slot >= slot) return { written: false, snapshot: before, alarms: [] };

  const lanesBefore = await ledger.lanes(options);
  const reading = await readAccount(parts, options);
  const [lanesAfter, rules] = await allOf([ledger.lanes(options), ledger.rules(options)]);
  const { certain, uncertain } = await movements(before, lanesBefore, lanesAfter, rules, parts, options);
  if (!before && uncertain.length > 0)
    throw new AppError('account_moved', 'the account moved while it was read for the first time');

  const unnamed = account({
    slot,
    ...(before && {
      before: {
        takenFrom: before.takenFrom,
        takenTo: before.takenTo,
        totals: totalsOf(before.assets),
        origin: before.origin,
      },
    }),
    after: { ...reading, totals: totalsOf(reading.assets) },
    certain,
    uncertain: uncertain.map(({ movements: each }) => each),
    open: before?.open ?? [],
    // Also what was sent while the account was read may be in it.
    inFlight: flying([...lanesBefore, ...lanesAfter], rules),
  });
  const proof = await withTransfers(unnamed, before, reading, parts, options);
  const shown = uncertain.map((lane, index) => ({ ...lane, taken: proof.taken[index] ?? 0 }));
  const counted = Object.fromEntries(lanesBefore.map((lane) => [laneKey(lane), lane.fillCount]));
  for (const { lane, taken } of shown) counted[laneKey(lane)] = (counted[laneKey(lane)] ?? 0) + taken;

  const accounted = [...certain, ...shown.flatMap((lane) => lane.movements.slice(0, lane.taken))];
  await addProfit(accounted, { ...parts, prices: reading.prices }, options);
  const snapshot = snapshotOf(slot, before, reading, proof, counted, parts.quote);
  // Before it is stored: the next run takes what is stored for known, so an alarm that died with its run would never come.
  const alarms = newlyUnexplained(before, proof);
  for (const { id, asset, amount } of alarms)
    log.error('a change of the balance is not explained', { remainder: id, asset, amount });
  const written = await balances.save(snapshot, { ...options, ...(before && { after: before }) });
  if (written) return { written, snapshot, alarms };
  const stored = await balances.latest(options);
  // The operator has named a remainder of the snapshot before meanwhile.
  if (stored && stored.slot < slot) return snapshotBalances(parts, options);
  return { written, snapshot: stored ?? snapshot, alarms: [] };
};

/** Remainders that deposits, withdrawals and the like make up exactly are closed by them. */
const withTransfers = async (
  proof: Account,
  before: Snapshot | undefined,
  { takenTo }: Pick<Reading, 'takenTo'>,
  { transfers, balances, slotMs }: Snapshooting,
  options: CallOptions,
): Promise<Account> => {
  const { open } = proof;
  if (open.length === 0) return proof;
  const since = Math.min(...open.map(({ from }) => from)) - TRANSFER_REACH;
  const known = await transfers.between(since, takenTo + TRANSFER_REACH, options);
  if (known.length === 0) return proof;
  // What explained a remainder once, in whichever snapshot, explains no other.
  const { snapshots } = await balances.between(
    since - 2 * slotMs,
    before?.slot ?? takenTo,
    { limit: MOST_SNAPSHOTS },
    options,
  );
  const closed = [...snapshots, proof].flatMap((each) => each.closed);
  const used = new Set(closed.flatMap((each) => each.transfers ?? []));
  const found = recognise(
    open,
    known.filter(({ id }) => !used.has(id)),
  );
  const named = new Map(found.map((each) => [each.remainder.id, each.transfers]));
  return {
    ...proof,
    open: open.filter(({ id }) => !named.has(id)),
    closed: [
      ...proof.closed,
      ...found.map(({ remainder, transfers: those }) => ({
        ...remainder,
        note: wordsOf(those),
        closedAt: takenTo,
        transfers: those.map(({ id }) => id),
      })),
    ],
  };
};

const wordsOf = (transfers: readonly Transfer[]): string =>
  transfers
    .map(({ cause, amount, time }) => `${cause} of ${amount} at ${new Date(time).toISOString()}`)
    .join(', ');

interface Reading {
  readonly takenFrom: number;
  readonly takenTo: number;
  readonly assets: Readonly<Record<string, Pick<AssetBalance, 'free' | 'locked'>>>;
  readonly prices: ReadonlyMap<string, string>;
}

const readAccount = async (
  { clock, exchangeClock, exchange, market }: Snapshooting,
  options: CallOptions,
): Promise<Reading> => {
  const time = exchangeClock.estimate() ?? (await exchange.measureTime(options));
  const takenFrom = earliest(time, clock.now());
  const [rows, prices] = await allOf([exchange.balances(options), market.prices(options)]);
  const takenTo = latestAt(time, clock.now());
  if (prices.size === 0) throw new AppError('no_prices', 'the exchange named no price at all');
  return { takenFrom, takenTo, assets: held(rows), prices };
};

/** Assets that the account holds any of. */
const held = (rows: readonly Balance[]): Reading['assets'] =>
  Object.fromEntries(
    rows
      .filter(({ free, locked }) => decimal(free).plus(locked).gt('0'))
      .map(({ asset, free, locked }) => [asset, { free, locked }]),
  );

const totalsOf = (assets: Reading['assets']): ReadonlyMap<string, DecimalText> =>
  new Map(
    Object.entries(assets).map(([asset, { free, locked }]) => [asset, plain(decimal(free).plus(locked))]),
  );

interface UncertainLane {
  readonly lane: Lane;
  readonly movements: readonly Movement[];
}

/** Fills since the snapshot before: those applied before the account was read, and those applied meanwhile. */
const movements = async (
  before: Snapshot | undefined,
  lanesBefore: readonly Lane[],
  lanesAfter: readonly Lane[],
  rules: readonly SymbolRules[],
  { balances }: Snapshooting,
  options: CallOptions,
): Promise<{ readonly certain: readonly Movement[]; readonly uncertain: readonly UncertainLane[] }> => {
  const certain: Movement[] = [];
  const uncertain: UncertainLane[] = [];
  const first = new Map(lanesBefore.map((lane) => [laneKey(lane), lane.fillCount]));
  for (const lane of lanesAfter) {
    const applied = first.get(laneKey(lane)) ?? 0;
    // What was traded before the first snapshot is in it.
    const after = before ? (before.counted[laneKey(lane)] ?? 0) : applied;
    if (lane.fillCount <= after) continue;
    const fills = await balances.fills(lane, { after, upTo: lane.fillCount }, options);
    const { baseAsset, quoteAsset } = rulesOf(lane.symbol, rules);
    const all = fills.map((fill): Movement => ({ fill, base: baseAsset, quote: quoteAsset }));
    certain.push(...all.filter(({ fill }) => fill.n <= applied));
    const rest = all.filter(({ fill }) => fill.n > applied);
    if (rest.length > 0) uncertain.push({ lane, movements: rest });
  }
  return { certain, uncertain };
};

const rulesOf = (symbol: string, rules: readonly SymbolRules[]): SymbolRules => {
  const found = rules.find((each) => each.symbol === symbol);
  if (!found) throw new AppError('no_rules', `the assets of ${symbol} are not known`);
  return found;
};

/** Orders that may have executed more than is applied, lane by lane. */
const flying = (lanes: readonly Lane[], rules: readonly SymbolRules[]): readonly InFlight[] =>
  lanes.flatMap((lane) => {
    const orders = [...(lane.holder ? [lane.holder.order] : []), ...Object.keys(lane.resting)];
    if (orders.length === 0) return [];
    const { baseAsset, quoteAsset } = rulesOf(lane.symbol, rules);
    // MX: the exchange may take its commission there (reference section 8.7).
    return [{ base: baseAsset, quote: quoteAsset, fees: ['MX', ...Object.keys(lane.fees)], orders }];
  });

const snapshotOf = (
  slot: number,
  before: Snapshot | undefined,
  { assets, prices, takenFrom, takenTo }: Reading,
  { traded, open, closed }: Account,
  counted: Readonly<Record<string, number>>,
  quote: string,
): Snapshot => {
  // Of what is gone altogether the price is still asked for: its remainder has a worth.
  const gone = open.filter(({ asset }) => !Object.hasOwn(assets, asset));
  // A total in another quote is no measure for this one.
  const comparable = before?.quote === quote ? before : undefined;
  const listed = {
    ...assets,
    ...Object.fromEntries(gone.map(({ asset }) => [asset, { free: '0', locked: '0' }])),
  };
  const valued = Object.entries(listed).map(([asset, { free, locked }]): [string, AssetBalance] => {
    const found = priceIn(asset, quote, prices);
    const valueAt = (price: DecimalText) =>
      plain(roundDown(decimal(free).plus(locked).times(price), VALUE_DECIMALS));
    if (found) {
      const via = found.via.length === 1 ? {} : { via: [...found.via] };
      return [asset, { free, locked, price: found.price, ...via, value: valueAt(found.price) }];
    }
    // One answer without a price must not look like a loss: the last one stands for a while.
    const last = comparable?.assets[asset];
    const pricedIn = last?.pricedIn ?? comparable?.slot;
    if (last?.price === undefined || pricedIn === undefined || slot - pricedIn > PRICE_STANDS)
      return [asset, { free, locked }];
    return [asset, { free, locked, price: last.price, pricedIn, value: valueAt(last.price) }];
  });
  const total = sum(valued.map(([, { value }]) => value ?? '0'));
  // Coins that came or went from outside are no profit and no loss.
  const worth = (remainders: readonly Remainder[]) =>
    remainders.reduce((all, { asset, amount }) => {
      const price = priceIn(asset, quote, prices)?.price ?? '0';
      return all.plus(decimal(price).times(amount));
    }, ZERO);
  const named = closed.filter(({ transfers }) => transfers !== undefined);
  const flow = worth([...open, ...named])
    .minus(worth(before?.open ?? []))
    .plus(repriced(comparable?.assets ?? {}, Object.fromEntries(valued)));
  const peak = comparable ? larger(decimal(comparable.peak).plus(flow), total) : total;
  const drawdown = peak.gt('0') ? peak.minus(total).div(peak).times('100') : ZERO;
  return {
    slot,
    takenFrom,
    takenTo,
    origin: before?.origin ?? takenTo,
    quote,
    assets: Object.fromEntries(valued),
    total: plain(total),
    unpriced: valued.flatMap(([asset, { price }]) => (price === undefined ? [asset] : [])).sort(),
    counted: { ...counted },
    traded: Object.fromEntries(traded),
    open: [...open],
    closed: [...closed],
    peak: plain(roundDown(peak, VALUE_DECIMALS)),
    drawdownPercent: plain(roundDown(drawdown, PERCENT_DECIMALS)),
    version: 1,
  };
};

/** What assets add that have a price now and had none, and those take away that have none any more: no gain and no loss. */
const repriced = (before: Snapshot['assets'], now: Snapshot['assets']) => {
  const worth = (from: Snapshot['assets'], other: Snapshot['assets']) =>
    sum(
      Object.entries(from).flatMap(([asset, { value }]) =>
        value !== undefined && other[asset] !== undefined && other[asset].value === undefined ? [value] : [],
      ),
    );
  return worth(now, before).minus(worth(before, now));
};

const newlyUnexplained = (before: Snapshot | undefined, { open }: Account): readonly Remainder[] => {
  const known = new Set(before?.open.flatMap(({ id, state }) => (state === 'unexplained' ? [id] : [])) ?? []);
  return open.filter(({ id, state }) => state === 'unexplained' && !known.has(id));
};
