import { type AccessReport, admit } from './access.ts';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import type { Routes } from './call.ts';
import type { Answer } from './faults.ts';
import { MARKET_ENDPOINTS } from './market-endpoints.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import { Refusal, refuse } from './refusal.ts';
import { readPublic, type Wire } from './request.ts';
import type { Store } from './store.ts';

/** What executing a request came to. */
export type Execution = AccessReport & { answer: Answer; code: number | null; orderId: string | null };

const ROUTES: Routes = { ...MARKET_ENDPOINTS, ...ORDER_ENDPOINTS, ...ACCOUNT_ENDPOINTS };
const PATHS = new Set(Object.keys(ROUTES).map((route) => route.split(' ')[1]));

/** Executes one request at exchange time `at`. Every refusal becomes an answer; only bugs throw. */
export function execute(store: Store, wire: Wire, at: number): Execution {
  const report: AccessReport = { signature: 'unchecked', key: null };
  const created: { orderId: string | null } = { orderId: null };
  try {
    const body = run(store, wire, at, report, created);
    return { ...report, answer: jsonAnswer(200, body), code: null, orderId: created.orderId };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const body = JSON.stringify({ code: error.code, msg: error.message });
    return { ...report, answer: jsonAnswer(error.status, body), code: error.code, orderId: null };
  }
}

function run(
  store: Store,
  wire: Wire,
  at: number,
  report: AccessReport,
  created: { orderId: string | null },
): string {
  const endpoint = ROUTES[`${wire.method} ${wire.path}`];
  if (endpoint === undefined) {
    const status = PATHS.has(wire.path) ? 405 : 404;
    return refuse(status, status === 405 ? 'Method Not Allowed' : 'Not Found', status);
  }
  if (endpoint.access === 'public') {
    report.signature = 'none';
    return endpoint.run({ store, at, params: readPublic(wire) });
  }
  const { account, key, params } = admit(store, wire, at, endpoint, report);
  return endpoint.run({ store, at, params, account, key, created });
}

function jsonAnswer(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'application/json;charset=utf-8' }, body };
}
