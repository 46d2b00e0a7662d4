import { barOf, type MarketView } from '../candle-history.ts';
import { decimal, plain } from '../decimal.ts';
import type { Bar } from '../state.ts';
import type { Store } from '../store.ts';

/** The bar of a span that ends with the forming minute. Its past minutes are put together only once for as long as they hold. */
export type WindowBars = {
  /** From minute `from` on until now; `name` is what the span is called, `forming` the bar of the minute that is not over. */
  since(view: MarketView, symbol: string, name: string, from: number, forming: Bar | null): Bar | null;
};

export function createWindowBars({ state }: Store): WindowBars {
  const known = new Map<string, { of: string; bar: Bar | null }>();
  return {
    since(view, symbol, name, from, forming) {
      const { lastMinute } = view;
      const key = `${symbol} ${name}`;
      const of = `${from} ${lastMinute} ${state.tape[symbol]?.length} ${state.candles.overrides.length}`;
      let past = known.get(key);
      if (past?.of !== of) {
        past = { of, bar: barOf(view, from, lastMinute) };
        known.set(key, past);
      }
      return joined(past.bar, forming);
    },
  };
}

/** What has happened so far in the minute that is not over. */
export function formingBar(view: MarketView): Bar | null {
  return barOf(view, view.lastMinute, view.lastMinute + 1);
}

function joined(first: Bar | null, then: Bar | null): Bar | null {
  if (first === null || then === null) return first ?? then;
  return {
    open: first.open,
    high: decimal(first.high).gt(then.high) ? first.high : then.high,
    low: decimal(first.low).lt(then.low) ? first.low : then.low,
    close: then.close,
    base: plain(decimal(first.base).plus(then.base)),
    quote: plain(decimal(first.quote).plus(then.quote)),
  };
}
