import type { Chance } from './chance.ts';
import { MARKETS } from './draw-alerts.ts';
import { TOKEN } from './functions.ts';
import type { Delivery, ExtraRun, Move, Plan, PlannedStop } from './plan.ts';

/** What belongs together, so that it happens in most worlds and not only when chance has it so. */
interface Story {
  readonly deliveries: readonly Delivery[];
  readonly moves: readonly Move[];
  readonly runs: readonly ExtraRun[];
  readonly stops: readonly PlannedStop[];
}

/** Alerts of stories are numbered from here on. */
const FIRST_ALERT = 500;
/** The strategies of the stories: their lanes are not held up by what other alerts do. */
export const TELLER = 'teller';
export const DEALER = 'dealer';

type Terms = Pick<Plan, 'start' | 'symbols'> & { readonly busy: number };
type Asked = Readonly<Record<string, unknown>>;

interface Telling {
  readonly chance: Chance;
  readonly symbol: string;
  readonly price: number;
  readonly most: number;
  readonly busy: number;
  /** An alert at this time, ms after the start; `late`: by how much its time lies before that. */
  tell(at: number, asked: Asked, late?: number): void;
  /** A limit price so many thousandths above. */
  priced(thousandths: number): string;
}

/** What happens to the strategies of the stories in one world. */
export const drawStories = (chance: Chance, { start, busy, symbols }: Terms): Story => {
  const deliveries: Delivery[] = [];
  const [symbol = ''] = symbols;
  const { price, decimals, most } = MARKETS[symbol] ?? { price: 1, decimals: 2, most: 10 };
  const of = (strategy: string): Telling => ({
    chance,
    symbol,
    price,
    most,
    busy,
    tell: (at, asked, late = chance.whole(0, 300)) => {
      const alert = FIRST_ALERT + deliveries.length;
      const named = { id: `story ${alert}`, info: { alert } };
      const body = { token: TOKEN, strategy, time: start + at - late, symbol, ...named, ...asked };
      deliveries.push({ at, alert, strategy, body: JSON.stringify(body) });
    },
    priced: (thousandths) => (price * (1 + thousandths / 1_000)).toFixed(decimals),
  });
  const { moves, runs } = tellOfResting(of(TELLER));
  if (chance.happens(0.3)) tellOfSizes(of(DEALER));
  const many =
    !deliveries.some(({ strategy }) => strategy === DEALER) && chance.happens(0.15)
      ? tellOfManyTrades(of(DEALER), decimals)
      : undefined;
  return { deliveries, moves: [...moves, ...(many?.moves ?? [])], runs, stops: many?.stops ?? [] };
};

/**
 * Orders that rest, are filled in part while somebody looks, and are then cancelled in one of the ways there are; and test
 * orders.
 */
const tellOfResting = ({
  chance,
  symbol,
  most,
  busy,
  tell,
  priced,
}: Telling): { readonly moves: Move[]; readonly runs: ExtraRun[] } => {
  const moves: Move[] = [];
  const runs: ExtraRun[] = [];
  let at = chance.whole(500, 4_000);
  for (let left = chance.whole(1, 3); left > 0 && at < busy - 12_000; left -= 1) {
    tell(at, {
      action: 'buy',
      type: chance.pick(['limit', 'limit_maker']),
      price: priced(-chance.whole(5, 20)),
      quantity: (most / 2).toFixed(2),
    });
    for (let parts = chance.whole(2, 5); parts > 0; parts -= 1) {
      at += chance.whole(800, 2_500);
      moves.push({ at, take: { symbol, share: chance.whole(1, 4) / 10 } });
      runs.push({ at: at + chance.whole(20, 600), woken: true });
    }
    at += chance.whole(500, 4_000);
    const ends = chance.pick(['cancel', 'cancel', 'cancel', 'close', 'target'] as const);
    tell(at, { action: ends, ...(ends === 'target' && { targetQuantity: (most / 4).toFixed(2) }) });
    at += chance.whole(500, 6_000);
  }
  for (let tests = chance.whole(1, 3); tests > 0; tests -= 1)
    tell(chance.whole(2_000, busy - 5_000), { action: 'buy', quoteQuantity: '12', test: true });
  return { moves, runs };
};

/** A position, and what has to be sized with a look at what rests, or at what was asked for later. */
const tellOfSizes = ({ chance, most, busy, tell, priced }: Telling): void => {
  const half = (most / 2).toFixed(2);
  let at = chance.whole(500, busy / 2);
  tell(at, { action: 'buy', quantity: half });
  at += chance.whole(2_500, 6_000);
  switch (chance.pick(['two sales', 'two targets', 'more than the target'] as const)) {
    case 'two sales':
      tell(at, { action: 'sell', type: 'limit', price: priced(chance.whole(5, 20)), percent: '80' });
      at += chance.whole(800, 3_000);
      tell(at, { action: 'sell', ...chance.pick([{ percent: '100' }, { quantity: half }]) });
      break;
    case 'two targets': {
      const older = chance.pick([
        { action: 'close' },
        { action: 'target', targetQuantity: (most / 8).toFixed(2) },
      ]);
      tell(at, { action: 'target', targetQuantity: (most / 4).toFixed(2) }, 150);
      at += chance.whole(200, 2_500);
      tell(at, older, chance.whole(4_000, 6_000));
      break;
    }
    case 'more than the target':
      tell(at, { action: 'buy', type: 'limit', price: priced(-chance.whole(5, 20)), quantity: half });
      at += chance.whole(800, 3_000);
      tell(at, { action: 'target', targetQuantity: half });
      break;
  }
  tell(at + chance.whole(2_000, 6_000), { action: 'cancel' });
};

/** Levels of a thin book: as many trades has the order that takes them, more than are booked in one write. */
const THIN_LEVELS = 80;

/** An order with more trades than one write of the ledger takes; sometimes who books them dies after the first write. */
const tellOfManyTrades = (
  { chance, symbol, price, most, busy, tell }: Telling,
  decimals: number,
): Pick<Story, 'moves' | 'stops'> => {
  const at = chance.whole(1_000, busy - 12_000);
  const each = (most / 2 / THIN_LEVELS).toFixed(2);
  const level = (n: number): [string, string] => [(price + n * 10 ** -decimals).toFixed(decimals), each];
  const levels = (side: number) => Array.from({ length: THIN_LEVELS + 10 }, (_, n) => level(side * (n + 1)));
  tell(at + chance.whole(20, 300), { action: 'buy', quantity: (most / 2).toFixed(2) });
  const point = 'after TransactWriteItems Fills+Orders+Positions';
  return {
    moves: [{ at, command: { do: 'book', with: { symbol, bids: levels(-1), asks: levels(1) } } }],
    stops: chance.happens(0.6) ? [{ at, point, stop: { kind: 'kill' } }] : [],
  };
};
