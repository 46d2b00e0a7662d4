import type { ExchangeOrder, ExchangeTrade, SymbolRules } from '../domain/exchange.ts';
import { factsOf } from '../domain/facts.ts';
import type { Lane } from '../domain/lane.ts';
import { type Change, type Over, observe, resolve, type View } from '../domain/ledger.ts';
import { type Facts, factsIn, type Order, parseClientOrderId } from '../domain/order-record.ts';
import type { CallOptions, LedgerView } from '../domain/ports.ts';
import { searchFrom } from '../domain/timing.ts';
import type { Trading } from './trading.ts';

/** Trades of one order that one transaction applies at most (order protocol, T16). */
const TRADES_AT_ONCE = 30;
/** A write that loses is decided again on what is stored then, at most this often. */
const MAX_ROUNDS = 20;

/** What the exchange has shown of one order. */
export interface Shown {
  /** Facts by attempt. */
  readonly facts: readonly (readonly [attempt: number, facts: Facts])[];
  readonly trades: readonly ExchangeTrade[];
}

/** Which order of the ledger, and in which lane. */
export type OrderPlace = Pick<Order, 'id' | 'strategy' | 'test'> & { readonly symbol: string };

/** Exchange time before which nothing of an order can lie, ms. */
export const firstSecond = ({ attempts: [first], createdAt }: Order): number =>
  first ? searchFrom(first) : createdAt;

/**
 * Facts by attempt from order objects; rows that are not this order's are left out. A row says whose it is by its client
 * order id, failing that by the exchange's id.
 */
export const factsFrom = (
  order: Pick<Order, 'id' | 'attempts'>,
  rows: readonly ExchangeOrder[],
): Shown['facts'] =>
  rows.flatMap((row) => {
    const n = attemptOf(order, row);
    return n === undefined ? [] : [[n, factsOf(row)] as const];
  });

/**
 * Writes what became of an attempt that the exchange does not show (T7, T9 – T14), merging with whatever others
 * wrote meanwhile. @returns the order as it is stored now
 */
export const resolveAttempt = (
  place: OrderPlace,
  event: Over,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => write(place, (view) => resolve(view, event), trading, options);

/**
 * Merges what the exchange has shown into order, lane and position (T8, T15 – T18), each trade exactly once.
 * Trades that say more than the known facts are left for the next look. @returns the order as it is stored now
 */
export const recordShown = async (
  place: OrderPlace,
  shown: Shown,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  let stored: Order | undefined;
  const trades = [...shown.trades];
  do {
    const batch = trades.splice(0, TRADES_AT_ONCE);
    stored = await recordBatch(place, { facts: shown.facts, trades: batch }, trading, options);
  } while (trades.length > 0);
  return stored;
};

const recordBatch = async (
  place: OrderPlace,
  shown: Shown,
  trading: Trading,
  options: CallOptions,
): Promise<Order | undefined> => {
  const applied = new Set<string>();
  let asked = false;
  return write(
    place,
    async (view, { rules }) => {
      // Nothing can be applied twice: the write fails on a trade that `Fills` holds. Asking first saves the futile try.
      if (!asked && shown.trades.length > 0 && view.order.fillsQty !== '0') {
        asked = true;
        const ids = shown.trades.map((trade) => trade.tradeId);
        for (const id of await trading.ledger.appliedTrades(place.symbol, ids, options)) applied.add(id);
      }
      const change = observe(view, {
        at: trading.clock.now(),
        facts: shown.facts,
        trades: newTrades(view.order, shown.trades, applied),
        assets: assetsOf(rules),
      });
      if (change !== 'refresh') return change;
      const factsOnly = observe(view, {
        at: trading.clock.now(),
        facts: shown.facts,
        trades: [],
        assets: assetsOf(rules),
      });
      return factsOnly === 'refresh' ? undefined : factsOnly;
    },
    trading,
    options,
    (fills) => {
      for (const id of fills) applied.add(id);
    },
  );
};

const newTrades = (order: Order, trades: readonly ExchangeTrade[], applied: ReadonlySet<string>) => {
  const seen = new Set(applied);
  return trades.flatMap((trade) => {
    const attempt = attemptOf(order, trade);
    if (attempt === undefined || seen.has(trade.tradeId)) return [];
    seen.add(trade.tradeId);
    return [{ ...trade, attempt }];
  });
};

/** A row or trade finds its attempt by client order id, failing that by the exchange's order id. */
const attemptOf = (
  { id, attempts }: Pick<Order, 'id' | 'attempts'>,
  shown: Pick<ExchangeTrade, 'clientOrderId' | 'exchangeOrderId'>,
): number | undefined => {
  const ours = parseClientOrderId(shown.clientOrderId);
  if (ours) return ours.id === id ? ours.attempt : undefined;
  return attempts.find((attempt) =>
    factsIn(attempt).some(({ exchangeOrderId }) => exchangeOrderId === shown.exchangeOrderId),
  )?.n;
};

/** Without rules no commission can be told from the coins themselves; then it counts as a third asset's. */
const assetsOf = (rules: SymbolRules | undefined) => ({
  base: rules?.baseAsset ?? '',
  quote: rules?.quoteAsset ?? '',
});

type Decide = (view: View, read: LedgerView) => Change | undefined | Promise<Change | undefined>;

/** Read, decide, write; who loses against another write reads and decides again. */
const write = async (
  place: OrderPlace,
  decide: Decide,
  trading: Trading,
  options: CallOptions,
  onAppliedFills: (fills: readonly string[]) => void = () => {},
): Promise<Order | undefined> => {
  const { ledger, nonce, clock } = trading;
  let last: Order | undefined;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const read = await ledger.read(place, options);
    if (!read.order) return undefined;
    last = read.order;
    const lane = place.test ? undefined : read.lane;
    const change = await decide({ order: read.order, ...(lane && { lane }) }, read);
    if (!change) return read.order;
    const result = await ledger.commit(change, { ...options, token: nonce() });
    if (result.kind === 'committed') {
      if (lane) await wakeIfFreed(lane, change.lane, trading);
      raiseAlarms(change, trading);
      return change.order;
    }
    if (result.fills) onAppliedFills(result.fills);
    if (clock.now() >= options.deadline) break;
  }
  trading.log.warn('an order could not be written: others kept coming first', { order: place.id });
  return last;
};

/** What the owner has to look at. */
const raiseAlarms = ({ order, counters }: Change, { log }: Trading): void => {
  if (counters?.kind === 'contradict')
    log.error('the exchange shows an order that was held to be over', { order: order.id });
  if (counters?.kind === 'finish' && counters.overrun)
    log.error('an order cost more than was reserved for it', { order: order.id });
};

/** Who frees a lane with alerts waiting asks for the next turn to be taken (order protocol, section 6.3). */
const wakeIfFreed = async (before: Lane, after: Lane | undefined, { waker }: Trading): Promise<void> => {
  if (before.holder && after && !after.holder && after.queue.length > 0) await waker.wake(after);
};
