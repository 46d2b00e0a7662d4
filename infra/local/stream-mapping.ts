import { setTimeout as wait } from 'node:timers/promises';
import type { _Record, DynamoDBStreamsClient, Shard } from '@aws-sdk/client-dynamodb-streams';
import { arnOf, CREDENTIALS, REGION } from './aws.ts';
import { failuresOf } from './batch-outcome.ts';
import type { StreamMapping } from './event-model.ts';
import type { LambdaService } from './lambda-service.ts';

/** Lambda asks each shard four times a second. */
const POLL_MILLISECONDS = 250;
/** After a failure, doubled each time. */
const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 30_000;

/** How far a mapping has come: shard → the last sequence number that is done with; `null`: the shard is over. */
export type Positions = Record<string, string | null>;

export interface StreamFollower {
  readonly endpoint: string;
  readonly positions: Positions;
  readonly lambda: Pick<LambdaService, 'invoke'>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Gives the writes of a table to a function until the signal, shard by shard in their order. */
export const followStream = async (mapping: StreamMapping, follower: StreamFollower): Promise<void> => {
  const { endpoint, signal, onLine } = follower;
  // Only who follows a stream pays for the client.
  const sdk = await import('@aws-sdk/client-dynamodb-streams');
  const client = new sdk.DynamoDBStreamsClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const reader = createReader(sdk, client, mapping, follower);
  try {
    while (!signal.aborted) {
      try {
        if (!(await reader.round())) await pause(POLL_MILLISECONDS, signal);
      } catch (error) {
        if (signal.aborted) break;
        onLine(`stream of ${mapping.table}: ${error instanceof Error ? error.name : error}`);
        reader.startOver();
        await pause(LONGEST_PAUSE_MILLISECONDS / 30, signal);
      }
    }
  } finally {
    client.destroy();
  }
};

type Sdk = typeof import('@aws-sdk/client-dynamodb-streams');

const createReader = (
  sdk: Sdk,
  client: DynamoDBStreamsClient,
  mapping: StreamMapping,
  follower: StreamFollower,
) => {
  const { positions, signal } = follower;
  const iterators = new Map<string, string>();
  let streamArn: string | undefined;
  let shards: readonly Shard[] = [];
  let fresh = Object.keys(positions).length === 0;

  const readShards = async (): Promise<void> => {
    if (streamArn === undefined) {
      const { Streams } = await client.send(new sdk.ListStreamsCommand({ TableName: mapping.table }));
      // A stream that was turned off is listed for a day; the labels are times.
      const [latest] = (Streams ?? []).sort((a, b) =>
        (a.StreamLabel ?? '') < (b.StreamLabel ?? '') ? 1 : -1,
      );
      streamArn = latest?.StreamArn;
    }
    const { StreamDescription } = await client.send(new sdk.DescribeStreamCommand({ StreamArn: streamArn }));
    shards = StreamDescription?.Shards ?? [];
  };

  const iteratorOf = async (shard: string): Promise<string | undefined> => {
    const known = iterators.get(shard);
    if (known !== undefined) return known;
    const done = positions[shard];
    const common = { StreamArn: streamArn, ShardId: shard };
    try {
      const { ShardIterator } = await client.send(
        new sdk.GetShardIteratorCommand(
          typeof done === 'string'
            ? { ...common, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: done }
            : { ...common, ShardIteratorType: fresh && mapping.fromLatest ? 'LATEST' : 'TRIM_HORIZON' },
        ),
      );
      return ShardIterator;
    } catch (error) {
      // What was done was so long ago that the stream has forgotten it.
      if (!(error instanceof sdk.TrimmedDataAccessException)) throw error;
      delete positions[shard];
      return iteratorOf(shard);
    }
  };

  /** A shard's records come after all of the shard it was split from. */
  const isReady = ({ ParentShardId, ShardId }: Shard): boolean =>
    ShardId !== undefined &&
    positions[ShardId] !== null &&
    (ParentShardId === undefined ||
      positions[ParentShardId] === null ||
      shards.every((shard) => shard.ShardId !== ParentShardId));

  return {
    startOver: () => iterators.clear(),
    /** Looks at every shard once. @returns whether there was anything */
    round: async (): Promise<boolean> => {
      if (shards.length === 0 || shards.every(({ ShardId = '' }) => positions[ShardId] === null))
        await readShards();
      let found = false;
      for (const shard of shards.filter(isReady)) {
        const id = shard.ShardId ?? '';
        const iterator = await iteratorOf(id);
        const { Records = [], NextShardIterator } = await client.send(
          new sdk.GetRecordsCommand({ ShardIterator: iterator, Limit: mapping.batchSize }),
          { abortSignal: signal },
        );
        const done = (record: _Record | undefined): void => {
          if (record?.dynamodb?.SequenceNumber) positions[id] = record.dynamodb.SequenceNumber;
        };
        if (Records.length > 0) await processBatch(Records, mapping, follower, done);
        if (signal.aborted) return found;
        found ||= Records.length > 0;
        if (NextShardIterator) iterators.set(id, NextShardIterator);
        else positions[id] = null;
        if (!NextShardIterator) await readShards();
      }
      fresh = false;
      return found;
    },
  };
};

/** Repeats a batch until all of it is done or given up, in halves after an error where that is asked for. */
const processBatch = async (
  records: readonly _Record[],
  mapping: StreamMapping,
  follower: StreamFollower,
  done: (record: _Record | undefined) => void,
): Promise<void> => {
  const { lambda, signal, onLine } = follower;
  let rest = records;
  for (let failures = 0; !signal.aborted; ) {
    const young = rest.filter((record) => !isTooOld(record, mapping));
    if (young.length < rest.length)
      onLine(`${mapping.name}: ${rest.length - young.length} records are too old`);
    if (young.length === 0) return done(rest.at(-1));
    rest = young;
    const outcome = await lambda.invoke(mapping.functionName, streamEvent(rest, mapping.table));
    if (signal.aborted && outcome.error) return;
    const failed = failuresOf(outcome, { ids: rest.map(sequenceOf), partial: mapping.partial });
    const at = rest.findIndex((record) => failed.includes(sequenceOf(record)));
    if (at < 0) return done(rest.at(-1));
    if (at > 0) done(rest[at - 1]);
    rest = rest.slice(at);
    failures = at > 0 ? 1 : failures + 1;
    if (mapping.maxRetries !== undefined && failures > mapping.maxRetries) {
      onLine(`${mapping.name}: ${rest.length} records failed for good`);
      return done(rest.at(-1));
    }
    await pause(
      Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MILLISECONDS),
      signal,
    );
    if (outcome.error && mapping.bisect && rest.length > 1) {
      const half = Math.ceil(rest.length / 2);
      await processBatch(rest.slice(0, half), mapping, follower, done);
      rest = rest.slice(half);
      failures = 0;
    }
  }
};

const sequenceOf = ({ dynamodb }: _Record): string => dynamodb?.SequenceNumber ?? '';

const isTooOld = ({ dynamodb }: _Record, { maxAgeSeconds }: StreamMapping): boolean => {
  const written = dynamodb?.ApproximateCreationDateTime?.getTime();
  return maxAgeSeconds !== undefined && written !== undefined && Date.now() - written > maxAgeSeconds * 1000;
};

/** What Lambda hands over: the records, with the stream's ARN and times in seconds. */
const streamEvent = (records: readonly _Record[], table: string): string =>
  JSON.stringify({
    Records: records.map(({ dynamodb, ...record }) => ({
      ...record,
      dynamodb: {
        ...dynamodb,
        ApproximateCreationDateTime: (dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      },
      eventSourceARN: arnOf('dynamodb', `table/${table}/stream/local`),
    })),
  });

const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  // Ended early by the signal, which the caller looks at.
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
};
