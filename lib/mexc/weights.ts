/** Weight of each read in the pool that all of them share (reference sections 7.1 and 8.1). */
const READS = {
  '/api/v3/time': 1,
  '/api/v3/exchangeInfo': 25,
  '/api/v3/depth': 3,
  '/api/v3/trades': 5,
  '/api/v3/klines': 1,
  '/api/v3/ticker/24hr': 25,
  '/api/v3/ticker/price': 10,
  '/api/v3/ticker/bookTicker': 10,
  '/api/v3/order': 2,
  '/api/v3/openOrders': 3,
  '/api/v3/allOrders': 10,
  '/api/v3/myTrades': 10,
  '/api/v3/account': 10,
  '/api/v3/tradeFee': 20,
  '/api/v3/selfSymbols': 1,
  '/api/v3/apiKeyInfo': 1,
} as const satisfies Readonly<Record<string, number>>;

/** Every GET of the client. */
export type ReadPath = keyof typeof READS;

/** What one call, or a few that leave together, need of the exchange's budgets. */
export interface Need {
  /** `account`: a read that has a limit of its own beside its weight. */
  readonly kind: 'order' | 'read' | 'account';
  /** Of each call; the order budget counts calls alone. */
  readonly weight: number;
  readonly calls: number;
}

/** Placing or cancelling: one budget for both (section 8.1). */
export const ORDER_CALL: Need = { kind: 'order', weight: 0, calls: 1 };

/** `POST /api/v3/order/test` counts as a read (section 8.1). */
export const TEST_ORDER: Need = { kind: 'read', weight: 1, calls: 1 };

/** @param calls how many leave together */
export const needOf = (path: ReadPath, calls = 1): Need => ({
  kind: path === '/api/v3/account' ? 'account' : 'read',
  weight: READS[path],
  calls,
});
