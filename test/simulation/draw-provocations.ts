import type { Chance } from './chance.ts';
import { MARKETS } from './draw-alerts.ts';
import { TOKEN } from './functions.ts';
import type { Delivery, OperatorAction, Plan, WireFault } from './plan.ts';

/** Alerts of provocations are numbered from here on. */
const FIRST_ALERT = 700;

export type Terms = Pick<Plan, 'start' | 'symbols'> & { readonly names: readonly string[] };

/** Small orders of different lanes, all within a moment, in as many processes. @param at ms after the start */
export const drawCrowd = (
  chance: Chance,
  { start, symbols, names }: Terms,
  first: number,
  at: () => number,
  many: number,
  resting: boolean,
): Delivery[] =>
  Array.from({ length: many }, (_, n) => {
    const alert = first + n;
    const symbol = symbols[n % symbols.length] ?? '';
    const strategy = names[Math.floor(n / symbols.length) % names.length] ?? '';
    const { price, decimals, most } = MARKETS[symbol] ?? { price: 1, decimals: 2, most: 10 };
    const when = at();
    const asked = resting
      ? { type: 'limit', price: (price * 0.98).toFixed(decimals), quantity: (most / 4).toFixed(2) }
      : { quoteQuantity: String(chance.whole(6, 9)) };
    const named = { id: `crowd ${alert}`, info: { alert } };
    const body = { token: TOKEN, strategy, time: start + when, symbol, ...named, action: 'buy', ...asked };
    return { at: when, alert, strategy, body: JSON.stringify(body) };
  });

/** Orders on both sides of midnight, by processes whose clocks do not agree on which day it is. */
export const drawMidnight = (chance: Chance, terms: Terms, midnight: number): Delivery[] =>
  drawCrowd(chance, terms, FIRST_ALERT, () => Math.max(0, midnight + chance.whole(-1_500, 3_500)), 10, false);

/** More orders within a moment than the exchange takes in a second, each in a lane of its own and none that asks it anything. */
export const drawStorm = (chance: Chance, terms: Terms, busy: number): Delivery[] => {
  const moment = chance.whole(4_000, busy - 10_000);
  return drawCrowd(chance, terms, FIRST_ALERT + 50, () => moment + chance.whole(0, 250), 24, false);
};

const PLACING = { point: 'POST /api/v3/order', kind: 'delay' } as const;

interface Held {
  readonly wireFaults: readonly WireFault[];
  readonly operator: readonly OperatorAction[];
  readonly deliveries: readonly Delivery[];
}

/**
 * A halt of all while a request is on its way that the exchange will still take: late through the network, then late into the
 * book. Sometimes everything is re-armed while the halt waits, and alerts go on, also those of a strategy that never traded.
 */
export const drawHeldRequest = (chance: Chance, terms: Terms, busy: number): Held => {
  const at = chance.whole(2_000, busy - 12_000);
  const crowd = drawCrowd(
    chance,
    { ...terms, symbols: terms.symbols.slice(0, 1), names: COURIERS },
    FIRST_ALERT + 100,
    () => at + chance.whole(0, 60),
    COURIERS.length,
    true,
  );
  const halt = at + chance.whole(150, 700);
  const rearmed = chance.happens(0.5);
  const later = drawCrowd(
    chance,
    { ...terms, names: [...terms.names, ...COURIERS] },
    FIRST_ALERT + 150,
    () => halt + chance.whole(1_500, 9_000),
    4,
    true,
  ).map((delivery, n) => (n === 0 ? renamed(delivery, NEWCOMER) : delivery));
  return {
    wireFaults: [
      { ...PLACING, at, ms: chance.whole(1_200, 2_750), late: chance.whole(1_200, 1_950) },
      // Too late for the exchange, if it was signed as it should be.
      { ...PLACING, at, ms: chance.whole(7_000, 9_500) },
    ],
    operator: [
      { at: halt, mode: 'HALTED' },
      ...(rearmed ? [{ at: halt + chance.whole(200, 1_500), mode: 'ACTIVE' as const }] : []),
      { at: halt + chance.whole(10_000, 12_000), mode: 'ACTIVE' },
    ],
    deliveries: [...crowd, ...later],
  };
};

/** A strategy whose first alert comes late, and those whose lanes nobody else holds up. */
export const NEWCOMER = 'newcomer';
export const COURIERS = ['courier', 'messenger'];

const renamed = (delivery: Delivery, strategy: string): Delivery => ({
  ...delivery,
  strategy,
  body: JSON.stringify({ ...JSON.parse(delivery.body), strategy }),
});

/** Halts of one strategy right into its alerts, each taken back soon. */
export const drawRaces = (chance: Chance, deliveries: readonly Delivery[]): OperatorAction[] => {
  const [first, ...rest] = deliveries;
  if (!first) return [];
  return Array.from({ length: chance.whole(2, 4) }, () => chance.pick([first, ...rest])).flatMap(
    ({ at, strategy }) => {
      const halt = at + chance.whole(10, 160);
      return [
        { at: halt, strategy, mode: chance.pick(['HALTED', 'HALTED', 'REDUCE_ONLY'] as const) },
        { at: halt + chance.whole(300, 2_500), strategy, mode: 'ACTIVE' as const },
      ];
    },
  );
};
