import { NotConfiguredError } from '../domain/errors.ts';
import {
  type Addressed,
  type Channels,
  mailOf,
  type Post,
  type PostAnswer,
  postOf,
  type Verdict,
  verdictOn,
} from '../domain/messengers.ts';
import type { ChannelAccess, Mailer, Messenger, NoticeQueues } from '../domain/notice-ports.ts';
import type { CallOptions, Clock, Log } from '../domain/ports.ts';

/** Longest pause between two tries, seconds, unless the messenger asks for more. */
const MOST_PAUSE = 300;
/** A message can be hidden for no longer than twelve hours in all, seconds. */
const MOST_ASKED = 39_600;
/** What could not be delivered for so long is put aside, ms: the queue itself would forget it in the end. */
const GIVE_UP = 3 * 86_400_000;
/** After a refusal the secret is read again if what is kept is older than this, ms: a new token works at once. */
const RECHECK = 15_000;

/** One try of a message that lies in a channel's queue. */
export interface Delivery extends Addressed {
  /** How often it was taken out of the queue, this time included. */
  readonly tries: number;
  /** When it was put there, epoch ms. */
  readonly queuedAt: number;
}

export interface Delivering {
  readonly channels: Channels;
  readonly access: ChannelAccess;
  readonly messenger: Messenger;
  readonly mailer: Mailer;
  readonly queues: Pick<NoticeQueues, 'putAside'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * Tells one notice over its channel. What will never be taken, and what was not taken for days, is put aside, so that it holds
 * up nothing behind it for ever.
 * @returns seconds until the next try; undefined: done with it
 */
export const deliverNotice = async (
  delivery: Delivery,
  delivering: Delivering,
  options: CallOptions,
): Promise<number | undefined> => {
  const { channel, notice, tries, queuedAt } = delivery;
  const { clock, log, queues } = delivering;
  const verdict = await attempt(delivery, delivering, options);
  const fields = { channel, notice: notice.id, tries };
  if (verdict.kind === 'delivered') {
    log.info('notice delivered', fields);
    return undefined;
  }
  const gaveUp = verdict.kind === 'later' && clock.now() - queuedAt > GIVE_UP;
  if (verdict.kind === 'never' || gaveUp) {
    log.error('a notice cannot be delivered and was put aside', { ...fields, why: verdict.why });
    await queues.putAside({ channel, notice });
    return undefined;
  }
  const pause = verdict.afterSeconds ?? Math.min(2 ** Math.min(tries - 1, 20), MOST_PAUSE);
  const afterSeconds = Math.min(Math.max(pause, 1), MOST_ASKED);
  log.warn('a notice was not delivered yet', { ...fields, why: verdict.why, afterSeconds });
  return afterSeconds;
};

const attempt = async (
  { channel, notice }: Addressed,
  delivering: Delivering,
  options: CallOptions,
): Promise<Verdict> => {
  const kind = delivering.channels[channel]?.kind;
  if (!kind) return { kind: 'never', why: 'the configuration has no such channel' };
  if (kind === 'email') {
    const answer = await delivering.mailer.send(channel, mailOf(notice), options);
    return verdictOn(answer, delivering.clock.now());
  }
  const read = async (maxAge?: number): Promise<Post | undefined> => {
    const access = await delivering.access.value(maxAge);
    return postOf(kind, Object.hasOwn(access, channel) ? access[channel] : undefined, notice);
  };
  const send = async (post: Post): Promise<Verdict> => {
    const answer: PostAnswer = await delivering.messenger.post(post, options);
    return verdictOn(answer, delivering.clock.now());
  };
  try {
    const post = (await read()) ?? (await read(RECHECK));
    if (!post) return { kind: 'later', why: 'the secret has no usable entry for the channel' };
    const verdict = await send(post);
    if (verdict.kind !== 'never') return verdict;
    const fresh = await read(RECHECK);
    return fresh && !samePost(fresh, post) ? await send(fresh) : verdict;
  } catch (error) {
    if (error instanceof NotConfiguredError) return { kind: 'later', why: 'the secret is not set' };
    throw error;
  }
};

const samePost = (a: Post, b: Post): boolean =>
  a.url === b.url && a.body === b.body && a.headers.authorization === b.headers.authorization;
