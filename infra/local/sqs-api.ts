import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody, sendJson } from './http.ts';
import type { LocalQueue, Stored } from './queue.ts';

const MOST_BYTES = 2_000_000;
const MOST_MESSAGE_BYTES = 1_048_576;
const TARGET = 'AmazonSQS.';

/** Whether a request is one of SQS's operations. */
export const isSqs = ({ headers }: IncomingMessage): boolean =>
  String(headers['x-amz-target']).startsWith(TARGET);

const OfQueue = { QueueUrl: z.string() };
const SendMessage = z.looseObject({
  ...OfQueue,
  MessageBody: z.string().min(1),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
const ReceiveMessage = z.looseObject({
  ...OfQueue,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
});
const DeleteMessage = z.looseObject({ ...OfQueue, ReceiptHandle: z.string() });
const ChangeMessageVisibility = DeleteMessage.extend({ VisibilityTimeout: z.int().min(0).max(43_200) });
const GetQueueAttributes = z.looseObject(OfQueue);

/** A refusal in the service's own words. */
class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a consumer is told of a message beside its body. */
export const attributesOf = (message: Stored): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receives),
  SentTimestamp: String(message.sentAt),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  SenderId: 'local',
  ...(message.group !== undefined && { MessageGroupId: message.group, SequenceNumber: message.sequence }),
  ...(message.deduplication !== undefined && { MessageDeduplicationId: message.deduplication }),
});

export const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

/**
 * As much of SQS as functions and operators use: SendMessage, ReceiveMessage (which never waits), DeleteMessage,
 * ChangeMessageVisibility and GetQueueAttributes, in the JSON protocol of the AWS SDK.
 */
export const sqsApi = (queues: readonly LocalQueue[]) => {
  const find = (url: string): LocalQueue => {
    const found = queues.find(({ model }) => model.url === url);
    if (!found) throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
    return found;
  };

  const operations: Record<string, (input: unknown) => object> = {
    SendMessage: (input) => {
      const message = SendMessage.parse(input);
      const queue = find(message.QueueUrl);
      const { MessageBody: body, MessageGroupId: group } = message;
      if (Buffer.byteLength(body) > MOST_MESSAGE_BYTES)
        throw new ServiceError('InvalidParameterValue', 'Message must be shorter than 1048576 bytes.');
      if (queue.model.fifo && group === undefined)
        throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
      const deduplication =
        message.MessageDeduplicationId ??
        (queue.model.contentDeduplication ? createHash('sha256').update(body).digest('hex') : undefined);
      if (queue.model.fifo && deduplication === undefined) {
        throw new ServiceError(
          'InvalidParameterValue',
          'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
        );
      }
      const { id, sequence } = queue.send({ body, group, deduplication });
      return {
        MessageId: id,
        MD5OfMessageBody: md5(body),
        ...(queue.model.fifo && { SequenceNumber: sequence }),
      };
    },
    ReceiveMessage: (input) => {
      const { QueueUrl, MaxNumberOfMessages, VisibilityTimeout } = ReceiveMessage.parse(input);
      const given = find(QueueUrl).receive(MaxNumberOfMessages, VisibilityTimeout);
      return {
        Messages: given.map((message) => ({
          MessageId: message.id,
          ReceiptHandle: message.receipt,
          Body: message.body,
          MD5OfBody: md5(message.body),
          Attributes: attributesOf(message),
        })),
      };
    },
    DeleteMessage: (input) => {
      const { QueueUrl, ReceiptHandle } = DeleteMessage.parse(input);
      find(QueueUrl).delete(ReceiptHandle);
      return {};
    },
    ChangeMessageVisibility: (input) => {
      const { QueueUrl, ReceiptHandle, VisibilityTimeout } = ChangeMessageVisibility.parse(input);
      if (!find(QueueUrl).hide(ReceiptHandle, VisibilityTimeout))
        throw new ServiceError('MessageNotInflight', 'The specified message is not in flight.');
      return {};
    },
    GetQueueAttributes: (input) => {
      const { waiting, hidden } = find(GetQueueAttributes.parse(input).QueueUrl).counts();
      return {
        Attributes: {
          ApproximateNumberOfMessages: String(waiting),
          ApproximateNumberOfMessagesNotVisible: String(hidden),
        },
      };
    },
  };

  const answer = (target: string, text: string): { status: number; body: object } => {
    try {
      const operation = operations[target.slice(TARGET.length)];
      if (!operation)
        throw new ServiceError('UnsupportedOperation', `${target} is not understood by the local SQS.`);
      return { status: 200, body: operation(JSON.parse(text)) };
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : 'InvalidParameterValue';
      const message = error instanceof ServiceError ? error.message : 'The request is not valid.';
      return { status: 400, body: { __type: `com.amazonaws.sqs#${code}`, message } };
    }
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, MOST_BYTES);
    const { status, body: result } = answer(
      String(request.headers['x-amz-target']),
      body?.toString('utf8') ?? '',
    );
    sendJson(response, status, result, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
    });
  };
};
