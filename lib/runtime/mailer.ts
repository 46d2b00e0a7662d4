import { PublishCommand, SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import type { PostAnswer } from '../domain/messengers.ts';
import type { Mailer } from '../domain/notice-ports.ts';
import type { Clock } from '../domain/ports.ts';

/** One client with explicit limits for all topics of a process. A queue repeats what fails. */
export const createSns = (): SNSClient =>
  new SNSClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 300, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });

/** E-mail over SNS. @param topics ARNs by channel; the owner's address has subscribed to each */
export const createMailer = (
  client: SNSClient,
  topics: Readonly<Record<string, string>>,
  clock: Pick<Clock, 'now'>,
): Mailer => ({
  send: async (channel, { subject, text }, { deadline }) => {
    const command = new PublishCommand({ TopicArn: topics[channel], Subject: subject, Message: text });
    try {
      await client.send(command, { abortSignal: AbortSignal.timeout(Math.max(1, deadline - clock.now())) });
      return { kind: 'answer', status: 200, text: '' };
    } catch (error) {
      return answerOf(error);
    }
  },
});

/** A refusal for too many at once comes as 400 too; it passes. */
const answerOf = (error: unknown): PostAnswer => {
  const why = error instanceof Error ? error.name : 'unknown';
  const status = error instanceof SNSServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === undefined || /throttl/i.test(why)
    ? { kind: 'none', why }
    : { kind: 'answer', status, text: why };
};
