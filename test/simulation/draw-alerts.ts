import type { Chance } from './chance.ts';
import { TOKEN } from './functions.ts';
import type { Delivery, Plan } from './plan.ts';

/** Prices at which the simulator opens, and sizes that fit them. */
export const MARKETS: Readonly<
  Record<
    string,
    { readonly price: number; readonly decimals: number; readonly least: number; readonly most: number }
  >
> = {
  SOLUSDT: { price: 142.5, decimals: 2, least: 0.05, most: 1.5 },
  XRPUSDT: { price: 2.105, decimals: 4, least: 5, most: 70 },
  METALUSDT: { price: 0.41, decimals: 5, least: 10, most: 300 },
};

const KINDS = {
  'market buy': 4,
  'market buy of quantity': 2,
  'percent buy': 0.7,
  'limit buy': 8,
  'maker buy': 1,
  'ioc buy': 1,
  'fok buy': 0.7,
  sell: 2,
  'percent sell': 1.5,
  'limit sell': 5,
  'flat sell': 1,
  close: 2.5,
  target: 4,
  'target percent': 1,
  'target zero': 1,
  'negative target': 0.3,
  cancel: 4,
  'cover of a short': 0.3,
  invalid: 0.4,
  'unknown symbol': 0.2,
} as const;

type Fields = Record<string, unknown>;

/** What one alert asks for. */
const drawFields = (chance: Chance, symbol: string): Fields => {
  const { price, decimals, least, most } = MARKETS[symbol] ?? { price: 1, decimals: 2, least: 1, most: 10 };
  const amount = (): string => (least + chance.fraction() * (most - least)).toFixed(2);
  /** At most so many percent above; below, where most orders rest. */
  const below = (least: number, most: number): string =>
    (price * (1 - (least + chance.fraction() * (most - least)) / 100)).toFixed(decimals);
  const near = (percent: number): string => below(-percent, percent);
  const resting = (side: 'buy' | 'sell'): string =>
    chance.happens(0.2) ? near(1) : side === 'buy' ? below(0.3, 3) : below(-3, -0.3);
  const quote = (): string => String(chance.whole(6, 90));
  switch (chance.weighted(KINDS)) {
    case 'market buy':
      return { action: 'buy', quoteQuantity: quote() };
    case 'market buy of quantity':
      return { action: 'buy', quantity: amount(), ...(chance.happens(0.3) && { marketPosition: 'long' }) };
    case 'percent buy':
      return { action: 'buy', percent: (chance.whole(1, 9) / 100).toFixed(2) };
    case 'limit buy': {
      const size = chance.happens(0.7) ? { quantity: amount() } : { quoteQuantity: quote() };
      const expires = chance.happens(0.3) && { expireAfterSeconds: chance.whole(60, 90) };
      return { action: 'buy', type: 'limit', price: resting('buy'), ...size, ...expires };
    }
    case 'maker buy':
      return { action: 'buy', type: 'limit_maker', price: resting('buy'), quantity: amount() };
    case 'ioc buy':
      return { action: 'buy', type: 'ioc', price: near(1), quantity: amount() };
    case 'fok buy':
      return { action: 'buy', type: 'fok', price: near(1), quantity: amount() };
    case 'sell':
      return { action: 'sell', quantity: amount() };
    case 'percent sell':
      return { action: 'sell', percent: String(chance.whole(10, 100)) };
    case 'limit sell':
      return {
        action: 'sell',
        type: chance.pick(['limit', 'limit', 'limit_maker', 'ioc']),
        price: resting('sell'),
        quantity: amount(),
      };
    case 'flat sell':
      return { action: 'sell', quantity: amount(), marketPosition: chance.pick(['flat', 'short']) };
    case 'close':
      return { action: 'close' };
    case 'target':
      return { action: 'target', targetQuantity: amount() };
    case 'target percent':
      return { action: 'target', targetPercent: String(chance.whole(1, 40)) };
    case 'target zero':
      return { action: 'target', targetQuantity: amount(), marketPosition: 'flat' };
    case 'negative target':
      return { action: 'target', targetQuantity: `-${amount()}` };
    case 'cancel':
      return { action: 'cancel' };
    case 'cover of a short':
      return { action: 'buy', quantity: amount(), marketPosition: 'flat' };
    case 'invalid':
      return { action: 'buy', quantity: '1', stop: '1' };
    case 'unknown symbol':
      return { action: 'buy', quoteQuantity: '10', symbol: 'NOSUCHUSDT' };
  }
};

type Terms = Pick<Plan, 'start' | 'symbols' | 'strict'> & {
  /** Until when alerts come in, ms after the start. */
  readonly busy: number;
  readonly names: readonly string[];
  /** When a day begins, ms after the start. */
  readonly midnight: number | undefined;
};

/** Alerts of a few strategies, each delivered once or more often, not always in the order in which they fired. */
export const drawDeliveries = (
  chance: Chance,
  { start, busy, symbols, names, strict, midnight }: Terms,
): Delivery[] => {
  const [symbol = '', ...symbols_] = symbols;
  const [name = '', ...names_] = names;
  // Small worlds, busy lanes.
  const count = chance.happens(strict ? 0.6 : 0.05) ? chance.whole(12, 24) : chance.whole(4, 10);
  const bursts = chance.whole(1, 4);
  const burstAt = Array.from({ length: strict ? 1 : bursts }, () => chance.whole(500, busy - 15_000));
  if (midnight !== undefined) burstAt.push(Math.max(0, midnight - 700), midnight + 100);
  const deliveries: Delivery[] = [];
  for (let alert = 0; alert < count; alert += 1) {
    // Something to sell in the first lanes, or most alerts would be refused.
    const opens = alert < names.length && chance.happens(0.8);
    const strategy = opens ? (names[alert] ?? name) : chance.pick([name, ...names_]);
    const burst = chance.pick([0, ...burstAt]);
    const at = opens
      ? chance.whole(200, 3_000)
      : burst > 0
        ? burst + chance.whole(0, 800)
        : chance.whole(500, busy - 5_000);
    const fired = start + at - chance.pick([0, 0, 300, 2_000]) - chance.whole(0, 200);
    const time = chance.happens(0.3) ? `${new Date(fired).toISOString().slice(0, 19)}Z` : fired;
    const fields = {
      token: TOKEN,
      strategy,
      time,
      ...(chance.happens(0.85) && { id: `alert ${alert}` }),
      ...(chance.happens(0.3) && { sequence: alert }),
      symbol: opens || chance.happens(0.5) ? symbol : chance.pick([symbol, ...symbols_]),
      info: { alert },
      ...(!opens && chance.happens(0.09) && { test: true }),
    };
    const asked = opens
      ? { action: 'buy', quoteQuantity: String(chance.whole(40, 100)) }
      : drawFields(chance, fields.symbol);
    const body = JSON.stringify({ ...fields, ...asked });
    deliveries.push({ at, alert, strategy, body });
    for (const delay of drawRepeats(chance)) deliveries.push({ at: at + delay, alert, strategy, body });
    if ('id' in fields && chance.happens(0.03)) {
      const other = JSON.stringify({
        ...fields,
        ...asked,
        comment: 'another',
        info: { alert: count + alert },
      });
      deliveries.push({ at: at + chance.whole(0, 3_000), alert: count + alert, strategy, body: other });
    }
  }
  return deliveries;
};

/** When the same alert comes again, ms after the first time: in the same ms, while it is on its way, or much later. */
const drawRepeats = (chance: Chance): number[] => {
  const delays: number[] = [];
  if (chance.happens(0.12)) delays.push(0);
  if (chance.happens(0.12)) delays.push(chance.whole(1, 120));
  if (chance.happens(0.12)) delays.push(chance.whole(120, 3_000));
  if (chance.happens(0.08)) delays.push(chance.whole(3_000, 30_000));
  return delays;
};
