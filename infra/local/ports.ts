import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { StartError } from './start-error.ts';

export interface Listener {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Stops accepting and drops what is still connected. */
  close(): Promise<void>;
}

/** Serves HTTP on 127.0.0.1, and on nothing else. Port 0 is any free one. */
export const listenLocally = async (handler: RequestListener, port = 0): Promise<Listener> => {
  const server = createServer(handler);
  // Invocations may take a minute and the next event a runtime waits for hours: Node's own limits do not apply.
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    server,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** As `listenLocally`, for the port the user chose. */
export const listenOn = async (handler: RequestListener, port: number): Promise<Listener> => {
  try {
    return await listenLocally(handler, port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE')
      throw new StartError(`PORT ${port} is in use on 127.0.0.1. Set PORT to another one, or to 0 for any.`);
    if (code === 'EACCES')
      throw new StartError(`PORT ${port} may not be used by this user. Set PORT to one above 1023.`);
    throw error;
  }
};

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export const freePort = async (): Promise<number> => {
  const { port, close } = await listenLocally(() => {});
  await close();
  return port;
};
