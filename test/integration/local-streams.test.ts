import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { type DynamoEngine, startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import type { StreamMapping } from '../../infra/local/event-model.ts';
import type { Outcome } from '../../infra/local/runtime-process.ts';
import { type TableModel, TableProperties } from '../../infra/local/stack-model.ts';
import { followStream, type Positions } from '../../infra/local/stream-mapping.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const dataDir = temporaryFolder();
let engine: DynamoEngine;
let client: DynamoDBClient;
before(async () => {
  engine = await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {});
  client = new DynamoDBClient({ endpoint: engine.endpoint, region: REGION, credentials: CREDENTIALS });
});
after(async () => {
  client.destroy();
  await engine.stop();
  removeFolder(dataDir);
});

const model = (name: string, stream = true): TableModel => ({
  name,
  properties: TableProperties.parse({
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    ...(stream && { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
  }),
});
const write = async (table: string, ...ids: string[]): Promise<void> => {
  for (const id of ids) await client.send(new PutItemCommand({ TableName: table, Item: { id: { S: id } } }));
};

interface Seen {
  readonly ids: string[];
  readonly places: string[];
}
type Answer = (batch: Seen) => Outcome;
const DONE: Outcome = { payload: '{"batchItemFailures":[]}' };
const failing = (place: string | undefined): Outcome => ({
  payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: place }] }),
});

/** Follows a table until the function has seen `last` and answered that it is done. */
const follow = async (
  table: string,
  last: string,
  own: Partial<StreamMapping> = {},
  answer: Answer = () => DONE,
  positions: Positions = {},
): Promise<string[][]> => {
  const enough = new AbortController();
  const batches: string[][] = [];
  const invoke = async (_name: string, payload: string): Promise<Outcome> => {
    const { Records } = JSON.parse(payload);
    const seen: Seen = {
      ids: Records.map((record: { dynamodb: { Keys: { id: { S: string } } } }) => record.dynamodb.Keys.id.S),
      places: Records.map(
        (record: { dynamodb: { SequenceNumber: string } }) => record.dynamodb.SequenceNumber,
      ),
    };
    batches.push(seen.ids);
    const outcome = answer(seen);
    if (outcome === DONE && seen.ids.at(-1) === last) enough.abort();
    return outcome;
  };
  const mapping: StreamMapping = {
    name: 'Mapping',
    functionName: 'notify',
    table,
    batchSize: 100,
    partial: true,
    fromLatest: false,
    bisect: true,
    maxAgeSeconds: 86_400,
    maxRetries: undefined,
    ...own,
  };
  await followStream(mapping, {
    endpoint: engine.endpoint,
    positions,
    lambda: { invoke },
    onLine: () => {},
    signal: enough.signal,
  });
  return batches;
};

test('every write reaches the function in order, in batches no larger than asked for', async () => {
  await createTables(engine.endpoint, [model('Ordered')]);
  await write('Ordered', 'a', 'b', 'c', 'd', 'e');

  const batches = await follow('Ordered', 'e', { batchSize: 2 });

  assert.deepEqual(batches.flat(), ['a', 'b', 'c', 'd', 'e']);
  assert.ok(batches.every(({ length }) => length <= 2));
});

test('a batch is repeated from the record that the function names', async () => {
  await createTables(engine.endpoint, [model('Partial')]);
  await write('Partial', 'a', 'b', 'c');
  let first = true;

  const batches = await follow('Partial', 'c', {}, ({ places }) => {
    if (!first) return DONE;
    first = false;
    return failing(places[1]);
  });

  assert.deepEqual(batches, [
    ['a', 'b', 'c'],
    ['b', 'c'],
  ]);
});

test('after an error the halves are tried by themselves, until one record is given up', async () => {
  await createTables(engine.endpoint, [model('Poisoned')]);
  await write('Poisoned', 'a', 'poison', 'c', 'd');

  const batches = await follow('Poisoned', 'd', { maxRetries: 1 }, ({ ids }) =>
    ids.includes('poison') ? { payload: '{}', error: 'Unhandled' } : DONE,
  );

  const whole = batches.filter(({ length }) => length === 4);
  assert.equal(whole.length, 1);
  assert.deepEqual(batches.at(-1), ['c', 'd']);
  assert.ok(
    batches.some((ids) => ids.length === 1 && ids[0] === 'a'),
    'what is beside it gets through',
  );
});

test('a restart goes on after what was done', async () => {
  await createTables(engine.endpoint, [model('Resumed')]);
  const positions: Positions = {};
  await write('Resumed', 'a', 'b');
  await follow('Resumed', 'b', {}, undefined, positions);
  await write('Resumed', 'c');

  const kept: Positions = JSON.parse(JSON.stringify(positions));
  assert.deepEqual(await follow('Resumed', 'c', {}, undefined, kept), [['c']]);
});

test('a table that exists gets a stream when the template gives it one, and loses it with it', async () => {
  await createTables(engine.endpoint, [model('Late', false)]);
  await write('Late', 'before');
  await createTables(engine.endpoint, [model('Late')]);
  await write('Late', 'after');

  assert.deepEqual(await follow('Late', 'after'), [['after']]);

  await createTables(engine.endpoint, [model('Late', false)]);
  await createTables(engine.endpoint, [model('Late')]);
  await write('Late', 'again');
  assert.deepEqual((await follow('Late', 'again')).flat().at(-1), 'again');
});
