import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../../lib/domain/ports.ts';
import { type Dynamo, type Tables, TRANSLATION } from '../../../lib/dynamo/client.ts';
import { type Call, callOf } from './commands.ts';
import type { Fate, Fates } from './faults.ts';
import { Refusal, Unsupported } from './refusal.ts';
import type { Request } from './request.ts';
import { abortError, refusalInstead, resetError, sdkError, timeoutError } from './sdk-errors.ts';
import { createRetries } from './sdk-retries.ts';

/** As `createDynamo` sets them: attempts, and milliseconds that one may take. */
const ATTEMPTS = 2;
const REQUEST_TIMEOUT = 800;

/** An engine whose answers may take machine time; the time of the clocks is to stand still meanwhile. */
export interface DynamoInTime {
  execute(operation: string, request: Request): Request | Promise<Request>;
  now(): number;
}

export interface Connection {
  readonly dynamo: DynamoInTime;
  readonly tables: Tables;
  /** By which the process lives: what it waits for ends by it. */
  readonly clock: Clock;
  /** By which requests travel, whatever becomes of the process. @default `clock` */
  readonly world?: Clock;
  /** In [0, 1), for the pauses of the SDK and of the stores. */
  readonly random: () => number;
  /** @default every attempt is carried out and answered at once */
  readonly fates?: Fates;
}

let shared: DynamoDBDocumentClient | undefined;

/** One client lends all others what they are beside `send`: to construct one takes the time of fifty requests. */
const base = (): DynamoDBDocumentClient => {
  shared ??= DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: 'ap-northeast-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    }),
    TRANSLATION,
  );
  return shared;
};

/**
 * What the stores of one process need, on an engine in memory: the same commands, marshalling, timeouts, repetitions and
 * errors as through the SDK, in the time of the clocks that are given.
 */
export const connect = (connection: Connection): Dynamo => {
  const { tables, clock, random } = connection;
  const ends = new WeakMap<AbortSignal, number>();
  const client: DynamoDBDocumentClient = Object.create(base(), { send: { value: sender(connection, ends) } });
  return {
    client,
    tables,
    clock,
    random,
    // Nobody but `send` asks these signals, and it knows their end beforehand: no timer is left behind.
    timeout: (ms) => {
      const { signal } = new AbortController();
      ends.set(signal, clock.now() + ms);
      return signal;
    },
  };
};

interface Options {
  readonly abortSignal?: AbortSignal;
}

const sender = (connection: Connection, ends: WeakMap<AbortSignal, number>) => {
  const { clock, random } = connection;
  const retries = createRetries(clock, random);
  const dueOf = ({ abortSignal }: Options): number => {
    const due = abortSignal ? ends.get(abortSignal) : Number.POSITIVE_INFINITY;
    if (due === undefined) throw new Unsupported('an abort signal of another clock');
    return due;
  };
  return async (command: { readonly input: object }, options: Options = {}): Promise<object> => {
    const due = dueOf(options);
    const call = loudly(
      () => callOf(command, TRANSLATION),
      (error) => !(error instanceof Unsupported),
    );
    const answer = await retries.run((n) => attempt(connection, call, n, due), ATTEMPTS, due, abortError);
    return { ...call.answer(answer), $metadata: { httpStatusCode: 200 } };
  };
};

/**
 * The stores take whatever fails for a store that does not answer. What is wrong with the test itself must not be
 * taken for that, so it is also thrown where nobody can catch it.
 */
const loudly = <T>(run: () => T, expected: (error: unknown) => boolean = () => false): T => {
  try {
    return run();
  } catch (error) {
    if (!expected(error))
      process.nextTick(() => {
        throw error;
      });
    throw error;
  }
};

const NO_FAULT: Fate = {};

const attempt = async (connection: Connection, call: Call, n: number, due: number): Promise<Request> => {
  const { dynamo, clock, world = clock, fates } = connection;
  const { operation, request } = call;
  const fate = loudly(() => fates?.({ operation, request, attempt: n, at: dynamo.now() })) ?? NO_FAULT;
  const { there = 0, back = 0 } = fate;
  const left = due - clock.now();
  if (left <= 0) throw abortError();
  const patience = Math.min(left, REQUEST_TIMEOUT);
  if (there + back >= patience) {
    arriveLate(connection, call, fate);
    await clock.sleep(patience);
    throw left <= REQUEST_TIMEOUT ? abortError() : timeoutError(REQUEST_TIMEOUT);
  }
  if (there > 0) await world.sleep(there);
  const carried = carryOut(connection, call, fate);
  const outcome = carried instanceof Promise ? await carried : carried;
  if (back > 0) await world.sleep(back);
  return outcome();
};

/** Carries a request out whose caller will not see the answer. */
const arriveLate = (connection: Connection, call: Call, fate: Fate): void => {
  const { clock, world = clock } = connection;
  const { there = 0 } = fate;
  if (there === Number.POSITIVE_INFINITY) return;
  if (there === 0) void carryOut(connection, call, fate);
  else void world.sleep(there).then(async () => void (await carryOut(connection, call, fate)));
};

/** Carries a request out now. @returns what gives its answer, or throws it */
const carryOut = (
  { dynamo }: Connection,
  call: Call,
  { reset, instead }: Fate,
): (() => Request) | Promise<() => Request> => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  if (instead) return failing(sdkError(refusalInstead(instead, transactionItems(call))));
  if (reset === 'before') return failing(resetError());
  const answered = (answer: Request) => (reset === 'after' ? failing(resetError()) : () => answer);
  const refused = (error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    return failing(reset === 'after' ? resetError() : sdkError(error));
  };
  try {
    const answer = loudly(
      () => dynamo.execute(call.operation, call.request),
      (error) => error instanceof Refusal,
    );
    return answer instanceof Promise ? answer.then(answered, refused) : answered(answer);
  } catch (error) {
    return refused(error);
  }
};

const transactionItems = ({ operation, request }: Call): number | undefined =>
  operation === 'TransactWriteItems' && Array.isArray(request.TransactItems)
    ? request.TransactItems.length
    : undefined;
