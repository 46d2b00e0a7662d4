import { defaultView } from '../domain/control-view.ts';
import type { Modes } from '../domain/mode-change.ts';
import type { Order } from '../domain/order-record.ts';
import { type ReadConfig, strategyOverview, streamOverview } from '../domain/overview.ts';
import type { CallOptions, Ledger } from '../domain/ports.ts';
import { settingsOf } from '../domain/settings.ts';
import type { Balances } from '../domain/snapshot-ports.ts';
import { dayOf } from '../domain/strategy.ts';
import type { StateReader } from './read-state.ts';
import { inParallel } from './reconcile-run.ts';

/** What the overview asks of the stores. */
export interface OverviewReader {
  readonly ledger: Pick<Ledger, 'strategies' | 'lanes' | 'control'>;
  readonly modes: Pick<Modes, 'readDefault'>;
  readonly balances: Pick<Balances, 'latest'>;
  readonly reader: Pick<StateReader, 'order' | 'unsettled'>;
  readonly config: ReadConfig;
}

/** Most unsettled orders that are read one by one: those that rest or wait are known by their lane. */
const MOST_READ = 50;
const READS_AT_ONCE = 16;

/**
 * `GET /overview`: what an operator looks at first. Strongly consistent but for the index of unsettled orders.
 * @param now local epoch ms
 */
export const readOverview = async (from: OverviewReader, now: number, options: CallOptions) => {
  const { ledger, modes, balances, reader, config } = from;
  const [forNew, records, lanes, control, snapshot, unsettled] = await Promise.all([
    modes.readDefault(options),
    ledger.strategies(options),
    ledger.lanes(options),
    ledger.control(options),
    balances.latest(options),
    reader.unsettled(options),
  ]);
  const known = new Set(
    lanes.flatMap(({ resting, queue }) => [...Object.keys(resting), ...queue.map(({ id }) => id)]),
  );
  const inQuestion = unsettled.filter((id) => !known.has(id));
  const found: Order[] = [];
  await inParallel(inQuestion.slice(0, MOST_READ), READS_AT_ONCE, async (id) => {
    const order = await reader.order(id, options);
    if (order) found.push(order);
  });
  const unknown = found.filter(({ state }) => state === 'unknown');
  const { maxDrawdownPercent } = config.triggers;
  return {
    now: new Date(now).toISOString(),
    default: defaultView(forNew),
    strategies: records
      .map((record) =>
        strategyOverview(record, lanes, settingsOf(config.trading, record.strategy), dayOf(now)),
      )
      .sort((a, b) => (a.strategy < b.strategy ? -1 : 1)),
    /** Names in the configuration; those without a record have not had an alert yet. */
    configured: Object.keys(config.trading.strategies),
    stream: streamOverview(control.stream, now),
    unsettledOrders: unsettled.length,
    unknownOrders: {
      orders: unknown.map(({ id, strategy, symbol, updatedAt }) => ({
        id,
        strategy,
        symbol,
        since: new Date(updatedAt).toISOString(),
      })),
      /** False: there were more unsettled orders than are looked at for one answer. */
      complete: inQuestion.length <= MOST_READ,
    },
    account: snapshot && {
      at: new Date(snapshot.takenTo).toISOString(),
      quote: snapshot.quote,
      total: snapshot.total,
      peak: snapshot.peak,
      drawdownPercent: snapshot.drawdownPercent,
      ...(maxDrawdownPercent !== undefined && { maxDrawdownPercent }),
      unexplained: snapshot.open.length,
    },
  };
};
