import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { after } from 'node:test';
import type { OrderRequest, PlacementOutcome } from '../../../lib/domain/exchange.ts';
import type { ExchangeError } from '../../../lib/domain/exchange-errors.ts';
import { createExchangeClock, estimateFrom } from '../../../lib/domain/exchange-time.ts';
import type { Clock } from '../../../lib/domain/ports.ts';
import { createMexcClient } from '../../../lib/mexc/client.ts';
import type { MexcClientOptions } from '../../../lib/mexc/session.ts';

export const ACCESS_KEY = 'mx0aBYs33eIilxBWC5';
export const SECRET_KEY = '45d0b3c26f2644f19bfb98b07741b2f5';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A clock that moves only when it is told to, or slept on. */
export const manualClock = (start: number) => {
  const slept: number[] = [];
  let now = start;
  return {
    slept,
    now: () => now,
    sleep: async (ms: number) => {
      slept.push(ms);
      now += ms;
    },
    advance: (ms: number) => {
      now += ms;
    },
  };
};

export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Everything opened is closed at the end, so that a failing test does not keep its process alive. */
const opened: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(opened.map((close) => close()));
});

const listen = async (server: net.Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const closer = (server: net.Server, sockets: Set<Socket>): (() => Promise<void>) => {
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  opened.push(close);
  return close;
};

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly delayMs?: number;
  readonly destroy?: boolean;
}

/** A well-behaved HTTP server; `answer` decides by request and by how many came before it. */
export const startServer = async (answer: (request: Received, index: number) => Answer) => {
  const requests: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received: Received = {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)])),
        body: Buffer.concat(chunks).toString('utf8'),
      };
      const index = requests.push(received) - 1;
      const { status = 200, body = {}, headers = {}, delayMs = 0, destroy } = answer(received, index);
      if (destroy) {
        request.socket.destroy();
        return;
      }
      setTimeout(() => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }, delayMs);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) server.emit('emptied');
    });
  });
  const url = await listen(server);
  return {
    url,
    requests,
    /** Resolves when no connection is open. */
    emptied: async () => {
      if (sockets.size > 0) await once(server, 'emptied');
    },
    connections: () => connections,
    open: () => sockets.size,
    close: closer(server, sockets),
  };
};

/** A bare TCP server: `react` gets each complete request as text and may do anything to the socket. */
export const startRawServer = async (react: (socket: Socket, request: string) => void) => {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const request = text.slice(0, end + 4);
      text = text.slice(end + 4);
      requests.push(request);
      react(socket, request);
    });
  });
  const url = await listen(server);
  return { url, requests, close: closer(server, sockets) };
};

/** A port on which nobody listens. */
export const closedPort = async (): Promise<number> => {
  const server = net.createServer();
  await listen(server);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export const soon = (ms = 2000) => ({ deadline: Date.now() + ms });

/** A client whose knowledge of the exchange's clock is exact (`synchronised`), with no jitter. */
export const clientFor = (
  url: string,
  options: Partial<MexcClientOptions> & { readonly synchronised?: boolean } = {},
) => {
  const { synchronised = true, ...rest } = options;
  const clock = options.clock ?? systemClock;
  const exchangeClock = createExchangeClock(() => clock.now());
  if (synchronised) {
    const now = clock.now();
    exchangeClock.adopt(estimateFrom({ serverTime: now, sentAt: now, receivedAt: now }));
  }
  const client = createMexcClient({
    baseUrl: url,
    credentials: async () => ({ accessKey: ACCESS_KEY, secretKey: SECRET_KEY }),
    clock,
    exchangeClock,
    random: () => 0,
    ...rest,
  });
  opened.push(() => client.close());
  return { client, exchangeClock };
};

export const ORDER = {
  symbol: 'MXUSDT',
  orderId: 'C02__1',
  clientOrderId: 'mabc-1',
  price: '0.004327',
  origQty: '1220',
  executedQty: '1220',
  cummulativeQuoteQty: '5.54124',
  status: 'FILLED',
  type: 'MARKET',
  side: 'SELL',
  time: 1700000000000,
};
export const BY_ID = { symbol: 'MXUSDT', by: { clientOrderId: 'mabc-1' } } as const;

/** Serves `answers` in turn, the last one for ever; `/time` is answered apart. */
export const serve = async (
  answers: readonly Answer[],
  options: Partial<MexcClientOptions> & { readonly synchronised?: boolean } = {},
) => {
  const times: Received[] = [];
  let served = 0;
  const server = await startServer((request) => {
    if (request.target === '/api/v3/time') {
      times.push(request);
      return { body: { serverTime: Date.now() } };
    }
    return answers[Math.min(served++, answers.length - 1)] ?? {};
  });
  const calls = () => server.requests.filter(({ target }) => target !== '/api/v3/time');
  return { ...clientFor(server.url, options), server, calls, times };
};

export const failure = async (call: Promise<unknown>): Promise<ExchangeError> => {
  const error = await call.then(
    () => assert.fail('it succeeded'),
    (reason: ExchangeError) => reason,
  );
  assert.doesNotMatch(
    `${error.stack} ${error.message} ${error.cause}`,
    new RegExp(`${ACCESS_KEY}|[0-9a-f]{64}|/api/v3`),
  );
  return error;
};

export const parametersOf = (request: Received | undefined): URLSearchParams =>
  new URLSearchParams(request?.target.split('?')[1]);

export const REQUEST: OrderRequest = {
  symbol: 'MXUSDT',
  side: 'buy',
  type: 'LIMIT',
  quantity: '50',
  price: '0.1',
  clientOrderId: 'mabc-1',
};
export const TERMS = { timestamp: 1666676533741, recvWindow: 3000, test: false };
export const ORDER_ID = '06a480e69e604477bfb48dddd5f0b750';
export const ACK = {
  symbol: 'MXUSDT',
  orderId: ORDER_ID,
  orderListId: -1,
  price: '0.1',
  origQty: '50',
  type: 'LIMIT',
  side: 'BUY',
  stpMode: '',
  transactTime: 1666676533741,
};
export const SECRETS = new RegExp(`${ACCESS_KEY}|${SECRET_KEY}|[0-9a-f]{64}|signature=|/api/`, 'i');

/** Sends one order to a server that answers so, and makes sure that exactly one request arrived. */
export const place = async (
  answer: Answer,
  options: { test?: boolean; ms?: number } = {},
): Promise<PlacementOutcome> => {
  const server = await startServer(() => answer);
  const { client } = clientFor(server.url);
  try {
    const order = await client.signOrder(REQUEST, { ...TERMS, test: options.test ?? false });
    const outcome = await client.sendOrder(order, soon(options.ms));
    await new Promise((resolve) => setTimeout(resolve, 20)); // a wrong second request would arrive now
    assert.equal(server.requests.length, 1, 'requests that arrived');
    assert.doesNotMatch(JSON.stringify(outcome), SECRETS);
    return outcome;
  } finally {
    await client.close();
    await server.close();
  }
};

/** The same with a server that does as it likes with the socket. */
export const placeRaw = async (
  react: Parameters<typeof startRawServer>[0],
  ms = 2000,
): Promise<PlacementOutcome> => {
  const server = await startRawServer(react);
  const { client } = clientFor(server.url);
  try {
    const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon(ms));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(server.requests.length, 1, 'requests that arrived');
    assert.doesNotMatch(JSON.stringify(outcome), SECRETS);
    return outcome;
  } finally {
    await client.close();
    await server.close();
  }
};
