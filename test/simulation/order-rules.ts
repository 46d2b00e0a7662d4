import { decimal, sum } from '../../lib/domain/money.ts';
import type { StoredAttempt, StoredFacts, StoredOrder } from './ledger-mirror.ts';

/** Bounds of the order protocol, section 2, ms, written down here once more: the checker believes no constant of the product. */
const W = 3_000;
const D = 1_000;
const Q = 2_000;
const V = 10_000;
export const G = 5_000;

/** Exchange time after which attempts signed at `s` cannot come into being, and after which evidence counts. */
export const untilAfter = (s: number): number => s + W + D + Q;
export const proofAfter = (s: number): number => untilAfter(s) + V;
/** By how much times of the exchange's clocks may lie apart. */
export const CLOCKS = D;

export const inDoubt = (attempt: StoredAttempt | undefined): boolean =>
  attempt?.outcome === 'sending' || attempt?.outcome === 'unknown';

export const factsIn = ({ facts, twins = [] }: StoredAttempt): readonly StoredFacts[] =>
  facts ? [facts, ...twins] : [];

export const allFacts = ({ attempts }: StoredOrder): readonly StoredFacts[] => attempts.flatMap(factsIn);

export const isDoubted = ({ attempts }: StoredOrder): boolean => inDoubt(attempts.at(-1));

export const isLive = (order: StoredOrder): boolean => allFacts(order).length > 0 && !order.settled;

/** Recorded by the sweep, and made by nobody here. */
export const isExternal = ({ origin }: StoredOrder): boolean => origin === 'external';

export const mayRest = ({ type }: StoredOrder): boolean => type === 'limit' || type === 'limit_maker';

export const executed = (order: StoredOrder) => sum(allFacts(order).map(({ cumQty }) => cumQty));

export const executedQuote = (order: StoredOrder) => sum(allFacts(order).map(({ cumQuote }) => cumQuote));

/** What of a resting order may still move the position. */
export const openQuantity = (order: StoredOrder) =>
  sum(
    allFacts(order).map((facts) => (facts.terminal ? facts.cumQty : (order.quantity ?? facts.cumQty))),
  ).minus(order.fillsQty);

export const stateByFacts = (order: StoredOrder): string | undefined => {
  const facts = allFacts(order);
  if (facts.length === 0) return undefined;
  const nothing = executed(order).eq('0');
  if (!facts.every(({ terminal }) => terminal)) return nothing ? 'open' : 'partially_filled';
  if (facts.every(({ status }) => status === 'FILLED')) return 'filled';
  return nothing ? 'canceled' : 'partially_canceled';
};

/** States that nothing follows, but for evidence that contradicts them. */
const FINAL = new Set([
  'filled',
  'canceled',
  'partially_canceled',
  'rejected',
  'refused',
  'skipped',
  'expired',
  'absent',
  'tested',
  'done',
]);
export const isFinal = (state: unknown): boolean => typeof state === 'string' && FINAL.has(state);

export const isLess = (a: string, b: string): boolean => decimal(a).lt(b);

/** The number of the alert that an order was made of, as the alert itself says. */
export const alertOf = ({ asked, origin }: StoredOrder): number | undefined => {
  if (origin !== 'alert') return undefined;
  const { info } = JSON.parse(asked) as { readonly info?: { readonly alert?: unknown } };
  return info?.alert === undefined ? undefined : Number(info.alert);
};
