import { decimal, plain } from './decimal.ts';
import type { Order } from './state.ts';

/** An order as GET order, openOrders and allOrders show it (section 8.5). */
export function orderView(order: Order): Record<string, unknown> {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: order.price,
    origQty: order.quantity,
    executedQty: order.executed,
    // Spelled like this by the exchange.
    cummulativeQuoteQty: order.quote,
    status: order.status,
    timeInForce: null,
    type: order.type,
    side: order.side,
    stopPrice: null,
    icebergQty: null,
    time: order.time,
    updateTime: order.updateTime,
    isWorking: true,
    stpMode: order.stpMode,
    cancelReason: order.cancelReason,
    // The recorded market sell shows reference price times quantity here, so it does not mean "quote-sized".
    origQuoteOrderQty: order.quoteOrderQty ?? plain(decimal(order.price).times(order.quantity)),
  };
}

/** The answer to a cancel, with the status the order had before it (section 8.4). */
export function cancelView(order: Order, newClientOrderId: string | null): Record<string, unknown> {
  return {
    symbol: order.symbol,
    ...(order.clientOrderId === null ? {} : { origClientOrderId: order.clientOrderId }),
    orderId: order.orderId,
    ...(newClientOrderId === null ? {} : { clientOrderId: newClientOrderId }),
    price: order.price,
    origQty: order.quantity,
    executedQty: order.executed,
    cummulativeQuoteQty: order.quote,
    status: order.status,
    type: order.type,
    side: order.side,
  };
}
