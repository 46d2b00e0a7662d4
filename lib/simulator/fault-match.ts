import type { FaultMatch } from './fault-rule.ts';
import { nextFraction } from './random.ts';
import type { Params, Wire } from './request.ts';
import type { ActiveFault } from './state.ts';
import type { Store } from './store.ts';

/** A request as faults look at it, at the true time `at`. */
export type Hit = { wire: Wire; params: Params; at: number };

const ORDER_FIELDS = ['symbol', 'side', 'type'] as const;

/** Whether a fault hits the request; counts it among those it was asked about. */
export function hits(store: Store, fault: ActiveFault, request: Hit): boolean {
  const { rule } = fault;
  const { nth, times, probability } = rule.match;
  if (!fits(rule.match, request)) return false;
  if (rule.kind === 'flap' && !isRead(request.wire, rule.endpoints)) return false;
  fault.seen += 1;
  if (nth !== undefined && fault.seen !== nth) return false;
  if (rule.kind === 'flap' && rule.reads !== undefined) {
    const { path } = request.wire;
    const number = (fault.reads[path] ?? 0) + 1;
    fault.reads[path] = number;
    if (!rule.reads.includes(number)) return false;
  }
  if (times !== undefined && fault.applied >= times) return false;
  if (probability !== undefined && nextFraction(store.state) >= probability) return false;
  fault.applied += 1;
  return true;
}

function isRead({ method, path }: Wire, endpoints: readonly string[]): boolean {
  return method === 'GET' && endpoints.some((name) => path === `/api/v3/${name}`);
}

function fits(match: FaultMatch, { wire, params, at }: Hit): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== wire.method) return false;
  if (match.path !== undefined && match.path !== wire.path) return false;
  if (match.from !== undefined && at < match.from) return false;
  if (match.to !== undefined && at >= match.to) return false;
  const asks = match.clientOrderId !== undefined || ORDER_FIELDS.some((name) => match[name] !== undefined);
  return !asks || isAbout(match, params) || batchOf(params).some((order) => isAbout(match, order));
}

function isAbout(match: FaultMatch, params: Params): boolean {
  if (match.clientOrderId !== undefined) {
    const named = [params.get('newClientOrderId'), params.get('origClientOrderId')];
    if (!named.includes(match.clientOrderId)) return false;
  }
  return ORDER_FIELDS.every((name) => match[name] === undefined || match[name] === params.get(name));
}

/** The orders of a batchOrders parameter as far as they can be read. */
function batchOf(params: Params): Params[] {
  const text = params.get('batchOrders');
  if (text === undefined) return [];
  try {
    const orders: unknown = JSON.parse(text);
    if (!Array.isArray(orders)) return [];
    return orders.map((order: unknown) => new Map(Object.entries(order ?? {})));
  } catch {
    // The endpoint itself refuses it.
    return [];
  }
}
