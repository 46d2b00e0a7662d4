import '../lib/runtime/zod-jitless.ts';
import * as z from 'zod';
import { AppError } from '../lib/domain/errors.ts';
import { Channels } from '../lib/domain/messengers.ts';
import { alarmNotice, modeNotice, type Notice, orderNotice } from '../lib/domain/notice.ts';
import type { Log } from '../lib/domain/ports.ts';
import { StreamRecord, writeIn } from '../lib/dynamo/stream-record.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { readEnv } from '../lib/runtime/env.ts';
import { eventHandler } from '../lib/runtime/handler.ts';
import { createNoticeQueues, createSqs } from '../lib/runtime/notice-queues.ts';
import { NotifyEnv } from '../lib/runtime/notify-env.ts';
import { type Announcing, type Happening, queueNotices } from '../lib/usecases/queue-notices.ts';

const Published = z.object({
  Sns: z.object({
    MessageId: z.string(),
    Timestamp: z.iso.datetime({ offset: true }),
    Subject: z.string().nullish(),
    Message: z.string(),
  }),
});

/** Records of one source at a time: a table's stream, or the alarm topic. */
const Event = z.object({ Records: z.array(z.union([StreamRecord, Published])) });

/** What happened to orders and strategies, and every alarm: one message per event and channel. */
export const handler = eventHandler(
  { name: 'notify', services: (log) => services(log) },
  async (event, announcing) => {
    const { Records } = Event.parse(event);
    const failed = await queueNotices(
      Records.map((record) => happeningIn(record, announcing.log)),
      announcing,
    );
    // A topic has no places to go on from: Lambda repeats the whole event.
    if (failed !== undefined && Records.some((record) => 'Sns' in record))
      throw new AppError('not_queued', 'an alarm could not be queued', { retryable: true });
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  },
);

const happeningIn = (record: z.infer<typeof StreamRecord | typeof Published>, log: Log): Happening => {
  if ('Sns' in record) {
    const { MessageId, Timestamp, Subject, Message } = record.Sns;
    const published = {
      id: MessageId,
      at: Date.parse(Timestamp),
      subject: Subject ?? undefined,
      text: Message,
    };
    return { place: MessageId, notice: alarmNotice(published) };
  }
  return { place: record.dynamodb.SequenceNumber, notice: noticeIn(record, log) };
};

/** An item that cannot be read is reported and passed over: it must not hold up all others for a day. */
const noticeIn = (record: StreamRecord, log: Log): Notice | undefined => {
  try {
    const write = writeIn(record);
    if (!write) return undefined;
    return write.table === 'orders'
      ? orderNotice(write.before, write.after)
      : modeNotice(write.before, write.after);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.error('a write cannot be told', { place: record.dynamodb.SequenceNumber, error: error.message });
    return undefined;
  }
};

const services = (log: Log): Announcing => ({
  channels: readConfig(Channels, import.meta.url),
  queues: createNoticeQueues(createSqs(), readEnv(NotifyEnv).CHANNEL_QUEUES),
  log,
});
