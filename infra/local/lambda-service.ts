import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ACCOUNT, arnOf, CREDENTIALS, REGION } from './aws.ts';
import { createPool, type RuntimePool } from './runtime-pool.ts';
import type { Outcome } from './runtime-process.ts';
import type { FunctionModel } from './stack-model.ts';

/** Where a function's AWS clients find their services. Nothing else tells a function that it runs here. */
interface Endpoints {
  readonly dynamodb: string;
  readonly secretsManager: string;
  readonly lambda: string;
  readonly sqs: string;
  readonly sns: string;
}

export interface LambdaServiceOptions {
  readonly functions: readonly FunctionModel[];
  readonly endpoints: Endpoints;
  /** Replace variables that the template sets; a function whose template sets none gets none. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly onLine: (functionName: string, line: string) => void;
  /** Takes an event that was given up, for a queue. @default it is dropped */
  readonly onFailure?: (queueArn: string, record: string) => void;
}

export interface LambdaService {
  /** The name of a function, from its name, logical id, ARN or any of them with a qualifier; undefined: no such function. */
  find(nameOrArn: string): string | undefined;
  invoke(name: string, payload: string): Promise<Outcome>;
  /** Runs it later, with Lambda's own rules for retries and for events that got too old. */
  invokeAsync(name: string, payload: string): void;
  /** Starts a process of each function. */
  warm(isWanted: (name: string) => boolean): void;
  /** Ids of the processes that run an invocation of a function right now. */
  working(name: string): readonly number[];
  /** Resolves when nothing runs any more, or after so many milliseconds. */
  settled(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/** The functions of the template, each with its pool of processes. */
export const createLambdaService = ({
  functions,
  endpoints,
  overrides,
  onLine,
  onFailure = () => {},
}: LambdaServiceOptions): LambdaService => {
  const pools = new Map<string, { model: FunctionModel; pool: RuntimePool }>();
  for (const model of functions) {
    const environment = environmentOf(model, endpoints, overrides);
    pools.set(model.name, {
      model,
      pool: createPool({ ...model, environment }, (line) => onLine(model.name, line)),
    });
  }
  const entry = (name: string) => {
    const found = pools.get(name);
    if (!found) throw new Error(`no function ${name}`);
    return found;
  };
  const stop = new AbortController();

  const runEvent = async (name: string, payload: string): Promise<void> => {
    const { model, pool } = entry(name);
    const notAfter = Date.now() + model.events.maxAgeSeconds * 1000;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await pool.invoke(payload, notAfter);
      const giveUp = (condition: string, tries: number): void => {
        const { failures } = model.events;
        if (failures !== undefined)
          onFailure(failures, failureRecord(name, payload, { condition, tries, outcome }));
      };
      if (!outcome) {
        onLine(name, platformLine(`event dropped: older than ${model.events.maxAgeSeconds} s`));
        return giveUp('EventAgeExceeded', attempt);
      }
      if (!outcome.error) return;
      onLine(name, platformLine(`event failed: ${outcome.payload.slice(0, 300)}`));
      // Lambda waits one minute before the first retry and two before the second.
      const pause = (attempt + 1) * 60_000;
      if (attempt >= model.events.maxRetries) return giveUp('RetriesExhausted', attempt + 1);
      if (Date.now() + pause > notAfter) return giveUp('EventAgeExceeded', attempt + 1);
      await wait(pause, undefined, { signal: stop.signal, ref: false });
    }
  };

  return {
    find: (nameOrArn) => {
      const parts = nameOrArn.split(':');
      const candidates = parts.includes('function') ? parts.slice(parts.indexOf('function') + 1) : parts;
      return functions.find(
        ({ name, logicalId }) => candidates.includes(name) || candidates.includes(logicalId),
      )?.name;
    },
    invoke: async (name, payload) => {
      const outcome = await entry(name).pool.invoke(payload);
      if (!outcome) throw new Error('an invocation without an age limit was dropped');
      if (outcome.error) onLine(name, platformLine(outcome.payload.slice(0, 300)));
      return outcome;
    },
    invokeAsync: (name, payload) => {
      runEvent(name, payload).catch(() => {
        // Only the pause between retries throws, when everything stops.
      });
    },
    warm: (isWanted) => {
      for (const [name, { pool }] of pools) if (isWanted(name)) pool.warm();
    },
    working: (name) => entry(name).pool.working(),
    settled: async (milliseconds) => {
      const deadline = Date.now() + milliseconds;
      while (Date.now() < deadline && [...pools.values()].some(({ pool }) => pool.busy() > 0)) await wait(20);
    },
    close: async () => {
      stop.abort();
      await Promise.all([...pools.values()].map(({ pool }) => pool.close()));
    },
  };
};

/** As Lambda describes an event that it gave up. */
const failureRecord = (
  name: string,
  payload: string,
  { condition, tries, outcome }: { condition: string; tries: number; outcome: Outcome | undefined },
): string =>
  JSON.stringify({
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${arnOf('lambda', `function:${name}`)}:$LATEST`,
      condition,
      approximateInvokeCount: tries,
    },
    requestPayload: JSON.parse(payload),
    ...(outcome && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: outcome.error },
      responsePayload: JSON.parse(outcome.payload),
    }),
  });

const platformLine = (message: string): string =>
  JSON.stringify({ level: 'WARN', message: `platform: ${message}` });

/** Exactly what Lambda would set, and the template's own variables; nothing of our environment. */
const environmentOf = (
  model: FunctionModel,
  endpoints: Endpoints,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> => {
  const own = Object.entries(model.environment).map(([name, value]) => [name, overrides[name] ?? value]);
  return {
    ...Object.fromEntries(own),
    ...sharedEnvironment(endpoints),
    _HANDLER: model.handler,
    LAMBDA_TASK_ROOT: model.folder,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: model.logFormat,
    ...(model.logFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: model.logLevel ?? 'INFO' }),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${model.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_ACCOUNT_ID: ACCOUNT,
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
  };
};

/** Where AWS's clients find region, credentials and services, in functions and containers alike. */
export const sharedEnvironment = (endpoints: Endpoints): Record<string, string> => ({
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
  AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
  AWS_ENDPOINT_URL_SQS: endpoints.sqs,
  AWS_ENDPOINT_URL_SNS: endpoints.sns,
});
