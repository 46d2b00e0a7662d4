import type { Channels } from '../domain/messengers.ts';
import type { Notice } from '../domain/notice.ts';
import type { NoticeQueues } from '../domain/notice-ports.ts';
import type { Log } from '../domain/ports.ts';

/** Something that happened, and the notice of it if it is worth one. */
export interface Happening {
  /** Place in its stream. */
  readonly place: string;
  readonly notice: Notice | undefined;
}

export interface Announcing {
  readonly channels: Channels;
  readonly queues: NoticeQueues;
  readonly log: Log;
}

/**
 * Puts each notice into the queue of every channel that wants its event, in order. Nothing overtakes: at the first that a
 * queue does not take it stops. The queues that took it know the repeat by its id.
 * @returns the place to begin at the next time; undefined: everything is queued
 */
export const queueNotices = async (
  happenings: readonly Happening[],
  { channels, queues, log }: Announcing,
): Promise<string | undefined> => {
  for (const { place, notice } of happenings) {
    if (!notice) continue;
    const wanting = Object.entries(channels).filter(([, { events }]) => events.includes(notice.event));
    const results = await Promise.allSettled(wanting.map(([channel]) => queues.put({ channel, notice })));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) {
      log.error('a notice could not be queued', { notice: notice.id, error: String(failed.reason) });
      return place;
    }
    log.info('notice queued', { notice: notice.id, channels: wanting.map(([channel]) => channel) });
  }
  return undefined;
};
