import { createHash } from 'node:crypto';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../domain/errors.ts';
import type { Addressed } from '../domain/messengers.ts';
import type { NoticeQueues } from '../domain/notice-ports.ts';

/** One client with explicit limits for all queues of a process. */
export const createSqs = (): SQSClient =>
  new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 300, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });

/** @param urls of the channels' queues by name; `aside`: of the dead letters, where they are needed */
export const createNoticeQueues = (
  client: SQSClient,
  urls: Readonly<Record<string, string>>,
  aside?: string,
): NoticeQueues => {
  const send = async (url: string | undefined, { channel, notice }: Addressed): Promise<void> => {
    if (url === undefined) throw new AppError('no_queue', `there is no queue for ${channel}`);
    await client.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: JSON.stringify({ channel, notice }),
        // One group: what is behind a message waits until it is done.
        MessageGroupId: channel,
        MessageDeduplicationId: createHash('sha256').update(`${channel}\n${notice.id}`).digest('hex'),
      }),
    );
  };
  return {
    put: (addressed) => send(urls[addressed.channel], addressed),
    putAside: (addressed) => send(aside, addressed),
  };
};

/** Hides a message that was taken out for so many seconds from now. */
export const hideMessage = async (
  client: SQSClient,
  url: string | undefined,
  receipt: string,
  seconds: number,
): Promise<void> => {
  await client.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: seconds }),
  );
};
