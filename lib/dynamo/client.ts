import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CallOptions, Clock } from '../domain/ports.ts';

/** Physical names of the tables. */
export interface Tables {
  readonly orders: string;
  readonly strategies: string;
  readonly positions: string;
  readonly symbols: string;
  readonly fills: string;
  readonly control: string;
}

/** What every store needs: the client, the names, and the time for deadlines. */
export interface Dynamo {
  readonly client: DynamoDBDocumentClient;
  readonly tables: Tables;
  readonly clock: Clock;
}

/** Names of the tables from an entry point's environment. */
export const tablesFrom = (env: {
  readonly ORDERS_TABLE: string;
  readonly STRATEGIES_TABLE: string;
  readonly POSITIONS_TABLE: string;
  readonly SYMBOLS_TABLE: string;
  readonly FILLS_TABLE: string;
  readonly CONTROL_TABLE: string;
}): Tables => ({
  orders: env.ORDERS_TABLE,
  strategies: env.STRATEGIES_TABLE,
  positions: env.POSITIONS_TABLE,
  symbols: env.SYMBOLS_TABLE,
  fills: env.FILLS_TABLE,
  control: env.CONTROL_TABLE,
});

/**
 * The document client with explicit limits: the SDK's own would outlive the webhook's answer. Numbers stay text
 * (`wrapNumbers`), because plain ones lose digits from the 17th on.
 */
export const createDynamo = (tables: Tables, clock: Clock): Dynamo => ({
  client: DynamoDBDocumentClient.from(
    new DynamoDBClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 300, requestTimeout: 800 } }),
    { marshallOptions: { removeUndefinedValues: true }, unmarshallOptions: { wrapNumbers: true } },
  ),
  tables,
  clock,
});

/** Ends a request at the deadline, whatever the SDK is doing. */
export const until = ({ clock }: Dynamo, { deadline }: CallOptions): { abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(Math.max(1, deadline - clock.now())),
});
