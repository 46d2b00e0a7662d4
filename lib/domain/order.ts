import type { Side } from './exchange.ts';
import { executedQuantity, isTerminal, mergeFacts, sameFacts, stateByFacts } from './facts.ts';
import { type DecimalText, decimal, plain } from './money.ts';
import {
  type Attempt,
  attemptNumber,
  clientOrderIdOf,
  currentAttempt,
  type Facts,
  type HistoryEntry,
  inDoubt,
  type Order,
  type OrderState,
  type Refusal,
} from './order-record.ts';
import type { OrderType } from './order-type.ts';

/** Attempts an order gets before it is given up (order protocol, T5). */
export const MAX_ATTEMPTS = 5;
/** History entries kept; beyond it the oldest but the first go. */
const HISTORY_LIMIT = 60;
/** Characters of a reason. */
const REASON_LIMIT = 300;
/** Alerts that were refused are kept for 90 days, seconds. */
const REFUSED_TTL = 90 * 86_400;

/** What an admission fixed: the order as it will be sent. */
export interface Plan {
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity?: DecimalText;
  readonly quoteQuantity?: DecimalText;
  readonly price?: DecimalText;
  /** N, quote. */
  readonly notional: DecimalText;
  /** What was adjusted and why, for the history. */
  readonly notes: readonly string[];
}

export type OrderEvent =
  | { readonly kind: 'queued'; readonly at: number; readonly reason: string }
  | {
      readonly kind: 'admitted';
      readonly at: number;
      readonly nonce: string;
      readonly signedAt: number;
      readonly until: number;
      readonly day?: string;
      readonly plan: Plan;
    }
  /** Never became a request: refused by our rules, too old, or not needed. */
  | {
      readonly kind: 'ended';
      readonly at: number;
      readonly state: 'expired' | 'skipped' | 'done' | 'tested';
      readonly reason: string;
      /** Said in the history beside the reason. */
      readonly note?: string;
      readonly cancelledIds?: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly at: number;
      readonly state: 'refused' | 'expired';
      readonly refusal: Refusal;
    }
  /** The owner knows that no byte left (T7). */
  | { readonly kind: 'unsent'; readonly at: number; readonly attempt: number; readonly reason: string }
  /** The exchange refused it before execution (T10). */
  | {
      readonly kind: 'not-executed';
      readonly at: number;
      readonly attempt: number;
      readonly code: string;
      readonly message: string;
    }
  /** The exchange will not have it (T9). */
  | {
      readonly kind: 'rejected';
      readonly at: number;
      readonly attempt: number;
      readonly class: string;
      readonly code: string;
      readonly message: string;
    }
  /** No usable answer (T11), or none was ever stored (T12). */
  | {
      readonly kind: 'lost';
      readonly at: number;
      readonly attempt: number;
      readonly code?: string;
      readonly message: string;
    }
  /** Proven never to have reached the book (T13); `again`: back to waiting (T14). */
  | {
      readonly kind: 'absent';
      readonly at: number;
      readonly attempt: number;
      readonly evidence: Attempt['evidence'];
      readonly again: boolean;
    }
  | { readonly kind: 'tested'; readonly at: number; readonly attempt: number }
  /** Anything of the exchange's that shows the attempt exists (T8, T15, T18). */
  | { readonly kind: 'found'; readonly at: number; readonly attempt: number; readonly facts: Facts }
  /** Own trades that are being applied in the same write (T16). */
  | { readonly kind: 'traded'; readonly at: number; readonly quantity: DecimalText }
  /** Everything about it is known and applied (T17). */
  | { readonly kind: 'settled'; readonly at: number };

/**
 * The state machine of an order (order protocol, section 4): the order after the event, or `undefined` when the
 * event says nothing new or its guard does not hold. Late, repeated and reordered events therefore change nothing.
 */
export const transition = (order: Order, event: OrderEvent): Order | undefined => {
  switch (event.kind) {
    case 'queued':
      return order.state === 'accepted' ? entered(order, event.at, 'accepted', event.reason) : undefined;
    case 'admitted':
      return admitted(order, event);
    case 'ended':
      return waiting(order)
        ? {
            ...entered(order, event.at, event.state, [event.reason, event.note].filter(Boolean).join('; ')),
            reason: event.reason,
            settled: true,
            ...(event.cancelledIds && { cancelledIds: [...event.cancelledIds] }),
          }
        : undefined;
    case 'refused':
      return waiting(order)
        ? {
            ...entered(order, event.at, event.state, event.refusal.message),
            settled: true,
            code: event.refusal.code,
            reason: reasonOf(event.refusal),
            refusal: event.refusal,
            // What had attempts is kept for ever: the exchange may yet show one of them.
            ...(order.attempts.length === 0 && { expiresAt: Math.floor(event.at / 1000) + REFUSED_TTL }),
          }
        : undefined;
    case 'unsent':
      return current(order, event.attempt)?.outcome === 'sending'
        ? undone(order, event.attempt, { outcome: 'unsent', message: event.reason }, event.at)
        : undefined;
    case 'not-executed':
      return inDoubt(current(order, event.attempt))
        ? undone(
            order,
            event.attempt,
            { outcome: 'not_executed', code: event.code, message: event.message },
            event.at,
          )
        : undefined;
    case 'rejected':
      return rejected(order, event);
    case 'lost':
      return current(order, event.attempt)?.outcome === 'sending'
        ? byFactsOr(
            withAttempt(order, event.attempt, {
              outcome: 'unknown',
              ...(event.code && { code: event.code }),
              message: event.message,
            }),
            'unknown',
            event.at,
            said(event),
          )
        : undefined;
    case 'absent':
      return absent(order, event);
    case 'tested':
      return inDoubt(current(order, event.attempt))
        ? {
            ...entered(
              withAttempt(order, event.attempt, { outcome: 'tested' }),
              event.at,
              'tested',
              'the exchange would take this order',
            ),
            settled: true,
          }
        : undefined;
    case 'found':
      return found(order, event);
    case 'traded':
      return {
        ...order,
        fillsQty: plain(decimal(order.fillsQty).plus(event.quantity)),
        settled: false,
        updatedAt: event.at,
      };
    case 'settled':
      return order.settled || !isTerminal(order) || !decimal(order.fillsQty).eq(executedQuantity(order))
        ? undefined
        : { ...order, settled: true, reserved: '0', updatedAt: event.at };
  }
};

/** What a listing shows: the problems themselves, as far as a line goes. */
const reasonOf = ({ code, message, details = [] }: Refusal): string =>
  code === 'invalid'
    ? details
        .map((detail) => `${detail.path}: ${detail.message}`)
        .join('; ')
        .slice(0, REASON_LIMIT)
    : message;

const waiting = (order: Order): boolean => order.state === 'accepted' && !order.settled;

const current = (order: Order, n: number): Attempt | undefined =>
  attemptNumber(order) === n ? currentAttempt(order) : undefined;

const withAttempt = (order: Order, n: number, patch: Partial<Attempt>): Order => ({
  ...order,
  attempts: order.attempts.map((attempt) => (attempt.n === n ? { ...attempt, ...patch } : attempt)),
});

/** Enters a state and writes the history; the same entry again is only counted. */
const entered = (order: Order, at: number, state: OrderState, detail?: string): Order => ({
  ...order,
  state,
  updatedAt: at,
  history: withEntry(order.history, { at, state, ...(detail && { detail }) }),
});

const withEntry = (history: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] => {
  const last = history.at(-1);
  if (last && last.state === entry.state && last.detail === entry.detail) {
    return [...history.slice(0, -1), { ...last, times: (last.times ?? 1) + 1 }];
  }
  const all = [...history, entry];
  return all.length <= HISTORY_LIMIT
    ? all
    : [...all.slice(0, 1), ...all.slice(all.length - HISTORY_LIMIT + 1)];
};

/** An order that the exchange has takes its state from the facts; otherwise it enters `state`. */
const byFactsOr = (order: Order, state: OrderState, at: number, detail: string): Order =>
  entered(order, at, stateByFacts(order.attempts) ?? state, detail);

const admitted = (order: Order, event: Extract<OrderEvent, { kind: 'admitted' }>): Order | undefined => {
  if (!waiting(order) || attemptNumber(order) >= MAX_ATTEMPTS) return undefined;
  const n = attemptNumber(order) + 1;
  const { side, type, quantity, quoteQuantity, price, notional, notes } = event.plan;
  const { quantity: _q, quoteQuantity: _qq, price: _p, code: _c, reason: _r, ...rest } = order;
  const planned: Order = {
    ...rest,
    side,
    type,
    ...(quantity !== undefined && { quantity }),
    ...(quoteQuantity !== undefined && { quoteQuantity }),
    ...(price !== undefined && { price }),
    notional,
    reserved: event.day === undefined ? '0' : notional,
    ...(event.day !== undefined && { day: event.day }),
    attempts: [
      ...order.attempts,
      {
        n,
        clientOrderId: clientOrderIdOf(order.id, n),
        nonce: event.nonce,
        signedAt: event.signedAt,
        until: event.until,
        outcome: 'sending',
      },
    ],
  };
  return entered(planned, event.at, 'submitting', [`attempt ${n}`, ...notes].join('; '));
};

/** The exchange's code, or ours, before its words. */
const said = ({ code, message }: { readonly code?: string; readonly message?: string }): string =>
  [code, message].filter((part) => part !== undefined && part !== '').join(' ');

/** The attempt never happened: the order waits again. */
const undone = (order: Order, n: number, patch: Partial<Attempt>, at: number): Order => {
  const detail = `attempt ${n} was not executed: ${said(patch)}`;
  const after = byFactsOr(withAttempt(order, n, patch), 'accepted', at, detail);
  return { ...after, reserved: after.state === 'accepted' ? '0' : after.reserved };
};

const rejected = (order: Order, event: Extract<OrderEvent, { kind: 'rejected' }>): Order | undefined => {
  if (!inDoubt(current(order, event.attempt))) return undefined;
  const { code, message } = event;
  const after = byFactsOr(
    withAttempt(order, event.attempt, { outcome: 'refused', code, message }),
    'rejected',
    event.at,
    `the exchange refused it: ${code} ${message}`,
  );
  if (after.state !== 'rejected') return after;
  return { ...after, settled: true, reserved: '0', code, errorClass: event.class, reason: message };
};

const absent = (order: Order, event: Extract<OrderEvent, { kind: 'absent' }>): Order | undefined => {
  if (!inDoubt(current(order, event.attempt))) return undefined;
  const patch: Partial<Attempt> = { outcome: 'absent', ...(event.evidence && { evidence: event.evidence }) };
  if (event.again) return undone(order, event.attempt, { ...patch, message: 'proven absent' }, event.at);
  const after = byFactsOr(
    withAttempt(order, event.attempt, patch),
    'absent',
    event.at,
    `attempt ${event.attempt} is proven never to have reached the book`,
  );
  return after.state === 'absent' ? { ...after, settled: true, reserved: '0' } : after;
};

const found = (order: Order, event: Extract<OrderEvent, { kind: 'found' }>): Order | undefined => {
  const attempt = order.attempts.find(({ n }) => n === event.attempt);
  if (!attempt) return undefined;
  if (attempt.facts && attempt.facts.exchangeOrderId !== event.facts.exchangeOrderId)
    return twinFound(order, attempt, event);
  const facts = mergeFacts(attempt.facts, event.facts);
  if (attempt.facts && sameFacts(attempt.facts, facts)) return undefined;
  // Evidence for an attempt that was held to be over, or more coins after everything was settled, reopens the order;
  // another word for the same end, or another rounding of its amount, does not.
  const reworded =
    attempt.facts !== undefined && decimal(attempt.facts.cumQty).eq(facts.cumQty) && order.settled;
  const contradiction = (!attempt.facts && !inDoubt(attempt)) || (order.settled && !reworded);
  // What was said when it was held to be over is in the history; an order that exists is not answered with it.
  const { refusal: _, code: _c, errorClass: _e, reason: _r, expiresAt: _x, ...rest } = order;
  const updated: Order = {
    ...withAttempt(contradiction ? rest : order, event.attempt, { outcome: 'found', facts }),
    settled: reworded,
    ...(contradiction && { contradiction: true }),
  };
  const state = stateByFacts(updated.attempts) ?? order.state;
  const detail = contradiction
    ? `contradiction: the exchange shows attempt ${event.attempt} (${facts.status})`
    : `${facts.status.toLowerCase()}, executed ${facts.cumQty}`;
  return entered(updated, event.at, state, detail);
};

/** A second order of the exchange for one request: nobody can prevent it; it is booked and reported. */
const twinFound = (
  order: Order,
  attempt: Attempt,
  event: Extract<OrderEvent, { kind: 'found' }>,
): Order | undefined => {
  const known = attempt.twins?.find(({ exchangeOrderId }) => exchangeOrderId === event.facts.exchangeOrderId);
  const facts = mergeFacts(known, event.facts);
  if (known && sameFacts(known, facts)) return undefined;
  const twins = [...(attempt.twins ?? []).filter((each) => each !== known), facts];
  const updated: Order = {
    ...withAttempt(order, attempt.n, { twins }),
    settled: false,
    contradiction: true,
  };
  const detail = `contradiction: the exchange shows a second order for attempt ${attempt.n} (${facts.status})`;
  return entered(updated, event.at, stateByFacts(updated.attempts) ?? order.state, detail);
};
