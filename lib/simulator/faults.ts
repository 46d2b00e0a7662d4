import { nextFraction } from './random.ts';
import type { Params, Wire } from './request.ts';
import type { ActiveFault } from './state.ts';
import type { Store } from './store.ts';

/** What the exchange sends back. */
export type Answer = { status: number; headers: Record<string, string>; body: string };

/** An answer, or a connection that ends without one. */
export type Reply = Answer | 'drop';

/** What all faults hitting one request do together. */
export type Effects = {
  names: string[];
  /** Sent without executing the request. */
  instead: Reply | null;
  /** Sent in place of the true answer. */
  afterwards: Reply | null;
  delayMs: number;
  hideMs: number;
};

/**
 * Counts the request against every fault and collects those it hits, in the order they were added: the first one
 * wins where two would answer, delays add up.
 */
export function collectEffects(store: Store, wire: Wire, params: Params): Effects {
  const effects: Effects = { names: [], instead: null, afterwards: null, delayMs: 0, hideMs: 0 };
  for (const fault of store.state.faults) {
    if (hits(store, fault, wire, params)) apply(fault, effects);
  }
  return effects;
}

function hits(store: Store, fault: ActiveFault, wire: Wire, params: Params): boolean {
  const { method, path, clientOrderId, nth, times, probability } = fault.rule.match;
  if (method !== undefined && method.toUpperCase() !== wire.method) return false;
  if (path !== undefined && path !== wire.path) return false;
  if (clientOrderId !== undefined) {
    const named = [params.get('newClientOrderId'), params.get('origClientOrderId')];
    if (!named.includes(clientOrderId)) return false;
  }
  fault.seen += 1;
  if (nth !== undefined && fault.seen !== nth) return false;
  if (times !== undefined && fault.applied >= times) return false;
  if (probability !== undefined && nextFraction(store.state) >= probability) return false;
  fault.applied += 1;
  return true;
}

function apply({ rule }: ActiveFault, effects: Effects): void {
  effects.names.push(rule.kind);
  switch (rule.kind) {
    case 'drop-before':
      effects.instead ??= 'drop';
      return;
    case 'drop-after':
      effects.afterwards ??= 'drop';
      return;
    case 'answer':
      effects.instead ??= textAnswer(rule.status, rule.body, rule.headers);
      return;
    case 'answer-after':
      effects.afterwards ??= textAnswer(rule.status, rule.body, rule.headers);
      return;
    case 'delay':
      effects.delayMs += rule.ms;
      return;
    case 'visibility':
      effects.hideMs = Math.max(effects.hideMs, rule.ms);
      return;
  }
}

function textAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>>): Answer {
  const json = typeof body !== 'string';
  const type = json ? 'application/json' : 'text/html; charset=utf-8';
  return {
    status,
    headers: { 'content-type': type, ...headers },
    body: json ? JSON.stringify(body) : body,
  };
}
