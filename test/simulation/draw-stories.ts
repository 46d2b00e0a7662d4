import type { Chance } from './chance.ts';
import { MARKETS } from './draw-alerts.ts';
import { TOKEN } from './functions.ts';
import type { Delivery, ExtraRun, Move, Plan } from './plan.ts';

/** What belongs together, so that it happens in most worlds and not only when chance has it so. */
interface Story {
  readonly deliveries: readonly Delivery[];
  readonly moves: readonly Move[];
  readonly runs: readonly ExtraRun[];
}

/** Alerts of stories are numbered from here on. */
const FIRST_ALERT = 500;
/** The strategy of the stories: its lane is not held up by what other alerts do. */
export const TELLER = 'teller';

/**
 * Orders that rest, are filled in part while somebody looks, and are then cancelled in one of the ways there are; and test
 * orders.
 */
export const drawStories = (
  chance: Chance,
  { start, busy, symbols }: Pick<Plan, 'start' | 'symbols'> & { readonly busy: number },
): Story => {
  const deliveries: Delivery[] = [];
  const moves: Move[] = [];
  const runs: ExtraRun[] = [];
  const [symbol = ''] = symbols;
  const { price, decimals, most } = MARKETS[symbol] ?? { price: 1, decimals: 2, most: 10 };
  const tell = (at: number, asked: Record<string, unknown>): void => {
    const alert = FIRST_ALERT + deliveries.length;
    const time = start + at - chance.whole(0, 300);
    const strategy = TELLER;
    const body = { token: TOKEN, strategy, time, symbol, id: `story ${alert}`, info: { alert }, ...asked };
    deliveries.push({ at, alert, strategy, body: JSON.stringify(body) });
  };
  let at = chance.whole(500, 4_000);
  for (let left = chance.whole(1, 2); left > 0 && at < busy - 12_000; left -= 1) {
    tell(at, {
      action: 'buy',
      type: chance.pick(['limit', 'limit_maker']),
      price: (price * (1 - chance.whole(5, 20) / 1_000)).toFixed(decimals),
      quantity: (most / 2).toFixed(2),
    });
    for (let parts = chance.whole(0, 3); parts > 0; parts -= 1) {
      at += chance.whole(800, 3_000);
      moves.push({ at, take: { symbol, share: chance.whole(1, 4) / 10 } });
      runs.push({ at: at + chance.whole(20, 600) });
    }
    at += chance.whole(500, 4_000);
    const ends = chance.pick(['cancel', 'cancel', 'cancel', 'close', 'target'] as const);
    tell(at, { action: ends, ...(ends === 'target' && { targetQuantity: (most / 4).toFixed(2) }) });
    at += chance.whole(500, 6_000);
  }
  for (let tests = chance.whole(1, 3); tests > 0; tests -= 1)
    tell(chance.whole(2_000, busy - 5_000), { action: 'buy', quoteQuantity: '12', test: true });
  return { deliveries, moves, runs };
};
