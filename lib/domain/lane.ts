import * as z from 'zod';
import type { Side } from './exchange.ts';
import { DecimalText, decimal, plain, sum } from './money.ts';

/** Place of a waiting order: lanes go by arrival at the API, then by id (order protocol, section 6). */
export const QueueEntry = z.object({ id: z.string(), arrival: z.int() });
export type QueueEntry = z.infer<typeof QueueEntry>;

/** Carried-out intent of a lane: the newest `target` or `close`. */
export const Intent = z.object({ time: z.int(), sequence: z.int().optional() });
export type Intent = z.infer<typeof Intent>;

/** An acknowledged order in the book: how much of it may still execute (base), and at which price. */
export const Resting = z.object({
  side: z.enum(['buy', 'sell']),
  open: DecimalText,
  price: DecimalText.optional(),
});
export type Resting = z.infer<typeof Resting>;

/** Coins that the operator put into the position by hand; no trade of ours brought them. */
export const Adoption = z.object({
  id: z.string(),
  /** Base. */
  quantity: DecimalText,
  /** What they cost, quote. */
  cost: DecimalText,
  reason: z.string(),
  /** Local epoch ms. */
  at: z.int(),
});
export type Adoption = z.infer<typeof Adoption>;

/**
 * One strategy's position in one symbol, and the lane its orders go through one at a time. Item of `Positions`.
 */
export const Lane = z.object({
  strategy: z.string(),
  symbol: z.string(),
  /** Own coins in base: every applied trade, and what was adopted. */
  quantity: DecimalText,
  /** Of `quantity`, all that was ever adopted: `total` is exact, of the entries the newest are kept. */
  adopted: z.object({ total: DecimalText, entries: z.array(Adoption) }).optional(),
  /** What the held coins cost, in quote. */
  cost: DecimalText,
  /** Realised profit, in quote. */
  realised: DecimalText,
  /** Fills applied so far. */
  fillCount: z.int().default(0),
  /** What was realised before the UTC day of the latest fill: the day's own share is the difference. */
  dayStart: z.object({ day: z.string(), realised: DecimalText }).optional(),
  /** Commissions by asset. */
  fees: z.record(z.string(), DecimalText),
  /** The attempt that may move the position unseen. */
  holder: z.object({ order: z.string(), attempt: z.int() }).optional(),
  resting: z.record(z.string(), Resting),
  queue: z.array(QueueEntry),
  intent: Intent.optional(),
  /** Attempts that were held never to have reached the book: the sweep looks there first. */
  denied: z
    .object({
      /** When the last one was, local epoch ms. */
      at: z.int(),
      /** *s* of the oldest one that is still looked for, exchange ms. */
      since: z.int(),
    })
    .optional(),
  /** +1 with every write; every write is conditioned on the version that was read. 0 = not stored yet. */
  version: z.int(),
});
export type Lane = z.infer<typeof Lane>;

/** One lane in one text: neither a strategy's name nor a symbol decides alone. */
export const laneKey = ({ strategy, symbol }: Pick<Lane, 'strategy' | 'symbol'>): string =>
  `${strategy} ${symbol}`;

/** Most alerts that may wait in one lane. */
export const QUEUE_LIMIT = 50;

export const emptyLane = (strategy: string, symbol: string): Lane => ({
  strategy,
  symbol,
  quantity: '0',
  cost: '0',
  realised: '0',
  fillCount: 0,
  fees: {},
  resting: {},
  queue: [],
  version: 0,
});

/** Adoptions that a lane remembers one by one. */
const ADOPTIONS_KEPT = 20;

/** The lane with adopted coins, as it is to be written; `undefined` when this very adoption is in it already. */
export const withAdoption = (lane: Lane, adoption: Adoption): Lane | undefined => {
  const { total, entries } = lane.adopted ?? { total: '0', entries: [] };
  if (entries.some(({ id }) => id === adoption.id)) return undefined;
  return {
    ...lane,
    quantity: plain(decimal(lane.quantity).plus(adoption.quantity)),
    cost: plain(decimal(lane.cost).plus(adoption.cost)),
    adopted: {
      total: plain(decimal(total).plus(adoption.quantity)),
      entries: [...entries, adoption].slice(-ADOPTIONS_KEPT),
    },
    version: lane.version + 1,
  };
};

const before = (a: QueueEntry, b: QueueEntry): number =>
  a.arrival - b.arrival || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** True when the order may go out now: nobody holds the lane and nobody waits before it. */
export const isItsTurn = (lane: Lane, id: string): boolean =>
  lane.holder === undefined && (lane.queue.length === 0 || lane.queue[0]?.id === id);

export const isQueued = (lane: Lane, id: string): boolean => lane.queue.some((entry) => entry.id === id);

/** The lane with the order waiting at its place; an order that waits already keeps it. */
export const enqueued = (lane: Lane, entry: QueueEntry): Lane =>
  isQueued(lane, entry.id) ? lane : { ...lane, queue: [...lane.queue, entry].sort(before) };

export const dequeued = (lane: Lane, id: string): Lane => ({
  ...lane,
  queue: lane.queue.filter((entry) => entry.id !== id),
});

export const held = (lane: Lane, order: string, attempt: number): Lane => ({
  ...lane,
  holder: { order, attempt },
});

/** How long after a denial the exchange is watched for what it may show all the same, ms. */
export const DENIED_FOR = 900_000;

/** The lane after an attempt, signed at *s*, was held never to have reached the book. */
export const withDenial = (lane: Lane, signedAt: number, at: number): Lane => {
  const { denied } = lane;
  const since = denied && denied.at > at - DENIED_FOR ? Math.min(denied.since, signedAt) : signedAt;
  return { ...lane, denied: { at, since } };
};

/** Removes the holder if it is this attempt; another attempt's hold is nobody else's business. */
export const released = (lane: Lane, order: string, attempt: number): Lane => {
  if (lane.holder?.order !== order || lane.holder.attempt !== attempt) return lane;
  const { holder: _, ...rest } = lane;
  return rest;
};

export const rested = (lane: Lane, id: string, entry: Resting): Lane => ({
  ...lane,
  resting: { ...lane.resting, [id]: entry },
});

export const unrested = (lane: Lane, id: string): Lane => ({
  ...lane,
  resting: Object.fromEntries(Object.entries(lane.resting).filter(([key]) => key !== id)),
});

/** Sum of the open quantities of one side's resting orders, base. */
export const openResting = (lane: Lane, side: Side): DecimalText =>
  plain(sum(Object.values(lane.resting).flatMap((entry) => (entry.side === side ? [entry.open] : []))));

/** What the open resting buys would cost at their own prices, quote. */
export const openCost = (lane: Lane): DecimalText =>
  plain(
    sum(
      Object.values(lane.resting).flatMap(({ side, open, price }) =>
        side === 'buy' && price !== undefined ? [plain(decimal(open).times(price))] : [],
      ),
    ),
  );

/** What of the position is free to be sold: what rests as a sell is spoken for. */
export const sellable = (lane: Lane): DecimalText => {
  const free = decimal(lane.quantity).minus(openResting(lane, 'sell'));
  return free.gt('0') ? plain(free) : '0';
};

/** Coins of the lane if every resting order executed in full, base. */
export const committedQuantity = (lane: Lane): DecimalText =>
  plain(decimal(lane.quantity).plus(openResting(lane, 'buy')).minus(openResting(lane, 'sell')));
