import { decimal } from '../../lib/domain/money.ts';
import { signedQuery } from '../../lib/mexc/signing.ts';
import { type Exchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import type { ForeignOrder, Move } from './plan.ts';

/** What strangers, and the owner by hand, do on the exchange. What is impossible by then does not happen. */
export const carryOut = (move: Move, exchange: Exchange, now: number): void => {
  try {
    if ('command' in move) exchange.apply(move.command);
    else if ('foreign' in move) place(move.foreign, exchange, now);
    else take(move.take, exchange);
  } catch {
    // A market or a balance that does not allow it.
  }
};

const take = (
  { symbol, share }: { readonly symbol: string; readonly share: number },
  exchange: Exchange,
): void => {
  const order = exchange
    .truth()
    .orders.findLast(
      (each) =>
        each.symbol === symbol &&
        !each.byHand &&
        (each.status === 'NEW' || each.status === 'PARTIALLY_FILLED'),
    );
  if (!order) return;
  const left = decimal(order.quantity).minus(order.executed);
  exchange.trade(symbol, { price: order.price, quantity: left.times(share.toString()).toFixed(2) });
};

const place = (
  { symbol, side, price, quantity, clientOrderId }: ForeignOrder,
  exchange: Exchange,
  now: number,
): void => {
  const { accessKey, secretKey } = SIMULATOR_KEYS.trade;
  const query = signedQuery(
    [
      ['symbol', symbol],
      ['side', side],
      ['type', 'LIMIT'],
      ['quantity', quantity],
      ['price', price],
      ['newClientOrderId', clientOrderId],
      ['recvWindow', '5000'],
      ['timestamp', String(now)],
    ],
    secretKey,
  );
  exchange.step({
    method: 'POST',
    target: `/api/v3/order?${query}`,
    headers: { 'X-MEXC-APIKEY': accessKey, 'Content-Type': 'application/json' },
    address: '10.0.0.9',
  });
};
