import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Dynamo } from '../../lib/dynamo/client.ts';

/** What a request is sent with beside itself. */
interface HttpHandlerOptions {
  readonly abortSignal?: AbortSignal;
}

/** Marks text that stands for bytes; no text of the store begins like this. */
const MARK = 'bytes:';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const asText = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `${MARK}${Buffer.from(value).toString('base64')}`;
  return value;
};

const asBytes = (value: unknown): unknown => {
  if (typeof value === 'string' && value.startsWith(MARK))
    return Uint8Array.from(Buffer.from(value.slice(MARK.length), 'base64'));
  if (Array.isArray(value)) return value.map(asBytes);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asBytes(each)]));
};

/** The error of a refused put carries the item that lies there, in wire format. */
const withItemBytes = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('Item' in error) || !isRecord(error.Item)) return error;
  error.Item = Object.fromEntries(
    Object.entries(error.Item).map(([name, value]) => {
      const bytes = isRecord(value) ? asBytes(value.S) : undefined;
      return [name, bytes instanceof Uint8Array ? { B: bytes } : value];
    }),
  );
  return error;
};

/** The same store on an engine that knows no binary attributes: they lie there as text. */
export const withBytes = (dynamo: Dynamo): Dynamo => {
  const { client } = dynamo;
  const put = ({ input }: PutCommand): PutCommand => {
    const Item = Object.fromEntries(
      Object.entries(input.Item ?? {}).map(([name, value]) => [name, asText(value)]),
    );
    return new PutCommand({ ...input, Item });
  };
  const send = async (
    command: Parameters<typeof client.send>[0],
    options: HttpHandlerOptions,
  ): Promise<unknown> => {
    try {
      if (command instanceof PutCommand) return await client.send(put(command), options);
      return asBytes(await client.send(command, options));
    } catch (error) {
      throw withItemBytes(error);
    }
  };
  return { ...dynamo, client: Object.create(client, { send: { value: send } }) };
};
