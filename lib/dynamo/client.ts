import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, type TranslateConfig } from '@aws-sdk/lib-dynamodb';
import { AppError, StoreUnavailableError } from '../domain/errors.ts';
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
  /** A signal that ends a request after so many milliseconds. @default by the machine's own time */
  readonly timeout?: (ms: number) => AbortSignal;
  /** In [0, 1), for the jitter between repetitions. @default the machine's own chance */
  readonly random?: () => number;
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

/** How values are put into words. Numbers stay text (`wrapNumbers`), because plain ones lose digits from the 17th on. */
export const TRANSLATION: TranslateConfig = {
  // A map that has a name such as `constructor` looks like a class instance; alerts may name anything in `info`.
  marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
  unmarshallOptions: { wrapNumbers: true },
};

/** The document client with explicit limits: the SDK's own would outlive the webhook's answer. */
export const createDynamo = (tables: Tables, clock: Clock): Dynamo => ({
  client: DynamoDBDocumentClient.from(
    new DynamoDBClient({
      maxAttempts: 2,
      // Without the last one the SDK only warns of a request that takes too long, and goes on waiting.
      requestHandler: { connectionTimeout: 300, requestTimeout: 800, throwOnRequestTimeout: true },
    }),
    TRANSLATION,
  ),
  tables,
  clock,
});

/** Ends a request at the deadline, whatever the SDK is doing. */
export const until = (
  { clock, timeout = (ms) => AbortSignal.timeout(ms) }: Dynamo,
  { deadline }: CallOptions,
): { abortSignal: AbortSignal } => ({
  abortSignal: timeout(Math.max(1, Math.ceil(deadline - clock.now()))),
});

/** A call that fails is the store's failure, whatever its form; what was read wrongly keeps its own error. */
export const reachable = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new StoreUnavailableError(`the store did not answer: ${nameOf(error)}`, { cause: error });
  }
};

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** First pause before a request is repeated, ms; doubled each time, with full jitter. */
const FIRST_PAUSE = 15;
const MAX_PAUSE = 200;

/** How long to wait before each further repetition, ms. @param random in [0, 1) */
export const pauses = (random: () => number = Math.random): (() => number) => {
  let most = FIRST_PAUSE;
  return () => {
    const pause = random() * most;
    most = Math.min(most * 2, MAX_PAUSE);
    return pause;
  };
};
