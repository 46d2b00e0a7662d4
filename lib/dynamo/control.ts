import { BatchGetCommand, type BatchGetCommandOutput, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { borrowed, type TimeEstimate } from '../domain/exchange-time.ts';
import { DecimalText } from '../domain/money.ts';
import type { CallOptions, ControlView, Equity } from '../domain/ports.ts';
import { StreamState } from '../domain/stream-state.ts';
import { type Dynamo, pauses, until } from './client.ts';
import { updateControl } from './conditional-update.ts';
import { type Item, parseItem } from './items.ts';
import { modeOf } from './strategies.ts';

/** Items of `Control`, by name. */
export const CONTROL = {
  mode: 'default',
  time: 'time',
  pace: 'pace',
  reads: 'reads',
  run: 'run',
  equity: 'equity',
  stream: 'stream',
} as const;

const StoredTime = z.object({ offset: z.number(), uncertainty: z.number(), measuredAt: z.number() });
const StoredEquity = z.object({ total: DecimalText, quote: z.string(), at: z.int() });
const StoredPace = z.object({ pauseUntil: z.number().optional(), nextAt: z.number().optional() });

/** What the items of `Control` say, as they came back from one read. */
export const controlView = (items: readonly Item[]): ControlView => {
  const named = (name: string) => items.find((item) => item.name === name);
  const time = named(CONTROL.time);
  const pace = named(CONTROL.pace);
  const equity = named(CONTROL.equity);
  const stream = named(CONTROL.stream);
  const sending = pace && parseItem(StoredPace, pace, 'Control/pace');
  return {
    mode: modeOf(named(CONTROL.mode)),
    ...(time && { time: borrowed(parseItem(StoredTime, time, 'Control/time')) }),
    ...(equity && { equity: parseItem(StoredEquity, equity, 'Control/equity') }),
    ...(stream && { stream: parseItem(StreamState, stream, 'Control/stream') }),
    pauseUntil: sending?.pauseUntil ?? 0,
    lastTicket: sending?.nextAt ?? 0,
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

/** Shares what the account is worth; a later snapshot's word stands. */
export const saveEquity = async (dynamo: Dynamo, equity: Equity, options: CallOptions): Promise<void> => {
  await updateControl(
    dynamo,
    CONTROL.equity,
    {
      change: 'SET #total = :total, #quote = :quote, #at = :at',
      condition: 'attribute_not_exists(#at) OR #at < :at',
      values: { ':total': equity.total, ':quote': equity.quote, ':at': equity.at },
      returns: 'ALL_NEW',
    },
    options,
  );
};

/** Shares what the stream task knows; of two tasks that overlap the later word stands. */
export const saveStreamState = async (
  dynamo: Dynamo,
  state: StreamState,
  options: CallOptions,
): Promise<void> => {
  await dynamo.client.send(
    new PutCommand({ TableName: dynamo.tables.control, Item: { name: CONTROL.stream, ...state } }),
    until(dynamo, options),
  );
};

/** What `Control` says, strongly consistent. */
export const readControl = async (dynamo: Dynamo, options: CallOptions): Promise<ControlView> => {
  const table = dynamo.tables.control;
  const pause = pauses(dynamo.random);
  const items: Item[] = [];
  let keys: Item[] | undefined = Object.values(CONTROL).map((name) => ({ name }));
  while (keys && keys.length > 0) {
    const answer: BatchGetCommandOutput = await dynamo.client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      until(dynamo, options),
    );
    items.push(...(answer.Responses?.[table] ?? []));
    keys = answer.UnprocessedKeys?.[table]?.Keys;
    if (keys && keys.length > 0) await dynamo.clock.sleep(pause());
  }
  return controlView(items);
};
