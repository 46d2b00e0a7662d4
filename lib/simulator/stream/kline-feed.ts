import { barOf, type MarketView, viewMarket } from '../candle-history.ts';
import { MINUTE } from '../tape.ts';
import { createAlarm, stepAfter } from './agenda.ts';
import { klineInterval } from './channels.ts';
import type { Feed, SymbolContext } from './feed.ts';
import type { Kline } from './messages.ts';
import { nextStranger } from './strangers.ts';
import { createWindowBars, formingBar } from './window-bars.ts';

const SECOND = 1000;

/**
 * The forming candle, on every full second by which it has changed. A window's last change is pushed as the next one begins;
 * nothing says that a candle is closed.
 */
export function klineFeed(context: SymbolContext, name: string): Feed {
  const { store, agenda, rules } = context;
  const bars = createWindowBars(store);
  let shown = { open: 0, bar: '' };

  const windowAt = (view: MarketView, open: number): { kline: Kline; bar: string } | null => {
    const end = klineInterval(name, store.state.candles.dayOpensAt).next(open);
    const [from, to] = [open / MINUTE, end / MINUTE];
    const over = to <= view.lastMinute;
    const bar = over ? barOf(view, from, to) : bars.since(view, rules.symbol, name, from, formingBar(view));
    if (bar === null) return null;
    const kline = {
      interval: name,
      windowStart: open / SECOND,
      openingPrice: bar.open,
      closingPrice: bar.close,
      highestPrice: bar.high,
      lowestPrice: bar.low,
      volume: bar.base,
      amount: bar.quote,
      windowEnd: end / SECOND,
    };
    return { kline, bar: JSON.stringify(bar) };
  };
  const show = (view: MarketView, open: number, push: boolean): void => {
    const window = windowAt(view, open);
    const before = shown.open === open ? shown.bar : '';
    shown = { open, bar: window?.bar ?? '' };
    if (!push || window === null || window.bar === before) return;
    // Candles may lack the time of sending (section 11.4).
    context.send({
      channel: context.channel,
      symbol: rules.symbol,
      createTime: context.time(),
      body: { of: 'publicSpotKline', message: window.kline },
    });
  };
  const look = (push: boolean): void => {
    const now = context.time();
    const view = viewMarket(store, rules, now);
    const open = klineInterval(name, store.state.candles.dayOpensAt).openOf(now);
    if (push && shown.open !== open) show(view, shown.open, true);
    show(view, open, push);
    const next = context.due(nextStranger(view, now));
    alarm.by(Math.max(stepAfter(agenda.now(), SECOND), Math.ceil(next / SECOND) * SECOND));
  };
  const alarm = createAlarm(agenda, () => look(true));
  look(false);
  return {
    print: () => alarm.by(stepAfter(agenda.now(), SECOND)),
    stop: alarm.off,
  };
}
