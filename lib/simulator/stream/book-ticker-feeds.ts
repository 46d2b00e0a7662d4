import { bookView } from '../book.ts';
import { marketOf } from '../store.ts';
import { createAlarm, stepAfter } from './agenda.ts';
import { type Feed, header, type SymbolContext } from './feed.ts';
import type { Best, Body } from './messages.ts';

const BATCH_EVERY = 100;

/** Best bid and ask of a symbol whenever they have changed, at most every `everyMs`. */
export function aggreBookTickerFeed(context: SymbolContext, { everyMs }: { everyMs: number }): Feed {
  return bestFeed(context, everyMs, (best) => ({
    of: 'publicAggreBookTicker',
    message: { ...best, ...stateOf(context) },
  }));
}

/** The same as a list of one. The page gives no cadence. */
export function bookTickerBatchFeed(context: SymbolContext): Feed {
  return bestFeed(context, BATCH_EVERY, (best) => ({
    of: 'publicBookTickerBatch',
    message: { items: [best], ...stateOf(context) },
  }));
}

function bestFeed(context: SymbolContext, everyMs: number, bodyOf: (best: Best) => Body): Feed {
  let shown = JSON.stringify(bestNow(context));
  const alarm = createAlarm(context.agenda, () => {
    const best = bestNow(context);
    const text = JSON.stringify(best);
    if (text === shown) return;
    shown = text;
    context.send({ ...header(context), body: bodyOf(best) });
  });
  return { book: () => alarm.by(stepAfter(context.agenda.now(), everyMs)), stop: alarm.off };
}

function bestNow({ store, rules }: SymbolContext): Best {
  const { bids, asks } = bookView(store, rules, 1);
  const [bidPrice, bidQuantity] = bids[0] ?? ['', ''];
  const [askPrice, askQuantity] = asks[0] ?? ['', ''];
  return { bidPrice, bidQuantity, askPrice, askQuantity };
}

function stateOf({ store, rules, time }: SymbolContext): { version: string; lastOrderCreateTime: number } {
  return { version: String(marketOf(store, rules.symbol).version), lastOrderCreateTime: time() };
}
