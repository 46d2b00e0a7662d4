import { AppError } from '../domain/errors.ts';
import type { ExchangeOrder, ExchangeTrade } from '../domain/exchange.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import { DENIED_FOR, type Lane } from '../domain/lane.ts';
import { parseClientOrderId } from '../domain/order-record.ts';
import type { Swept } from '../domain/ports.ts';
import { REACH } from '../domain/timing.ts';
import { allOf } from './all-of.ts';
import { ordersIn, tradesIn } from './complete-history.ts';
import { judgeRow, judgeRows } from './judge-row.ts';
import { inParallel, note, type Run } from './reconcile-run.ts';
import { factsFrom, recordShown } from './settle-order.ts';

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
