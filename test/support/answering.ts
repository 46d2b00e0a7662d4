import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';

export interface Answering {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A server of this machine that answers as it is told. */
export const serve = async (answer: RequestListener): Promise<Answering> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A server that answers JSON for a path and its parameters. */
export const serveJson = (answer: (path: string, query: URLSearchParams) => unknown): Promise<Answering> =>
  serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(pathname, searchParams)));
  });
