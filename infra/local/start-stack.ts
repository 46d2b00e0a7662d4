import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { readAssembly } from './assembly.ts';
import { startContainers } from './containers.ts';
import { CONTRACT, type SecretId } from './contract.ts';
import { keepTokens, lockDataDir, type Tokens } from './data-dir.ts';
import { type DynamoEngine, startEngine } from './dynamo-engine.ts';
import { createTables } from './dynamo-tables.ts';
import { type EventSources, openEventSources } from './event-sources.ts';
import { sendJson } from './http.ts';
import { httpRoutes } from './http-routes.ts';
import { handleInvoke, invokedName } from './invoke-api.ts';
import { createLambdaService, type LambdaService, sharedEnvironment } from './lambda-service.ts';
import { type LogSink, openLog } from './log-sink.ts';
import { listenOn } from './ports.ts';
import type { Outcome } from './runtime-process.ts';
import { scheduledEvent, startSchedules } from './schedules.ts';
import { serveSecrets } from './secrets-server.ts';
import type { LocalSettings } from './settings.ts';
import { openExchange } from './simulator.ts';
import { isSns, snsApi } from './sns-api.ts';
import { isSqs, sqsApi } from './sqs-api.ts';
import { modelOf, type ScheduleModel, type StackModel } from './stack-model.ts';
import { synthesize } from './synth.ts';

/** How long running invocations may go on after a stop was asked for. */
const GRACE_MILLISECONDS = 4000;
/** How long the start waits for an exchange that may be down. */
const FIRST_RUN_MILLISECONDS = 8000;

export interface StartOptions {
  /** Takes a line for the user. */
  readonly say?: ((line: string) => void) | undefined;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
  /** Whether candles and balances are read at once, not only when their schedule says. @default true */
  readonly runsOthers?: boolean;
}

/** The template, running. */
export interface LocalStack {
  readonly url: string;
  readonly readToken: string;
  readonly adminToken: string;
  readonly engine: Pick<DynamoEngine, 'name' | 'endpoint' | 'caution'>;
  readonly exchange: { readonly restUrl: string; readonly controlUrl: string | undefined };
  readonly logFile: string;
  /** Resolves when a part ended that nothing works without. */
  readonly failed: Promise<string>;
  invoke(name: string, event: unknown): Promise<Outcome>;
  /** Ids of the processes that run an invocation of a function right now: a test may kill what is at work. */
  working(name: string): readonly number[];
  /** Resolves when no invocation runs or waits, or after so many milliseconds. */
  settled(milliseconds: number): Promise<void>;
  /** Where the local Secrets Manager is served, for values that no setting holds. */
  readonly secretsUrl: string;
  /** How often a function asked for a secret's value. */
  secretReads(): number;
  /** Where each container's health is asked for, by its name. */
  readonly health: ReadonlyMap<string, string>;
  /** The latest lines of functions and engine, each with time and part in front. */
  logs(): readonly string[];
  /** Ends everything that was started; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Synthesizes the template and runs it on this machine.
 * @throws StartError for whatever the user can do something about; nothing is left running then
 */
export const startStack = async (
  settings: LocalSettings,
  { say = () => {}, signal, runsOthers = true }: StartOptions = {},
): Promise<LocalStack> => {
  const { dataDir } = settings;
  const parts = new AsyncDisposableStack();
  try {
    // First of all, so that a port or a directory in use is said before anything else was begun.
    parts.defer(lockDataDir(dataDir));
    let handle: RequestListener = (_request, response) =>
      sendJson(response, 503, { message: 'Service Unavailable' });
    const gateway = parts.adopt(
      await listenOn((request, response) => handle(request, response), settings.port),
      (it) => it.close(),
    );
    const log = parts.adopt(
      openLog(dataDir, (line) => say(`  ${line}`)),
      (it) => it.close(),
    );

    // Beside the synthesis, which takes most of the start.
    const engineStart = startEngine(settings, (line) =>
      log.write('dynamodb', JSON.stringify({ message: line })),
    );
    engineStart.catch(() => {});
    parts.defer(async () => (await engineStart.catch(() => undefined))?.stop());
    const assembly = readAssembly(
      settings.assembly ??
        (await synthesize({ outDir: join(dataDir, 'cdk.out'), config: settings.config, signal })),
    );
    const model = modelOf(assembly, gateway.url);
    const engine = await engineStart;
    await createTables(engine.endpoint, model.tables);
    signal?.throwIfAborted();

    const exchange = parts.adopt(await openExchange(settings), (it) => it.close());
    const tokens = keepTokens(dataDir, settings);
    const secrets = parts.adopt(await serveSecrets(), (it) => it.close());
    const values = secretValues(settings, tokens);
    for (const { logicalId, name } of model.secrets) {
      secrets.create({ name: logicalId, arn: name, value: values.get(logicalId) });
    }

    const endpoints = {
      dynamodb: engine.endpoint,
      secretsManager: secrets.url,
      lambda: gateway.url,
      sqs: gateway.url,
      sns: gateway.url,
    };
    const overrides = {
      MEXC_REST_URL: exchange.restUrl,
      ...(exchange.wsUrl && { MEXC_WS_URL: exchange.wsUrl }),
    };
    const events = openEventSources(model.events, dataDir);
    const lambda = parts.adopt(
      createLambdaService({
        functions: model.functions,
        endpoints,
        overrides,
        onLine: log.write,
        onFailure: (queueArn, record) =>
          events.queues.find((queue) => queue.model.arn === queueArn)?.send({ body: record }),
      }),
      (it) => it.close(),
    );
    handle = requestHandler(model, lambda, events, log);
    lambda.warm(isAwaited(model));
    await runFirst(model.schedules, lambda, say);
    parts.defer(() => {
      gateway.server.close();
      return lambda.settled(GRACE_MILLISECONDS);
    });
    parts.defer(startSchedules(model.schedules, lambda));
    events.start({ endpoint: engine.endpoint, lambda, onLine: log.write });
    parts.defer(events.stop);
    const containers = parts.adopt(
      await startContainers(model.containers, {
        environment: sharedEnvironment(endpoints),
        overrides,
        onLine: log.write,
      }),
      (it) => it.stop(),
    );
    if (runsOthers) runOthers(model.schedules, lambda);
    signal?.throwIfAborted();

    let stopping: Promise<void> | undefined;
    return {
      url: gateway.url,
      ...tokens,
      engine,
      exchange,
      logFile: log.path,
      failed: engine.failed,
      invoke: (name, event) => lambda.invoke(lambda.find(name) ?? name, JSON.stringify(event)),
      working: (name) => lambda.working(lambda.find(name) ?? name),
      settled: lambda.settled,
      secretsUrl: secrets.url,
      secretReads: secrets.reads,
      logs: log.lines,
      health: containers.health,
      stop: () => {
        stopping ??= parts.disposeAsync();
        return stopping;
      },
    };
  } catch (error) {
    await parts.disposeAsync();
    // A program of ours may have ended by the same Ctrl-C; that is no failure of its own.
    signal?.throwIfAborted();
    throw error;
  }
};

/** Everything that arrives on the one port: the HTTP API's routes, and operations of Lambda, SQS and SNS. */
const requestHandler = (
  { routes, events: { topics } }: StackModel,
  lambda: LambdaService,
  { queues }: EventSources,
  log: LogSink,
): RequestListener => {
  const serve = httpRoutes(routes, lambda);
  const sqs = sqsApi(queues);
  const sns = snsApi(topics, lambda, log.write);
  const answer: typeof serve = (request, response) => {
    const name = invokedName((request.url ?? '').split('?')[0] ?? '');
    if (name !== undefined) return handleInvoke(lambda, name, request, response);
    if (isSqs(request)) return sqs(request, response);
    return isSns(request) ? sns(request, response) : serve(request, response);
  };
  return (request, response) => {
    const done = answer(request, response);
    done.catch(() => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: 'Internal Server Error' });
    });
  };
};

/** What the operator would have written into the secrets; those the template does not have are not used. */
const secretValues = (
  settings: LocalSettings,
  { readToken, adminToken }: Tokens,
): ReadonlyMap<string, string> => {
  const values: Record<SecretId, string> = {
    TradeKey: JSON.stringify(settings.tradeKey ?? SIMULATOR_KEYS.trade),
    ReadKey: JSON.stringify(settings.readKey ?? SIMULATOR_KEYS.read),
    WebhookTokens: JSON.stringify(settings.webhookTokens),
    AdminToken: adminToken,
    ReadToken: readToken,
  };
  return new Map(Object.entries(values));
};

/** What somebody or something waits for: the rest starts when it is needed. */
const isAwaited =
  ({ routes, events: { streamMappings, queueMappings } }: StackModel) =>
  (name: string): boolean =>
    name === CONTRACT.first ||
    [...routes, ...streamMappings, ...queueMappings].some(({ functionName }) => functionName === name);

/** Scheduled, but not what orders wait for. */
const isOther = (functionName: string): boolean => {
  const all: readonly string[] = CONTRACT.scheduled;
  return functionName !== CONTRACT.first && all.includes(functionName);
};

/** Candles and balances need nobody's patience: their first runs begin when the stack is ready. */
const runOthers = (schedules: readonly ScheduleModel[], lambda: LambdaService): void => {
  for (const schedule of schedules.filter(({ functionName }) => isOther(functionName)))
    lambda.invokeAsync(schedule.functionName, scheduledEvent(schedule, Date.now()));
};

/** The first run of the reconciler is made before anyone can send an alert: it fills the symbol rules and measures the clock. */
const runFirst = async (
  schedules: readonly ScheduleModel[],
  lambda: LambdaService,
  say: (line: string) => void,
): Promise<void> => {
  for (const schedule of schedules.filter(({ functionName }) => functionName === CONTRACT.first)) {
    const enough = new AbortController();
    const outcome = await Promise.race([
      lambda.invoke(schedule.functionName, scheduledEvent(schedule, Date.now())),
      wait(FIRST_RUN_MILLISECONDS, undefined, { signal: enough.signal, ref: false }),
    ]);
    enough.abort();
    if (!outcome) say(`${schedule.functionName} has not finished its first run yet; starting without it.`);
    else if (outcome.error)
      say(`${schedule.functionName} failed in its first run: ${outcome.payload.slice(0, 500)}`);
  }
};
