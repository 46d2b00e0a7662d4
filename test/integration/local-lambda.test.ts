import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { handleInvoke, invokedName } from '../../infra/local/invoke-api.ts';
import { createLambdaService, type LambdaService } from '../../infra/local/lambda-service.ts';
import { listenLocally } from '../../infra/local/ports.ts';
import type { FunctionModel } from '../../infra/local/stack-model.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const folder = temporaryFolder();
const lines: string[] = [];
let gate: Awaited<ReturnType<typeof openGate>>;
let lambda: LambdaService;

/** A server that counts who is waiting at it and lets them through one by one. */
const openGate = async () => {
  const held: ServerResponse[] = [];
  const arrivals: string[] = [];
  const watchers: { count: number; tell: () => void }[] = [];
  const server = createServer((request, response) => {
    held.push(response);
    arrivals.push(request.url ?? '');
    for (const { count, tell } of watchers) if (arrivals.length >= count) tell();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '',
    arrivals,
    held,
    arrived: (count: number) =>
      new Promise<void>((tell) => {
        if (arrivals.length >= count) tell();
        else watchers.push({ count, tell });
      }),
    release: () => held.shift()?.end(),
    close: () => server.close(),
  };
};

const SOURCES = {
  echo: 'export const handler = async (event, context) => ({ event, pid: process.pid, left: context.getRemainingTimeInMillis() });',
  throws: "export const handler = async () => { const error = new RangeError('too far'); throw error; };",
  exits: 'export const handler = async () => process.exit(3);',
  forgets: 'export const handler = () => new Promise(() => {});',
  hangs: 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
  broken: "throw new Error('cannot load');",
  gated:
    "export const handler = async ({ gate, id }) => { await fetch(gate + '/' + id); return process.pid; };",
  environment: 'export const handler = async () => ({ ...process.env });',
};

const model = (name: keyof typeof SOURCES, more: Partial<FunctionModel> = {}): FunctionModel => {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'index.mjs'), SOURCES[name]);
  return {
    logicalId: name.toUpperCase(),
    name,
    folder: home,
    handler: 'index.handler',
    memorySize: 128,
    timeoutSeconds: 30,
    environment: { OWN: 'from the template', MEXC_REST_URL: 'https://api.mexc.com' },
    logFormat: 'JSON',
    logLevel: undefined,
    events: { maxAgeSeconds: 60, maxRetries: 0 },
    ...more,
  };
};

const invoke = async (name: string, event: unknown = {}) => {
  const { payload, error } = await lambda.invoke(name, JSON.stringify(event));
  return { value: JSON.parse(payload), error };
};

before(async () => {
  gate = await openGate();
  lambda = createLambdaService({
    functions: [
      ...(['echo', 'throws', 'exits', 'forgets', 'broken', 'gated', 'environment'] as const).map((name) =>
        model(name),
      ),
      model('hangs', { timeoutSeconds: 0.5 }),
    ],
    endpoints: {
      dynamodb: 'http://127.0.0.1:1',
      secretsManager: 'http://127.0.0.1:2',
      lambda: 'http://127.0.0.1:3',
      sqs: 'http://127.0.0.1:5',
      sns: 'http://127.0.0.1:5',
    },
    overrides: { MEXC_REST_URL: 'http://127.0.0.1:4', UNASKED: 'x' },
    onLine: (name, line) => lines.push(`${name} ${line}`),
  });
});
after(async () => {
  gate.close();
  await lambda.close();
  removeFolder(folder);
});

test('a warm process is used again, with a deadline of its own', async () => {
  const first = await invoke('echo', { n: 1 });
  const second = await invoke('echo', { n: 'ü€😀' });

  assert.equal(second.value.pid, first.value.pid);
  assert.deepEqual(second.value.event, { n: 'ü€😀' });
  assert.ok(second.value.left > 25_000 && second.value.left <= 30_000, String(second.value.left));
});

test('ten requests run at once, each in a process of its own; the others wait in line', async () => {
  const all = Array.from({ length: 12 }, (_, id) => invoke('gated', { gate: gate.url, id }));
  await gate.arrived(10);

  assert.equal(gate.held.length, 10);
  gate.release();
  await gate.arrived(11);
  assert.equal(gate.held.length, 10, 'one out, one in');
  gate.release();
  await gate.arrived(12);
  assert.deepEqual(gate.arrivals.slice(10), ['/10', '/11'], 'first come, first served');
  while (gate.held.length > 0) gate.release();
  const processes = (await Promise.all(all)).map(({ value }) => value);
  assert.equal(new Set(processes).size, 10);
});

test('a thrown error is reported with its type, and the process lives on', async () => {
  const { value, error } = await invoke('throws');

  assert.equal(error, 'Unhandled');
  assert.equal(value.errorType, 'RangeError');
  assert.equal(value.errorMessage, 'too far');
});

test('a process that exits is an error of that request alone', async () => {
  const { value, error } = await invoke('exits');

  assert.equal(error, 'Unhandled');
  assert.equal(value.errorType, 'Runtime.ExitError');
  assert.match(value.errorMessage, /Runtime exited with error: exit status 3/);
  assert.match((await invoke('exits')).value.errorMessage, /exit status 3/, 'the next one starts afresh');
});

test('a handler with nothing left to wait for ends its process, as on Lambda', async () => {
  assert.equal((await invoke('forgets')).value.errorType, 'Runtime.ExitError');
});

test('a handler that takes too long is killed', async () => {
  const { value } = await invoke('hangs');

  assert.equal(value.errorType, 'Sandbox.Timedout');
  assert.match(value.errorMessage, /Task timed out after 0\.50 seconds/);
});

test('a bundle that cannot be loaded is reported to the request that needed it', async () => {
  const { value, error } = await invoke('broken');

  assert.equal(error, 'Unhandled');
  assert.equal(value.errorMessage, 'cannot load');
});

test('a function sees its own variables and what Lambda sets, and nothing of ours', async () => {
  process.env.MEXC_TRADE_SECRET_KEY = 'not for functions';
  const { value } = await invoke('environment');
  delete process.env.MEXC_TRADE_SECRET_KEY;

  const others = Object.keys(value).filter((name) => !/^(_HANDLER|LAMBDA_|AWS_|_X_AMZN_)/.test(name));
  assert.deepEqual(others.sort(), ['LANG', 'MEXC_REST_URL', 'OWN', 'PATH', 'TZ']);
  assert.equal(value.MEXC_REST_URL, 'http://127.0.0.1:4');
  assert.equal(value.AWS_ENDPOINT_URL_SECRETS_MANAGER, 'http://127.0.0.1:2');
});

test('the AWS SDK invokes a function by name, ARN and qualifier, waits for it or not, and learns of errors', async (t) => {
  const api = await listenLocally((request, response) =>
    handleInvoke(lambda, invokedName(request.url ?? '') ?? '', request, response),
  );
  const client = new LambdaClient({ endpoint: api.url, region: REGION, credentials: CREDENTIALS });
  t.after(async () => {
    client.destroy();
    await api.close();
  });
  const send = (FunctionName: string, InvocationType?: 'Event' | 'DryRun' | 'RequestResponse') =>
    client.send(new InvokeCommand({ FunctionName, InvocationType, Payload: '{"n":7}' }));

  for (const name of [
    'echo',
    'ECHO',
    'echo:$LATEST',
    `arn:aws:lambda:${REGION}:000000000000:function:echo`,
  ]) {
    const { StatusCode, Payload, FunctionError } = await send(name);
    assert.equal(StatusCode, 200);
    assert.equal(FunctionError, undefined);
    assert.deepEqual(JSON.parse(Payload?.transformToString() ?? '').event, { n: 7 });
  }
  assert.equal((await send('throws')).FunctionError, 'Unhandled');
  assert.equal((await send('echo', 'Event')).StatusCode, 202);
  assert.equal((await send('echo', 'DryRun')).StatusCode, 204);
  await assert.rejects(send('nobody'), ResourceNotFoundException);
});
