import { viewMarket } from '../candle-history.ts';
import { type Decimal, decimal, plain } from '../decimal.ts';
import type { Bar } from '../state.ts';
import { marketOf, type Store } from '../store.ts';
import type { SymbolRules } from '../symbols.ts';
import { createAlarm, stepAfter } from './agenda.ts';
import { zoneOffset } from './channels.ts';
import { type Feed, type FeedContext, header, type SymbolContext } from './feed.ts';
import type { MiniTicker } from './messages.ts';
import { createWindowBars, formingBar, type WindowBars } from './window-bars.ts';

const EVERY = 3000;
const DAY_MINUTES = 1440;
/** The zone of `rate`. */
const HOME = 'UTC+8';

/** One symbol every three seconds, changed or not. */
export function miniTickerFeed(context: SymbolContext, zone: string): Feed {
  const bars = createWindowBars(context.store);
  return everyThreeSeconds(context, () => {
    const message = miniTicker(context.store, context.rules, context.time(), zone, bars);
    context.send({ ...header(context), body: { of: 'publicMiniTicker', message } });
  });
}

/** All symbols every three seconds. */
export function miniTickersFeed(context: FeedContext, zone: string): Feed {
  const bars = createWindowBars(context.store);
  return everyThreeSeconds(context, () => {
    const { store, channel } = context;
    const now = context.time();
    const items = store.state.symbols.map((rules) => miniTicker(store, rules, now, zone, bars));
    context.send({
      channel,
      createTime: now,
      sendTime: now,
      body: { of: 'publicMiniTickers', message: { items } },
    });
  });
}

function everyThreeSeconds({ agenda }: FeedContext, push: () => void): Feed {
  const alarm = createAlarm(agenda, () => {
    push();
    alarm.only(stepAfter(agenda.now(), EVERY));
  });
  alarm.only(stepAfter(agenda.now(), EVERY));
  return { stop: alarm.off };
}

/** The page does not say what "last close" means: the same values stand there. High, low and volumes are of 24 hours. */
function miniTicker(
  store: Store,
  rules: SymbolRules,
  at: number,
  zone: string,
  bars: WindowBars,
): MiniTicker {
  const view = viewMarket(store, rules, at);
  const last = decimal(marketOf(store, rules.symbol).last);
  const forming = formingBar(view);
  const since = (of: string): Bar | null =>
    bars.since(view, rules.symbol, of, startOf(of, view.lastMinute), forming);
  const day = since('24H');
  const rate = changeSince(since(HOME), last);
  const zonedRate = changeSince(since(zone), last);
  const high = day?.high ?? plain(last);
  const low = day?.low ?? plain(last);
  return {
    symbol: rules.symbol,
    price: plain(last),
    rate,
    zonedRate,
    high,
    low,
    volume: day?.quote ?? '0',
    quantity: day?.base ?? '0',
    lastCloseRate: rate,
    lastCloseZonedRate: zonedRate,
    lastCloseHigh: high,
    lastCloseLow: low,
  };
}

/** A ratio, not a percentage. */
function changeSince(bar: Bar | null, last: Decimal): string {
  return bar === null ? '0' : last.minus(bar.open).div(bar.open).toFixed(4);
}

/** The first minute of the zone's day, or of the last 1,440 minutes. */
function startOf(zone: string, lastMinute: number): number {
  const offset = zoneOffset(zone);
  if (offset === null) return lastMinute - DAY_MINUTES + 1;
  return Math.floor((lastMinute + offset) / DAY_MINUTES) * DAY_MINUTES - offset;
}
