import type { ExchangeOrder, ExchangeTrade } from '../domain/exchange.ts';
import { factsOf, lacksFills, mergeFacts } from '../domain/facts.ts';
import { sum } from '../domain/money.ts';
import { currentAttempt, type Order, parseClientOrderId } from '../domain/order-record.ts';
import { judgeRow } from './judge-row.ts';
import { recordSurvey } from './observe-orders.ts';
import { createPauses, type Pauses } from './pauses.ts';
import type { Run } from './reconcile-run.ts';

/** Orders that are looked at at the same time. */
const AT_ONCE = 32;
/** Who sends an order writes its outcome himself: the first news of it waits this long for him, ms. */
const OWNER_FIRST = 400;
/** A trade that no news of its order covers within this time means that the news was lost, ms. */
const NEWS_WITHIN = 500;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** Looks at one piece of news; then it is left to the reconciler, which comes every minute. */
const MAX_LOOKS = 8;
/** An order of which nothing was heard for so long is forgotten here, ms. */
const FORGET_AFTER = 600_000;

/** What was heard of one order of the exchange. */
interface Heard {
  readonly symbol: string;
  row?: ExchangeOrder;
  /** Base quantity by trade. */
  readonly trades: Map<string, string>;
  /** When something was heard last, local epoch ms. */
  at: number;
  /** Something was heard since it was looked at. */
  news: boolean;
  /** Waits for its turn, or is being looked at. */
  busy: boolean;
}

/** Follows the account's orders by what the stream tells of them. */
export interface OrderFollower {
  order(row: ExchangeOrder): void;
  trade(trade: ExchangeTrade): void;
  /** Orders with news that are not written yet. */
  waiting(): number;
  /** No look is repeated any more: what the next one does not book is left to the reconciler. */
  end(): void;
}

/**
 * Books what the stream tells of orders by the same use cases as the reconciler. Rows of one order are merged while they wait,
 * so that a slow store costs memory for orders, not for events, and none is lost. A trade only announces: REST applies it.
 * @param createRun for one look, with its own deadline
 */
export const followOrders = (createRun: () => Run): OrderFollower => {
  const { clock } = createRun().trading;
  const heard = new Map<string, Heard>();
  const queue: [id: string, entry: Heard][] = [];
  const looks = new Set<Promise<void>>();
  const pauses = createPauses(clock);
  let isEnding = false;

  const entryOf = (id: string, symbol: string): Heard => {
    const now = clock.now();
    const entry = heard.get(id) ?? { symbol, trades: new Map(), at: now, news: false, busy: false };
    heard.delete(id); // the map stays in the order of hearing
    heard.set(id, entry);
    entry.at = now;
    for (const [old, { at, busy }] of heard) {
      if (busy || now - at < FORGET_AFTER) break;
      heard.delete(old);
    }
    return entry;
  };

  const wake = (id: string, entry: Heard): void => {
    entry.news = true;
    if (!entry.busy) {
      entry.busy = true;
      queue.push([id, entry]);
    }
    fill();
  };

  const fill = (): void => {
    while (looks.size < AT_ONCE) {
      const next = queue.shift();
      if (!next) return;
      const [id, entry] = next;
      const look = lookUntilBooked(id, entry, { createRun, pauses, isEnding: () => isEnding }).finally(() => {
        looks.delete(look);
        entry.busy = false;
        if (entry.news) wake(id, entry);
        else if (isOver(entry)) heard.delete(id);
        fill();
      });
      looks.add(look);
    }
  };

  return {
    order: (told) => {
      const row = withoutClaim(told);
      const entry = entryOf(row.exchangeOrderId, row.symbol);
      entry.row = entry.row ? further(entry.row, row) : row;
      wake(row.exchangeOrderId, entry);
    },
    trade: (trade) => {
      const entry = entryOf(trade.exchangeOrderId, trade.symbol);
      entry.trades.set(trade.tradeId, trade.quantity);
      if (!isCovered(entry)) wake(trade.exchangeOrderId, entry);
    },
    waiting: () => queue.length + looks.size,
    end: () => {
      isEnding = true;
      pauses.interrupt();
    },
  };
};

interface Looking {
  readonly createRun: () => Run;
  readonly pauses: Pauses;
  readonly isEnding: () => boolean;
}

/** Until everything that was heard is booked: every trade of it applied, by the exchange's own list of them. */
const lookUntilBooked = async (
  id: string,
  entry: Heard,
  { createRun, pauses, isEnding }: Looking,
): Promise<void> => {
  let pause = FIRST_PAUSE;
  for (let looked = 0; looked < MAX_LOOKS; looked += 1) {
    const run = createRun();
    const isLast = isEnding();
    entry.news = false;
    if (await run.guarded(`follow ${id}`, () => book(id, entry, run))) return;
    if (isLast) return;
    if (!isEnding()) await pauses.pause(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
};

/** @returns whether nothing of what was heard is missing in the ledger */
const book = async (id: string, entry: Heard, run: Run): Promise<boolean> => {
  const { clock, exchange } = run.trading;
  if (!isCovered(entry)) await clock.sleep(Math.max(0, entry.at + NEWS_WITHIN - clock.now()));
  if (!isCovered(entry)) {
    const { symbol } = entry;
    const asked = await exchange.findOrder({ symbol, by: { exchangeOrderId: id } }, run.options);
    if (!asked) return false;
    entry.row = entry.row ? further(entry.row, asked) : asked;
  }
  const { row } = entry;
  if (!row) return false;
  await ownerFirst(row, entry, run);
  const order = await judgeRow(entry.row ?? row, run);
  if (!order || !lacksFills(order)) return isCovered(entry);
  let after: Order | undefined = order;
  await recordSurvey([{ ...order, symbol: row.symbol }], [row], await run.measuredTime(), run, (_, now) => {
    after = now;
  });
  return after !== undefined && !lacksFills(after) && isCovered(entry);
};

/** Two writers of one outcome only get in each other's way. */
const ownerFirst = async (row: ExchangeOrder, { at }: Heard, { trading, options }: Run): Promise<void> => {
  const named = parseClientOrderId(row.clientOrderId);
  const order = named && (await trading.ledger.order(named.id, options));
  const left = at + OWNER_FIRST - trading.clock.now();
  if (order && currentAttempt(order)?.outcome === 'sending' && left > 0) await trading.clock.sleep(left);
};

/** The order's own row tells of every trade that was heard. */
const isCovered = ({ row, trades }: Heard): boolean =>
  trades.size === 0 || (row !== undefined && sum([...trades.values()]).lte(row.cumQty));

/** Nothing more will come of it. */
const isOver = (entry: Heard): boolean =>
  entry.row !== undefined && factsOf(entry.row).terminal && isCovered(entry);

/** The stream may name anything as the client order id; only one of our form says something (reference section 11.4). */
const withoutClaim = (row: ExchangeOrder): ExchangeOrder => {
  const { clientOrderId, ...rest } = row;
  return parseClientOrderId(clientOrderId) ? row : rest;
};

/** What both rows of one order say together, whichever came first. */
const further = (one: ExchangeOrder, other: ExchangeOrder): ExchangeOrder => {
  const { cumQty, cumQuote, status } = mergeFacts(factsOf(one), factsOf(other));
  const clientOrderId = one.clientOrderId ?? other.clientOrderId;
  return { ...one, cumQty, cumQuote, status, ...(clientOrderId !== undefined && { clientOrderId }) };
};
