import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  type TranslateConfig,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { Unsupported } from './refusal.ts';
import type { Request } from './request.ts';
import { isRecord } from './values.ts';

/** Where values lie in a request or an answer: `*` is every member, `values` a record of them. */
type Places = 'values' | { readonly [name: string]: Places };

interface Operation {
  readonly name: string;
  readonly request: Places;
  readonly answer: Places;
}

const V = 'values';
const KEYED = { Key: V, ExpressionAttributeValues: V } as const;
const PAGED = {
  request: { ExclusiveStartKey: V, ExpressionAttributeValues: V },
  answer: { Items: { '*': V }, LastEvaluatedKey: V },
} as const;
const BATCH = { '*': { '*': { PutRequest: { Item: V }, DeleteRequest: { Key: V } } } } as const;

/** As `@aws-sdk/lib-dynamodb` has them, in the fields `inputKeyNodes` and `outputKeyNodes` of its commands. */
const OPERATIONS: ReadonlyMap<unknown, Operation> = new Map<unknown, Operation>([
  [GetCommand, { name: 'GetItem', request: { Key: V }, answer: { Item: V } }],
  [PutCommand, { name: 'PutItem', request: { Item: V, ...KEYED }, answer: { Attributes: V } }],
  [UpdateCommand, { name: 'UpdateItem', request: KEYED, answer: { Attributes: V } }],
  [DeleteCommand, { name: 'DeleteItem', request: KEYED, answer: { Attributes: V } }],
  [QueryCommand, { name: 'Query', ...PAGED }],
  [ScanCommand, { name: 'Scan', ...PAGED }],
  [
    BatchGetCommand,
    {
      name: 'BatchGetItem',
      request: { RequestItems: { '*': { Keys: { '*': V } } } },
      answer: { Responses: { '*': { '*': V } }, UnprocessedKeys: { '*': { Keys: { '*': V } } } },
    },
  ],
  [
    BatchWriteCommand,
    { name: 'BatchWriteItem', request: { RequestItems: BATCH }, answer: { UnprocessedItems: BATCH } },
  ],
  [
    TransactWriteCommand,
    {
      name: 'TransactWriteItems',
      request: {
        TransactItems: {
          '*': { ConditionCheck: KEYED, Put: { Item: V, ...KEYED }, Delete: KEYED, Update: KEYED },
        },
      },
      answer: {},
    },
  ],
]);

type Translate = (value: unknown) => unknown;

const translated = (given: unknown, places: Places, translate: Translate): unknown => {
  if (typeof given !== 'object' || given === null) return given;
  const rest = places === 'values' ? undefined : places['*'];
  if (Array.isArray(given))
    return given.map((each) => (rest ? translated(each, rest, translate) : translate(each)));
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || typeof value === 'function') continue;
    const within = places === 'values' ? undefined : (rest ?? places[name]);
    if (places === 'values') result[name] = translate(value);
    else result[name] = within ? translated(value, within, translate) : value;
  }
  return result;
};

const VALUES = new Set(['S', 'N', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS']);

const isValue = (value: unknown): value is AttributeValue => {
  if (isRecord(value)) for (const type in value) return VALUES.has(type);
  return false;
};

/** A document client's command in wire format, and its answer on the way back, by the SDK's own functions. */
export interface Call {
  readonly operation: string;
  readonly request: Request;
  answer(of: Request): object;
}

/** @throws Unsupported for a command that the stores do not send; what `marshall` throws for values that are none */
export const callOf = (
  command: { readonly input: object },
  { marshallOptions, unmarshallOptions }: TranslateConfig,
): Call => {
  const operation = OPERATIONS.get(command.constructor);
  if (!operation) throw new Unsupported(`the command ${command.constructor.name}`);
  const into = { ...marshallOptions, convertTopLevelContainer: true };
  const from = { ...unmarshallOptions, convertWithoutMapWrapper: true };
  const request = translated(command.input, operation.request, (value) => marshall(value, into));
  if (!isRecord(request)) throw new Unsupported('a command without an input');
  return {
    operation: operation.name,
    request,
    answer: (of) => {
      const answer = translated(of, operation.answer, (value) => {
        if (!isValue(value)) throw new Unsupported(`the value ${JSON.stringify(value)}`);
        return unmarshall(value, from);
      });
      if (!isRecord(answer)) throw new Unsupported('an answer that is no object');
      return answer;
    },
  };
};
