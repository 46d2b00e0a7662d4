import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, NumberValue, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { windowName } from '../domain/candle-interval.ts';
import type { CandleStore, StoredWindow } from '../domain/candle-ports.ts';
import { type CandleWindow, emptyWindow, type Series } from '../domain/candle-window.ts';
import type { CallOptions } from '../domain/ports.ts';
import {
  inspectRecord,
  inspectWindow,
  parseRecord,
  parseWindow,
  RECORDS,
  recordItem,
  recordKey,
  seriesKey,
  windowItem,
  windowKey,
} from './candle-items.ts';
import { type Dynamo, pauses, reachable, until } from './client.ts';
import type { Item } from './items.ts';

/** Keys that one BatchGet takes. */
const BATCH = 100;

const VERSION = { '#version': 'version' };

/** A put that holds only over the version before; first ever, over nothing. */
const over = (version: number) =>
  version === 1
    ? { ConditionExpression: 'attribute_not_exists(#version)', ExpressionAttributeNames: VERSION }
    : {
        ConditionExpression: '#version = :before',
        ExpressionAttributeNames: VERSION,
        ExpressionAttributeValues: { ':before': version - 1 },
      };

const plainly = (value: unknown): unknown => (value instanceof NumberValue ? value.value : value);

/** The candle store on its table. Every method throws `StoreUnavailableError` when no answer comes in time. */
export const createCandleStore = (dynamo: Dynamo, table: string): CandleStore => {
  const { client } = dynamo;

  /** @returns the item that was there instead, when the condition did not hold */
  const put = async (
    request: ConstructorParameters<typeof PutCommand>[0],
    options: CallOptions,
  ): Promise<{ readonly instead: Item } | undefined> => {
    try {
      await client.send(
        new PutCommand({ ...request, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        until(dynamo, options),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { instead: error.Item ? unmarshall(error.Item, { wrapNumbers: true }) : {} };
    }
  };

  const getWindows = async (
    series: Series,
    numbers: readonly number[],
    options: CallOptions,
  ): Promise<readonly Item[]> => {
    const items: Item[] = [];
    const pause = pauses(dynamo.random);
    let rest: Item[] = numbers.map((number) => windowKey(series, number));
    while (rest.length > 0) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: rest.slice(0, BATCH), ConsistentRead: true } },
        }),
        until(dynamo, options),
      );
      items.push(...(Responses?.[table] ?? []));
      const again = UnprocessedKeys?.[table]?.Keys ?? [];
      rest = [...again, ...rest.slice(BATCH)];
      if (again.length > 0) await dynamo.clock.sleep(pause());
    }
    return items;
  };

  /** Items of a partition, page by page; between two sort keys where they are given. */
  async function* pages(
    partition: string,
    between: readonly [string, string] | undefined,
    options: CallOptions,
  ): AsyncGenerator<readonly Item[]> {
    let from: Item | undefined;
    do {
      const page = await reachable(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: `#series = :series${between ? ' AND #start BETWEEN :first AND :last' : ''}`,
            ExpressionAttributeNames: { '#series': 'series', ...(between && { '#start': 'start' }) },
            ExpressionAttributeValues: {
              ':series': partition,
              ...(between && { ':first': between[0], ':last': between[1] }),
            },
            ExclusiveStartKey: from,
          }),
          until(dynamo, options),
        ),
      );
      yield page.Items ?? [];
      from = page.LastEvaluatedKey;
    } while (from);
  }

  async function* range(
    series: Series,
    first: number,
    last: number,
    options: CallOptions,
  ): AsyncGenerator<StoredWindow> {
    const between = [windowName(series.interval, first), windowName(series.interval, last)] as const;
    for await (const page of pages(seriesKey(series), between, options))
      for (const item of page) yield inspectWindow(item, series);
  }

  return {
    windows: async (series, numbers, options) => {
      const items = await reachable(getWindows(series, numbers, options));
      return new Map(
        items.map((item): [number, CandleWindow] => {
          const { window } = parseWindow(item, series);
          return [window.window, window];
        }),
      );
    },
    range,
    save: async (window, options) => {
      const failed = await reachable(
        put({ TableName: table, Item: windowItem(window), ...over(window.version) }, options),
      );
      if (!failed) return undefined;
      if (failed.instead.version === undefined) return emptyWindow(window, window.window);
      return parseWindow(failed.instead, window).window;
    },
    replace: async (window, seen, options) => {
      const names = Object.keys(seen);
      const failed = await reachable(
        put(
          {
            TableName: table,
            // Whoever still holds what lay there before it broke must not write over the repair.
            Item: windowItem({ ...window, version: (Number(plainly(seen.version)) || 0) + 1 }),
            ConditionExpression: names.map((name) => `#${name} = :${name}`).join(' AND '),
            ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, seen[name]])),
          },
          options,
        ),
      );
      return failed === undefined;
    },
    allSeries: async (options) => {
      const all: Item[] = [];
      for await (const page of pages(RECORDS, undefined, options)) all.push(...page);
      return all.map(inspectRecord);
    },
    series: async (series, options) => {
      const { Item: item } = await reachable(
        client.send(
          new GetCommand({ TableName: table, Key: recordKey(series), ConsistentRead: true }),
          until(dynamo, options),
        ),
      );
      return item && parseRecord(item);
    },
    saveSeries: async (record, options) => {
      const condition = options.overBroken ? {} : over(record.version);
      const failed = await reachable(
        put({ TableName: table, Item: recordItem(record), ...condition }, options),
      );
      return failed === undefined;
    },
  };
};
