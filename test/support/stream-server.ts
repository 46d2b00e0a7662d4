import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerTo, listenKeyIn, type Peer, type Script } from './stream-peer.ts';

/** A stream exchange on 127.0.0.1, played by a script over real sockets. */
export const startStreamServer = async (script: Script = {}) => {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    verifyClient: () => script.admits?.() ?? true,
  });
  await once(server, 'listening');
  const peers: Peer[] = [];
  server.on('connection', (socket, request) => {
    const received: string[] = [];
    const peer: Peer = {
      listenKey: listenKeyIn(request.url ?? ''),
      subscribed: new Set(),
      received,
      get isOpen() {
        return socket.readyState === socket.OPEN;
      },
      text: (text) => socket.send(text),
      frame: (bytes) => socket.send(bytes),
      drop: () => socket.terminate(),
    };
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const text = data.toString();
      received.push(text);
      answerTo(peer, text, script);
    });
    socket.on('close', () => server.emit('peer closed'));
    peers.push(peer);
    script.opened?.(peer);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    peers,
    /** Resolves when no connection is open. */
    emptied: async () => {
      while (server.clients.size > 0) await once(server, 'peer closed');
    },
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
