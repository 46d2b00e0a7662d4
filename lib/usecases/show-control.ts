import {
  type CommandOrders,
  commandView,
  defaultView,
  ordersLeft,
  positionsOf,
  strategyView,
} from '../domain/control-view.ts';
import { AppError } from '../domain/errors.ts';
import type { Lane } from '../domain/lane.ts';
import type { Order } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Strategy } from '../domain/strategy.ts';
import type { Controlling } from './controlling.ts';
import { flattenIdOf } from './flatten-order.ts';
import { inParallel } from './reconcile-run.ts';

const READS_AT_ONCE = 16;

/** `GET /control`: mode, use and command of every strategy, strongly consistent. `done`: no command has anything left to do. */
export const showControl = async (control: Pick<Controlling, 'ledger' | 'modes'>, options: CallOptions) => {
  const { ledger, modes } = control;
  const [forNew, records, lanes] = await Promise.all([
    modes.readDefault(options),
    ledger.strategies(options),
    ledger.lanes(options),
  ]);
  const strategies: (ReturnType<typeof strategyView> & { command?: ReturnType<typeof commandView> })[] = [];
  await inParallel(records, READS_AT_ONCE, async (record) => {
    const command = commandView(record, lanes, await ordersOf(record, lanes, control, options));
    strategies.push({ ...strategyView(record), ...(command && { command }) });
  });
  return {
    default: defaultView(forNew),
    done: strategies.every(({ command }) => command?.state !== 'running'),
    strategies: strategies.sort((a, b) => (a.strategy < b.strategy ? -1 : 1)),
  };
};

/** What a command needs to be shown with: an order that cannot be read is shown by its id alone. */
const ordersOf = async (
  record: Strategy,
  lanes: readonly Lane[],
  { ledger }: Pick<Controlling, 'ledger'>,
  options: CallOptions,
): Promise<CommandOrders> => {
  const { command, strategy } = record;
  const find = async (id: string): Promise<Order | undefined> => {
    try {
      return await ledger.order(id, options);
    } catch (error) {
      if (error instanceof AppError && error.code === 'corrupt_item') return undefined;
      throw error;
    }
  };
  const all = async (keys: readonly string[], idOf: (key: string) => string) =>
    new Map(await Promise.all(keys.map(async (key) => [key, await find(idOf(key))] as const)));
  const symbols = command?.kind === 'flatten' ? positionsOf(record, lanes).map(({ symbol }) => symbol) : [];
  return {
    cancelled: await all(command ? ordersLeft(record) : [], (id) => id),
    selling: await all(symbols, (symbol) => flattenIdOf(command?.id ?? '', { strategy, symbol })),
  };
};
