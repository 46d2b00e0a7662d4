import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StreamConnection, StreamHub } from './hub.ts';

const PATH = '/ws';
/** What is longer is a broken client; what is only too long for the exchange gets its refusal from there. */
const MOST_BYTES = 65_536;

/**
 * Serves the stream on an HTTP server: `ws://…/ws`, user streams `?listenKey=<key>`. Where no connection comes about, the
 * handshake is answered with 503. A silent connection does not answer protocol pings either; the exchange sends none.
 */
export function attachSockets(server: Server, stream: StreamHub): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES, autoPong: false });
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://stream.invalid');
    if (url.pathname !== PATH) {
      turnAway(raw, '404 Not Found');
      return;
    }
    // The hub says nothing before this turn of the loop is over, and `ws` answers the handshake within it.
    let socket: WebSocket | null = null;
    const connection = stream.connect(
      { listenKey: url.searchParams.get('listenKey') ?? undefined },
      {
        onText: (text) => socket?.send(text),
        onBinary: (bytes) => socket?.send(bytes),
        onClose: (how) => (how === 'close' ? socket?.close(1000) : socket?.terminate()),
      },
    );
    if (connection === null) {
      turnAway(raw, '503 Service Unavailable');
      return;
    }
    sockets.handleUpgrade(request, raw, head, (opened) => {
      socket = opened;
      listenTo(opened, connection);
    });
    if (socket === null) connection.close();
  });
  return {
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function listenTo(socket: WebSocket, connection: StreamConnection): void {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) connection.receive(String(data));
  });
  socket.on('ping', (data) => {
    if (!connection.isSilent()) socket.pong(data);
  });
  // A close follows.
  socket.on('error', () => {});
  socket.on('close', () => connection.close());
}

function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
