import { WebSocket } from 'ws';

/** What a connection tells. `onClose` comes once, whether it was ever open or not, and nothing comes after it. */
interface SocketEvents {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  readonly onBinary: (bytes: Uint8Array) => void;
  /** @param why in words that hold nothing secret */
  readonly onClose: (why: string) => void;
}

export interface StreamSocket {
  send(text: string): void;
  /** Ends it; `onClose` may come or not. */
  close(): void;
}

/** Opens a WebSocket connection; tells nothing before it returns. @param url may hold a listen key: it is in no message */
export type Connect = (url: string, on: SocketEvents) => StreamSocket;

const HANDSHAKE_MS = 5_000;
/** All symbols' tickers are a few hundred kilobytes. */
const MOST_BYTES = 8 * 2 ** 20;
/** For the other side to agree to the end. */
const CLOSING_MS = 1_000;

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'no handshake';

/** Connections of this machine. The protocol's own pings are answered by the library. */
export const connectByWebSocket: Connect = (url, on) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MOST_BYTES,
  });
  let failure: string | undefined;
  socket.on('open', on.onOpen);
  socket.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.isBuffer(data)
        ? data
        : new Uint8Array(data);
    if (isBinary) on.onBinary(bytes);
    else on.onText(Buffer.from(bytes).toString('utf8'));
  });
  socket.on('error', (error) => {
    failure ??= codeOf(error);
  });
  socket.on('close', (code) => on.onClose(failure ?? `closed with ${code}`));
  return {
    send: (text) => socket.send(text, () => undefined), // a failure closes the connection too
    close: () => {
      if (socket.readyState !== WebSocket.OPEN) return socket.terminate();
      socket.close(1000);
      const timer = setTimeout(() => socket.terminate(), CLOSING_MS);
      socket.once('close', () => clearTimeout(timer));
    },
  };
};
