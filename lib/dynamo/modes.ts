import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { AppError } from '../domain/errors.ts';
import { emptyLane, type Lane } from '../domain/lane.ts';
import { DefaultMode, type ModeChange, type Modes, type Outcome, outcomeOf } from '../domain/mode-change.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Changed, Command, Mode, Strategy } from '../domain/strategy.ts';
import { type Dynamo, until } from './client.ts';
import { type Place, updateItem } from './conditional-update.ts';
import { CONTROL } from './control.ts';
import { type Item, parseItem } from './items.ts';
import { asSeen, overwrite, persistently } from './overwrite.ts';
import { parseLane, putLane } from './positions.ts';
import { parseStrategy } from './strategies.ts';

/** The operator's records in the tables `Strategies`, `Control` and `Positions`. */
export const createModes = (dynamo: Dynamo): Modes => ({
  names: (options) => persistently(dynamo, options, () => names(dynamo, options)),
  read: (strategy, options) =>
    persistently(dynamo, options, async () => {
      const stored = await read(dynamo, recordOf(dynamo, strategy), options);
      return stored && parseStrategy(stored);
    }),
  readDefault: (options) => persistently(dynamo, options, () => readDefault(dynamo, options)),
  setDefault: (mode, change, options) => setDefault(dynamo, mode, change, options),
  change: (strategy, change, options) => changeOne(dynamo, strategy, change, options),
  restrict: (strategy, cause, options) => restrict(dynamo, strategy, cause, options),
  end: (strategy, command, done, options) => end(dynamo, strategy, command, done, options),
  lane: (strategy, symbol, options) =>
    persistently(dynamo, options, async () => {
      const stored = await read(dynamo, laneOf(dynamo, strategy, symbol), options);
      return stored ? parseLane(stored) : emptyLane(strategy, symbol);
    }),
  saveLane: (lane, options) => persistently(dynamo, options, () => saveLane(dynamo, lane, options)),
});

const recordOf = ({ tables }: Dynamo, strategy: string): Place => ({
  TableName: tables.strategies,
  Key: { strategy },
});
const defaultOf = ({ tables }: Dynamo): Place => ({
  TableName: tables.control,
  Key: { name: CONTROL.mode },
});
const laneOf = ({ tables }: Dynamo, strategy: string, symbol: string): Place => ({
  TableName: tables.positions,
  Key: { strategy, symbol },
});

const read = async (dynamo: Dynamo, place: Place, options: CallOptions): Promise<Item | undefined> => {
  const { Item: stored } = await dynamo.client.send(
    new GetCommand({ ...place, ConsistentRead: true }),
    until(dynamo, options),
  );
  return stored;
};

/** Keys only: a record that cannot be read must not keep the others from being halted. */
const names = async (dynamo: Dynamo, options: CallOptions): Promise<string[]> => {
  const all: string[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new ScanCommand({
        TableName: dynamo.tables.strategies,
        ConsistentRead: true,
        ProjectionExpression: '#strategy',
        ExpressionAttributeNames: { '#strategy': 'strategy' },
        ExclusiveStartKey: from,
      }),
      until(dynamo, options),
    );
    all.push(...(page.Items ?? []).map(({ strategy }) => String(strategy)));
    from = page.LastEvaluatedKey;
  } while (from);
  return all;
};

const parseDefault = (item: Item): DefaultMode => parseItem(DefaultMode, item, 'Control/default');

const readDefault = async (dynamo: Dynamo, options: CallOptions): Promise<DefaultMode> =>
  parseDefault((await read(dynamo, defaultOf(dynamo), options)) ?? {});

const setDefault = (
  dynamo: Dynamo,
  mode: Mode,
  { id, at, reason }: ModeChange,
  options: CallOptions,
): Promise<DefaultMode | 'superseded'> =>
  overwrite<DefaultMode>(dynamo, id, options, {
    read: () => readDefault(dynamo, options),
    loosens: () => mode !== 'HALTED',
    write: async (before) => {
      const { condition, values } = asSeen(before);
      const changed: Changed = { id, mode, reason, at, by: 'operator' };
      const epoch = before.epoch + (mode === 'HALTED' ? 0 : 1);
      const after = await updateItem(
        dynamo,
        defaultOf(dynamo),
        {
          change: 'SET #mode = :mode, #changed = :changed, #epoch = :after',
          condition,
          values: { ...values, ':mode': mode, ':changed': changed, ':after': epoch },
          returns: 'ALL_NEW',
        },
        options,
      );
      return after && parseDefault(after);
    },
  });

const changeOne = (
  dynamo: Dynamo,
  strategy: string,
  change: ModeChange,
  options: CallOptions,
): Promise<Strategy | 'superseded'> =>
  overwrite<Strategy>(dynamo, change.id, options, {
    read: async () => {
      const stored = await read(dynamo, recordOf(dynamo, strategy), options);
      if (!stored) throw new AppError('unknown_strategy', `the strategy ${strategy} has no record`);
      return parseStrategy(stored);
    },
    loosens: (before) => outcomeOf(before, change).loosens,
    write: async (before) => {
      const outcome = outcomeOf(before, change);
      const { condition, values } = asSeen(before);
      const after = await updateItem(
        dynamo,
        recordOf(dynamo, strategy),
        {
          change: expressionOf(outcome),
          condition,
          values: { ...values, ...valuesOf(outcome) },
          returns: 'ALL_NEW',
        },
        options,
      );
      return after && parseStrategy(after);
    },
  });

const expressionOf = ({ loosens, flatten, command, cancelling, overrun }: Outcome): string => {
  const sets = ['#mode = :mode', '#changed = :changed'];
  if (loosens) sets.push('#epoch = #epoch + :one');
  if (typeof flatten === 'object') sets.push('#flatten = :flatten');
  if (typeof command === 'object') sets.push('#command = :command');
  // As they are at this very moment: no read could be as fresh.
  if (cancelling === 'in flight') sets.push('#cancelling = #inFlight');
  const removes = Object.entries({
    '#flatten': flatten,
    '#command': command,
    '#cancelling': cancelling,
    '#overrun': overrun,
  })
    .filter(([, value]) => value === 'none')
    .map(([name]) => name);
  return `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`;
};

const valuesOf = ({ mode, changed, loosens, flatten, command }: Outcome): Item => ({
  ':mode': mode,
  ':changed': changed,
  ...(loosens && { ':one': 1 }),
  ...(typeof flatten === 'object' && { ':flatten': flatten.set }),
  ...(typeof command === 'object' && { ':command': command.set }),
});

type Cause = Parameters<Modes['restrict']>[1];

const restrict = async (
  dynamo: Dynamo,
  strategy: string | 'all',
  cause: Cause,
  options: CallOptions,
): Promise<readonly string[]> => {
  const one = (place: Place, isActive: string): Promise<Item | undefined> =>
    persistently(dynamo, options, () =>
      updateItem(
        dynamo,
        place,
        {
          change:
            'SET #mode = :reduceOnly, #changed = :changed, #tripped = :cause, #epoch = if_not_exists(#epoch, :zero) + :one',
          condition: `${isActive} AND (attribute_not_exists(#tripped) OR #tripped <> :cause)`,
          values: {
            ':active': 'ACTIVE',
            ':cause': cause.id,
            ':reduceOnly': 'REDUCE_ONLY',
            ':changed': { ...cause, mode: 'REDUCE_ONLY', by: 'automatic' } satisfies Changed,
            ':zero': 0,
            ':one': 1,
          },
          returns: 'ALL_NEW',
        },
        options,
      ),
    );
  if (strategy === 'all') await one(defaultOf(dynamo), '(attribute_not_exists(#mode) OR #mode = :active)');
  const all =
    strategy === 'all' ? await persistently(dynamo, options, () => names(dynamo, options)) : [strategy];
  const results = await Promise.all(
    all.map(async (name) => ((await one(recordOf(dynamo, name), '#mode = :active')) ? [name] : [])),
  );
  return results.flat();
};

const end = async (
  dynamo: Dynamo,
  strategy: string,
  { id: command, kind, reason }: Command,
  { id, at }: { readonly id: string; readonly at: number },
  options: CallOptions,
): Promise<void> => {
  const changed: Changed = {
    id,
    mode: 'HALTED',
    reason: `the flatten is carried out: ${reason}`,
    at,
    by: 'automatic',
  };
  const update =
    kind === 'flatten'
      ? {
          change:
            'SET #mode = :halted, #changed = :changed, #command.#doneAt = :at REMOVE #flatten, #cancelling',
          condition: '#flatten = :command AND #command.#id = :command',
          values: { ':halted': 'HALTED', ':changed': changed, ':at': at, ':command': command },
        }
      : {
          change: 'SET #command.#doneAt = :at REMOVE #cancelling',
          condition: '#command.#id = :command AND attribute_exists(#cancelling)',
          values: { ':at': at, ':command': command },
        };
  await persistently(dynamo, options, () =>
    updateItem(dynamo, recordOf(dynamo, strategy), { ...update, returns: 'ALL_NEW' }, options),
  );
};

const saveLane = async (dynamo: Dynamo, lane: Lane, options: CallOptions): Promise<boolean> => {
  const { Put: put } = putLane(dynamo, lane);
  if (!put) return false;
  try {
    await dynamo.client.send(new PutCommand(put), until(dynamo, options));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
