import type { IncomingMessage } from 'node:http';
import { listenLocally } from '../../../infra/local/ports.ts';
import type { MemoryDynamo } from './engine.ts';
import { Refusal } from './refusal.ts';
import { isRecord } from './values.ts';

/** The engine behind a port, for clients that want a network: AWS JSON 1.0, every signature taken. */
export const listenAsDynamo = async (
  dynamo: MemoryDynamo,
): Promise<{ readonly endpoint: string; close(): Promise<void> }> => {
  const { url, close } = await listenLocally((incoming, outgoing) => {
    answer(dynamo, incoming).then(
      ({ status, body }) => {
        outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
        outgoing.end(JSON.stringify(body));
      },
      () => incoming.socket.destroy(),
    );
  });
  return { endpoint: url, close };
};

const answer = async (
  dynamo: MemoryDynamo,
  incoming: IncomingMessage,
): Promise<{ readonly status: number; readonly body: unknown }> => {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
  try {
    const request: unknown = JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
    if (!isRecord(request)) throw new Refusal('SerializationException', 'The request is no object');
    return { status: 200, body: dynamo.execute(operation, request) };
  } catch (error) {
    if (error instanceof Refusal)
      return {
        status: error.status,
        body: {
          __type: `com.amazonaws.dynamodb.v20120810#${error.type}`,
          message: error.message,
          ...error.more,
        },
      };
    // What this engine cannot do fails the test that asked for it, and says why.
    const message = error instanceof Error ? error.message : String(error);
    return { status: 400, body: { __type: 'UnsupportedHere', message } };
  }
};
