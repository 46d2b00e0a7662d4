import { viewMarket } from '../candle-history.ts';
import type { Print } from '../state.ts';
import { createAlarm, stepAfter } from './agenda.ts';
import { type Feed, header, type SymbolContext } from './feed.ts';
import { nextStranger, strangersBetween } from './strangers.ts';

/** All public trades of a symbol, gathered for `everyMs`: those on the tape and the generated ones REST shows as well. */
export function dealsFeed(
  context: SymbolContext,
  { everyMs, event }: { everyMs: number; event: string },
): Feed {
  const { store, agenda, rules } = context;
  let shownUntil = context.time();
  let printed: { print: Print; id: string }[] = [];

  const flush = (): void => {
    const now = context.time();
    const view = viewMarket(store, rules, now);
    const strangers = strangersBetween(view, shownUntil, now).map((print) => ({
      print,
      id: `2${print.time}`,
    }));
    const rows = [...strangers, ...printed].sort((a, b) => a.print.time - b.print.time);
    shownUntil = Math.max(shownUntil, now);
    printed = [];
    if (rows.length > 0) {
      const deals = rows.map(({ print, id }) => ({
        price: print.price,
        quantity: print.qty,
        tradeType: print.buyerMaker ? 2 : 1,
        time: print.time,
        tradeId: id,
      }));
      context.send({
        ...header(context),
        body: { of: 'publicAggreDeals', message: { deals, eventType: event } },
      });
    }
    wait();
  };
  const alarm = createAlarm(agenda, flush);
  const wait = (): void => {
    const now = context.time();
    const next = context.due(nextStranger(viewMarket(store, rules, now), Math.max(now, shownUntil)));
    alarm.by(Math.max(stepAfter(agenda.now(), everyMs), Math.ceil(next / everyMs) * everyMs));
  };
  wait();
  return {
    print(print) {
      const number = store.state.tape[rules.symbol]?.length ?? 0;
      printed.push({ print, id: `1${String(number).padStart(12, '0')}` });
      alarm.by(stepAfter(agenda.now(), everyMs));
    },
    stop: alarm.off,
  };
}
