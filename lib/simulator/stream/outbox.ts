import type { Agenda } from './agenda.ts';
import { type Connection, isSilent } from './connection.ts';
import type { Frame } from './disturb.ts';

type Item = { connection: Connection; frame: Frame } | { connection: Connection; ends: 'close' | 'destroy' };

/** Frames on their way: first to their time, then, one after the other, to whoever listens. */
export type Outbox = {
  /** Sends a frame of a channel, or an answer (null), `delayMs` later and behind everything sent before. */
  send(connection: Connection, frame: Frame, channel: string | null, delayMs: number): void;
  /** The last thing a connection hears. */
  end(connection: Connection, how: 'close' | 'destroy'): void;
  /** Hands over everything that is due; what handlers cause meanwhile comes after it. */
  flush(): void;
  isEmpty(): boolean;
  clear(): void;
};

/** @param delivered called with the channel of every push that leaves */
export function createOutbox(agenda: Agenda, delivered: (channel: string) => void): Outbox {
  let items: Item[] = [];
  let flushing = false;

  const put = (connection: Connection, frame: Frame, channel: string | null): void => {
    if (!connection.open || isSilent(connection, agenda.now())) return;
    if (channel !== null) {
      connection.flowedAt = agenda.now();
      delivered(channel);
    }
    items.push({ connection, frame });
  };
  const handOver = (item: Item): void => {
    const { handlers, left } = item.connection;
    if (left) return;
    if ('ends' in item) handlers.onClose(item.ends);
    else if (typeof item.frame === 'string') handlers.onText(item.frame);
    else handlers.onBinary(item.frame);
  };

  return {
    send(connection, frame, channel, delayMs) {
      const now = agenda.now();
      const due = Math.max(now + delayMs, connection.behind);
      connection.behind = due;
      if (due <= now) put(connection, frame, channel);
      else agenda.at(due, () => put(connection, frame, channel));
    },
    end: (connection, ends) => void items.push({ connection, ends }),
    flush() {
      if (flushing) return;
      flushing = true;
      try {
        for (let item = items.shift(); item !== undefined; item = items.shift()) handOver(item);
      } finally {
        flushing = false;
      }
    },
    isEmpty: () => items.length === 0,
    clear: () => {
      items = [];
    },
  };
}
