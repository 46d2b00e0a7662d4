import assert from 'node:assert/strict';
import { Big } from 'big.js';
import type { Exchange } from '../../../lib/simulator/exchange.ts';

/**
 * Nothing is lost, created or locked without reason on a SOLUSDT market with a maker rate of 0.0002: accounts and house
 * hold what was paid in, every lock belongs to an open order, every order is the sum of its
 * trades.
 */
export function assertConsistent(exchange: Exchange): void {
  const { accounts, house, deposits, orders, trades } = exchange.truth();
  for (const asset of ['USDT', 'SOL', 'MX']) {
    let sum = new Big(house[asset] ?? '0');
    for (const { uid, balances } of accounts) {
      const { free, locked } = balances[asset] ?? { free: '0', locked: '0' };
      assert.ok(new Big(free).gte(0) && new Big(locked).gte(0), `${uid} ${asset} negative`);
      sum = sum.plus(free).plus(locked);
      let needed = new Big(0);
      for (const order of orders) {
        if (order.uid !== uid || (order.status !== 'NEW' && order.status !== 'PARTIALLY_FILLED')) continue;
        const rest = new Big(order.quantity).minus(order.executed);
        if (asset === 'SOL' && order.side === 'SELL') needed = needed.plus(rest);
        if (asset === 'USDT' && order.side === 'BUY')
          needed = needed.plus(rest.times(order.price).times('1.0002'));
      }
      assert.equal(new Big(locked).toFixed(), needed.toFixed(), `${uid} locked ${asset}`);
    }
    assert.equal(sum.toFixed(), new Big(deposits[asset] ?? '0').toFixed(), `sum of ${asset}`);
  }
  const filled = new Map<string, Big>();
  for (const trade of trades)
    filled.set(trade.orderId, (filled.get(trade.orderId) ?? new Big(0)).plus(trade.qty));
  for (const order of orders) {
    assert.equal(new Big(order.executed).toFixed(), (filled.get(order.orderId) ?? new Big(0)).toFixed());
    if (order.quantity !== '0') assert.ok(new Big(order.executed).lte(order.quantity));
    if (order.status === 'NEW' || order.status === 'CANCELED') assert.equal(order.executed, '0');
    if (order.status === 'FILLED' && order.quantity !== '0') assert.equal(order.executed, order.quantity);
  }
}
