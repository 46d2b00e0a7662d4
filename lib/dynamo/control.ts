import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { borrowed, type TimeEstimate } from '../domain/exchange-time.ts';
import type { CallOptions, ControlView } from '../domain/ports.ts';
import { type Dynamo, until } from './client.ts';
import { type Item, parseItem } from './items.ts';
import { modeOf } from './strategies.ts';

/** Items of `Control`, by name. */
export const CONTROL = { mode: 'default', time: 'time', pace: 'pace', reads: 'reads', run: 'run' } as const;

const StoredTime = z.object({ offset: z.number(), uncertainty: z.number(), measuredAt: z.number() });
const StoredPace = z.object({ pauseUntil: z.number().optional() });

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
