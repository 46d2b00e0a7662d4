/**
 * What a call costs. `order` calls share the account's order budget and have no weight; all others count `weight`
 * against the address, and signed ones against the account too. `also` is a budget of calls on top.
 */
export type Cost = { order: boolean; weight: number; also: 'batch' | 'account' | null };

const ORDER: Cost = { order: true, weight: 0, also: null };

function weighing(weight: number): Cost {
  return { order: false, weight, also: null };
}

/** Costs by "METHOD path" (sections 6, 7.1 and 8.1). */
export const COSTS: Readonly<Record<string, Cost>> = {
  'GET /api/v3/ping': weighing(1),
  'GET /api/v3/time': weighing(1),
  'GET /api/v3/defaultSymbols': weighing(1),
  'GET /api/v3/symbol/offline': weighing(10),
  'GET /api/v3/exchangeInfo': weighing(25),
  'GET /api/v3/depth': weighing(3),
  'GET /api/v3/trades': weighing(5),
  'GET /api/v3/historicalTrades': weighing(1),
  'GET /api/v3/aggTrades': weighing(1),
  'GET /api/v3/klines': weighing(1),
  'GET /api/v3/avgPrice': weighing(1),
  'GET /api/v3/ticker/24hr': weighing(25),
  'GET /api/v3/ticker/price': weighing(10),
  'GET /api/v3/ticker/bookTicker': weighing(10),
  'POST /api/v3/order': ORDER,
  'POST /api/v3/order/test': weighing(1),
  'POST /api/v3/batchOrders': { ...ORDER, also: 'batch' },
  'DELETE /api/v3/order': ORDER,
  'DELETE /api/v3/openOrders': ORDER,
  'DELETE /api/v3/order/all': ORDER,
  'GET /api/v3/order': weighing(2),
  'GET /api/v3/openOrders': weighing(3),
  'GET /api/v3/allOrders': weighing(10),
  'GET /api/v3/myTrades': weighing(10),
  'GET /api/v3/account': { ...weighing(10), also: 'account' },
  'GET /api/v3/tradeFee': weighing(20),
  'GET /api/v3/selfSymbols': weighing(1),
  'GET /api/v3/apiKeyInfo': weighing(1),
  'GET /api/v3/uid': weighing(1),
  'GET /api/v3/kyc/status': weighing(1),
  'GET /api/v3/mxDeduct/enable': weighing(1),
  'POST /api/v3/mxDeduct/enable': weighing(1),
  'POST /api/v3/strategy/group': weighing(20),
  'GET /api/v3/strategy/group': weighing(20),
  'DELETE /api/v3/strategy/group': weighing(20),
  'POST /api/v3/strategy/group/uid': weighing(20),
  'DELETE /api/v3/strategy/group/uid': weighing(20),
  'POST /api/v3/userDataStream': weighing(1),
  'GET /api/v3/userDataStream': weighing(1),
  'PUT /api/v3/userDataStream': weighing(1),
  'DELETE /api/v3/userDataStream': weighing(1),
  'GET /api/v3/capital/config/getall': weighing(10),
};

const UNKNOWN = weighing(1);

/** The cost of a call; one that the exchange does not have counts 1. */
export function costOf(method: string, path: string): Cost {
  return COSTS[`${method} ${path}`] ?? UNKNOWN;
}
