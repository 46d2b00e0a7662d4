import { TransientError } from '../domain/exchange-errors.ts';
import type { CallOptions, Clock, Priority, ReadBudget } from '../domain/ports.ts';
import { type Budget, charged, earliest, readNeedOf, UNUSED } from './budget.ts';
import type { SetTimer } from './transport.ts';
import type { Need } from './weights.ts';

/** Order protocol 12.5; whatever is loaded in bulk comes last. */
const RANKS: Readonly<Record<Priority, number>> = {
  cancel: 0,
  reduction: 1,
  entry: 2,
  evidence: 3,
  listing: 4,
  bulk: 5,
};

/** A call that could leave only this shortly before its deadline, ms, is refused: no answer would come in time. */
const LEAST_MS = 20;

/** A process that slept for longer over the time it was given, ms, asks for another: others are sending by now. */
const SLACK_MS = 150;

/** Which call waits, and for how long. */
type Turn = CallOptions & { readonly priority: Priority };

interface LimiterParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly setTimer: SetTimer;
  /** Hands out the times of all reads of the account; without it every process keeps within the budget by itself. */
  readonly readBudget?: ReadBudget;
}

/** Keeps a process within the exchange's budgets (reference section 6) and silent while a pause is in force. */
export interface Limiter {
  /**
   * Waits for the turn of a read or a cancel: by priority, then arrival. `undefined`: it may leave at once.
   * Rejects with `TransientError` as soon as it is known that the turn cannot come before the deadline (or
   * `leaveWithin`): `paused` if a pause lasts that long, else `budget`; `retryAfterMs` says when to come again.
   */
  take(need: Need, turn: Turn): Promise<void> | undefined;
  /** Takes note of a placement, which never waits. False: it must not leave, a pause is in force. */
  placing(need: Need): boolean;
  /** Nothing leaves before `until`, local epoch ms. @returns false when a longer pause is in force already */
  pause(until: number): boolean;
}

interface Waiting {
  readonly need: Need;
  readonly rank: number;
  readonly arrival: number;
  readonly deadline: number;
  /** Last moment to leave. */
  readonly latest: number;
  leave(): void;
  refuse(error: TransientError): void;
}

const isBefore = (a: Waiting, b: Waiting): boolean =>
  a.rank < b.rank || (a.rank === b.rank && a.arrival < b.arrival);

export const createLimiter = ({ clock, setTimer, readBudget }: LimiterParts): Limiter => {
  const queues: Readonly<Record<Need['kind'], Waiting[]>> = { order: [], read: [], account: [] };
  /** Reads that asked the shared budget and wait for its answer, or for the time that it named. */
  const asking = new Set<Waiting>();
  let budget = UNUSED;
  let pausedUntil = 0;
  let arrivals = 0;
  let cancelTimer = (): void => undefined;

  const readyAt = (after: Budget, need: Need, now: number): number =>
    Math.max(earliest(after, need, now), pausedUntil);

  const refuse = (waiting: Waiting, at: number, now: number): void => {
    const [code, message] =
      pausedUntil > waiting.latest
        ? ['paused', 'Nothing was sent: the exchange asked for a pause.']
        : ['budget', 'Nothing was sent: the request budget is used up for now.'];
    const retryAfterMs = Math.max(1, Math.ceil(at - now));
    waiting.refuse(new TransientError(code, message, { retryable: true, retryAfterMs }));
  };

  const enqueue = (waiting: Waiting): void => {
    const queue = queues[waiting.need.kind];
    const place = queue.findIndex((other) => isBefore(waiting, other));
    queue.splice(place < 0 ? queue.length : place, 0, waiting);
  };

  /** Of equal rank only one asks at a time: who comes later with a higher one must not wait behind all of them. */
  const mustNotAsk = ({ need, rank }: Waiting): boolean =>
    need.kind !== 'order' &&
    [...asking].some(
      (other) => other.rank <= rank || (need.kind === 'account' && other.need.kind === 'account'),
    );

  const isShared = ({ kind }: Need): boolean => readBudget !== undefined && kind !== 'order';

  const first = (candidates: readonly (Waiting | undefined)[]): Waiting | undefined =>
    candidates.reduce((best, one) => (one && (!best || isBefore(one, best)) ? one : best), undefined);

  const letGo = (waiting: Waiting, now: number): void => {
    budget = charged(budget, waiting.need, now);
    waiting.leave();
  };

  const ask = async (waiting: Waiting, shared: ReadBudget): Promise<void> => {
    const { need, latest, deadline } = waiting;
    asking.add(waiting);
    try {
      const at = await shared.take(readNeedOf(need), latest, { deadline });
      const now = clock.now();
      if (at === undefined || now > deadline) arrive(waiting, 'refused', now);
      else if (at <= now) arrive(waiting, 'due', now);
      else
        setTimer(at - now, () =>
          arrive(waiting, clock.now() > at + SLACK_MS ? 'missed' : 'due', clock.now()),
        );
    } catch (cause) {
      const message = 'Nothing was sent: the shared request budget did not answer.';
      waiting.refuse(new TransientError('budget', message, { retryable: true, cause }));
      asking.delete(waiting);
      work(clock.now());
    }
  };

  /** The shared budget has spoken, and what it said has come. */
  const arrive = (waiting: Waiting, how: 'due' | 'missed' | 'refused', now: number): void => {
    if (!asking.delete(waiting)) return; // refused already, for a pause that came in between
    if (how === 'refused') refuse(waiting, Math.max(waiting.latest, now) + 1, now);
    else if (how === 'missed' || pausedUntil > now) enqueue(waiting);
    else letGo(waiting, now);
    work(now);
  };

  const refuseLate = (now: number): void => {
    for (const queue of Object.values(queues)) {
      for (const waiting of queue.filter(({ latest }) => latest < now)) {
        queue.splice(queue.indexOf(waiting), 1);
        refuse(waiting, readyAt(budget, waiting.need, now), now);
      }
    }
  };

  /** Plays the queues forward, refuses who cannot go in time, and says when there is something to do again. */
  const foresee = (now: number): number => {
    const rest = [queues.order, queues.read, queues.account].map((queue) => queue.toReversed());
    let wakeAt = Number.POSITIVE_INFINITY;
    let planned = budget;
    for (let time = now; ; ) {
      const heads = rest.map((queue) => queue.at(-1));
      const times = heads.map((head) =>
        head ? readyAt(planned, head.need, time) : Number.POSITIVE_INFINITY,
      );
      time = Math.min(...times);
      const next = first(heads.filter((_, n) => times[n] === time));
      if (!next) return wakeAt;
      rest.find((queue) => queue.at(-1) === next)?.pop();
      if (time > next.latest) {
        const queue = queues[next.need.kind];
        queue.splice(queue.indexOf(next), 1);
        refuse(next, time, now);
        continue;
      }
      wakeAt = Math.min(wakeAt, mustNotAsk(next) ? next.latest + 1 : time);
      // What the shared budget will say is not known: each read is only held against its own earliest time.
      if (!isShared(next.need)) planned = charged(planned, next.need, time);
    }
  };

  const work = (now: number): void => {
    cancelTimer();
    refuseLate(now);
    const isReady = (head: Waiting): boolean => readyAt(budget, head.need, now) <= now && !mustNotAsk(head);
    const ready = (): Waiting | undefined =>
      first(Object.values(queues).map(([head]) => (head && isReady(head) ? head : undefined)));
    for (let next = ready(); next; next = ready()) {
      queues[next.need.kind].shift();
      if (readBudget && isShared(next.need)) void ask(next, readBudget);
      else letGo(next, now);
    }
    const wakeAt = foresee(now);
    // The timer is believed, even where the clock that is read lags a little behind it.
    if (wakeAt < Number.POSITIVE_INFINITY)
      cancelTimer = setTimer(wakeAt - now, () => work(Math.max(clock.now(), wakeAt)));
  };

  const waitingReads = (): number => queues.read.length + queues.account.length + asking.size;
  const isIdle = (need: Need): boolean =>
    (need.kind === 'order' ? queues.order.length : waitingReads()) === 0;

  return {
    take: (need, { deadline, priority, leaveWithin = Number.POSITIVE_INFINITY }) => {
      const now = clock.now();
      const at = readyAt(budget, need, now);
      const mayGoNow = at <= now && isIdle(need);
      if (mayGoNow && !isShared(need)) {
        budget = charged(budget, need, now);
        return undefined;
      }
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          need,
          rank: RANKS[priority],
          arrival: arrivals++,
          deadline,
          latest: Math.min(now + leaveWithin, deadline - LEAST_MS),
          leave: resolve,
          refuse: reject,
        };
        enqueue(waiting);
        work(now);
      });
    },

    placing: (need) => {
      const now = clock.now();
      if (pausedUntil > now) return false;
      budget = charged(budget, need, now);
      return true;
    },

    pause: (until) => {
      if (until <= pausedUntil) return false;
      pausedUntil = until;
      const now = clock.now();
      for (const waiting of [...asking].filter(({ latest }) => latest < until)) {
        asking.delete(waiting);
        refuse(waiting, until, now);
      }
      work(now);
      return true;
    },
  };
};
