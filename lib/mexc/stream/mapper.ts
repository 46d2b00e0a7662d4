import type { StreamEvent, StreamItem } from '../../domain/stream.ts';
import type { Read } from './body.ts';
import { symbolIn } from './channels.ts';
import {
  Best,
  BestBatch,
  BookChanges,
  BookTop,
  Deals,
  Kline,
  MiniTicker,
  MiniTickers,
  OwnAccount,
  OwnDeal,
  OwnOrder,
  RETIRED,
  WRAPPER,
} from './messages.ts';
import { balance, order, trade } from './private-bodies.ts';
import { FrameReader, type Message, type Shape } from './protobuf.ts';
import {
  best,
  bestBatch,
  bookChange,
  bookTop,
  candle,
  marketTrades,
  price,
  prices,
} from './public-bodies.ts';
import { Unreadable } from './unreadable.ts';

/** One frame as read: the channel by its name (empty if not readable), and what it delivers. */
export interface Frame {
  readonly channel: string;
  readonly item: StreamEvent | Extract<StreamItem, { readonly kind: 'undecodable' }>;
}

/** Used for one frame at a time. */
const reader = new FrameReader();

/** By the number of the wrapper's field (section 11.4). */
const BODIES: ReadonlyMap<number, readonly [of: Shape, read: Read]> = new Map([
  [303, [BookTop, bookTop]],
  [304, [OwnOrder, order]],
  [306, [OwnDeal, trade]],
  [307, [OwnAccount, balance]],
  [308, [Kline, candle]],
  [309, [MiniTicker, price]],
  [310, [MiniTickers, prices]],
  [311, [BestBatch, bestBatch]],
  [313, [BookChanges, bookChange]],
  [314, [Deals, marketTrades]],
  [315, [Best, best]],
]);

/** Why it cannot be read. Whatever the reader throws means that bytes are missing or senseless. */
const reasonOf = (error: unknown): string =>
  error instanceof Unreadable ? error.message : 'it is cut off or no protobuf';

/**
 * Reads one binary frame, a `PushDataV3ApiWrapper` (reference section 11.4). Never throws: what cannot be read is
 * `undecodable`. Amounts are plain decimal text without zeros at their end.
 * @param receivedAt epoch ms, for a frame that does not say when it was sent
 */
export const readFrame = (bytes: Uint8Array, receivedAt: number): Frame => {
  let channel = '';
  try {
    reader.begin(bytes);
    const end = reader.len;
    let symbol = '';
    let sentAt: number | undefined;
    let createdAt: number | undefined;
    let found: readonly [body: Message, read: Read] | undefined;
    let isRetired = false;
    while (reader.pos < end) {
      const tag = reader.tag();
      const field = tag >>> 3;
      const wire = tag & 7;
      const known = wire === 2 ? BODIES.get(field) : undefined;
      if (known) {
        const [of, read] = known;
        found = [reader.message(of.kinds, end), read];
      } else if (wire === 2 && field === WRAPPER.channel) channel = reader.text();
      else if (wire === 2 && field === WRAPPER.symbol) symbol = reader.text();
      else if (wire === 0 && field === WRAPPER.createTime) createdAt = reader.integer();
      else if (wire === 0 && field === WRAPPER.sendTime) sentAt = reader.integer();
      else {
        isRetired ||= RETIRED.has(field);
        reader.skipType(wire, 0, field);
      }
    }
    if (!found) throw new Unreadable(isRetired ? 'a retired message' : 'no message that is known');
    const [body, read] = found;
    const said = sentAt || createdAt || undefined;
    const head = { symbol: symbol || (symbolIn(channel) ?? ''), sentAt: said, at: said ?? receivedAt };
    return { channel, item: read(body, head) };
  } catch (error) {
    const item = { kind: 'undecodable', ...(channel && { channel }), why: reasonOf(error) } as const;
    return { channel, item };
  }
};
