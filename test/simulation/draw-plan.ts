import { StrategySettings } from '../../lib/domain/settings.ts';
import { type Chance, chanceOf } from './chance.ts';
import { drawDeliveries, MARKETS } from './draw-alerts.ts';
import { DOUBTERS, drawLateBook, drawLateWord, drawSlowClock, PERSISTENT } from './draw-doubts.ts';
import { drawExchangeFaults, drawStops, drawStoreFaults, drawWireFaults } from './draw-faults.ts';
import {
  COURIERS,
  drawHeldRequest,
  drawMidnight,
  drawRaces,
  drawStorm,
  NEWCOMER,
  type Terms,
} from './draw-provocations.ts';
import { DEALER, drawStories, TELLER } from './draw-stories.ts';
import type { Delivery, Move, OperatorAction, Plan } from './plan.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const MIDNIGHT = Date.UTC(2026, 10, 23);

/** Everything that a seed stands for. */
export const drawPlan = (seed: number): Plan => {
  const chance = chanceOf(`plan ${seed}`);
  const seedClass = chance.happens(0.25) ? 'B' : 'A';
  const strict = chance.happens(0.1);
  const busy = chance.pick([30_000, 50_000, 80_000]);
  // What came in is carried to its end under faults too.
  const lasts = busy + 60_000;
  const isLate = chance.happens(0.16);
  const start = isLate ? MIDNIGHT - chance.whole(1_000, busy) : NOON + chance.whole(0, 3_600_000);
  // With limits in force the clocks are as well kept as machines of one region are: the pace is shared by time.
  const apart = strict ? 15 : isLate ? 3_000 : chance.pick([0, 20, 400, 3_000]);
  const [first, ...others] = ['SOLUSDT', 'XRPUSDT', 'METALUSDT'] as const;
  const symbols = [first, ...others].slice(0, strict || isLate ? 3 : chance.pick([1, 1, 1, 2, 3]));
  const names = ['alpha', 'beta', 'gamma', 'delta'].slice(0, strict ? 4 : chance.pick([1, 1, 1, 2, 3, 4]));
  const strategies = {
    ...Object.fromEntries(names.map((name) => [name, drawSettings(chance.stream(name), seedClass)])),
    ...Object.fromEntries(
      [NEWCOMER, DEALER, ...COURIERS, ...DOUBTERS].map((name) => [
        name,
        StrategySettings.parse({ staleAfterSeconds: 120 }),
      ]),
    ),
    [TELLER]: StrategySettings.parse({ staleAfterSeconds: 120, resendAbsent: false }),
    [PERSISTENT]: StrategySettings.parse({ staleAfterSeconds: 120, resendAbsent: seedClass === 'A' }),
  };
  const midnight = isLate ? MIDNIGHT - start : undefined;
  const base = { start, busy, symbols, names, strict, midnight } as const;
  const provoked = chance.stream('provoked');
  const held = !strict && provoked.happens(0.08) ? drawHeldRequest(provoked, base, busy) : undefined;
  const deliveries = [
    ...drawDeliveries(chance.stream('alerts'), base),
    ...(midnight !== undefined && !strict ? drawMidnight(provoked, base, midnight) : []),
    ...(strict && provoked.happens(0.4)
      ? drawStorm(provoked, { ...base, names: [...names, NEWCOMER, ...COURIERS, ...DOUBTERS] }, busy)
      : []),
    ...(held?.deliveries ?? []),
  ];
  const stories = drawStories(chance.stream('stories'), base);
  // Some worlds are calm, so that what is seen in the others is known to come from the faults; in some there is no end of them.
  // That nothing exceeds the exchange's limits is only claimed where nobody stands still between a ticket and its request.
  const calm = held !== undefined || chance.happens(strict ? 0.35 : 0.08);
  const doubts = calm && !held && !strict ? drawDoubts(chance.stream('doubts'), seedClass, base) : undefined;
  const extra = chance.happens(0.1) ? chance.whole(5, 20) : 0;
  const many = { seed, busy, extra };
  return {
    seed,
    class: seedClass,
    start,
    lasts,
    strict,
    apart,
    symbols,
    strategies,
    indexLag: held ? 5_000 : calm ? 0 : chance.pick([0, 300, 5_000]),
    wakes: calm ? { lost: 0, twice: 0 } : { lost: 0.2, twice: 0.15 },
    deliveries: [...deliveries, ...stories.deliveries, ...(doubts?.deliveries ?? [])],
    moves: [...drawMoves(chance.stream('moves'), lasts, symbols), ...stories.moves],
    exchangeFaults: calm
      ? (doubts?.exchangeFaults ?? [])
      : drawExchangeFaults(chance.stream('exchange'), seedClass, many),
    wireFaults: [
      ...(held?.wireFaults ?? []),
      ...(doubts?.wireFaults ?? []),
      ...(calm || strict ? [] : drawWireFaults(chance.stream('wire'), many)),
    ],
    storeFaults: calm ? [] : drawStoreFaults(chance.stream('store'), many),
    stops: [...stories.stops, ...(calm ? (doubts?.stops ?? []) : drawStops(chance.stream('stops'), many))],
    runs: [
      ...Array.from({ length: 5 }, () => ({ at: chance.whole(5_000, busy + 50_000) })),
      ...stories.runs,
      ...(doubts?.runs ?? []),
    ],
    steps:
      calm || strict
        ? []
        : Array.from({ length: chance.whole(0, 2) }, () => ({
            at: chance.whole(5_000, lasts),
            machine: chance.whole(0, 4),
            ms: chance.whole(-3_000, 3_000),
          })),
    operator: held
      ? held.operator
      : provoked.happens(0.15)
        ? drawRaces(provoked, deliveries)
        : drawActions(chance.stream('operator'), busy, deliveries),
  };
};

/** In some calm worlds one thing goes wrong, and of that everything that can come of it. */
const drawDoubts = (chance: Chance, seedClass: Plan['class'], base: Terms & { readonly busy: number }) => {
  if (seedClass === 'B') return drawLateBook(chance, base, base.busy);
  switch (chance.pick(['word', 'word', 'word', 'clock', 'clock', 'none'] as const)) {
    case 'word':
      return drawLateWord(chance, base, base.busy);
    case 'clock':
      return drawSlowClock(chance, base, base.busy);
    case 'none':
      return undefined;
  }
};

const drawSettings = (chance: Chance, seedClass: Plan['class']): StrategySettings =>
  StrategySettings.parse({
    maxOrdersPerDay: chance.pick([4, 1_000, 1_000, 1_000]),
    maxNotionalPerDay: chance.pick(['250', '100000', '100000', '100000']),
    maxOpenOrders: chance.pick([1, 3, 50, 50, 50]),
    maxOrderNotional: chance.pick(['80', '5000', '5000', '5000']),
    maxPositionNotional: chance.pick(['200', '50000', '50000', '50000']),
    staleAfterSeconds: chance.pick([20, 60, 60, 120]),
    shortAs: chance.happens(0.8) ? 'flat' : 'refuse',
    resendAbsent: seedClass === 'A' && chance.happens(0.3),
    ...(chance.happens(0.7) && { capital: '800' }),
  });

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Prices that move, strangers that trade, and the owner who places, sells and withdraws by hand. */
const drawMoves = (chance: Chance, lasts: number, symbols: readonly string[]): Move[] => {
  const [first = '', ...rest] = symbols;
  const drawMove = (): Move => {
    const at = chance.whole(0, lasts);
    const symbol = chance.pick([first, ...rest]);
    const { price = 1, decimals = 2, least = 1, most = 2 } = MARKETS[symbol] ?? {};
    const near = (price * (1 + (chance.fraction() - 0.5) * 0.05)).toFixed(decimals);
    const quantity = (least + chance.fraction() * 0.4 * (most - least)).toFixed(2);
    switch (chance.weighted({ price: 2, trade: 8, order: 1.2, foreign: 0.3, book: 0.8, balance: 0.4 })) {
      case 'price':
        return { at, command: { do: 'price', with: { symbol, price: near } } };
      case 'trade':
        return { at, command: { do: 'trade', with: { symbol, price: near, quantity } } };
      case 'order': {
        const side = chance.pick(['BUY', 'SELL'] as const);
        return { at, command: { do: 'order', with: { symbol, side, type: 'LIMIT', price: near, quantity } } };
      }
      case 'foreign': {
        const side = chance.pick(['BUY', 'SELL'] as const);
        const clientOrderId = chance.happens(0.9)
          ? `bot-${chance.whole(1, 1_000_000)}`
          : `m${Array.from({ length: 25 }, () => BASE32.charAt(chance.whole(0, 31))).join('')}-1`;
        return { at, foreign: { symbol, side, price: near, quantity, clientOrderId } };
      }
      case 'book': {
        const step = 10 ** -decimals;
        const level = (n: number): [string, string] => [(price + n * step * 5).toFixed(decimals), quantity];
        return {
          at,
          command: { do: 'book', with: { symbol, bids: [level(-1), level(-2)], asks: [level(1), level(2)] } },
        };
      }
      case 'balance':
        return {
          at,
          command: { do: 'balance', with: { asset: symbol.replace('USDT', ''), amount: `-${quantity}` } },
        };
    }
  };
  return Array.from({ length: chance.whole(2, 9) }, drawMove);
};

/** Halts while alerts come in, and what follows them; and everything re-armed once more, as a careful operator does. */
const drawActions = (chance: Chance, busy: number, deliveries: readonly Delivery[]): OperatorAction[] => {
  const arming = Array.from({ length: chance.whole(0, 2) }, () => ({
    at: chance.whole(1_000, busy),
    mode: 'ACTIVE' as const,
  }));
  const [first, ...rest] = deliveries;
  if (!first || !chance.happens(0.25)) return arming;
  const delivery = chance.pick([first, ...rest]);
  const of = chance.happens(0.8) && { strategy: delivery.strategy };
  const at = delivery.at + chance.whole(0, 400);
  const mode = chance.pick(['HALTED', 'HALTED', 'REDUCE_ONLY'] as const);
  const command = chance.pick(['cancelAll', 'flatten'] as const);
  return [
    { at, ...of, mode },
    ...(chance.happens(0.6) ? [{ at: at + chance.whole(100, 8_000), ...of, mode: 'ACTIVE' as const }] : []),
    ...(chance.happens(0.25) ? [{ at: at + chance.whole(0, 9_000), ...of, command }] : []),
    ...(chance.happens(0.3)
      ? [{ at: at + chance.whole(8_000, 12_000), ...of, mode: 'HALTED' as const }]
      : []),
    ...(chance.happens(0.3) ? arming : []),
  ];
};
