import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import type { TableModel } from '../../infra/local/stack-model.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import type { DynamoInTime } from '../support/memory-dynamo/client.ts';
import { Refusal } from '../support/memory-dynamo/refusal.ts';
import type { Request } from '../support/memory-dynamo/request.ts';
import { TABLES } from './store-port.ts';

/** A real DynamoDB engine that worlds play on, one after the other. */
export interface RealEngine {
  /** Tables of their own for one world. */
  open(clock: { now(): number }): Promise<DynamoInTime>;
  /** One request after the other, so that the same plan gives the same outcome. */
  inTurn(dynamo: DynamoInTime): DynamoInTime;
  /** Waits until everything that was asked is answered: virtual time stands still meanwhile. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Names of the service, in the header of every request. */
const TARGET = 'DynamoDB_20120810';
/** Fields that are records by table. */
const BY_TABLE = new Set(['RequestItems', 'Responses', 'UnprocessedKeys', 'UnprocessedItems']);

type Rename = (table: string) => string;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The request or answer with other names of tables. Items are left alone: no field of theirs is called like these. */
const renamed = (value: unknown, rename: Rename): unknown => {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (name === 'TableName') return [name, rename(String(each))];
      if (!BY_TABLE.has(name) || !isRecord(each)) return [name, renamed(each, rename)];
      return [name, Object.fromEntries(Object.entries(each).map(([table, of]) => [rename(table), of]))];
    }),
  );
};

/** One request over HTTP as the SDK sends it. @throws Refusal for an error that the service answers with */
const ask = async (endpoint: string, operation: string, request: unknown): Promise<Request> => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': `${TARGET}.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/ap-northeast-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(request),
  });
  const answer: unknown = await response.json();
  if (!isRecord(answer)) throw new Error(`${operation} was answered with ${JSON.stringify(answer)}`);
  if (response.ok) return answer;
  const { __type, message, Message, ...more } = answer;
  throw new Refusal(
    String(__type).replace(/^.*#/, ''),
    String(message ?? Message ?? ''),
    response.status,
    more,
  );
};

/** Starts the engine that this machine has. @param models all tables of the template */
export const startRealEngine = async (models: readonly TableModel[]): Promise<RealEngine> => {
  const dataDir = temporaryFolder();
  const engine = await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {});
  const names = new Set<string>(Object.values(TABLES));
  const needed = models.filter(({ name }) => names.has(name));
  let worlds = 0;
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;

  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    open += 1;
    const mine = last.then(run).finally(() => {
      open -= 1;
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    open: async (clock) => {
      worlds += 1;
      const prefix = `world-${worlds}-`;
      await createTables(
        engine.endpoint,
        needed.map((model) => ({ ...model, name: `${prefix}${model.name}` })),
      );
      const there: Rename = (table) => `${prefix}${table}`;
      const back: Rename = (table) => table.slice(prefix.length);
      const send = async (operation: string, request: Request): Promise<Request> =>
        renamed(await ask(engine.endpoint, operation, renamed(request, there)), back) as Request;
      return { now: () => clock.now(), execute: send };
    },
    inTurn: (dynamo) => ({
      ...dynamo,
      execute: (operation, request) => inTurn(async () => dynamo.execute(operation, request)),
    }),
    settled: async () => {
      while (open > 0) {
        await last;
        await new Promise((resolve) => void setImmediate(resolve));
      }
    },
    stop: async () => {
      await engine.stop();
      removeFolder(dataDir);
    },
  };
};
