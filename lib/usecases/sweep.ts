import { AppError } from '../domain/errors.ts';
import type { ExchangeOrder, ExchangeTrade } from '../domain/exchange.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { externalIdOf, externalOrder } from '../domain/external-order.ts';
import { mergeFacts, sameFacts } from '../domain/facts.ts';
import { DENIED_FOR, type Lane } from '../domain/lane.ts';
import { decimal } from '../domain/money.ts';
import { factsIn, type Order, parseClientOrderId } from '../domain/order-record.ts';
import type { Swept } from '../domain/ports.ts';
import { REACH } from '../domain/timing.ts';
import { allOf } from './all-of.ts';
import { ordersIn, tradesIn, tradesOfOrder } from './complete-history.ts';
import { inParallel, note, type Run } from './reconcile-run.ts';
import { factsFrom, firstSecond, recordShown } from './settle-order.ts';

/** Histories are read again from this long before the sweep before (order protocol, 11.2), ms. */
const OVERLAP = 60_000;
/** Once in so long a symbol is looked through for a whole day: what the exchange showed much later than it ever should, ms. */
const DEEP_EVERY = 3_600_000;
const DEEP_REACH = 86_400_000;
/** Symbols that are swept in turn, beside those, with one run: each costs two calls. */
const IN_TURN = 1;
const ROWS_AT_ONCE = 8;

/**
 * What the exchange shows and the ledger denies (order protocol, 11.2): evidence for an attempt that was held to be over is
 * booked as T18; an order that is not ours is recorded as `external` and left alone. One of our form that the ledger does not
 * know means a second or a restored ledger: nobody enters a position any more. Each symbol in its own try.
 * @param open the account's open orders, read in this run
 * @param looked the exchange's ids of orders that this run has looked at already
 */
export const sweep = async (
  open: readonly ExchangeOrder[],
  looked: ReadonlySet<string>,
  run: Run,
): Promise<void> => {
  const { ledger, clock } = run.trading;
  const time = await run.measuredTime();
  if (!time) return;
  const isNews = ({ exchangeOrderId }: ExchangeOrder): boolean => !looked.has(exchangeOrderId);
  await judgeRows(open.filter(isNews), run);
  const [lanes, swept] = await allOf([ledger.lanes(run.options), ledger.swept(run.options)]);
  const known = new Set((await ledger.rules(run.options)).map(({ symbol }) => symbol));
  const tradable = lanes.filter(({ symbol }) => known.has(symbol));
  for (const symbol of symbolsDue(tradable, swept, clock.now())) {
    const own = tradable.filter((lane) => lane.symbol === symbol);
    await run.guarded(`sweep ${symbol}`, () => sweepSymbol(own, swept[symbol], time, isNews, run));
  }
};

const isDenied = ({ denied }: Lane, now: number): boolean =>
  denied !== undefined && denied.at > now - DENIED_FOR;

/** Where something was denied lately, and the symbol that was tried longest ago. */
const symbolsDue = (
  lanes: readonly Lane[],
  swept: Readonly<Record<string, Swept>>,
  now: number,
): readonly string[] => {
  const denied = new Set(lanes.filter((lane) => isDenied(lane, now)).map(({ symbol }) => symbol));
  const others = [...new Set(lanes.map(({ symbol }) => symbol))]
    .filter((symbol) => !denied.has(symbol))
    .sort((a, b) => (swept[a]?.triedAt ?? 0) - (swept[b]?.triedAt ?? 0));
  return [...denied, ...others.slice(0, IN_TURN)];
};

/** @param lanes of one symbol */
const sweepSymbol = async (
  lanes: readonly Lane[],
  swept: Swept | undefined,
  time: TimeEstimate,
  isNews: (row: ExchangeOrder) => boolean,
  run: Run,
): Promise<void> => {
  const { trading, options } = run;
  const now = trading.clock.now();
  const begun = earliest(time, now);
  const symbol = lanes[0]?.symbol ?? '';
  const deep = begun - (swept?.deepAt ?? 0) >= DEEP_EVERY;
  const since = Math.min(
    swept ? swept.until - OVERLAP : begun,
    deep ? begun - DEEP_REACH : begun,
    ...lanes.filter((lane) => isDenied(lane, now)).map(({ denied }) => (denied?.since ?? begun) - OVERLAP),
  );
  const window = { from: Math.max(since, begun - REACH), to: latest(time, now) + OVERLAP };
  const failed = run.failed();
  let done: Omit<Swept, 'triedAt'> = swept ?? { until: begun - DEEP_REACH, deepAt: 0 };
  try {
    const [orders, trades] = await allOf([
      ordersIn(symbol, window, trading, options),
      tradesIn({ symbol }, window, trading, options),
    ]);
    await judgeRows(orders.rows.filter(isNews), run);
    await judgeTrades(symbol, trades.rows, orders.rows, run);
    if (!orders.complete || !trades.complete)
      trading.log.error('a second has more orders or trades than the exchange shows', { symbol });
    // What could not be judged is listed again by the next sweep.
    else if (run.failed() === failed)
      done = { until: begun, deepAt: deep ? begun : (swept?.deepAt ?? begun) };
  } finally {
    await trading.ledger.saveSwept(symbol, { ...done, triedAt: now }, options);
  }
};

const judgeRows = (rows: readonly ExchangeOrder[], run: Run): Promise<void> =>
  inParallel(rows, ROWS_AT_ONCE, async (row) => {
    await run.guarded(`judge ${row.exchangeOrderId}`, () => judgeRow(row, run));
  });

const judgeRow = async (row: ExchangeOrder, run: Run): Promise<void> => {
  const { ledger, exchange } = run.trading;
  const { symbol, exchangeOrderId } = row;
  const named = parseClientOrderId(row.clientOrderId);
  const known = named ? await ledger.order(named.id, run.options) : undefined;
  if (named && known) return heal(known, named.attempt, row, run);
  const stored = await ledger.order(externalIdOf(row), run.options);
  if (stored || row.clientOrderId !== undefined) return recordExternal(row, stored, named !== undefined, run);
  // Only the order object itself says for certain that it has no client order id (order protocol, 7.4).
  const asked = await exchange.findOrder({ symbol, by: { exchangeOrderId } }, run.options);
  if (!asked) throw new AppError('not_shown', 'a listed order is not shown by itself');
  const ours = parseClientOrderId(asked.clientOrderId);
  const order = ours && (await ledger.order(ours.id, run.options));
  if (ours && order) return heal(order, ours.attempt, asked, run);
  return recordExternal(asked, stored, ours !== undefined, run);
};

/** T8, T15, T18: whatever the row says beyond what is stored of this attempt. */
const heal = async (order: Order, attempt: number, row: ExchangeOrder, run: Run): Promise<void> => {
  const { trading, options } = run;
  const { symbol, exchangeOrderId } = row;
  const [shown] = factsFrom(order, [row]);
  const stored = order.attempts
    .filter(({ n }) => n === attempt)
    .flatMap(factsIn)
    .find((facts) => facts.exchangeOrderId === exchangeOrderId);
  if (!shown || (stored && sameFacts(stored, mergeFacts(stored, shown[1])))) return;
  const trades = decimal(row.cumQty).gt('0')
    ? await tradesOfOrder({ symbol, exchangeOrderId }, firstSecond(order), trading, options)
    : [];
  note(run, order, await recordShown({ ...order, symbol }, { facts: [shown], trades }, trading, options));
};

/** Trades of ours that no fill holds: their orders are judged again, as the exchange shows them now. */
const judgeTrades = async (
  symbol: string,
  trades: readonly ExchangeTrade[],
  rows: readonly ExchangeOrder[],
  run: Run,
): Promise<void> => {
  const { trading, options } = run;
  const listed = new Map(rows.map((row) => [row.exchangeOrderId, row]));
  const ids = trades.map(({ tradeId }) => tradeId);
  const applied = await trading.ledger.appliedTrades(symbol, ids, options);
  const missing = Map.groupBy(
    trades.filter(({ tradeId }) => !applied.has(tradeId)),
    ({ exchangeOrderId }) => exchangeOrderId,
  );
  await inParallel([...missing], ROWS_AT_ONCE, async ([exchangeOrderId, own]) => {
    await run.guarded(`judge the trades of ${exchangeOrderId}`, async () => {
      const by = { exchangeOrderId };
      const row = listed.get(exchangeOrderId) ?? (await trading.exchange.findOrder({ symbol, by }, options));
      if (!row) throw new AppError('not_shown', 'the order of a trade is not shown by itself');
      if (!listed.has(exchangeOrderId)) await judgeRow(row, run);
      const ours = parseClientOrderId(row.clientOrderId);
      const order = ours && (await trading.ledger.order(ours.id, options));
      if (!order) return;
      const shown = { facts: factsFrom(order, [row]), trades: own };
      note(run, order, await recordShown({ ...order, symbol }, shown, trading, options));
    });
  });
};

/** @param ofOurForm its client order id is one that only this system makes */
const recordExternal = async (
  row: ExchangeOrder,
  stored: Order | undefined,
  ofOurForm: boolean,
  { trading, modes, options }: Run,
): Promise<void> => {
  const { clock, ledger, log, nonce } = trading;
  const order = externalOrder(row, stored, clock.now());
  if (!order) return;
  const { symbol, exchangeOrderId, clientOrderId } = row;
  if (!stored && ofOurForm) {
    const reason = `the exchange has ${clientOrderId}, which the ledger does not know: another ledger is in use`;
    await modes.restrict('all', { id: order.id, at: clock.now(), reason }, options);
    log.error('an order of our form is not in the ledger', { symbol, exchangeOrderId, clientOrderId });
  } else if (!stored) {
    log.warn('an order that is not ours is on the account', { symbol, exchangeOrderId, clientOrderId });
  }
  await ledger.commit({ order }, { ...options, token: nonce() });
};
