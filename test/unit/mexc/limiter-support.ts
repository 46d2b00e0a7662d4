import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { TransientError } from '../../../lib/domain/exchange-errors.ts';
import type { Priority, ReadBudget } from '../../../lib/domain/ports.ts';
import { createLimiter } from '../../../lib/mexc/limiter.ts';
import { type Need, needOf, ORDER_CALL, type ReadPath } from '../../../lib/mexc/weights.ts';
import { virtualTime } from './virtual-time.ts';

export const T = 1_700_000_000_000;
const PRIORITIES = [
  'cancel',
  'reduction',
  'entry',
  'evidence',
  'listing',
  'bulk',
] as const satisfies Priority[];

/** One call that asked for its turn, and what became of it. */
export interface Asked {
  readonly need: Need;
  readonly priority: Priority;
  readonly askedAt: number;
  readonly deadline: number;
  /** Must leave by then. */
  readonly latest: number;
  leftAt?: number;
  refusedAt?: number;
  error?: TransientError;
}

/** A limiter in virtual time that writes down what leaves. */
export const setUp = (readBudget?: ReadBudget, time = virtualTime(T)) => {
  const limiter = createLimiter({ clock: time, setTimer: time.setTimer, ...(readBudget && { readBudget }) });
  const asked: Asked[] = [];
  const placed: number[] = [];
  const ask = (
    need: Need | ReadPath,
    ms = 60_000,
    priority: Priority = 'evidence',
    leaveWithin?: number,
  ): Asked => {
    const one: Asked = {
      need: typeof need === 'string' ? needOf(need) : need,
      priority,
      askedAt: time.now(),
      deadline: time.now() + ms,
      latest: time.now() + Math.min(ms, leaveWithin ?? ms),
    };
    asked.push(one);
    const turn = limiter.take(one.need, {
      deadline: one.deadline,
      priority,
      ...(leaveWithin !== undefined && { leaveWithin }),
    });
    if (!turn) one.leftAt = time.now();
    turn?.then(
      () => {
        one.leftAt = time.now();
      },
      (error: TransientError) => {
        one.refusedAt = time.now();
        one.error = error;
      },
    );
    return one;
  };
  const place = (need: Need = ORDER_CALL): boolean => {
    const leaves = limiter.placing(need);
    if (leaves && need.kind === 'order') placed.push(time.now());
    return leaves;
  };
  return { time, limiter, asked, placed, ask, place };
};

export type Harness = ReturnType<typeof setUp>;

/** Eight reads, 100 ms apart: from T + 800 on the next one waits until T + 1250, and each after it 100 ms longer. */
export const useUp = async ({ time, ask }: Harness): Promise<void> => {
  for (let n = 0; n < 8; n += 1) {
    ask('/api/v3/order');
    await time.advance(100);
  }
};

/** When calls left, ms after the start; `undefined` for those that did not. */
export const leftAfter = (asked: readonly Asked[]) =>
  asked.map(({ leftAt }) => (leftAt === undefined ? undefined : leftAt - T));

const paths = fc.constantFrom<ReadPath>(
  '/api/v3/time',
  '/api/v3/order',
  '/api/v3/openOrders',
  '/api/v3/myTrades',
  '/api/v3/tradeFee',
  '/api/v3/exchangeInfo',
);
const mixture = fc.array(
  fc.record({
    after: fc.oneof(fc.constant(0), fc.nat(250)),
    what: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('read', 'cancel', 'placement') },
      { weight: 1, arbitrary: fc.constantFrom('account', 'samples') },
    ),
    path: paths,
    priority: fc.constantFrom(...PRIORITIES),
    patience: fc.oneof(fc.nat(3_000), fc.nat(30_000)),
    leaveWithin: fc.option(fc.nat(600), { freq: 4, nil: undefined }),
  }),
  { minLength: 1, maxLength: 60 },
);
/** So much of one kind, by those who wait long, that its budget is used to the full. */
const storm = fc
  .record({
    what: fc.oneof(
      { weight: 3, arbitrary: fc.constant('read' as const) },
      { weight: 1, arbitrary: fc.constantFrom('account', 'samples') },
    ),
    path: paths,
    count: fc.integer({ min: 12, max: 40 }),
    after: fc.nat(20),
  })
  .map(({ count, ...event }) =>
    Array.from({ length: count }, () => ({
      ...event,
      priority: 'evidence' as const,
      patience: 60_000,
      leaveWithin: undefined,
    })),
  );
/** What may happen next, and how long after what happened before, ms. */
export const events = fc.oneof({ weight: 3, arbitrary: mixture }, { weight: 1, arbitrary: storm });
export type Event = typeof events extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

/** Placements come with a ticket: with the cancels they are ten a second of the account. */
const hasTicket = ({ asked, placed, time }: Harness): boolean => {
  const cancels = asked.flatMap(({ need, leftAt }) => (need.kind === 'order' ? [leftAt ?? 0] : []));
  return [...placed, ...cancels].filter((at) => at > time.now() - 1_000).length < 10;
};

export const happen = async (event: Event, harness: Harness): Promise<void> => {
  const { time, ask, place } = harness;
  await time.advance(event.after);
  switch (event.what) {
    case 'placement':
      if (hasTicket(harness)) place();
      break;
    case 'cancel':
      ask(ORDER_CALL, event.patience, 'cancel');
      break;
    case 'account':
      ask('/api/v3/account', event.patience, event.priority, event.leaveWithin);
      break;
    case 'samples':
      ask(needOf('/api/v3/time', 3), event.patience, event.priority, event.leaveWithin);
      break;
    default:
      ask(event.path, event.patience, event.priority, event.leaveWithin);
  }
};

/** Most that any window of `ms` holds. */
export const most = (ms: number, sent: readonly { readonly at: number; readonly size: number }[]): number =>
  Math.max(
    0,
    ...sent.map(({ at: from }) =>
      sent.filter(({ at }) => at >= from && at < from + ms).reduce((sum, { size }) => sum + size, 0),
    ),
  );

const sizes = (asked: readonly Asked[], size: (one: Asked) => number) =>
  asked.flatMap((one) => (one.leftAt === undefined ? [] : [{ at: one.leftAt, size: size(one) }]));

/** No window of time holds more than the exchange's budgets allow (reference section 6). */
export const assertWithinBudgets = (asked: readonly Asked[], placed: readonly number[]): void => {
  const reads = asked.filter(({ need }) => need.kind !== 'order');
  const cancels = asked.filter(({ need }) => need.kind === 'order');
  const accounts = asked.filter(({ need }) => need.kind === 'account');
  const orders = [...placed.map((at) => ({ at, size: 1 })), ...sizes(cancels, () => 1)];
  const calls = sizes(reads, ({ need }) => need.calls);
  const weights = sizes(reads, ({ need }) => need.weight * need.calls);
  const oneEach = sizes(accounts, () => 1);
  assert.ok(most(1_000, calls) <= 8, 'eight reads a second');
  assert.ok(most(1_000, orders) <= 10, 'ten order calls a second');
  assert.ok(most(1_000, [...calls, ...orders]) < 20, 'twenty requests a second');
  assert.ok(most(1_000, oneEach) <= 2, 'two account calls a second');
  assert.ok(most(10_000, weights) < 300, 'weight in ten seconds');
};

/**
 * Each call left in time or was refused in time.
 * @param latency of the shared budget, ms: so much later its answer may be known
 */
export const assertSettledInTime = (asked: readonly Asked[], latency = 0): void => {
  for (const one of asked) {
    assert.ok((one.leftAt === undefined) !== (one.refusedAt === undefined), 'one end, and only one');
    assert.ok((one.leftAt ?? one.refusedAt ?? 0) <= one.deadline);
    assert.ok((one.leftAt ?? one.refusedAt ?? 0) <= one.latest + latency + (one.error ? 1 : 0));
    if (one.error) assert.ok(one.error instanceof TransientError && one.error.retryable);
  }
};
