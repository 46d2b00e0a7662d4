import type { Clock } from '../../domain/ports.ts';
import type { SetTimer } from '../transport.ts';
import { readControlText, refusalOf } from './control-text.ts';
import type { Pace } from './pace.ts';
import type { Connect, StreamSocket } from './socket.ts';

const OPENING_MS = 6_000;
const ACKNOWLEDGED_MS = 5_000;
const PING_MS = 15_000;
const SILENCE_MS = 10_000;
/** Reference section 11.1. */
const MOST_BYTES = 1_024;

const PING = JSON.stringify({ method: 'PING' });

/** What every connection needs. */
export interface ConnectionParts {
  readonly connect: Connect;
  readonly clock: Pick<Clock, 'now'>;
  readonly setTimer: SetTimer;
  readonly pace: Pace;
}

export interface ConnectionEvents {
  opened(): void;
  accepted(channel: string): void;
  refused(channel: string, why: string): void;
  /** @param at when it came, local epoch ms */
  binary(bytes: Uint8Array, at: number): void;
  /** A text that means nothing. */
  unreadable(): void;
  /** It is over, once, unless it was closed from here. */
  over(why: string): void;
}

/** One WebSocket connection, from opening to its end. */
export interface Connection {
  readonly isOpen: boolean;
  /** When anything last came, or it began: local epoch ms. */
  readonly heardAt: number;
  /** Channels that were asked for and are neither accepted nor refused yet. */
  readonly unanswered: number;
  subscribe(channel: string): void;
  unsubscribe(channel: string): void;
  close(): void;
}

/**
 * Subscribes one channel a message, judges acknowledgements by their text, pings, and ends itself when the other side is
 * silent: no answer within 10 s of a ping, none within 5 s of a subscription.
 */
export const openConnection = (url: string, parts: ConnectionParts, on: ConnectionEvents): Connection => {
  const { connect, clock, setTimer, pace } = parts;
  /** By the number of the request. */
  const requests = new Map<number, { readonly channel: string; readonly cancel: () => void }>();
  const unanswered = new Set<string>();
  let socket: StreamSocket | undefined;
  let state: 'opening' | 'open' | 'over' = 'opening';
  let heardAt = clock.now();
  let heard = 0;
  let ids = 0;
  let cancelTimer = (): void => undefined;

  const isOver = (): boolean => state === 'over';

  const end = (why?: string): void => {
    if (isOver()) return;
    state = 'over';
    cancelTimer();
    for (const { cancel } of requests.values()) cancel();
    requests.clear();
    unanswered.clear();
    socket?.close();
    if (why !== undefined) on.over(why);
  };

  const send = (message: () => string | undefined): void =>
    pace.send(() => {
      const text = state === 'open' ? message() : undefined;
      if (text !== undefined) socket?.send(text);
    });

  /** A ping is due again and again; whatever comes after one answers it. */
  const ping = (): void => {
    const before = heard;
    pace.sendFirst(() => {
      if (state === 'open') socket?.send(PING);
    });
    cancelTimer = setTimer(SILENCE_MS, () => {
      if (heard === before) return end('silence');
      cancelTimer = setTimer(PING_MS - SILENCE_MS, ping);
    });
  };

  const note = (): number => {
    heard += 1;
    heardAt = clock.now();
    return heardAt;
  };

  const answered = (id: number, answer: { readonly code: number; readonly text: string }): void => {
    const request = requests.get(id);
    if (!request) return; // to a request that nobody waits for: giving up a channel, or one given up since
    requests.delete(id);
    request.cancel();
    unanswered.delete(request.channel);
    const why = refusalOf(answer, request.channel);
    if (why === undefined) on.accepted(request.channel);
    else on.refused(request.channel, why);
  };

  const onText = (text: string): void => {
    if (state !== 'open') return;
    note();
    const control = readControlText(text);
    if (control.kind === 'answer') answered(control.id, control);
    else if (control.kind === 'bad-listen-key') end('the listen key was refused');
    else if (control.kind === 'unreadable') on.unreadable();
  };

  const subscribe = (channel: string): void => {
    if (state === 'over' || unanswered.has(channel)) return;
    const request = (id: number) => JSON.stringify({ method: 'SUBSCRIPTION', params: [channel], id });
    if (Buffer.byteLength(request(1_000_000)) > MOST_BYTES) {
      on.refused(channel, 'its name is too long');
      return;
    }
    unanswered.add(channel);
    send(() => {
      if (!unanswered.has(channel)) return undefined; // given up while it waited for its turn
      ids += 1;
      const cancel = setTimer(ACKNOWLEDGED_MS, () => end('no acknowledgement'));
      requests.set(ids, { channel, cancel });
      return request(ids);
    });
  };

  cancelTimer = setTimer(OPENING_MS, () => end('it does not open'));
  try {
    socket = connect(url, {
      onOpen: () => {
        if (state !== 'opening') return;
        state = 'open';
        note();
        cancelTimer();
        cancelTimer = setTimer(PING_MS, ping);
        on.opened();
      },
      onText,
      onBinary: (bytes) => {
        if (state === 'open') on.binary(bytes, note());
      },
      onClose: end,
    });
  } catch {
    end('it cannot be opened'); // the cause may quote the address
  }
  if (isOver()) socket?.close(); // it ended before it could be taken hold of
  return {
    get isOpen() {
      return state === 'open';
    },
    get heardAt() {
      return heardAt;
    },
    get unanswered() {
      return unanswered.size;
    },
    subscribe,
    unsubscribe: (channel) => {
      unanswered.delete(channel);
      for (const [id, request] of requests) {
        if (request.channel !== channel) continue;
        request.cancel();
        requests.delete(id);
      }
      send(() => {
        ids += 1;
        return JSON.stringify({ method: 'UNSUBSCRIPTION', params: [channel], id: ids });
      });
    },
    close: () => end(),
  };
};
