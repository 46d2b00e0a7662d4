import type { Local } from './local-stack.ts';

/** Fills the placeholders that a charting tool would have filled: `<<NOW>>`, `<<NOW_MS>>`, `<<NOW-4h>>`, `<<NOW+60s>>`. */
export const filledIn = (body: string): string => {
  const now = Date.now();
  const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return body
    .replaceAll('<<NOW>>', iso(now))
    .replaceAll('<<NOW_MS>>', String(now))
    .replaceAll('<<NOW-4h>>', iso(now - 4 * 3_600_000))
    .replaceAll('<<NOW+60s>>', iso(now + 60_000));
};

export interface Answered {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer is said to hold
  readonly json: any;
}

/** One delivery, as an alerting tool sends it. */
export const deliver = async (
  local: Pick<Local, 'url'>,
  body: string | Uint8Array,
  headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' },
): Promise<Answered> => {
  const response = await fetch(`${local.url}/webhook`, { method: 'POST', headers, body: Buffer.from(body) });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
};

/** As TradingView does: after a 5xx the same bytes again, at most three times. */
export const deliverUntilTaken = async (local: Pick<Local, 'url'>, body: string): Promise<Answered> => {
  let answer = await deliver(local, body);
  for (let again = 0; again < 3 && answer.status >= 500; again += 1) answer = await deliver(local, body);
  return answer;
};

/** An alert of the strategy `demo`, fired now. */
export const alertOf = (fields: Record<string, unknown>): string =>
  JSON.stringify({
    token: 'demo-token',
    strategy: 'demo',
    time: new Date().toISOString(),
    symbol: 'SOLUSDT',
    action: 'buy',
    ...fields,
  });

/** `GET` of the read API with its token. */
export const readApi = async (local: Pick<Local, 'url' | 'readToken'>, path: string): Promise<Answered> => {
  const response = await fetch(`${local.url}${path}`, {
    headers: { authorization: `Bearer ${local.readToken}` },
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) };
};

/** Every order of the ledger, over all pages. */
export const allOrders = async (local: Pick<Local, 'url' | 'readToken'>): Promise<Answered['json'][]> => {
  const orders = [];
  let next: string | undefined;
  do {
    const { json } = await readApi(local, `/orders?limit=500${next === undefined ? '' : `&cursor=${next}`}`);
    orders.push(...json.orders);
    next = json.next;
  } while (next !== undefined);
  return orders;
};

/** What the simulator's control interface says. */
export const simulator = async (
  control: string,
  path: string,
  init?: RequestInit,
): Promise<Answered['json']> => {
  const response = await fetch(`${control}${path}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`simulator ${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

/** Orders that the exchange has, by client order id, hand-made ones left out. */
export const ordersOnExchange = async (control: string): Promise<string[]> => {
  const { orders } = await simulator(control, '/truth');
  return orders.flatMap((order: { clientOrderId: string | null }) => order.clientOrderId ?? []);
};
