import type { Lane } from './lane.ts';
import type { DefaultMode } from './mode-change.ts';
import { decimal } from './money.ts';
import type { Order } from './order-record.ts';
import type { Changed, Strategy } from './strategy.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const changedView = (changed: Changed | undefined) =>
  changed && { reason: changed.reason, changedAt: iso(changed.at), changedBy: changed.by };

/** The mode that new strategies start with. */
export const defaultView = ({ mode, changed }: DefaultMode) => ({ mode, ...changedView(changed) });

/** Mode and use of one strategy, as every answer shows them: amounts as decimal text, times as ISO 8601 UTC. */
export const strategyView = (record: Strategy) => ({
  strategy: record.strategy,
  mode: record.mode,
  ...changedView(record.changed),
  epoch: record.epoch,
  day: { date: record.day, orders: record.dayOrders, notional: record.dayNotional },
  reserved: record.reserved,
  rejectedToday: record.dayRejects,
  ...(record.overrun !== undefined && { overrun: record.overrun }),
  ...(record.lastSequence !== undefined && { lastSequence: record.lastSequence }),
  inFlight: Object.entries(record.inFlight).map(([order, { attempt, until }]) => ({
    order,
    attempt,
    until: iso(until),
  })),
});

/** Orders of one command: those to be cancelled, and those that sell, by symbol. */
export interface CommandOrders {
  readonly cancelled: ReadonlyMap<string, Order | undefined>;
  readonly selling: ReadonlyMap<string, Order | undefined>;
}

/** Ids of the orders that a command has yet to see the end of. */
export const ordersLeft = ({ command, cancelling, inFlight }: Strategy): readonly string[] => {
  if (command?.kind === 'flatten') return Object.keys(inFlight);
  return Object.keys(cancelling ?? {}).filter((id) => inFlight[id] !== undefined);
};

/** Lanes of a strategy that hold coins. */
export const positionsOf = ({ strategy }: Strategy, lanes: readonly Lane[]): readonly Lane[] =>
  lanes.filter((lane) => lane.strategy === strategy && decimal(lane.quantity).gt('0'));

/** True while a command has something to do. */
export const isRunning = ({ flatten, cancelling }: Strategy): boolean =>
  flatten !== undefined || cancelling !== undefined;

/**
 * The operator's last command and what remains of it. It is done when its end was written and nothing that it has to see
 * the end of is in flight; coins that could not be sold remain with the reason.
 */
export const commandView = (record: Strategy, lanes: readonly Lane[], orders: CommandOrders) => {
  const { command } = record;
  if (!command) return undefined;
  const left = ordersLeft(record);
  const done = !isRunning(record) && left.length === 0;
  return {
    id: command.id,
    kind: command.kind,
    reason: command.reason,
    at: iso(command.at),
    state: done ? 'done' : 'running',
    ...(done && command.doneAt !== undefined && { doneAt: iso(command.doneAt) }),
    remains: {
      orders: left.map((id) => {
        const { symbol, state } = orders.cancelled.get(id) ?? {};
        return { order: id, symbol, state };
      }),
      ...(command.kind === 'flatten' && {
        positions: positionsOf(record, lanes).map(({ symbol, quantity }) => {
          const { id, state, reason } = orders.selling.get(symbol) ?? {};
          return { symbol, quantity, order: id, state, reason };
        }),
      }),
    },
  };
};
