import type { ExchangeOrder, ExchangeTrade } from './exchange.ts';
import { decimal } from './money.ts';
import { type Attempt, type Order, parseClientOrderId } from './order-record.ts';
import { EXCHANGE_TYPE } from './rules.ts';
import { proofAt, REACH, ROUND_GAP, searchFrom } from './timing.ts';

/** Most rows that openOrders returns; a full page is no complete answer, and it cannot be narrowed. */
const OPEN_ORDERS_FULL = 500;

/** One round of evidence: four complete answers, and between which exchange times they were asked for. */
export interface Round {
  /** `lo` when the first query was sent, exchange ms. */
  readonly from: number;
  /** `hi` after the last answer, exchange ms. */
  readonly to: number;
  /** The exchange's clock was measured by this process in this run. */
  readonly ownTime: boolean;
  /** `order` by client id: the row, or undefined for exactly −2013. */
  readonly order: ExchangeOrder | undefined;
  readonly openOrders: readonly ExchangeOrder[];
  /** Of the symbol from `searchFrom`. */
  readonly allOrders: readonly ExchangeOrder[];
  /** No page of it was full at its narrowest. */
  readonly allOrdersComplete: boolean;
  /** Of the symbol from the same moment, cut to the second. */
  readonly ownTrades: readonly ExchangeTrade[];
  readonly ownTradesComplete: boolean;
}

export type Judgement =
  | { readonly kind: 'absent'; readonly evidence: NonNullable<Attempt['evidence']> }
  /** One more round is needed, sent at or after this exchange time. */
  | { readonly kind: 'wait'; readonly notBefore: number }
  /** The attempt exists after all, or its trade does. */
  | { readonly kind: 'found'; readonly order: ExchangeOrder }
  /** Only a trade of it is shown: the order is to be asked for by the exchange's id. */
  | { readonly kind: 'traded'; readonly exchangeOrderId: string }
  /** A row without owner looks like ours: no proof, somebody has to look. */
  | { readonly kind: 'look-alike'; readonly exchangeOrderId: string }
  /** The rounds prove nothing: too early, incomplete or too old. */
  | { readonly kind: 'void'; readonly reason: string };

/**
 * The proof of absence (order protocol, section 9): two full rounds of negative answers, each asked for after
 * `proofAt`, at least G apart, on a clock that this process measured itself. Pure; the caller collects.
 * @param owned exchange ids that the ledger knows, so that a row without client id can be told from ours
 */
export const judgeAbsence = (
  order: Order,
  attempt: Attempt,
  rounds: readonly Round[],
  owned: ReadonlySet<string>,
): Judgement => {
  for (const round of rounds) {
    const shown = positive(attempt, round);
    if (shown) return shown;
  }
  const counted: Round[] = [];
  for (const round of rounds) {
    const flaw = flawOf(attempt, round);
    if (flaw) return { kind: 'void', reason: flaw };
    const stranger = lookAlike(order, attempt, round, owned);
    if (stranger) return { kind: 'look-alike', exchangeOrderId: stranger };
    const last = counted.at(-1);
    if (!last || round.from >= last.to + ROUND_GAP) counted.push(round);
  }
  const last = counted.at(-1);
  if (!last) return { kind: 'wait', notBefore: proofAt(attempt) + 1 };
  if (counted.length < 2) return { kind: 'wait', notBefore: last.to + ROUND_GAP };
  return { kind: 'absent', evidence: counted.map(summary) };
};

const positive = (attempt: Attempt, round: Round): Judgement | undefined => {
  const isOurs = (row: { readonly clientOrderId?: string }) => row.clientOrderId === attempt.clientOrderId;
  const row = round.order ?? round.openOrders.find(isOurs) ?? round.allOrders.find(isOurs);
  if (row) return { kind: 'found', order: row };
  const trade = round.ownTrades.find(isOurs);
  return trade && { kind: 'traded', exchangeOrderId: trade.exchangeOrderId };
};

const flawOf = (attempt: Attempt, round: Round): string | undefined => {
  if (!round.ownTime) return 'the exchange time was not measured by this process';
  if (!(round.from > proofAt(attempt))) return 'asked before the proof time';
  if (!(round.to < attempt.signedAt + REACH)) return 'older than the exchange answers for';
  if (round.openOrders.length >= OPEN_ORDERS_FULL) return 'openOrders is full';
  if (!round.allOrdersComplete) return 'allOrders is full';
  if (!round.ownTradesComplete) return 'myTrades is full';
  return undefined;
};

/** A row without owner with our symbol, side, type and size, created while the attempt could come into being. */
const lookAlike = (
  order: Order,
  attempt: Attempt,
  round: Round,
  owned: ReadonlySet<string>,
): string | undefined => {
  const alike = (row: ExchangeOrder): boolean =>
    parseClientOrderId(row.clientOrderId) === undefined &&
    !owned.has(row.exchangeOrderId) &&
    row.symbol === order.symbol &&
    row.side === order.side &&
    (order.type === undefined || row.type === EXCHANGE_TYPE[order.type]) &&
    sameSize(order, row) &&
    row.time >= searchFrom(attempt) &&
    row.time <= attempt.until;
  return [...round.openOrders, ...round.allOrders].find(alike)?.exchangeOrderId;
};

const sameSize = (order: Order, row: ExchangeOrder): boolean => {
  if (order.quantity !== undefined) return decimal(order.quantity).eq(row.quantity);
  return (
    row.quoteQuantity === undefined ||
    order.quoteQuantity === undefined ||
    decimal(order.quoteQuantity).eq(row.quoteQuantity)
  );
};

const summary = (round: Round): Record<string, number | string> => ({
  from: round.from,
  to: round.to,
  order: '-2013',
  openOrders: round.openOrders.length,
  allOrders: round.allOrders.length,
  ownTrades: round.ownTrades.length,
});
