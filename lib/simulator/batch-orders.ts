import * as z from 'zod';
import type { Routes, SignedCall } from './call.ts';
import { placeOrder } from './matching.ts';
import { checkApiTrading, checkLimits, ORDER_PARAMETERS, readDraft } from './order-draft.ts';
import { Refusal, refuse } from './refusal.ts';
import { type Params, required } from './request.ts';

const MAX_ORDERS = 20;
const MAY_BE_EMPTY = ['stpMode', 'newClientOrderId'];

/** Up to 20 orders of one symbol in one call, each judged alone (section 8.3). */
export const BATCH_ENDPOINTS: Routes = {
  'POST /api/v3/batchOrders': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ['batchOrders'],
    run: postBatch,
  },
};

const Batch = z.array(z.record(z.string(), z.unknown())).min(1).max(MAX_ORDERS);
type Element = z.infer<typeof Batch>[number];

function postBatch(call: SignedCall): string {
  const elements = readBatch(required(call.params, 'batchOrders'));
  return JSON.stringify(elements.map((element) => placeOne(call, element)));
}

/** The whole call is refused with 33333 when the text is not a list of 1 to 20 orders of one symbol. */
function readBatch(text: string): Element[] {
  const batch = Batch.safeParse(parsed(text));
  if (!batch.success)
    return refuse(33333, `Parameter error: 'batchOrders' must list 1 to ${MAX_ORDERS} orders`);
  const symbols = new Set(batch.data.map((element) => element.symbol));
  symbols.delete(undefined);
  if (symbols.size > 1) refuse(33333, "Parameter error: 'batchOrders' must be of one symbol");
  return batch.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(33333, "Parameter error: 'batchOrders' is not JSON");
  }
}

function placeOne(call: SignedCall, element: Element): Record<string, unknown> {
  const { newClientOrderId } = element;
  const echo = newClientOrderId === undefined ? {} : { newClientOrderId };
  try {
    const draft = readDraft(call.store, readElement(element));
    checkApiTrading(call.account, call.key, draft);
    checkLimits(call.store, call.account, draft);
    const order = placeOrder(call.store, call.account, draft, call.at, false, call.share);
    call.created.orderId ??= order.orderId;
    return { symbol: order.symbol, orderId: order.orderId, orderListId: -1, ...echo };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...echo, code: error.code, msg: error.message };
  }
}

/** As the parameters of POST order; every value must be text, numbers too. */
function readElement(element: Element): Params {
  const params = new Map<string, string>();
  for (const [name, value] of Object.entries(element)) {
    if (!ORDER_PARAMETERS.some((known) => known === name)) {
      refuse(33333, `Parameter error: unknown parameter '${name}'`);
    }
    if (typeof value !== 'string') return refuse(33333, `Parameter error: '${name}' must be a string`);
    if (value !== '' || MAY_BE_EMPTY.includes(name)) params.set(name, value);
  }
  return params;
}
