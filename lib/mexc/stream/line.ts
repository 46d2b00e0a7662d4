import { AppError } from '../../domain/errors.ts';
import { ExchangeError } from '../../domain/exchange-errors.ts';
import type { Log } from '../../domain/ports.ts';
import type { StreamItem } from '../../domain/stream.ts';
import { backoff } from './backoff.ts';
import { type Connection, type ConnectionParts, openConnection } from './connection.ts';

/** Where to connect to, for one connection. */
interface Lease {
  /** May hold a listen key. */
  readonly url: string;
  /** The connection is over. */
  release(): Promise<void>;
}

/**
 * @param failing to be called when what was leased is going to end: another connection should take over. With a time, local
 * epoch ms: it has ended, at some moment since then, and nothing need have come through it any more
 */
export type Address = (failing: (endedSince?: number) => void) => Promise<Lease>;

export interface LineParts extends ConnectionParts {
  readonly address: Address;
  /** In `[0, 1)`. */
  readonly random: () => number;
  readonly log: Log;
  readonly frame: (bytes: Uint8Array, at: number) => void;
  readonly told: (item: Extract<StreamItem, { readonly kind: 'refused' | 'undecodable' }>) => void;
  readonly hole: (channels: readonly string[], since: number, why: string) => void;
  readonly live: (channels: readonly string[]) => void;
}

/** Up to 30 channels that are kept subscribed, over one connection after another. */
export interface Line {
  readonly channels: ReadonlySet<string>;
  readonly live: ReadonlySet<string>;
  readonly isOpen: boolean;
  /** Connections that have ended without being asked to. */
  readonly losses: number;
  add(channel: string): void;
  remove(channel: string): void;
  /** Resolves when nothing of it is left, leases included. */
  close(): Promise<void>;
}

const RECONNECT = { first: 500, longest: 30_000 };
const ASK_AGAIN = { first: 2_000, longest: 5 * 60_000 };
/** A connection that was in order for so long has not failed to begin. */
const STABLE_MS = 30_000;
/** A connection lives for at most 24 hours (reference section 11.1): the next one is subscribed before, in so many ms. */
const ROLL_MS = { least: 22 * 3_600_000, most: 23.5 * 3_600_000 };

interface Turn {
  connection?: Connection;
  readonly held: Set<string>;
  isOver: boolean;
  /** Nothing need come through it any more: what it has is live no longer, though nothing better is open yet. */
  isDeaf: boolean;
  inOrderSince?: number;
  cancelRoll: () => void;
  release: () => Promise<void>;
}

interface Wanted {
  refusals: number;
  /** Refused, and not to be asked for again before: epoch ms. */
  waitsUntil?: number | undefined;
  cancel: () => void;
}

/** Keeps channels subscribed: reconnects, asks again for what was refused, and rolls over to the next connection in time. */
export const openLine = (first: readonly string[], parts: LineParts): Line => {
  const { address, clock, setTimer, random, log } = parts;
  const wanted = new Map<string, Wanted>();
  const channels = new Set<string>();
  /** Channels that the consumer has been told are live. */
  const live = new Set<string>();
  /** The connection in use, and while it is replaced the next one too. */
  const turns: Turn[] = [];
  const work = new Set<Promise<void>>();
  let failures = 0;
  let losses = 0;
  let isClosed = false;
  let cancelNext = (): void => undefined;

  const doing = (promise: Promise<void>): void => {
    work.add(promise);
    void promise.finally(() => work.delete(promise));
  };

  const holes = (since: number, why: string): void => {
    const gone = [...live].filter(
      (channel) => !turns.some(({ held, isDeaf }) => !isDeaf && held.has(channel)),
    );
    for (const channel of gone) live.delete(channel);
    if (gone.length > 0) parts.hole(gone, since, why);
  };

  /** Takes a connection out of use. */
  const retire = (turn: Turn, why: string): void => {
    const since = turn.connection?.heardAt ?? clock.now();
    turn.isOver = true;
    turns.splice(turns.indexOf(turn), 1);
    turn.cancelRoll();
    turn.connection?.close();
    doing(turn.release());
    holes(since, why);
  };

  /** Nothing that was asked for is unanswered: it replaces the one before, and what it holds is live. */
  const inOrder = (turn: Turn): void => {
    if (turn.isOver || turn.isDeaf || turn.connection?.unanswered !== 0 || turn.held.size === 0) return;
    turn.inOrderSince ??= clock.now();
    const before = turns[0];
    if (before && before !== turn) retire(before, 'the next connection does not have it');
    const fresh = [...turn.held].filter((channel) => !live.has(channel));
    for (const channel of fresh) live.add(channel);
    if (fresh.length > 0) parts.live(fresh);
  };

  /** How long the next try has to wait: the first comes at once, and none before there is a channel to ask for. */
  const pauseAfter = (turn: Turn, least: number): number => {
    const now = clock.now();
    if (turn.inOrderSince !== undefined && now - turn.inOrderSince >= STABLE_MS) failures = 0;
    const pause = failures === 0 ? 0 : backoff(failures, RECONNECT, random);
    failures += 1;
    const dueAt = Math.min(...[...wanted.values()].map(({ waitsUntil = now }) => waitsUntil));
    return Math.max(pause, least, Math.min(dueAt - now, ASK_AGAIN.longest));
  };

  const ended = (turn: Turn, why: string, least = 0): void => {
    if (turn.isOver) return;
    losses += 1;
    const hasSuccessor = turns[0] === turn && turns.length > 1;
    retire(turn, why);
    if (hasSuccessor) return;
    const ms = pauseAfter(turn, least);
    log.warn('a stream connection was lost', { why, channels: channels.size, againInMs: Math.round(ms) });
    cancelNext();
    cancelNext = setTimer(ms, begin);
  };

  const ask = (turn: Turn, channel: string): void => {
    const { connection } = turn;
    if (turn.isOver || !connection?.isOpen || turn.held.has(channel)) return;
    const state = wanted.get(channel);
    if (state && state.waitsUntil === undefined) connection.subscribe(channel);
  };

  const refused = (turn: Turn, channel: string, why: string): void => {
    const state = wanted.get(channel);
    if (!state) return;
    state.refusals += 1;
    const ms = backoff(state.refusals, ASK_AGAIN, random);
    state.waitsUntil = clock.now() + ms;
    state.cancel();
    state.cancel = setTimer(ms, () => {
      state.waitsUntil = undefined;
      const last = turns.at(-1);
      if (last) ask(last, channel);
    });
    parts.told({ kind: 'refused', channel, why });
    inOrder(turn);
  };

  const accepted = (turn: Turn, channel: string): void => {
    const state = wanted.get(channel);
    if (!state) return;
    state.refusals = 0;
    turn.held.add(channel);
    inOrder(turn);
  };

  const open = (turn: Turn, url: string): Connection =>
    openConnection(url, parts, {
      opened: () => {
        const { least, most } = ROLL_MS;
        turn.cancelRoll = setTimer(least + random() * (most - least), () => roll(turn));
        for (const channel of channels) ask(turn, channel);
      },
      accepted: (channel) => accepted(turn, channel),
      refused: (channel, why) => refused(turn, channel, why),
      binary: parts.frame,
      unreadable: () => parts.told({ kind: 'undecodable', why: 'a text that means nothing' }),
      over: (why) => ended(turn, why),
    });

  const start = async (turn: Turn): Promise<void> => {
    try {
      const lease = await address((endedSince) => {
        if (endedSince !== undefined && !turn.isOver) {
          turn.isDeaf = true;
          holes(endedSince, 'the listen key has ended');
        }
        roll(turn);
      });
      turn.release = lease.release;
      if (turn.isOver) return await lease.release();
      turn.connection = open(turn, lease.url);
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'unexpected';
      const least = error instanceof ExchangeError ? (error.retryAfterMs ?? 0) : 0;
      ended(turn, `no listen key: ${code}`, least);
    }
  };

  /** Another connection, the first or the next. */
  const begin = (): void => {
    if (isClosed || turns.length > 1 || channels.size === 0) return;
    const none = async (): Promise<void> => undefined;
    const turn: Turn = {
      held: new Set(),
      isOver: false,
      isDeaf: false,
      cancelRoll: () => undefined,
      release: none,
    };
    turns.push(turn);
    doing(start(turn));
  };

  const roll = (turn: Turn): void => {
    if (turn.isOver || turns[0] !== turn) return;
    log.info('a stream connection is replaced', { channels: channels.size });
    begin();
  };

  const add = (channel: string): void => {
    if (channels.has(channel)) return;
    channels.add(channel);
    wanted.set(channel, { refusals: 0, cancel: () => undefined });
    for (const turn of turns) ask(turn, channel);
  };

  for (const channel of first) add(channel);
  begin();
  return {
    channels,
    live,
    get isOpen() {
      return turns.some(({ connection }) => connection?.isOpen);
    },
    get losses() {
      return losses;
    },
    add,
    remove: (channel) => {
      wanted.get(channel)?.cancel();
      wanted.delete(channel);
      channels.delete(channel);
      live.delete(channel);
      for (const turn of [...turns]) {
        turn.held.delete(channel);
        if (turn.connection?.isOpen) turn.connection.unsubscribe(channel);
        inOrder(turn);
      }
    },
    close: async () => {
      isClosed = true;
      cancelNext();
      for (const { cancel } of wanted.values()) cancel();
      live.clear(); // whoever closes it knows
      for (const turn of [...turns]) retire(turn, 'closed');
      while (work.size > 0) await Promise.all(work);
    },
  };
};
