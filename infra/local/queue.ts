import { randomUUID } from 'node:crypto';
import type { QueueModel } from './event-model.ts';

/** A repeat with the same deduplication id is dropped for so long. */
const DEDUPLICATION_MILLISECONDS = 300_000;

export interface Stored {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly sequence: string;
  readonly group?: string | undefined;
  readonly deduplication?: string | undefined;
  receives: number;
  firstReceivedAt?: number | undefined;
  /** Nobody is given it before. */
  visibleAt: number;
  /** Of its last receipt. */
  receipt?: string | undefined;
}

export interface QueueState {
  readonly messages: Stored[];
  /** Deduplication id → when it was seen, and as which message. */
  readonly seen: Record<string, { at: number; id: string }>;
  sequence: number;
}

interface NewMessage {
  readonly body: string;
  readonly group?: string | undefined;
  readonly deduplication?: string | undefined;
}

export interface LocalQueue {
  readonly model: QueueModel;
  send(message: NewMessage): { readonly id: string; readonly sequence: string };
  /** Takes out up to `most` messages; what was taken out too often goes to the dead letters instead. */
  receive(most: number, visibilitySeconds?: number): readonly Stored[];
  delete(receipt: string): void;
  /** @returns false: it is not taken out, or its receipt is an older one */
  hide(receipt: string, seconds: number): boolean;
  /** Messages that can be taken out, and those that are taken out, now. */
  counts(): { readonly waiting: number; readonly hidden: number };
  /** Resolves when taking out may give something that it did not give just now. */
  changed(signal: AbortSignal): Promise<void>;
  /** What must survive a restart. */
  readonly state: QueueState;
}

/**
 * One queue of SQS. Of a FIFO queue's group nothing is given while a message of it is taken out, so that its order holds
 * whatever fails.
 */
export const createQueue = (
  model: QueueModel,
  state: QueueState = { messages: [], seen: {}, sequence: 0 },
  deadLetters?: () => LocalQueue,
): LocalQueue => {
  const { messages, seen } = state;
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of [...waiters]) waiter();
  };

  const forget = (now: number): void => {
    const from = now - model.retentionSeconds * 1000;
    for (let at = messages.length - 1; at >= 0; at -= 1) {
      const message = messages[at];
      if (message && message.sentAt < from) messages.splice(at, 1);
    }
    for (const [id, { at }] of Object.entries(seen))
      if (now - at > DEDUPLICATION_MILLISECONDS) delete seen[id];
  };
  const takenOut = (receipt: string, now: number): Stored | undefined =>
    messages.find((message) => message.receipt === receipt && message.visibleAt > now);

  return {
    model,
    state,
    send: ({ body, group, deduplication }) => {
      const now = Date.now();
      forget(now);
      const repeated = deduplication === undefined ? undefined : seen[deduplication];
      if (repeated) return { id: repeated.id, sequence: String(state.sequence) };
      state.sequence += 1;
      const id = randomUUID();
      const sequence = String(state.sequence).padStart(20, '0');
      messages.push({ id, body, sentAt: now, sequence, group, deduplication, receives: 0, visibleAt: now });
      if (deduplication !== undefined) seen[deduplication] = { at: now, id };
      wake();
      return { id, sequence };
    },
    receive: (most, visibilitySeconds = model.visibilitySeconds) => {
      const now = Date.now();
      forget(now);
      const locked = new Set(
        model.fifo ? messages.filter(({ visibleAt }) => visibleAt > now).map(({ group }) => group) : [],
      );
      const given: Stored[] = [];
      for (const message of [...messages]) {
        if (given.length >= most) break;
        if (message.visibleAt > now || locked.has(message.group)) continue;
        const { redrive } = model;
        if (redrive && deadLetters && message.receives >= redrive.maxReceives) {
          messages.splice(messages.indexOf(message), 1);
          const { body, group, deduplication } = message;
          deadLetters().send({ body, group, deduplication });
          continue;
        }
        message.receives += 1;
        message.firstReceivedAt ??= now;
        message.visibleAt = now + visibilitySeconds * 1000;
        message.receipt = randomUUID();
        given.push(message);
      }
      return given;
    },
    delete: (receipt) => {
      const at = messages.findIndex((message) => message.receipt === receipt);
      if (at >= 0) messages.splice(at, 1);
      wake();
    },
    hide: (receipt, seconds) => {
      const now = Date.now();
      const message = takenOut(receipt, now);
      if (!message) return false;
      message.visibleAt = now + seconds * 1000;
      wake();
      return true;
    },
    counts: () => {
      const now = Date.now();
      const hidden = messages.filter(({ visibleAt }) => visibleAt > now).length;
      return { waiting: messages.length - hidden, hidden };
    },
    changed: (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const now = Date.now();
      const later = messages.map(({ visibleAt }) => visibleAt).filter((at) => at > now);
      const timer = later.length > 0 ? setTimeout(resolve, Math.min(...later) - now + 1) : undefined;
      const stop = (): void => resolve();
      waiters.add(stop);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      return promise.finally(() => {
        clearTimeout(timer);
        waiters.delete(stop);
        signal.removeEventListener('abort', stop);
      });
    },
  };
};
