import * as z from 'zod';
import { type Answer, limitAnswer } from './answer.ts';
import { type BudgetName, DEFAULT_LIMITS, type LimitRules, Limits, rulesIn } from './limit-rules.ts';
import { nextFraction } from './random.ts';
import type { Wire } from './request.ts';
import type { Store } from './store.ts';
import { costOf } from './weights.ts';

const Window = z.strictObject({
  /** [time on the limiter's clock, cost] of what counts now, oldest first; `used` is their sum. */
  calls: z.array(z.tuple([z.int(), z.int()])),
  used: z.int(),
  peak: z.int(),
  refused: z.int(),
});
type Window = z.infer<typeof Window>;

const Address = z.strictObject({
  /** Times of the refusals that count towards a ban. */
  refusals: z.array(z.int()),
  bans: z.int(),
  bannedUntil: z.int(),
});

/** What the limiter knows; part of the exchange's state. */
export const LimitState = z.strictObject({
  limits: Limits.prefault(DEFAULT_LIMITS),
  /** A clock of its own that stands still while the exchange's one is set back. */
  lastAt: z.int().default(0),
  elapsed: z.int().default(0),
  /** By budget and whom it binds, e.g. `order 10000001`. */
  windows: z.record(z.string(), Window).default({}),
  addresses: z.record(z.string(), Address).default({}),
  refused: z.int().default(0),
  banned: z.int().default(0),
});
export type LimitState = z.infer<typeof LimitState>;

/** A refusal before execution: what refused, and what is said. */
export type LimitRefusal = { limit: BudgetName | 'ban'; code: number; answer: Answer };

type Demand = { budget: BudgetName; name: string; cost: number };

/**
 * Counts a request against every budget it costs, or refuses it against the first that is used up; a refused one
 * counts against none. Too many refusals ban the address, for twice as long each time (section 6).
 * `uid` is the account a signed call belongs to.
 */
export function chargeLimits(store: Store, wire: Wire, uid: string | null, at: number): LimitRefusal | null {
  const state = store.state.limits;
  const rules = rulesIn(state.limits);
  if (rules === null) return null;
  const now = advance(state, at);
  const banned = (state.addresses[wire.address]?.bannedUntil ?? 0) - now;
  if (banned > 0) return banRefusal(state, rules, banned);
  const demands = demandsOf(wire, uid);
  for (const demand of demands) {
    const window = windowOf(state, demand.name);
    const { most, windowMs } = rules[demand.budget];
    prune(window, now - windowMs);
    if (window.used + demand.cost <= most) continue;
    window.refused += 1;
    const ban = countRefusal(state, rules, wire.address, now);
    if (ban > 0) return banRefusal(state, rules, ban);
    state.refused += 1;
    return busyRefusal(store, rules, demand.budget, waitFor(window, demand.cost, most, windowMs, now));
  }
  for (const { name, cost } of demands) count(windowOf(state, name), cost, now);
  return null;
}

function advance(state: LimitState, at: number): number {
  // The first request starts the clock.
  if (state.lastAt !== 0) state.elapsed += Math.max(0, at - state.lastAt);
  state.lastAt = at;
  return state.elapsed;
}

function demandsOf({ method, path, address }: Wire, uid: string | null): Demand[] {
  const { order, weight, also } = costOf(method, path);
  const demands: Demand[] = [{ budget: 'ipCalls', name: `ipCalls ${address}`, cost: 1 }];
  if (!order) demands.push({ budget: 'ipWeight', name: `ipWeight ${address}`, cost: weight });
  if (uid === null) return demands;
  demands.push({ budget: 'uidCalls', name: `uidCalls ${uid}`, cost: 1 });
  if (order) demands.push({ budget: 'order', name: `order ${uid}`, cost: 1 });
  else demands.push({ budget: 'uidWeight', name: `uidWeight ${uid}`, cost: weight });
  if (also !== null) demands.push({ budget: also, name: `${also} ${uid}`, cost: 1 });
  return demands;
}

function windowOf(state: LimitState, name: string): Window {
  const found = state.windows[name];
  if (found !== undefined) return found;
  const opened: Window = { calls: [], used: 0, peak: 0, refused: 0 };
  state.windows[name] = opened;
  return opened;
}

/** Forgets what happened at `until` or before: a window of a second is open at its far end. */
function prune(window: Window, until: number): void {
  for (let first = window.calls[0]; first !== undefined && first[0] <= until; first = window.calls[0]) {
    window.used -= first[1];
    window.calls.shift();
  }
}

function count(window: Window, cost: number, now: number): void {
  const last = window.calls.at(-1);
  if (last?.[0] === now) last[1] += cost;
  else window.calls.push([now, cost]);
  window.used += cost;
  window.peak = Math.max(window.peak, window.used);
}

/** Milliseconds until so much has left the window that `cost` fits. */
function waitFor(window: Window, cost: number, most: number, windowMs: number, now: number): number {
  let used = window.used;
  for (const [time, spent] of window.calls) {
    used -= spent;
    if (used + cost <= most) return time + windowMs - now;
  }
  return windowMs;
}

/** Counts a refusal of the address; the length of the ban it leads to in ms, or 0. */
function countRefusal(state: LimitState, { ban }: LimitRules, name: string, now: number): number {
  const address = state.addresses[name] ?? { refusals: [], bans: 0, bannedUntil: 0 };
  state.addresses[name] = address;
  address.refusals = address.refusals.filter((time) => time > now - ban.windowMs);
  address.refusals.push(now);
  if (address.refusals.length < ban.refusals) return 0;
  const seconds = Math.min(ban.seconds * 2 ** address.bans, ban.mostSeconds);
  address.refusals = [];
  address.bans += 1;
  address.bannedUntil = now + seconds * 1000;
  return seconds * 1000;
}

function banRefusal(state: LimitState, rules: LimitRules, ms: number): LimitRefusal {
  state.banned += 1;
  return { limit: 'ban', code: 418, answer: limitAnswer(418, secondsIn(rules, ms)) };
}

function busyRefusal(store: Store, rules: LimitRules, limit: BudgetName, ms: number): LimitRefusal {
  const code = rules.share510 > 0 && nextFraction(store.state) < rules.share510 ? 510 : 429;
  return { limit, code, answer: limitAnswer(code, secondsIn(rules, ms)) };
}

function secondsIn(rules: LimitRules, ms: number): number | null {
  return rules.retryAfter ? Math.max(1, Math.ceil(ms / 1000)) : null;
}

/** How much of each budget was ever used at once, and how many requests were turned away. */
export type Usage = {
  budgets: { budget: string; of: string; peak: number; refused: number }[];
  /** Answers 429 (or 510). */
  refused: number;
  /** Answers 418. */
  banned: number;
};

export function usageOf({ windows, refused, banned }: LimitState): Usage {
  const budgets = Object.entries(windows).map(([name, window]) => {
    const [budget = '', of = ''] = name.split(' ');
    return { budget, of, peak: window.peak, refused: window.refused };
  });
  return { budgets, refused, banned };
}
