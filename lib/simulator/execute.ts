import { type AccessReport, admit } from './access.ts';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { Endpoint, Routes } from './call.ts';
import type { Effects, OrderMatch } from './effects.ts';
import { alternativeTo, messageOf } from './error-table.ts';
import { MARKET_ENDPOINTS } from './market-endpoints.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import { Refusal, refuse } from './refusal.ts';
import { readPublic, type Wire } from './request.ts';
import type { Order } from './state.ts';
import type { Store } from './store.ts';

/** What executing a request came to. */
export type Execution = AccessReport & { answer: Answer; code: number | null; orderId: string | null };

/** True times of a request's arrival and execution, and what disturbs it. */
export type Circumstances = {
  arrivedAt: number;
  at: number;
  effects: Pick<Effects, 'skew' | 'unseen' | 'share'>;
};

export const ROUTES: Routes = { ...MARKET_ENDPOINTS, ...ORDER_ENDPOINTS, ...ACCOUNT_ENDPOINTS };
const PATHS = new Set(Object.keys(ROUTES).map((route) => route.split(' ')[1]));

/** The endpoint a request means, if the exchange has it. */
export function endpointOf({ method, path }: Wire): Endpoint | undefined {
  return ROUTES[`${method} ${path}`];
}

/** Executes one request. Every refusal becomes an answer; only bugs throw. */
export function execute(store: Store, wire: Wire, circumstances: Circumstances): Execution {
  const report: AccessReport = { signature: 'unchecked', key: null };
  const created: { orderId: string | null } = { orderId: null };
  try {
    const body = run(store, wire, circumstances, report, created);
    return { ...report, answer: jsonAnswer(200, body), code: null, orderId: created.orderId };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...report, ...refusalAnswer(store, error), orderId: null };
  }
}

/** Whether a request passes the door; what lies behind may still refuse it. */
export function isLetIn(store: Store, wire: Wire, circumstances: Circumstances): boolean {
  const endpoint = endpointOf(wire);
  if (endpoint === undefined) return false;
  if (endpoint.access === 'public') return true;
  try {
    admit(store, wire, checkTime(store, circumstances), endpoint, { signature: 'unchecked', key: null });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function refusalAnswer(store: Store, refusal: Refusal): { answer: Answer; code: number } {
  const { errorStatus, errorWording } = store.state.world;
  const code = errorWording === 'alternative' ? alternativeTo(refusal.code) : refusal.code;
  const msg = code === refusal.code ? refusal.message : messageOf(code);
  const status = refusal.status === 400 ? errorStatus : refusal.status;
  return { answer: jsonAnswer(status, JSON.stringify({ code, msg })), code };
}

/** The time by which timestamp and key are judged: the one of the arrival, however late the rest is. */
function checkTime(store: Store, { arrivedAt, effects }: Circumstances): number {
  return arrivedAt + store.state.world.skewMs + effects.skew.checkMs;
}

function run(
  store: Store,
  wire: Wire,
  circumstances: Circumstances,
  report: AccessReport,
  created: { orderId: string | null },
): string {
  const endpoint = endpointOf(wire);
  if (endpoint === undefined) {
    const status = PATHS.has(wire.path) ? 405 : 404;
    return refuse(status, status === 405 ? 'Method Not Allowed' : 'Not Found', status);
  }
  const { effects } = circumstances;
  const at = circumstances.at + store.state.world.skewMs + effects.skew.stampMs;
  if (endpoint.access === 'public') {
    report.signature = 'none';
    return endpoint.run({ store, at, params: readPublic(wire) });
  }
  const { account, key, params } = admit(store, wire, checkTime(store, circumstances), endpoint, report);
  const sees = (order: Order): boolean =>
    order.visibleAt <= circumstances.at && !effects.unseen.some((match) => isMeant(match, order));
  return endpoint.run({ store, at, params, account, key, created, sees, share: effects.share });
}

function isMeant(match: OrderMatch, order: Order): boolean {
  return (
    (match.orderId ?? order.orderId) === order.orderId &&
    (match.clientOrderId ?? order.clientOrderId) === order.clientOrderId &&
    (match.symbol ?? order.symbol) === order.symbol &&
    (match.side ?? order.side) === order.side &&
    (match.type ?? order.type) === order.type
  );
}
