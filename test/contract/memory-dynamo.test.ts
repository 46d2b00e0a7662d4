import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import Big from 'big.js';
import fc from 'fast-check';
import * as z from 'zod';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import { onEveryEngine } from '../support/engines.ts';
import { type Drawn, type DrawnPart, drawnRequests } from '../support/memory-dynamo/drawn-requests.ts';
import { createMemoryDynamo, type MemoryDynamo } from '../support/memory-dynamo/engine.ts';
import { Refusal } from '../support/memory-dynamo/refusal.ts';
import type { Request } from '../support/memory-dynamo/request.ts';
import { isRecord } from '../support/memory-dynamo/values.ts';

const TABLE = 'Drawn';
const model = {
  name: TABLE,
  properties: {
    KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' as const }],
    AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' as const }],
    GlobalSecondaryIndexes: [],
  },
};

/** Not the same order or notation everywhere: sets, names, numbers. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  const { N, NS, SS } = value;
  if (typeof N === 'string') return { N: new Big(N).toFixed() };
  if (Array.isArray(NS)) return { NS: NS.map((each) => new Big(String(each)).toFixed()).sort() };
  if (Array.isArray(SS)) return { SS: SS.map(String).sort() };
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, plain(each)]),
  );
};

const Reasons = z.array(z.object({ Code: z.string(), Item: z.unknown().optional() }));
const Failed = z.object({
  __type: z.string().transform((type) => type.split('#').at(-1)),
  Item: z.unknown().optional(),
  CancellationReasons: Reasons.optional(),
});

/**
 * What an answer says, in whatever words. Amazon's jar refuses a whole transaction for an update that does not fit its
 * item, and names the capacity of deletes that nobody asked for.
 */
const meaning = (status: number, body: unknown): unknown => {
  if (status === 200) {
    const { ConsumedCapacity: _, ...answered } = z.looseObject({}).parse(body);
    return { answered: plain(answered) };
  }
  const { __type: type, Item, CancellationReasons: reasons } = Failed.parse(body);
  const misfit = type === 'ValidationException' || reasons?.some(({ Code }) => Code === 'ValidationError');
  if (misfit) return { refused: 'ValidationException' };
  return {
    refused: type,
    item: plain(Item),
    reasons: reasons?.map((each) => ({ code: each.Code, item: plain(each.Item) })),
  };
};

const inMemory = (memory: MemoryDynamo, operation: string, request: Request): unknown => {
  try {
    return meaning(200, memory.execute(operation, request));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return meaning(error.status, { __type: error.type, ...error.more });
  }
};

const overHttp = async (endpoint: string, operation: string, request: Request): Promise<unknown> => {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/ap-northeast-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: JSON.stringify(request),
  });
  return meaning(answer.status, await answer.json());
};

const requestOf = ({ operation, parts, returns, token }: Drawn, run: string): Request => {
  const one = ({ kind, key, fields }: DrawnPart): Request => {
    const at = { k: { S: `${run}-${key}` } };
    const { Item, ...rest } = fields;
    return {
      TableName: TABLE,
      ...rest,
      ...(kind === 'Put' ? { Item: { ...(isRecord(Item) ? Item : {}), ...at } } : { Key: at }),
    };
  };
  if (operation === 'TransactWriteItems')
    return {
      TransactItems: parts.map((part) => ({ [part.kind]: one(part) })),
      ...(token ? { ClientRequestToken: `${run}-${token}` } : {}),
    };
  const [part] = parts;
  assert.ok(part);
  return {
    ...one(part),
    ...(returns !== undefined && { ReturnValues: returns }),
    ...(operation === 'GetItem' && { ConsistentRead: true }),
  };
};

onEveryEngine((engine) => {
  before(() => createTables(engine.endpoint(), [model]));

  test('the engine of the simulations answers as this one, sensible requests and others', async () => {
    const memory = createMemoryDynamo({ now: () => Date.now() }, [model]);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(drawnRequests, { minLength: 4, maxLength: 10 }), async (sequence) => {
        run += 1;
        for (const drawn of sequence) {
          const request = requestOf(drawn, `run${run}`);
          const mine = inMemory(memory, drawn.operation, request);
          const theirs = await overHttp(engine.endpoint(), drawn.operation, request);
          if (!agree(engine.name, drawn, mine)) return;
          assert.deepEqual(mine, theirs, JSON.stringify(request));
        }
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('it adds, subtracts and compares as this one, to the last of 38 digits', async () => {
    const memory = createMemoryDynamo({ now: () => Date.now() }, [model]);
    const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
    const numbers = fc
      .tuple(fc.oneof(digits, fc.bigInt({ min: -999n, max: 999n })), fc.integer({ min: -45, max: 45 }))
      .map(([digit, exponent]) => ({ N: `${digit}e${exponent}` }));
    const signs = fc.constantFrom('+', '-');
    await fc.assert(
      fc.asyncProperty(
        numbers,
        numbers,
        signs,
        fc.constantFrom('<', '<=', '='),
        async (a, b, sign, order) => {
          const request = {
            TableName: TABLE,
            Key: { k: { S: 'sum' } },
            UpdateExpression: `SET n = :a ${sign} :b`,
            ConditionExpression: `attribute_not_exists(n) OR NOT n ${order} :a`,
            ExpressionAttributeValues: { ':a': a, ':b': b },
            ReturnValues: 'ALL_NEW',
          };
          assert.deepEqual(
            inMemory(memory, 'UpdateItem', request),
            await overHttp(engine.endpoint(), 'UpdateItem', request),
            JSON.stringify(request),
          );
        },
      ),
      { numRuns: 100, endOnFailure: true },
    );
  });
});

/** Dynoxide takes much that makes no sense, and shows the key as the old form of an item that was none. */
const agree = (engine: string, { operation, returns }: Drawn, mine: unknown): boolean => {
  if (engine !== 'dynoxide') return true;
  if (isRecord(mine) && mine.refused === 'ValidationException') return false;
  return operation !== 'UpdateItem' || (returns !== 'ALL_OLD' && returns !== 'UPDATED_OLD');
};
