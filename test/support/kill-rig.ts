import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import * as z from 'zod';
import { Config } from '../../infra/config.ts';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import type { Outcome } from '../../infra/local/runtime-process.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { CONTROL } from '../../lib/dynamo/control.ts';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { type Point, startKillProxies, type Watch } from './kill-proxy.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { type Local, startLocal } from './local-stack.ts';
import { type Answered, deliver } from './webhook.ts';

/** Each kill gets a strategy of its own, so that no lane waits for another. */
const STRATEGIES = 400;

/** The longest that a run of reconcile-orders takes. */
const QUIET_MILLISECONDS = 60_000;

/** The whole template with proxies before its database and its exchange, which can end a function at any request. */
export interface KillRig {
  readonly exchange: Exchange;
  readonly local: Local;
  /** Address of the engine itself, past the proxy. */
  readonly engine: string;
  /** A strategy that nobody has used. */
  freshStrategy(): string;
  /** Delivers an alert; place-order's process is killed at the point, if one is named. */
  watchDelivery(body: string, killAt?: Point): Promise<Watch & { readonly result: Answered }>;
  /** Invokes reconcile-orders as the schedule does; its process is killed at the point, if one is named. */
  watchReconcile(killAt?: Point): Promise<Watch & { readonly result: Outcome }>;
  /** The same unwatched. @returns how many orders are unsettled at its end */
  reconcile(): Promise<number>;
  /** Frees the lease of a killed run at once, as if the time had passed after which it is free anyway. */
  freeLease(): Promise<void>;
  stop(): Promise<void>;
}

/** Token of every strategy. */
export const KILL_TOKEN = 'token-of-the-killed';

/** Synthesizes the project with its schedule out of the way: every run is one that the test asked for. */
export const unscheduledAssembly = (): string => {
  const outdir = temporaryFolder();
  const app = new App({ outdir });
  const stack = new MexcServerless(app, 'mexc-serverless', { config: Config.parse({}) });
  for (const each of stack.node.findAll()) {
    if (each instanceof CfnSchedule) each.scheduleExpression = 'rate(1 day)';
  }
  app.synth();
  return outdir;
};

const Report = z.object({ unsettled: z.int() });

export const startKillRig = async (seed: string, assembly: string): Promise<KillRig> => {
  await using parts = new AsyncDisposableStack();
  const dataDir = parts.adopt(temporaryFolder(), removeFolder);
  const exchange = createExchange({ seed, clock: systemClock, limits: 'off' });
  const server = parts.adopt(await listen(exchange), (it) => it.close());
  const engine = parts.adopt(
    await startEngine(readSettings({ PORT: '0', DATA_DIR: dataDir }), () => {}),
    (it) => it.stop(),
  );
  const proxies = parts.adopt(
    await startKillProxies({ dynamo: engine.endpoint, exchange: server.url }),
    (it) => it.close(),
  );
  const strategies = Array.from({ length: STRATEGIES }, (_, n) => `strategy-${n}`);
  const local = parts.adopt(
    await startLocal({
      assembly,
      env: {
        DYNAMODB_ENDPOINT: proxies.dynamoUrl,
        MEXC_REST_URL: proxies.exchangeUrl,
        WEBHOOK_TOKENS: JSON.stringify(Object.fromEntries(strategies.map((name) => [name, KILL_TOKEN]))),
      },
    }),
    (it) => it.stop(),
  );
  const client = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: REGION,
    credentials: CREDENTIALS,
  });
  parts.defer(() => client.destroy());
  const working = () => [...local.working('place-order'), ...local.working('reconcile-orders')];
  const forget = async (name: string): Promise<void> => {
    await client.send(new DeleteItemCommand({ TableName: 'Control', Key: { name: { S: name } } }));
  };
  const watch = async <T>(killAt: Point | undefined, run: () => Promise<T>) => {
    // A delivery may have woken reconcile-orders, whose requests are not of this invocation.
    await local.settled(QUIET_MILLISECONDS);
    // As if nobody had asked the exchange for a while: how much is read must not depend on what came before.
    await forget(CONTROL.reads);
    return proxies.watch({ working, killAt }, run);
  };
  const invoke = () => local.invoke('reconcile-orders', {});
  const all = parts.move();
  return {
    exchange,
    local,
    engine: engine.endpoint,
    freshStrategy: () => {
      const name = strategies.pop();
      if (name === undefined) throw new Error('all strategies are used up');
      return name;
    },
    watchDelivery: (body, killAt) => watch(killAt, () => deliver(local, body)),
    watchReconcile: (killAt) => watch(killAt, invoke),
    reconcile: async () => {
      const { error, payload } = await invoke();
      // A run that the busy store fails is made up for by the next, as every minute.
      return error ? Number.POSITIVE_INFINITY : Report.parse(JSON.parse(payload)).unsettled;
    },
    freeLease: () => forget(CONTROL.run),
    stop: () => all.disposeAsync(),
  };
};
