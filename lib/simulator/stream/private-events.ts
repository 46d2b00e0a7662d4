import { accountOf } from '../ledger.ts';
import { validKey } from '../listen-keys.ts';
import type { Order, OrderStatus, Trade } from '../state.ts';
import { createBalanceChanges } from './balance-changes.ts';
import { PRIVATE_CHANNELS } from './channels.ts';
import type { Connection } from './connection.ts';
import { deliver } from './delivery.ts';
import type { HubParts } from './hub-parts.ts';
import type { Body, PrivateAccount } from './messages.ts';
import { dealMessage, orderMessage } from './private-pushes.ts';

/** What happens to accounts, told at once to the connections of valid keys. */
export type PrivateEvents = {
  follow(uid: string): void;
  /** Called whenever an account may have lost its last reader. */
  left(uid: string): void;
  order(order: Order, status: OrderStatus, at: number): void;
  fill(trade: Trade): void;
  balance(uid: string, asset: string, cause: string, at: number): void;
};

export function createPrivateEvents(hub: HubParts): PrivateEvents {
  const balances = createBalanceChanges();

  const readers = (uid: string, of: keyof typeof PRIVATE_CHANNELS): Connection[] =>
    [...hub.connections].filter(
      ({ key, channels }) => key?.uid === uid && channels.has(PRIVATE_CHANNELS[of]),
    );

  const tell = (
    uid: string,
    of: keyof typeof PRIVATE_CHANNELS,
    symbol: string | undefined,
    createTime: number,
    body: () => Body,
  ): void => {
    for (const connection of readers(uid, of)) {
      // A key that ran out leaves its connections open and without a word (section 11.6).
      if (connection.key === null || validKey(hub.store(), connection.key.key, hub.time()) === null) continue;
      const push = { channel: PRIVATE_CHANNELS[of], symbol, createTime, sendTime: hub.time(), body: body() };
      deliver(hub, connection, push);
    }
  };
  const tellBalance = (uid: string, message: PrivateAccount | null): void => {
    if (message === null) return;
    tell(uid, 'account', undefined, message.time, () => ({ of: 'privateAccount', message }));
  };

  return {
    follow: (uid) => balances.follow(accountOf(hub.store(), uid)),
    left(uid) {
      if (readers(uid, 'account').length === 0) balances.unfollow(uid);
    },
    order(order, status, at) {
      const store = hub.store();
      tell(order.uid, 'orders', order.symbol, at, () => ({
        of: 'privateOrders',
        message: orderMessage(store, order, status, store.state.stream.form),
      }));
    },
    fill(trade) {
      const store = hub.store();
      const { uid, symbol, time } = trade;
      tell(uid, 'deals', symbol, time, () => ({
        of: 'privateDeals',
        message: dealMessage(trade, store.state.stream.form),
      }));
      const rules = store.symbols.get(symbol);
      if (rules === undefined) return;
      for (const change of balances.filled(accountOf(store, uid), rules, trade)) tellBalance(uid, change);
    },
    balance(uid, asset, cause, at) {
      tellBalance(uid, balances.changed(accountOf(hub.store(), uid), asset, cause, at));
    },
  };
}
