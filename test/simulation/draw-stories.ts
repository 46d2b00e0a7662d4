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

/**
 * Orders that rest, are filled in part while somebody looks, and are then cancelled in one of the ways there are; and test
 * orders. Each in the lane where most of the other alerts are.
 */
export const drawStories = (
  chance: Chance,
  {
    start,
    lasts,
    symbols,
    names,
  }: Pick<Plan, 'start' | 'lasts' | 'symbols'> & { readonly names: readonly string[] },
): Story => {
  const deliveries: Delivery[] = [];
  const moves: Move[] = [];
  const runs: ExtraRun[] = [];
  const [symbol = ''] = symbols;
  const [strategy = ''] = names;
  const { price, decimals, most } = MARKETS[symbol] ?? { price: 1, decimals: 2, most: 10 };
  const tell = (at: number, asked: Record<string, unknown>): void => {
    const alert = FIRST_ALERT + deliveries.length;
    const time = start + at - chance.whole(0, 300);
    const body = { token: TOKEN, strategy, time, symbol, id: `story ${alert}`, info: { alert }, ...asked };
    deliveries.push({ at, alert, strategy, body: JSON.stringify(body) });
  };
  for (let left = chance.whole(1, 3); left > 0; left -= 1) {
    let at = chance.whole(2_000, lasts - 20_000);
    const limit = (price * (1 - chance.whole(5, 20) / 1_000)).toFixed(decimals);
    tell(at, {
      action: 'buy',
      type: chance.pick(['limit', 'limit_maker']),
      price: limit,
      quantity: (most / 2).toFixed(2),
    });
    for (let parts = chance.whole(0, 2); parts > 0; parts -= 1) {
      at += chance.whole(1_500, 4_000);
      const quantity = (most / chance.whole(5, 20)).toFixed(2);
      moves.push({ at, command: { do: 'trade', with: { symbol, price: limit, quantity } } });
      runs.push({ at: at + chance.whole(50, 1_500) });
    }
    at += chance.whole(1_000, 5_000);
    const ends = chance.pick(['cancel', 'cancel', 'close', 'target'] as const);
    tell(at, { action: ends, ...(ends === 'target' && { targetQuantity: (most / 4).toFixed(2) }) });
  }
  if (chance.happens(0.35)) {
    const at = chance.whole(2_000, lasts - 5_000);
    tell(at, { action: 'buy', quoteQuantity: '12', test: true });
  }
  return { deliveries, moves, runs };
};
