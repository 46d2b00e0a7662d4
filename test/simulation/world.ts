import type { TableModel } from '../../infra/local/stack-model.ts';
import type { Log } from '../../lib/domain/ports.ts';
import { DEFAULT_ACCOUNTS } from '../../lib/simulator/accounts.ts';
import { createExchange, type Exchange } from '../../lib/simulator/exchange.ts';
import { DEFAULT_SYMBOLS } from '../../lib/simulator/symbols.ts';
import type { DynamoInTime } from '../support/memory-dynamo/client.ts';
import { createMemoryDynamo } from '../support/memory-dynamo/engine.ts';
import { chanceOf } from './chance.ts';
import { type Count, disturbancesOf } from './faults.ts';
import { type Answered, createFunctions, type Functions } from './functions.ts';
import { type Ordered, order } from './operator.ts';
import type { Delivery, Plan } from './plan.ts';
import type { RealEngine } from './real-engine.ts';
import { carryOut } from './strangers.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** One delivery and what was answered, if anything was. */
export interface Exchanged {
  readonly delivery: Delivery;
  /** True times, ms after the start. */
  readonly at: number;
  answeredAt?: number;
  answer?: Answered;
}

/** Where worlds store. */
export interface Stores {
  readonly tables: readonly TableModel[];
  /** @default each world has an engine in memory, whose indexes lag */
  readonly real?: RealEngine;
}

export interface World {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly exchange: Exchange;
  readonly dynamo: DynamoInTime;
  readonly functions: Functions;
  readonly exchanged: readonly Exchanged[];
  /** What the operator did, and was told. */
  readonly ordered: readonly Ordered[];
  /** Messages of the level that wakes the owner. */
  readonly alarms: ReadonlyMap<string, number>;
  /** Hands an alert in now. */
  deliver(delivery: Delivery, repeats: number): Exchanged;
}

/** The usual account, with coins that were there before and belong to no strategy. */
const ACCOUNTS = DEFAULT_ACCOUNTS.map((account) => ({
  ...account,
  balances: { ...account.balances, SOL: '4', XRP: '300', METAL: '1500' },
}));

const MINUTE = 60_000;
/** An alerting tool that was told 503, or nothing within 3 s, sends again, at most so often. */
const REPEATS = 2;

/** @param watched wraps the store, so that somebody sees every write */
export const createWorld = async (
  plan: Plan,
  { tables, real }: Stores,
  count: Count,
  watched: (dynamo: DynamoInTime) => DynamoInTime,
): Promise<World> => {
  const timeline = createTimeline(plan.start, real?.settled);
  const chance = chanceOf(`world ${plan.seed}`);
  const lags = chance.stream('lags');
  const dynamo = real
    ? real.inTurn(watched(await real.open(timeline)))
    : watched(
        createMemoryDynamo(timeline, tables, {
          indexLag: () => (plan.indexLag > 0 ? lags.whole(0, plan.indexLag) : 0),
        }),
      );
  const exchange = createExchange({
    seed: plan.seed,
    clock: timeline,
    symbols: DEFAULT_SYMBOLS.filter(({ symbol }) => plan.symbols.includes(symbol) || symbol === 'MXUSDT'),
    accounts: ACCOUNTS,
    limits: plan.strict ? 'strict' : 'off',
  });
  const alarms = new Map<string, number>();
  const wakes = chance.stream('wakes');
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message) => void alarms.set(message, (alarms.get(message) ?? 0) + 1),
  };
  const during = (): boolean => timeline.now() - plan.start < plan.lasts;
  const functions = createFunctions({
    plan,
    timeline,
    exchange,
    dynamo,
    chance: chance.stream('functions'),
    disturbances: disturbancesOf(plan, timeline, count),
    log,
    onWake: () => {
      const times =
        during() && wakes.happens(plan.wakes.lost) ? 0 : during() && wakes.happens(plan.wakes.twice) ? 2 : 1;
      count(times === 0 ? 'wake lost' : times === 2 ? 'wake twice' : 'wake');
      for (let n = 0; n < times; n += 1)
        timeline.at(timeline.now() + wakes.whole(20, 400), () => functions.reconcile(true));
    },
  });
  const exchanged: Exchanged[] = [];
  const deliver = (delivery: Delivery, repeats: number): Exchanged => {
    const one: Exchanged = { delivery, at: timeline.now() - plan.start };
    exchanged.push(one);
    const again = (): void => {
      if (repeats > 0) timeline.at(timeline.now() + 1_000, () => deliver(delivery, repeats - 1));
    };
    functions.place(delivery, (answer) => {
      one.answeredAt = timeline.now() - plan.start;
      one.answer = answer;
      if (answer.status === 503) again();
    });
    timeline.at(timeline.now() + 3_000, () => {
      if (!one.answer) again();
    });
    return one;
  };
  const ordered: Ordered[] = [];
  const world: World = { plan, timeline, exchange, dynamo, functions, exchanged, ordered, alarms, deliver };
  schedule(world, (delivery) => deliver(delivery, REPEATS));
  for (const action of plan.operator)
    timeline.at(plan.start + action.at, () => void ordered.push(order(action, functions, timeline)));
  return world;
};

/** Puts everything that was planned, and the schedule of every minute, on the timeline. */
const schedule = (world: World, deliver: (delivery: Delivery) => void): void => {
  const { plan, timeline, exchange, functions } = world;
  const at = (ms: number, run: () => void): void => timeline.at(plan.start + ms, run);
  for (const delivery of plan.deliveries) at(delivery.at, () => deliver(delivery));
  for (const move of plan.moves) at(move.at, () => carryOut(move, exchange, timeline.now()));
  for (const { fault, lasting } of plan.exchangeFaults) if (lasting) exchange.faults.add(fault);
  at(plan.lasts, () => exchange.faults.clear());
  for (const { at: ms, woken = false } of plan.runs) at(ms, () => functions.reconcile(woken));
  for (const { at: ms, machine, ms: by } of plan.steps) at(ms, () => functions.machines[machine]?.step(by));
  const minute = (n: number): void =>
    at(n * MINUTE + 500, () => {
      functions.reconcile(false);
      minute(n + 1);
    });
  minute(0);
};
