import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf, type Reply } from './answer.ts';
import { handleControl, isControl } from './control.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { openStateFile } from './state-file.ts';
import { attachSockets } from './stream/sockets.ts';

const MAX_BODY_BYTES = 1_000_000;

export type ListenOptions = {
  /** @default 0, any free port */
  port?: number;
  /** Whether `/_simulator/…` is served. @default true */
  control?: boolean;
  /** Keeps the exchange in this file; what the file holds replaces the exchange's own state. */
  stateFile?: string;
};

export type Listening = { url: string; close(): Promise<void> };

/** Serves an exchange on 127.0.0.1, REST and, on the path `/ws`, its stream. Lost replies are connections destroyed; delays are in real time here. */
export async function listen(exchange: Exchange, options: ListenOptions = {}): Promise<Listening> {
  const { port = 0, control = true, stateFile } = options;
  const file = stateFile === undefined ? null : openStateFile(exchange, stateFile);
  const server = createServer((request, response) => {
    serve(exchange, control, request, response).catch((error: unknown) => {
      // A bug of the simulator: loud and unlike anything the exchange would say.
      if (!response.headersSent) response.writeHead(599, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.stack : String(error));
    });
  });
  const sockets = attachSockets(server, exchange.stream);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('simulator: no port to listen on');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          file?.close();
          resolve();
        });
        sockets.close();
        server.closeAllConnections();
      }),
  };
}

async function serve(
  exchange: Exchange,
  control: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  if (body === null) {
    response.writeHead(413).end();
    return;
  }
  const outcome: Outcome =
    control && isControl(target)
      ? { reply: handleControl(exchange, method, target, body.toString('utf8')), delayMs: 0 }
      : exchange.step({ method, target, headers: request.headers, body, address: addressOf(request) });
  // The socket stays open until the other side, or the server, closes it.
  if (outcome.delayMs === Number.POSITIVE_INFINITY) return;
  if (outcome.later !== undefined) await exchange.clock.sleep(outcome.delayMs);
  else if (outcome.delayMs > 0) await wait(outcome.delayMs);
  send(request, response, outcome.later?.() ?? outcome.reply);
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply === 'drop') {
    request.socket.destroy();
    return;
  }
  const bytes = bytesOf(reply);
  const length = String(reply.announced ?? bytes.length);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': length });
  if (reply.announced === undefined) {
    response.end(bytes);
    return;
  }
  response.flushHeaders();
  response.write(bytes);
  request.socket.destroySoon();
}

/** IPv4 in its own form, also where the socket shows it as a mapped IPv6 address. */
function addressOf({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress?.replace(/^::ffff:/, '');
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
