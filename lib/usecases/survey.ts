import type { ExchangeOrder, ExchangeTrade } from '../domain/exchange.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { executedQuantity, isTerminal, lacksFills } from '../domain/facts.ts';
import { decimal } from '../domain/money.ts';
import { factsIn, inDoubt } from '../domain/order-record.ts';
import type { OrderQuery } from '../domain/ports.ts';
import { RECV_WINDOW, searchFrom } from '../domain/timing.ts';
import { ordersIn, tradesIn, tradesOfOrder, type Window } from './complete-history.ts';
import type { Run, SentOrder } from './reconcile-run.ts';
import { factsFrom, firstSecond, type Shown } from './settle-order.ts';

/** From this many orders of a symbol on, one list costs less weight than asking for each (reference section 8.1). */
const ORDERS_LIST_FROM = 5;
const TRADES_LIST_FROM = 2;
/** Lists reach back this far, ms; an older order is asked for by itself. */
const LIST_REACH = 600_000;
/** What an exchange clock that is ahead has stamped still falls into the window, ms. */
const AHEAD = 5_000;
/** Whoever sends an order writes its outcome within this time of signing, ms; only then is it asked for. */
const OWNER_TIME = RECV_WINDOW;

/** One order and the rows that show it. */
interface Look {
  readonly order: SentOrder;
  readonly rows: readonly ExchangeOrder[];
}

/**
 * What the exchange shows of these orders beside the listing of open ones, with as few calls as possible: an order is asked
 * for only where its row is missing, its trades only where it executed more than was applied; young orders of one symbol
 * share a list. A failing call leaves only its own orders to the next pass.
 * @returns by order id; orders of which nothing is shown, or nothing new, are missing
 */
export const survey = async (
  orders: readonly SentOrder[],
  open: readonly ExchangeOrder[],
  time: TimeEstimate | undefined,
  run: Run,
): Promise<ReadonlyMap<string, Shown>> => {
  const looks = orders
    .map((order) => ({ order, rows: open.filter((row) => isOf(order, row)) }))
    .filter(hasNews);
  const asked = await bySymbol(looks, (symbol, group) => askOrders(symbol, group, time, run));
  const found = looks.map(({ order, rows }) => ({
    order,
    rows: [...rows, ...(asked.get(order.symbol) ?? []).filter((row) => isOf(order, row))],
  }));
  const traded = await bySymbol(found.filter(hasTrades), (symbol, group) =>
    askTrades(symbol, group, time, run),
  );
  return new Map(
    found.flatMap(({ order, rows }) => {
      const ids = exchangeIds({ order, rows });
      const trades = (traded.get(order.symbol) ?? []).filter(({ exchangeOrderId }) =>
        ids.has(exchangeOrderId),
      );
      return rows.length + trades.length === 0 && !isToSettle(order)
        ? []
        : [[order.id, { facts: factsFrom(order, rows), trades }] as const];
    }),
  );
};

const isOf = (order: SentOrder, row: ExchangeOrder): boolean =>
  row.symbol === order.symbol && factsFrom(order, [row]).length > 0;

const knownFacts = ({ attempts }: SentOrder) => attempts.flatMap(factsIn);

/** False where the listing says exactly what is known, and every trade is applied. */
const hasNews = ({ order, rows }: Look): boolean => {
  const known = knownFacts(order);
  const asListed = known.every(({ exchangeOrderId, cumQty, status }) =>
    rows.some(
      (row) =>
        row.exchangeOrderId === exchangeOrderId && row.status === status && decimal(row.cumQty).eq(cumQty),
    ),
  );
  const same = rows.length === known.length && asListed && !order.attempts.some(inDoubt);
  return !same || lacksFills(order);
};

/** True when more was executed than the ledger has applied. */
const hasTrades = ({ order, rows }: Look): boolean => {
  const known = knownFacts(order);
  const grew = rows.some(({ exchangeOrderId, cumQty }) => {
    const before = known.find((facts) => facts.exchangeOrderId === exchangeOrderId);
    return decimal(cumQty).gt(before?.cumQty ?? '0');
  });
  return grew || lacksFills(order);
};

/** Everything is known and applied: nothing more will come, it only has to be written. */
const isToSettle = (order: SentOrder): boolean =>
  isTerminal(order) && decimal(executedQuantity(order)).eq(order.fillsQty);

const exchangeIds = ({ order, rows }: Look): ReadonlySet<string> =>
  new Set([...knownFacts(order), ...rows].map(({ exchangeOrderId }) => exchangeOrderId));

/** Which orders have to be asked for: what may be in doubt by our id, what was live by the exchange's. */
const missing = ({ order, rows }: Look, now: number | undefined): OrderQuery['by'][] => {
  const listed = new Set(rows.map(({ exchangeOrderId }) => exchangeOrderId));
  const live = knownFacts(order).filter(
    ({ terminal, exchangeOrderId }) => !terminal && !listed.has(exchangeOrderId),
  );
  const doubted = order.attempts.filter(
    (attempt) =>
      inDoubt(attempt) &&
      !(attempt.outcome === 'sending' && now !== undefined && now < attempt.signedAt + OWNER_TIME) &&
      !rows.some(({ clientOrderId }) => clientOrderId === attempt.clientOrderId),
  );
  return [
    ...live.map(({ exchangeOrderId }) => ({ exchangeOrderId })),
    ...doubted.map(({ clientOrderId }) => ({ clientOrderId })),
  ];
};

const isAnswered = (by: OrderQuery['by'], rows: readonly ExchangeOrder[]): boolean =>
  rows.some((row) =>
    'clientOrderId' in by
      ? row.clientOrderId === by.clientOrderId
      : row.exchangeOrderId === by.exchangeOrderId,
  );

const bySymbol = async <Row>(
  looks: readonly Look[],
  ask: (symbol: string, looks: readonly Look[]) => Promise<readonly Row[]>,
): Promise<ReadonlyMap<string, readonly Row[]>> => {
  const groups = Map.groupBy(looks, ({ order }) => order.symbol);
  return new Map(
    await Promise.all(
      [...groups].map(async ([symbol, group]) => [symbol, await ask(symbol, group)] as const),
    ),
  );
};

const askOrders = async (
  symbol: string,
  looks: readonly Look[],
  time: TimeEstimate | undefined,
  run: Run,
): Promise<readonly ExchangeOrder[]> => {
  const { exchange } = run.trading;
  const now = time && earliest(time, run.trading.clock.now());
  const listable = looks.filter((look) => missing(look, now).length > 0);
  const window = sharedWindow(listable, time, run, ORDERS_LIST_FROM);
  const list =
    window &&
    (await run.guarded(`list the orders of ${symbol}`, () =>
      ordersIn(symbol, window, run.trading, run.options),
    ));
  const listed = list?.rows ?? [];
  // What a complete list does not show is asked for by itself only where it must be there; a doubt is left to its proof.
  const left = listable
    .flatMap((look) => missing(look, now))
    .filter((by) => !isAnswered(by, listed) && !(list?.complete && 'clientOrderId' in by));
  const asked = await Promise.all(
    left.map((by) =>
      run.guarded(`ask for an order of ${symbol}`, async () => {
        const row = await exchange.findOrder({ symbol, by }, run.options);
        // It keeps its state until the owner ends it from its trades (order protocol, 11.5).
        if (!row && 'exchangeOrderId' in by)
          run.trading.log.error('the exchange does not answer for a live order', { symbol, ...by });
        return row;
      }),
    ),
  );
  return [...listed, ...asked.filter((row) => row !== undefined)];
};

const askTrades = async (
  symbol: string,
  looks: readonly Look[],
  time: TimeEstimate | undefined,
  run: Run,
): Promise<readonly ExchangeTrade[]> => {
  const { trading, options } = run;
  const window = sharedWindow(looks, time, run, TRADES_LIST_FROM);
  const list =
    window &&
    (await run.guarded(`list the trades of ${symbol}`, () => tradesIn({ symbol }, window, trading, options)));
  if (list?.complete) return list.rows;
  const each = await Promise.all(
    looks.flatMap((look) =>
      [...exchangeIds(look)].map((exchangeOrderId) =>
        run.guarded(`list the trades of ${look.order.id}`, () =>
          tradesOfOrder({ symbol, exchangeOrderId }, firstSecond(look.order), trading, options),
        ),
      ),
    ),
  );
  return each.flatMap((trades) => trades ?? []);
};

/** The time in which these orders lie, when they are young and many enough to share a list. */
const sharedWindow = (
  looks: readonly Look[],
  time: TimeEstimate | undefined,
  { trading }: Run,
  least: number,
): Window | undefined => {
  if (!time || looks.length < least) return undefined;
  const now = latest(time, trading.clock.now());
  const from = Math.min(...looks.flatMap(({ order }) => order.attempts.map(searchFrom)));
  return from < now - LIST_REACH ? undefined : { from, to: now + AHEAD };
};
