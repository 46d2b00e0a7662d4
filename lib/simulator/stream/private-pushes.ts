import { createHash } from 'node:crypto';
import { decimal, plain } from '../decimal.ts';
import type { Order, OrderStatus, OrderType, Trade } from '../state.ts';
import type { Store } from '../store.ts';
import type { PrivateDeal, PrivateOrder } from './messages.ts';
import type { StreamState } from './stream-state.ts';

// The numbers of section 9.1.
const STATUSES: Readonly<Record<OrderStatus, number>> = {
  NEW: 1,
  FILLED: 2,
  PARTIALLY_FILLED: 3,
  CANCELED: 4,
  PARTIALLY_CANCELED: 5,
};
const TYPES: Readonly<Record<OrderType, number>> = {
  LIMIT: 1,
  LIMIT_MAKER: 2,
  IMMEDIATE_OR_CANCEL: 3,
  FILL_OR_KILL: 4,
  MARKET: 5,
};

/** An own order as `privateOrders` shows it. */
export function orderMessage(
  store: Store,
  order: Order,
  status: OrderStatus,
  form: StreamState['form'],
): PrivateOrder {
  const executed = decimal(order.executed);
  const filling = status === 'FILLED' || status === 'PARTIALLY_FILLED';
  const lastTrade = executed.gt(0) ? store.tradesOfOrder.get(order.orderId)?.at(-1) : undefined;
  const places = store.symbols.get(order.symbol)?.quotePrecision ?? 8;
  const sized = order.quoteOrderQty === null;
  const rest = sized ? decimal(order.quantity).minus(executed) : decimal(0);
  const restAmount = sized ? rest.times(order.price) : decimal(order.quoteOrderQty ?? '0').minus(order.quote);
  return {
    id: order.orderId,
    clientId: form.clientIds === 'exchange' ? order.orderId : (order.clientOrderId ?? ''),
    price: order.price,
    quantity: order.quantity,
    amount: order.quoteOrderQty ?? '0',
    avgPrice: executed.gt(0) ? plain(decimal(order.quote).div(executed).round(places)) : '0',
    orderType: TYPES[order.type],
    tradeType: order.side === 'BUY' ? 1 : 2,
    isMaker: lastTrade?.isMaker ?? order.type === 'LIMIT_MAKER',
    remainAmount: plain(restAmount),
    remainQuantity: plain(rest),
    lastDealQuantity: filling ? lastTrade?.qty : undefined,
    cumulativeQuantity: order.executed,
    cumulativeAmount: order.quote,
    status: STATUSES[status],
    createTime: order.time,
  };
}

/** An own trade as `privateDeals` shows it. */
export function dealMessage(trade: Trade, form: StreamState['form']): PrivateDeal {
  return {
    price: trade.price,
    quantity: trade.qty,
    amount: trade.quoteQty,
    tradeType: trade.isBuyer ? 1 : 2,
    isMaker: trade.isMaker,
    isSelfTrade: trade.isSelfTrade,
    tradeId: form.tradeIds === 'same' ? trade.id : `${trade.id}X`,
    clientOrderId: trade.clientOrderId ?? '',
    orderId: trade.orderId,
    feeAmount: trade.commission,
    feeCurrency: trade.commissionAsset,
    time: trade.time,
  };
}

/** The exchange's id of an asset. */
export function coinId(asset: string): string {
  return createHash('sha256').update(`coin ${asset}`).digest('hex').slice(0, 32);
}
