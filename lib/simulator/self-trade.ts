import type { Order } from './state.ts';
import type { Offer, Store } from './store.ts';

export const STP_CANCEL = 'stp_cancel';

/** What self-trade prevention does to an order on its way through the book. */
export type Prevention = {
  /** Resting orders that are cancelled instead of traded with. */
  prevented: Order[];
  /** Whether the incoming order ends where it met one. */
  stopped: boolean;
};

/**
 * The offers an incoming order really trades with, in their order. Orders of its own group are dealt with by the
 * incoming order's stpMode, and only as far as the caller goes on asking. Without a group a mode has no effect (8.2).
 */
export function* tradable(
  store: Store,
  taker: { uid: string; stpMode: string },
  offers: readonly Offer[],
  prevention: Prevention,
): Generator<Offer> {
  for (const offer of offers) {
    if (offer.order === null || taker.stpMode === '' || !share(store, taker.uid, offer.order.uid)) {
      yield offer;
      continue;
    }
    if (taker.stpMode !== 'cancel_taker') prevention.prevented.push(offer.order);
    if (taker.stpMode === 'cancel_maker') continue;
    prevention.stopped = true;
    return;
  }
}

function share(store: Store, first: string, second: string): boolean {
  return store.state.stpGroups.some(({ members }) => members.includes(first) && members.includes(second));
}
