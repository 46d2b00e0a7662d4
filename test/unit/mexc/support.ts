import { createServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { after } from 'node:test';
import { createExchangeClock, estimateFrom } from '../../../lib/domain/exchange-time.ts';
import type { Clock } from '../../../lib/domain/ports.ts';
import { createMexcClient, type MexcClientOptions } from '../../../lib/mexc/client.ts';

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
    socket.on('close', () => sockets.delete(socket));
  });
  const url = await listen(server);
  return {
    url,
    requests,
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
