import * as z from 'zod';

// Not in env.ts: every schema there is carried, and built, by every function.

const name = z.string().min(1);

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('must be JSON');
    return z.NEVER;
  }
});

/** `{channel: address of its queue}`, as JSON. */
const ChannelQueues = json.pipe(z.record(z.string(), z.url()));

/** `{channel: ARN of its topic}`, as JSON; of those that are e-mail. */
const ChannelTopics = json.pipe(z.record(z.string(), name));

/** Environment of `notify`. */
export const NotifyEnv = z.object({ CHANNEL_QUEUES: ChannelQueues });

/** Environment of `send-notice`. */
export const SendNoticeEnv = z.object({
  CHANNEL_QUEUES: ChannelQueues,
  CHANNEL_TOPICS: ChannelTopics,
  /** Address of the queue for what can never be delivered. */
  NOTICES_ASIDE_QUEUE: z.url(),
  /** Name of the secret with what the channels need, `{channel: {url} | {botToken, chatId}}`. */
  NOTIFY_SECRET: name,
});
