import type { Round } from '../domain/absence.ts';
import { earliest, latest, type TimeEstimate } from '../domain/exchange-time.ts';
import type { Attempt } from '../domain/order-record.ts';
import { ROUND_GAP, searchFrom } from '../domain/timing.ts';
import { ordersIn, tradesIn } from './complete-history.ts';
import type { Run } from './reconcile-run.ts';

interface Doubted {
  readonly order: { readonly symbol: string };
  readonly attempt: Attempt;
}

/**
 * Asks the four sources once for all these attempts: the listing for the account, both histories for each symbol, the order
 * for each attempt. Every query leaves after the call begins, so the caller sees to it that each attempt's proof time is past.
 * The clock is measured again after the last answer, and what is less sure of the two measurements counts.
 * @returns by client order id; an attempt of which a source gave no answer is missing: its round is void
 */
export const collectRounds = async (
  doubts: readonly Doubted[],
  time: TimeEstimate,
  run: Run,
): Promise<ReadonlyMap<string, Round>> => {
  const { trading, options } = run;
  const { clock, exchange } = trading;
  if (doubts.length === 0) return new Map();
  const askedAt = clock.now();
  const to = latest(time, askedAt) + ROUND_GAP;
  const groups = [...Map.groupBy(doubts, ({ order }) => order.symbol)];
  const [openOrders, answers] = await Promise.all([
    run.guarded('list the open orders as evidence', () => exchange.openOrders(undefined, options)),
    Promise.all(groups.map(([symbol, group]) => askSymbol(symbol, group, to, run))),
  ]);
  const answeredAt = clock.now();
  const again = await run.guarded('measure the clock again', () => exchange.measureTime(options));
  if (!openOrders || !again) return new Map();
  const common = {
    from: Math.min(earliest(time, askedAt), earliest(again, askedAt)),
    to: Math.max(latest(time, answeredAt), latest(again, answeredAt)),
    ownTime: time.own && again.own,
    openOrders,
  };
  return new Map(answers.flat().map(([clientOrderId, answer]) => [clientOrderId, { ...common, ...answer }]));
};

type Answer = Omit<Round, 'from' | 'to' | 'ownTime' | 'openOrders'>;

/** What one symbol's sources say, by client order id. */
const askSymbol = async (
  symbol: string,
  doubts: readonly Doubted[],
  to: number,
  run: Run,
): Promise<readonly (readonly [string, Answer])[]> => {
  const { trading, options } = run;
  const window = { from: Math.min(...doubts.map(({ attempt }) => searchFrom(attempt))), to };
  const [histories, orders] = await Promise.all([
    run.guarded(`read the history of ${symbol} as evidence`, () =>
      Promise.all([
        ordersIn(symbol, window, trading, options),
        tradesIn({ symbol }, window, trading, options),
      ]),
    ),
    Promise.all(
      doubts.map(({ attempt: { clientOrderId } }) =>
        run.guarded(`ask for ${clientOrderId} as evidence`, async () => ({
          clientOrderId,
          order: await trading.exchange.findOrder({ symbol, by: { clientOrderId } }, options),
        })),
      ),
    ),
  ]);
  if (!histories) return [];
  const [allOrders, ownTrades] = histories;
  return orders.flatMap((asked) =>
    asked
      ? [
          [
            asked.clientOrderId,
            {
              order: asked.order,
              allOrders: allOrders.rows,
              allOrdersComplete: allOrders.complete,
              ownTrades: ownTrades.rows,
              ownTradesComplete: ownTrades.complete,
            },
          ] as const,
        ]
      : [],
  );
};
