import '../lib/runtime/zod-jitless.ts';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { Channels } from '../lib/domain/messengers.ts';
import { Notice } from '../lib/domain/notice.ts';
import type { Log } from '../lib/domain/ports.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { readEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { createMailer, createSns } from '../lib/runtime/mailer.ts';
import { createMessenger } from '../lib/runtime/messenger.ts';
import { createNoticeQueues, createSqs, hideMessage } from '../lib/runtime/notice-queues.ts';
import { SendNoticeEnv } from '../lib/runtime/notify-env.ts';
import { cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { type Delivering, deliverNotice } from '../lib/usecases/deliver-notice.ts';

/** Time for one try, ms. */
const TRY = 8_000;

const Message = z.object({
  messageId: z.string(),
  eventSourceARN: z.string(),
  receiptHandle: z.string(),
  body: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.object({ channel: z.string(), notice: Notice })),
  attributes: z.object({ ApproximateReceiveCount: z.coerce.number(), SentTimestamp: z.coerce.number() }),
});

/** From a channel's queue, one at a time. */
const Event = z.object({ Records: z.tuple([Message]) });

interface Services {
  readonly delivering: Delivering;
  readonly sqs: SQSClient;
  readonly queues: Readonly<Record<string, string>>;
}

/** One message of a channel's queue to its messenger; what was not taken is hidden until its next try. */
export const handler = eventHandler(
  { name: 'send-notice', services: (log) => services(log) },
  async (event, { delivering, sqs, queues }) => {
    const [{ messageId, eventSourceARN, receiptHandle, body, attributes }] = Event.parse(event).Records;
    const again = await deliverNotice(
      { ...body, tries: attributes.ApproximateReceiveCount, queuedAt: attributes.SentTimestamp },
      delivering,
      { deadline: systemClock.now() + TRY },
    );
    if (again === undefined) return { batchItemFailures: [] };
    // Not by the message's channel: what was put aside may be moved back into any of the queues.
    const name = eventSourceARN.slice(eventSourceARN.lastIndexOf(':') + 1);
    const url = Object.values(queues).find((each) => each.endsWith(`/${name}`));
    await hideMessage(sqs, url, receiptHandle, again);
    return { batchItemFailures: [{ itemIdentifier: messageId }] };
  },
);

const services = (log: Log): Services => {
  const env = readEnv(SendNoticeEnv);
  const sqs = createSqs();
  const queues = env.CHANNEL_QUEUES;
  return {
    sqs,
    queues,
    delivering: {
      channels: readConfig(Channels, import.meta.url),
      access: cachedSecret(
        env.NOTIFY_SECRET,
        z.record(z.string(), z.unknown()),
        createSecretsClient(),
        systemClock,
      ),
      messenger: createMessenger(systemClock),
      mailer: createMailer(createSns(), env.CHANNEL_TOPICS, systemClock),
      queues: createNoticeQueues(sqs, queues, env.NOTICES_ASIDE_QUEUE),
      clock: systemClock,
      log,
    },
  };
};
