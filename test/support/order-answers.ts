import type { OrderDetail } from '../../lib/cli/mexc/shapes.ts';

const AT = '2026-11-22T10:00:00.000Z';

/** An order as `GET /orders/{id}` answers it. */
export const orderAnswer = (patch: Partial<OrderDetail> = {}): OrderDetail => ({
  id: 'maaaa',
  strategy: 'demo',
  symbol: 'SOLUSDT',
  action: 'buy',
  state: 'accepted',
  filledQuantity: '0',
  filledQuote: '0',
  createdAt: AT,
  updatedAt: AT,
  history: [{ at: AT, state: 'accepted', detail: 'alert received' }],
  settled: false,
  alert: '{"action":"buy","symbol":"SOLUSDT","time":"2026-11-22T09:59:59.500Z"}',
  attempts: [],
  fills: [],
  ...patch,
});
