import type { Channel } from './channels.ts';
import type { Frame } from './disturb.ts';

const DAY_MS = 86_400_000;
const UNSUBSCRIBED_MS = 30_000;
const SILENT_MS = 60_000;
const SECOND = 1000;
const MOST_MESSAGES = 100;

/** Where a connection's events go. They come one after the other, never while the exchange is in the middle of something. */
export type StreamHandlers = {
  onText(text: string): void;
  onBinary(bytes: Uint8Array): void;
  /** The connection is gone: with a close frame, or without a word. */
  onClose(how: 'close' | 'destroy'): void;
};

/** One connection as the hub keeps it. Times are the agenda's. */
export type Connection = {
  number: number;
  handlers: StreamHandlers;
  /** The key it was opened with and whose it is, null without a key or with an invalid one. */
  key: { key: string; uid: string } | null;
  open: boolean;
  /** Whether the client closed it: it hears nothing any more. */
  left: boolean;
  channels: Map<string, Channel>;
  openedAt: number;
  unsubscribedSince: number;
  /** Last push delivered or PING received. */
  flowedAt: number;
  silentUntil: number;
  /** Before this nothing arrives: it waits behind something delayed. */
  behind: number;
  held: { frame: Frame; channel: string; left: number }[];
  /** Times of the messages of the last second. */
  received: number[];
  /** Looks after the deadline again, when it may have come nearer. */
  watch(): void;
};

export function openConnection(
  number: number,
  handlers: StreamHandlers,
  key: Connection['key'],
  now: number,
): Connection {
  return {
    number,
    handlers,
    key,
    open: true,
    left: false,
    channels: new Map(),
    openedAt: now,
    unsubscribedSince: now,
    flowedAt: now,
    silentUntil: Number.NEGATIVE_INFINITY,
    behind: now,
    held: [],
    received: [],
    watch: () => {},
  };
}

/** When the exchange closes the connection unless something changes (section 11.1). */
export function deadlineOf({ channels, openedAt, unsubscribedSince, flowedAt }: Connection): number {
  const unsubscribed = channels.size === 0 ? unsubscribedSince + UNSUBSCRIBED_MS : Number.POSITIVE_INFINITY;
  return Math.min(openedAt + DAY_MS, unsubscribed, flowedAt + SILENT_MS);
}

export function isSilent({ silentUntil }: Connection, now: number): boolean {
  return now < silentUntil;
}

/** Counts a message of the client; false when it is one too many within a second. */
export function mayReceive({ received }: Connection, now: number): boolean {
  while ((received[0] ?? now) <= now - SECOND) received.shift();
  if (received.length >= MOST_MESSAGES) return false;
  received.push(now);
  return true;
}
