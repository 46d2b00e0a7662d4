import { BATCH_ENDPOINTS } from './batch-orders.ts';
import type { Routes, SignedCall } from './call.ts';
import { cancelOrder, placeOrder } from './matching.ts';
import {
  checkApiTrading,
  checkLimits,
  clientIdIn,
  knownSymbol,
  ORDER_PARAMETERS,
  type OrderDraft,
  readDraft,
} from './order-draft.ts';
import { cancelView, orderView } from './order-view.ts';
import { refuse } from './refusal.ts';
import { type Params, readLimit, required, wholeNumber } from './request.ts';
import type { Order } from './state.ts';
import { isOpen, openOrdersBy, type Store } from './store.ts';

const DAY = 86_400_000;
const HISTORY = 7 * DAY;
const MAX_SYMBOLS = 5;

/** Placing, cancelling and reading orders (sections 8.2, 8.4 and 8.5). */
export const ORDER_ENDPOINTS: Routes = {
  'POST /api/v3/order': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ORDER_PARAMETERS,
    run: postOrder,
  },
  'POST /api/v3/order/test': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ORDER_PARAMETERS,
    run: testOrder,
  },
  'DELETE /api/v3/order': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ['symbol', 'orderId', 'origClientOrderId', 'newClientOrderId'],
    run: deleteOrder,
  },
  'DELETE /api/v3/openOrders': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ['symbol'],
    run: deleteOpenOrders,
  },
  'DELETE /api/v3/order/all': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: [],
    run: deleteAllOrders,
  },
  'GET /api/v3/order': {
    access: 'signed',
    permission: 'SPOT_DEAL_READ',
    parameters: ['symbol', 'orderId', 'origClientOrderId'],
    run: getOrder,
  },
  'GET /api/v3/openOrders': {
    access: 'signed',
    permission: 'SPOT_DEAL_READ',
    parameters: ['symbol'],
    run: getOpenOrders,
  },
  'GET /api/v3/allOrders': {
    access: 'signed',
    permission: 'SPOT_DEAL_READ',
    parameters: ['symbol', 'startTime', 'endTime', 'limit'],
    run: getAllOrders,
  },
  ...BATCH_ENDPOINTS,
};

function readChecked({ store, account, key, params }: SignedCall): OrderDraft {
  const draft = readDraft(store, params);
  checkApiTrading(account, key, draft);
  checkLimits(store, account, draft);
  return draft;
}

function postOrder(call: SignedCall): string {
  const order = placeOrder(call.store, call.account, readChecked(call), call.at, false, call.share);
  call.created.orderId = order.orderId;
  // An acknowledgement and nothing more: no status, no fills, no client order id.
  return JSON.stringify({
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    price: order.price,
    origQty: order.quantity,
    type: order.type,
    side: order.side,
    stpMode: order.stpMode,
    transactTime: call.at,
  });
}

function testOrder(call: SignedCall): string {
  readChecked(call);
  return '{}';
}

function deleteOrder({ store, account, params, at }: SignedCall): string {
  const newClientOrderId = clientIdIn(params, 'newClientOrderId');
  const order = named(store, account.uid, params, () => true);
  if (order === undefined || !isOpen(order)) return refuse(-2011, 'Unknown order sent.');
  const before = cancelView(order, newClientOrderId);
  cancelOrder(store, account, order, at);
  return JSON.stringify(before);
}

function deleteOpenOrders({ store, account, params, at }: SignedCall): string {
  const symbols = symbolList(store, required(params, 'symbol'));
  const open = openOrdersBy(store, account.uid).filter((order) => symbols.has(order.symbol));
  const before = open.map((order) => cancelView(order, null));
  for (const order of open) cancelOrder(store, account, order, at);
  return JSON.stringify(before);
}

/** Everything the account has open, on every symbol, orders of the app included. */
function deleteAllOrders({ store, account, at }: SignedCall): string {
  for (const order of openOrdersBy(store, account.uid)) cancelOrder(store, account, order, at);
  return JSON.stringify({ code: 200, msg: 'success', timestamp: at });
}

/** One symbol or a comma list of up to five. */
function symbolList(store: Store, text: string): Set<string> {
  const symbols = new Set(text.split(','));
  if (symbols.size > MAX_SYMBOLS) refuse(33333, `Parameter error: 'symbol' names more than ${MAX_SYMBOLS}`);
  for (const symbol of symbols) knownSymbol(store, symbol);
  return symbols;
}

function getOrder({ store, account, params, at, sees }: SignedCall): string {
  const order = named(store, account.uid, params, sees);
  if (order === undefined) return refuse(-2013, 'Order does not exist.');
  if (!isOpen(order) && at - order.time > HISTORY) return refuse(-2013, 'Order does not exist.');
  return JSON.stringify(orderView(order));
}

/** The order a request means. Of several with one client order id it is the newest one seen. */
function named(
  store: Store,
  uid: string,
  params: Params,
  sees: (order: Order) => boolean,
): Order | undefined {
  const rules = knownSymbol(store, required(params, 'symbol'));
  const orderId = params.get('orderId');
  const clientId = clientIdIn(params, 'origClientOrderId');
  if (orderId === undefined && clientId === null) {
    return refuse(700004, "Mandatory parameter 'orderId' or 'origClientOrderId' was not sent");
  }
  const fits = (order: Order): boolean => order.uid === uid && order.symbol === rules.symbol && sees(order);
  if (orderId !== undefined) {
    const order = store.orders.get(orderId);
    return order !== undefined && fits(order) ? order : undefined;
  }
  return store.byClientId.get(`${uid} ${clientId}`)?.findLast(fits);
}

function getOpenOrders({ store, account, params, sees }: SignedCall): string {
  const asked = params.get('symbol');
  const symbols = asked === undefined ? null : symbolList(store, asked);
  const open = openOrdersBy(store, account.uid).filter(
    (order) => sees(order) && (symbols?.has(order.symbol) ?? true),
  );
  return JSON.stringify(open.reverse().map(orderView));
}

/** Newest first; both bounds inclusive; nothing older than seven days, whatever is asked. */
function getAllOrders({ store, account, params, at, sees }: SignedCall): string {
  const rules = knownSymbol(store, required(params, 'symbol'));
  const limit = readLimit(params, 500, 1000);
  const end = wholeNumber(params, 'endTime') ?? at;
  const start = wholeNumber(params, 'startTime') ?? end - DAY;
  if (start > end || end - start > HISTORY) refuse(400, 'Time range must be ascending and at most 7 days');
  const from = Math.max(start, at - HISTORY);
  const rows: Order[] = [];
  const all = store.bySymbol.get(`${account.uid} ${rules.symbol}`) ?? [];
  for (let i = all.length - 1; i >= 0 && rows.length < limit; i--) {
    const order = all[i];
    if (order === undefined || order.time < from) break;
    if (order.time <= end && sees(order)) rows.push(order);
  }
  return JSON.stringify(rows.map(orderView));
}
