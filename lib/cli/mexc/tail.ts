import { setTimeout as wait } from 'node:timers/promises';
import { UnreachableError } from '../program.ts';
import { RefusedError } from './api.ts';
import type { Session } from './session.ts';
import { OrderDetail, OrderPage, type OrderView, Positions } from './shapes.ts';
import { second } from './table.ts';

/** Newest orders that every look reads. */
const NEWEST = 100;
/** Resting orders beyond those that a look reads one by one at most. */
const MOST_OTHERS = 50;

type Event = OrderView['history'][number];

/** Events that were not there when the order was seen last. */
const newEvents = (order: OrderView, seen: Event | undefined): readonly Event[] => {
  if (!seen) return order.history;
  const place = order.history.findLastIndex(
    ({ at, state, detail }) => at === seen.at && state === seen.state && detail === seen.detail,
  );
  return place < 0 ? order.history.filter(({ at }) => at > seen.at) : order.history.slice(place + 1);
};

/**
 * `tail`: what happens to orders from now on, a line each, until the signal ends it. It looks at the newest orders, and at every
 * one that rests or waits in a lane, however old.
 * @param every pause between two looks, ms
 * @returns exit status
 */
export const follow = async (every: number, session: Session, signal: AbortSignal): Promise<number> => {
  const { api, json, say, print, warn } = session;
  const seen = new Map<string, Event | undefined>();
  let others = new Set<string>();
  const note = (order: OrderView, isNew: boolean): void => {
    const events = isNew ? newEvents(order, seen.get(order.id)) : [];
    seen.set(order.id, order.history.at(-1));
    for (const event of events)
      if (json) print({ ...event, order: order.id, strategy: order.strategy, symbol: order.symbol });
      else {
        const { at, state, detail } = event;
        say(
          `${second(at)}Z  ${order.id}  ${order.strategy}  ${order.symbol ?? '-'}  ${state}${detail ? `: ${detail}` : ''}`,
        );
      }
  };
  const look = async (isFirst: boolean): Promise<void> => {
    const [{ orders }, { positions }] = await Promise.all([
      api.get('/orders', OrderPage, { limit: NEWEST }),
      api.get('/positions', Positions),
    ]);
    const shown = new Set(orders.map(({ id }) => id));
    const resting = positions.flatMap(({ openOrders, waiting, sending }) => [
      ...openOrders.map(({ id }) => id),
      ...waiting,
      ...(sending === undefined ? [] : [sending]),
    ]);
    // Those of the look before too: what has ended since then rests no more.
    const wanted = [...new Set([...others, ...resting])].filter((id) => !shown.has(id)).slice(0, MOST_OTHERS);
    for (const order of orders.toReversed()) note(order, !isFirst);
    for (const id of wanted) {
      const order = await orderAt(id, session);
      if (order) note(order, seen.has(id));
    }
    others = new Set(resting);
  };
  await look(true);
  warn(`Following ${api.target.url}; Ctrl-C ends it.`);
  while (!signal.aborted) {
    try {
      await wait(every, undefined, { signal });
      await look(false);
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof UnreachableError)) throw error;
      warn(`${error.message} Trying again.`);
    }
  }
  return 0;
};

const orderAt = async (id: string, { api }: Session): Promise<OrderView | undefined> => {
  try {
    return await api.get(`/orders/${encodeURIComponent(id)}`, OrderDetail);
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'not_found') return undefined;
    throw error;
  }
};
