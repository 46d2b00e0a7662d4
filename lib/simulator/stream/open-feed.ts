import { aggreBookTickerFeed, bookTickerBatchFeed } from './book-ticker-feeds.ts';
import type { Channel } from './channels.ts';
import { dealsFeed } from './deals-feed.ts';
import { depthFeed, limitDepthFeed } from './depth-feeds.ts';
import type { Feed, FeedContext } from './feed.ts';
import { klineFeed } from './kline-feed.ts';
import { miniTickerFeed, miniTickersFeed } from './mini-ticker-feeds.ts';

/** A channel that everybody may read. */
export type PublicChannel = Exclude<Channel, { kind: 'private' }>;

/** Opens the feed of a channel whose symbol exists. */
export function openFeed(context: FeedContext, channel: PublicChannel): Feed {
  if (channel.kind === 'miniTickers') return miniTickersFeed(context, channel.zone);
  const rules = context.store.symbols.get(channel.symbol);
  if (rules === undefined) throw new Error(`simulator: no symbol ${channel.symbol}`);
  const ofSymbol = { ...context, rules };
  switch (channel.kind) {
    case 'deals':
      return dealsFeed(ofSymbol, channel);
    case 'depth':
      return depthFeed(ofSymbol, channel);
    case 'aggreBookTicker':
      return aggreBookTickerFeed(ofSymbol, channel);
    case 'kline':
      return klineFeed(ofSymbol, channel.interval);
    case 'limitDepth':
      return limitDepthFeed(ofSymbol, channel);
    case 'bookTickerBatch':
      return bookTickerBatchFeed(ofSymbol);
    case 'miniTicker':
      return miniTickerFeed(ofSymbol, channel.zone);
  }
}
