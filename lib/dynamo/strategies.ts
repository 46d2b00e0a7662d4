import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { decimal, plain } from '../domain/money.ts';
import type { CallOptions, Clock } from '../domain/ports.ts';
import {
  type Changed,
  type CounterChange,
  dayOf,
  Mode,
  type ModeRequirement,
  Strategy,
} from '../domain/strategy.ts';
import { type Dynamo, pauses, until } from './client.ts';
import { asNumber, type Item, parseItem } from './items.ts';
import type { TransactItem } from './orders.ts';

/** Amounts that conditions and updates calculate with: DynamoDB numbers, read as text. */
const DECIMALS = ['dayNotional', 'reserved'];

export const parseStrategy = (item: Item): Strategy =>
  parseItem(Strategy, item, `strategy ${String(item.strategy)}`, DECIMALS);

interface Expression {
  readonly update: string;
  readonly condition: string;
  readonly values: Record<string, unknown>;
}

/**
 * The counters' write (order protocol, section 8). Where it depends on the record which form applies (the order's
 * day has passed; the mode is not ACTIVE), all forms are returned, to be tried in turn: their conditions exclude one
 * another.
 */
export const counterWrites = ({ tables, clock }: Dynamo, change: CounterChange): TransactItem[] =>
  expressions(change, clock.now()).map(({ update, condition, values }) => ({
    Update: {
      TableName: tables.strategies,
      Key: { strategy: change.strategy },
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: namesIn(`${update} ${condition}`, change.order),
      ExpressionAttributeValues: values,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }));

/** Nothing more to write. */
const NONE = { set: '', values: {} };

const expressions = (change: CounterChange, at: number): Expression[] => {
  const n = asNumber(change.notional);
  switch (change.kind) {
    case 'reserve':
      return [reservation(change)];
    case 'undo':
      return [
        {
          update:
            'SET #dayOrders = #dayOrders - :one, #dayNotional = #dayNotional - :n, #reserved = #reserved - :n REMOVE #inFlight.#order',
          condition: '#day = :day AND attribute_exists(#inFlight.#order)',
          values: { ':one': 1, ':n': n, ':day': change.day },
        },
        {
          update: 'SET #reserved = #reserved - :n REMOVE #inFlight.#order',
          condition: '#day <> :day AND attribute_exists(#inFlight.#order)',
          values: { ':n': n, ':day': change.day },
        },
      ];
    case 'finish': {
      const over = asNumber(plain(decimal(change.executed).minus(change.notional)));
      const overrun = change.overrun
        ? { set: ', #overrun = :order', values: { ':order': change.order } }
        : NONE;
      const reject = change.rejected
        ? {
            set: ', #dayRejects = if_not_exists(#dayRejects, :zero) + :one',
            values: { ':zero': 0, ':one': 1 },
          }
        : NONE;
      return [
        {
          update: `SET #dayNotional = #dayNotional + :over, #reserved = #reserved - :n${overrun.set}${reject.set} REMOVE #inFlight.#order`,
          condition: '#day = :day AND attribute_exists(#inFlight.#order)',
          values: {
            ':over': over,
            ':n': n,
            ':day': change.day,
            ...overrun.values,
            ...reject.values,
          },
        },
        {
          update: `SET #reserved = #reserved - :n${overrun.set} REMOVE #inFlight.#order`,
          condition: '#day <> :day AND attribute_exists(#inFlight.#order)',
          values: { ':n': n, ':day': change.day, ...overrun.values },
        },
      ];
    }
    case 'contradict':
      return contradictions(change, at);
  }
};

/** Over ACTIVE or not, within the order's day or after it: of up to four forms exactly one applies. */
const contradictions = (change: Extract<CounterChange, { kind: 'contradict' }>, at: number): Expression[] => {
  const { notional, attempt, until: end, counts, order } = change;
  const changed: Changed = {
    id: `${order}-${attempt}-${at}`,
    mode: 'REDUCE_ONLY',
    reason: `the exchange shows ${order}, which was held to be over`,
    at,
    by: 'automatic',
  };
  const update = 'SET #reserved = #reserved + :n, #inFlight.#order = :entry';
  const values = { ':n': asNumber(notional), ':entry': { attempt, until: end }, ':active': 'ACTIVE' };
  const modes: Expression[] = [
    {
      update: `${update}, #mode = :reduceOnly, #epoch = #epoch + :one, #changed = :changed`,
      condition: '#mode = :active',
      values: { ...values, ':reduceOnly': 'REDUCE_ONLY', ':one': 1, ':changed': changed },
    },
    { update, condition: '#mode <> :active', values },
  ];
  if (!counts) return modes;
  const day = { ':day': counts.day };
  return modes.flatMap((mode) => [
    {
      update: `${mode.update}, #dayNotional = #dayNotional + :counts`,
      condition: `${mode.condition} AND #day = :day`,
      values: { ...mode.values, ...day, ':counts': asNumber(counts.notional) },
    },
    {
      ...mode,
      condition: `${mode.condition} AND #day <> :day`,
      values: { ...mode.values, ...day },
    },
  ]);
};

const reservation = (change: Extract<CounterChange, { kind: 'reserve' }>): Expression => {
  const { notional, limits, day, opensDay } = change;
  const mode = modeCondition(change.mode);
  const values = {
    ':one': 1,
    ':n': asNumber(notional),
    ':entry': { attempt: change.attempt, until: change.until },
    ':day': day,
    ':maxOpen': limits.maxOpenOrders,
    ...mode.values,
  };
  const common = `size(#inFlight) < :maxOpen AND ${mode.condition}`;
  if (opensDay) {
    return {
      update:
        'SET #day = :day, #dayOrders = :one, #dayRejects = :zero, #dayNotional = :n, #reserved = #reserved + :n, #inFlight.#order = :entry',
      condition: `#day < :day AND ${common}`,
      values: { ...values, ':zero': 0 },
    };
  }
  // A condition cannot add two attributes: what may be used already is computed beforehand.
  const room = asNumber(plain(decimal(limits.maxNotionalPerDay).minus(notional)));
  return {
    update:
      'SET #dayOrders = #dayOrders + :one, #dayNotional = #dayNotional + :n, #reserved = #reserved + :n, #inFlight.#order = :entry',
    condition: `#day = :day AND #dayOrders < :maxOrders AND #dayNotional <= :room AND ${common}`,
    values: { ...values, ':maxOrders': limits.maxOrdersPerDay, ':room': room },
  };
};

const modeCondition = (
  requirement: ModeRequirement,
): { condition: string; values: Record<string, unknown> } => {
  if ('flatten' in requirement)
    return { condition: '#flatten = :flatten', values: { ':flatten': requirement.flatten } };
  return requirement.reduces
    ? {
        condition: '#mode IN (:active, :reduceOnly)',
        values: { ':active': 'ACTIVE', ':reduceOnly': 'REDUCE_ONLY' },
      }
    : {
        condition: '#mode = :active AND attribute_not_exists(#overrun)',
        values: { ':active': 'ACTIVE' },
      };
};

const namesIn = (text: string, order: string): Record<string, string> =>
  Object.fromEntries(
    [...new Set(text.match(/#\w+/g))].map((name) => [name, name === '#order' ? order : name.slice(1)]),
  );

const newStrategy = (strategy: string, mode: Mode, clock: Clock): Strategy => ({
  strategy,
  mode,
  epoch: 0,
  day: dayOf(clock.now()),
  dayOrders: 0,
  dayNotional: '0',
  dayRejects: 0,
  reserved: '0',
  inFlight: {},
});

/** Makes the record at first use, under the mode that holds for all at that very moment. */
export const ensureStrategy = async (
  dynamo: Dynamo,
  name: string,
  options: CallOptions,
): Promise<Strategy> => {
  const { client, tables, clock } = dynamo;
  const pause = pauses(dynamo.random);
  for (;;) {
    const { Item: stored } = await client.send(
      new GetCommand({ TableName: tables.strategies, Key: { strategy: name }, ConsistentRead: true }),
      until(dynamo, options),
    );
    if (stored) return parseStrategy(stored);
    const { Item: control } = await client.send(
      new GetCommand({ TableName: tables.control, Key: { name: 'default' }, ConsistentRead: true }),
      until(dynamo, options),
    );
    const mode = modeOf(control);
    const record = newStrategy(name, mode, clock);
    try {
      await client.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName: tables.strategies,
                Item: { ...record, dayNotional: asNumber('0'), reserved: asNumber('0') },
                ConditionExpression: 'attribute_not_exists(strategy)',
              },
            },
            {
              ConditionCheck: {
                TableName: tables.control,
                Key: { name: 'default' },
                ...(control?.mode !== undefined
                  ? { ConditionExpression: '#mode = :mode', ExpressionAttributeValues: { ':mode': mode } }
                  : { ConditionExpression: 'attribute_not_exists(#mode)' }),
                ExpressionAttributeNames: { '#mode': 'mode' },
              },
            },
          ],
        }),
        until(dynamo, options),
      );
      return record;
    } catch (error) {
      // Somebody else made it, or the mode was changed meanwhile: read again.
      if (!(error instanceof TransactionCanceledException)) throw error;
    }
    await clock.sleep(pause());
  }
};

const StoredDefault = z.object({ mode: Mode.default('ACTIVE') });

/** Mode of `Control/default`; ACTIVE until one was ever set for all. */
export const modeOf = (item: Item | undefined): Mode =>
  parseItem(StoredDefault, item ?? {}, 'Control/default').mode;

/** All records, by a consistent scan: there is one per strategy. */
export const scanStrategies = async (dynamo: Dynamo, options: CallOptions): Promise<Strategy[]> => {
  const all: Strategy[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new ScanCommand({ TableName: dynamo.tables.strategies, ConsistentRead: true, ExclusiveStartKey: from }),
      until(dynamo, options),
    );
    all.push(...(page.Items ?? []).map(parseStrategy));
    from = page.LastEvaluatedKey;
  } while (from);
  return all;
};
