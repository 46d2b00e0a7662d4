import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { borrowed, type TimeEstimate } from '../domain/exchange-time.ts';
import type { CallOptions, ControlView, Pace } from '../domain/ports.ts';
import { type Dynamo, reachable, until } from './client.ts';
import { type Item, parseItem } from './items.ts';
import { modeOf } from './strategies.ts';

/** Items of `Control`, by name. */
export const CONTROL = { mode: 'default', time: 'time', pace: 'pace' } as const;

/** Distance of two send tickets: ten a second, below the exchange's twelve. */
const TICKET_MS = 100;

const StoredTime = z.object({ offset: z.number(), uncertainty: z.number(), measuredAt: z.number() });
const StoredPace = z.object({ nextAt: z.number().optional(), pauseUntil: z.number().optional() });

/** What the items of `Control` say, as they came back from one read. */
export const controlView = (items: readonly Item[]): ControlView => {
  const named = (name: string) => items.find((item) => item.name === name);
  const time = named(CONTROL.time);
  const pace = named(CONTROL.pace);
  return {
    mode: modeOf(named(CONTROL.mode)),
    ...(time && { time: borrowed(parseItem(StoredTime, time, 'Control/time')) }),
    pauseUntil: (pace && parseItem(StoredPace, pace, 'Control/pace').pauseUntil) ?? 0,
  };
};

/** Shares this process's measurement of the exchange's clock. */
export const saveTime = async (
  dynamo: Dynamo,
  estimate: TimeEstimate,
  options: CallOptions,
): Promise<void> => {
  const { offset, uncertainty, measuredAt } = estimate;
  await dynamo.client.send(
    new PutCommand({
      TableName: dynamo.tables.control,
      Item: { name: CONTROL.time, offset, uncertainty, measuredAt },
    }),
    until(dynamo, options),
  );
};

/** Send tickets on one item (order protocol, section 12.5). */
export const createPace = (dynamo: Dynamo): Pace => {
  const { client, tables, clock } = dynamo;
  const update = async (
    expression: string,
    condition: string,
    values: Item,
    options: CallOptions,
  ): Promise<Item | undefined> => {
    try {
      const names = [...new Set(`${expression} ${condition}`.match(/#\w+/g))].map((name) => [
        name,
        name.slice(1),
      ]);
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName: tables.control,
          Key: { name: CONTROL.pace },
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(names),
          ExpressionAttributeValues: values,
          ReturnValues: 'UPDATED_OLD',
        }),
        until(dynamo, options),
      );
      return Attributes ?? {};
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
  const ticket = async (latest: number, options: CallOptions): Promise<number | undefined> => {
    const now = clock.now();
    if (now > latest) return undefined;
    const free = { ':now': now, ':next': now + TICKET_MS };
    if (
      await update('SET #nextAt = :next', 'attribute_not_exists(#nextAt) OR #nextAt <= :now', free, options)
    )
      return now;
    // The next free time is ahead, and it never moves back: it is this one, or none before `latest`.
    const ahead = { ':step': TICKET_MS, ':now': now, ':latest': latest };
    const old = await update(
      'SET #nextAt = #nextAt + :step',
      '#nextAt > :now AND #nextAt <= :latest',
      ahead,
      options,
    );
    return old && parseItem(StoredPace, old, 'Control/pace').nextAt;
  };
  return {
    ticket: (latest, options) => reachable(ticket(latest, options)),
    pause: async (pauseUntil, options) => {
      await reachable(
        update(
          'SET #pauseUntil = :until',
          'attribute_not_exists(#pauseUntil) OR #pauseUntil < :until',
          { ':until': pauseUntil },
          options,
        ),
      );
    },
  };
};
