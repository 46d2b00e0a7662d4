import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { listenLocally } from '../../infra/local/ports.ts';

/**
 * A moment in the life of an invocation: a request of its process has arrived here and has not gone on, or was answered
 * upstream and the answer has not gone back.
 */
export interface Point {
  readonly moment: 'before' | 'after';
  readonly target: 'DynamoDB' | 'exchange';
  /** Such as `TransactWriteItems Orders, Positions, Strategies` or `POST /api/v3/order`. */
  readonly operation: string;
  /** Of the requests with this operation, counted from 1: requests side by side may swap places between two runs. */
  readonly nth: number;
}

export const samePoint = (one: Point, other: Point): boolean => describePoint(one) === describePoint(other);

export const describePoint = ({ moment, target, operation, nth }: Point): string =>
  `${moment === 'before' ? 'before' : 'after '}  ${target.padEnd(8)}  ${operation}${nth > 1 ? ` (${nth})` : ''}`;

/** What came by while one invocation ran. */
export interface Watch {
  /** In the order in which they happened. */
  readonly points: readonly Point[];
  /** Where the process was killed, once it was. */
  readonly killed: Point | undefined;
  /** Requests that cannot be said to be of the one invocation; a test with any proves nothing. */
  readonly strangers: readonly string[];
}

export interface WatchOptions {
  /** Ids of the processes that are at work; exactly one, or nobody knows whose request this is. */
  readonly working: () => readonly number[];
  /** The process is killed with SIGKILL at this point. @default it lives */
  readonly killAt?: Point | undefined;
}

export interface KillProxies {
  readonly dynamoUrl: string;
  readonly exchangeUrl: string;
  /** Watches every request until `run` has ended. */
  watch<T>(options: WatchOptions, run: () => Promise<T>): Promise<Watch & { readonly result: T }>;
  close(): Promise<void>;
}

interface Running extends WatchOptions {
  readonly points: Point[];
  readonly strangers: string[];
  killed: Point | undefined;
}

interface Upstream {
  readonly target: Point['target'];
  readonly url: string;
  /** Connections are never used twice to the exchange: an idle one may die under an order. */
  readonly agent: Agent | undefined;
  operationOf(incoming: IncomingMessage, body: Buffer): string;
}

/** Proxies before a DynamoDB engine and an exchange, which know every point of an invocation and can end it there. */
export const startKillProxies = async (upstream: {
  readonly dynamo: string;
  readonly exchange: string;
}): Promise<KillProxies> => {
  let running: Running | undefined;
  const agent = new Agent({ keepAlive: true });

  /** Notes the point. @returns false when the process is dead, and nothing of it goes on */
  const passes = (watch: Running, point: Point): boolean => {
    if (watch.killed) return false;
    const pids = watch.working();
    const [pid] = pids;
    watch.points.push(point);
    if (pids.length !== 1 || pid === undefined) {
      watch.strangers.push(`${describePoint(point)}: ${pids.length} processes at work`);
    } else if (watch.killAt && samePoint(watch.killAt, point)) {
      process.kill(pid, 'SIGKILL');
      watch.killed = point;
      return false;
    }
    return true;
  };

  const serve = async (to: Upstream, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    // What comes while nothing is at work was left over by an invocation that has been answered.
    const watch = running && running.working().length > 0 ? running : undefined;
    const body = await bytesOf(incoming);
    const operation = to.operationOf(incoming, body);
    const earlier = watch?.points.filter((each) => each.moment === 'before' && each.operation === operation);
    const point = { target: to.target, operation, nth: (earlier?.length ?? 0) + 1 };
    if (watch && !passes(watch, { ...point, moment: 'before' })) return void incoming.socket.destroy();
    const answer = await forward(to, incoming, body);
    if (watch && !passes(watch, { ...point, moment: 'after' })) return void incoming.socket.destroy();
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  };

  const listen = (to: Upstream) =>
    listenLocally((incoming, outgoing) => {
      incoming.socket.setNoDelay(true);
      // Whoever asked sees a reset, and so does the test.
      serve(to, incoming, outgoing).catch(() => incoming.socket.destroy());
    });
  const [dynamo, exchange] = await Promise.all([
    listen({ target: 'DynamoDB', url: upstream.dynamo, agent, operationOf: dynamoOperation }),
    listen({
      target: 'exchange',
      url: upstream.exchange,
      agent: undefined,
      operationOf: ({ method, url = '' }) => `${method} ${url.split('?')[0]}`,
    }),
  ]);

  return {
    dynamoUrl: dynamo.url,
    exchangeUrl: exchange.url,
    watch: async (options, run) => {
      if (running) throw new Error('one invocation is watched at a time');
      const watch: Running = { ...options, points: [], strangers: [], killed: undefined };
      running = watch;
      try {
        return { ...watch, result: await run(), killed: watch.killed };
      } finally {
        running = undefined;
      }
    },
    close: async () => {
      await Promise.all([dynamo.close(), exchange.close()]);
      agent.destroy();
    },
  };
};

const Item = z.object({ TableName: z.string() });
const Body = z.object({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  Key: z
    .object({ name: z.object({ S: z.string() }) })
    .optional()
    .catch(undefined),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  TransactItems: z.array(z.record(z.string(), Item)).optional(),
});

/** The operation and the tables it names, with the item where it is one of the few of `Control`. */
const dynamoOperation = ({ headers }: IncomingMessage, body: Buffer): string => {
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  const { TableName, IndexName, Key, RequestItems, TransactItems } = Body.parse(
    JSON.parse(body.toString('utf8')),
  );
  const tables =
    TransactItems?.flatMap((item) => Object.values(item).map((of) => of.TableName)) ??
    Object.keys(RequestItems ?? {});
  const one = TableName && [TableName, IndexName ?? Key?.name.S].filter(Boolean).join('/');
  return `${operation} ${one ?? [...new Set(tables)].sort().join(', ')}`;
};

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Byte for byte, once. */
const forward = (to: Upstream, { method, url = '/', headers }: IncomingMessage, body: Buffer) =>
  new Promise<Answer>((resolve, reject) => {
    const { host: _h, connection: _c, 'transfer-encoding': _t, 'content-length': _l, ...kept } = headers;
    const outgoing = request(`${to.url}${url}`, {
      method,
      agent: to.agent ?? false,
      headers: { ...kept, ...(method !== 'GET' && { 'content-length': body.length }) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const { connection: _, 'transfer-encoding': _e, 'keep-alive': _k, ...answered } = incoming.headers;
      bytesOf(incoming).then(
        (bytes) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: { ...answered, 'content-length': String(bytes.length) },
            body: bytes,
          }),
        reject,
      );
    });
    outgoing.end(body);
  });

const bytesOf = async (stream: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};
