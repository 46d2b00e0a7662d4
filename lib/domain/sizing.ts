import type { Alert } from './alert.ts';
import type { SymbolRules } from './exchange.ts';
import type { Size, Wanted } from './intent.ts';
import { committedQuantity, type Lane, sellable } from './lane.ts';
import { type Decimal, type DecimalText, decimal, larger, plain, smaller } from './money.ts';
import type { Refusal } from './order-record.ts';
import type { OrderType } from './order-type.ts';
import { againstRules, invalid } from './refusals.ts';
import { type Fitted, fit, leastQuantity, type Wish } from './rules.ts';
import type { StrategySettings } from './settings.ts';

/** What sizing sees: always the whole lane, at the moment of admission (order protocol, section 6.4). */
export interface Market {
  readonly rules: SymbolRules;
  readonly lane: Lane;
  readonly settings: StrategySettings;
  /** Worth of the account, quote of this symbol; absent: not known in it. */
  readonly equity: DecimalText | undefined;
  readonly last: Decimal | undefined;
  readonly freeBase: Decimal | undefined;
  readonly freeQuote: Decimal | undefined;
}

export type Sized =
  /** `shortfall`: fewer coins are free than the strategy holds, in words for the owner. */
  | { readonly kind: 'order'; readonly order: Fitted; readonly shortfall?: string }
  | { readonly kind: 'skip'; readonly reason: string; readonly shortfall?: string }
  /** Resting orders of the lane have to be cancelled, and their end seen, before this can be sized. */
  | { readonly kind: 'gate' }
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** Differences below this share of the target are not worth a trade. */
const TARGET_TOLERANCE_PERCENT = '2';

/** Turns what is wanted into one order that the exchange takes, or says why there is none. */
export const sizeOf = (alert: Alert, wanted: Wanted, market: Market): Sized => {
  switch (wanted.kind) {
    case 'buy':
      return buy(alert, wanted.size, market);
    case 'sell':
      return sell(alert, wanted.size, market);
    case 'exit':
      return exit(alert, market);
    case 'target':
      return target(alert, wanted.target, market);
    case 'skip':
      return { kind: 'skip', reason: wanted.reason };
    case 'invalid':
      return refuse(invalid([{ path: wanted.path, message: wanted.message }]));
    case 'cancel':
      return { kind: 'skip', reason: 'a cancel alert places no order' };
  }
};

const buy = (alert: Alert, size: Size, market: Market): Sized => {
  if ('quantity' in size)
    return fitted({ ...wish(alert, 'buy'), quantity: decimal(size.quantity) }, market, []);
  if ('quoteQuantity' in size)
    return fitted({ ...wish(alert, 'buy'), quoteQuantity: decimal(size.quoteQuantity) }, market, []);
  const free = market.freeQuote ?? decimal('0');
  const amount = free.times(size.percent).div('100');
  const note = `${size.percent} % of ${plain(free)} ${market.rules.quoteAsset} free`;
  return fitted({ ...wish(alert, 'buy'), quoteQuantity: amount }, market, [note]);
};

const sell = (alert: Alert, size: Size, market: Market): Sized => {
  if (decimal(market.lane.quantity).lte('0')) {
    return refuse(againstRules('action', `The strategy holds no ${market.rules.baseAsset} to sell.`));
  }
  const price = alert.price === undefined ? market.last : decimal(alert.price);
  const asked =
    'quantity' in size
      ? decimal(size.quantity)
      : 'percent' in size
        ? decimal(market.lane.quantity).times(size.percent).div('100')
        : decimal(size.quoteQuantity).div(price ?? decimal('1'));
  const available = availableToSell(market);
  const quantity = smaller(asked, available);
  const notes = 'percent' in size ? [`${size.percent} % of the own position of ${market.lane.quantity}`] : [];
  return lacking(asked, market, (lack) =>
    fitted({ ...wish(alert, 'sell'), quantity }, market, [...notes, ...lack]),
  );
};

/** Sells the whole own position, at most what is free; too little to be sold is nothing to do. */
const exit = (alert: Alert, market: Market): Sized => {
  if (Object.keys(market.lane.resting).length > 0) return { kind: 'gate' };
  const position = decimal(market.lane.quantity);
  if (position.lte('0')) return { kind: 'skip', reason: 'no position' };
  const available = availableToSell(market);
  const notes = [
    `the whole own position of ${market.lane.quantity}`,
    ...(alert.quantity === undefined ? [] : [`asked was ${alert.quantity}`]),
  ];
  const wanted = { ...wish(alert, 'sell'), quantity: smaller(position, available) };
  const sized = lacking(position, market, (lack) => fitted(wanted, market, [...notes, ...lack], 'skip'));
  return sized.kind === 'skip' ? { ...sized, reason: 'below minimum' } : sized;
};

const target = (
  alert: Alert,
  wanted: { readonly quantity: DecimalText } | { readonly percent: DecimalText },
  market: Market,
): Sized => {
  const goal = targetQuantity(wanted, market);
  if (!('plus' in goal)) return refuse(goal);
  const least = leastQuantity(market.rules, 'market', market.last);
  const tolerance = larger(least, goal.times(TARGET_TOLERANCE_PERCENT).div('100'));
  if (goal.minus(committedQuantity(market.lane)).abs().lt(tolerance))
    return { kind: 'skip', reason: 'at target' };
  if (Object.keys(market.lane.resting).length > 0) return { kind: 'gate' };

  const difference = goal.minus(market.lane.quantity);
  const note = `target ${plain(goal)}, held ${market.lane.quantity}`;
  if (difference.gt('0')) {
    return fitted({ ...wish(alert, 'buy'), quantity: difference }, market, [note], 'skip');
  }
  const available = availableToSell(market);
  const wantedSale = { ...wish(alert, 'sell'), quantity: smaller(difference.abs(), available) };
  return lacking(difference.abs(), market, (lack) => fitted(wantedSale, market, [note, ...lack], 'skip'));
};

const targetQuantity = (
  wanted: { readonly quantity: DecimalText } | { readonly percent: DecimalText },
  { settings, equity, last }: Market,
): Decimal | Refusal => {
  if ('quantity' in wanted) return decimal(wanted.quantity);
  const capital = settings.capital ?? equity;
  if (capital === undefined) {
    return invalid([
      {
        path: 'targetPercent',
        message:
          'refers to the strategy\'s capital: its setting "capital" is not set, and no snapshot says what the account is worth in the quote of this symbol',
      },
    ]);
  }
  if (!last?.gt('0'))
    return againstRules('targetPercent', 'There is no last price to turn the percentage into a quantity.');
  return decimal(capital).times(wanted.percent).div('100').div(last);
};

const wish = (alert: Alert, side: 'buy' | 'sell'): Wish => ({
  side,
  type: alert.type,
  ...(alert.price !== undefined && { price: decimal(alert.price) }),
});

const availableToSell = ({ lane, freeBase }: Market): Decimal => {
  const own = decimal(sellable(lane));
  return freeBase === undefined ? own : smaller(own, freeBase);
};

/** Sizes a sale; where less is there than is wanted, that is said with whatever comes of it. */
const lacking = (asked: Decimal, market: Market, size: (lack: readonly string[]) => Sized): Sized => {
  const available = availableToSell(market);
  if (asked.lte(available)) return size([]);
  const shortfall = `shortfall: ${plain(asked)} ${market.rules.baseAsset} asked, ${plain(available)} own and free`;
  const sized = size([shortfall]);
  // Who asks for more than the strategy holds lacks nothing; coins that are gone concern the owner.
  const gone = market.freeBase?.lt(sellable(market.lane)) ?? false;
  return gone && (sized.kind === 'order' || sized.kind === 'skip') ? { ...sized, shortfall } : sized;
};

const fitted = (
  wanted: Wish,
  market: Market,
  notes: readonly string[],
  tooSmall: 'refuse' | 'skip' = 'refuse',
): Sized => {
  const open = marketOpen(wanted, market);
  if ('refusal' in open) return refuse(open.refusal);
  const result = fit(open.wish, market.rules, market.last);
  if (result.ok)
    return {
      kind: 'order',
      order: { ...result.order, notes: [...notes, ...open.notes, ...result.order.notes] },
    };
  if (result.reason === 'too small' && tooSmall === 'skip') return { kind: 'skip', reason: 'below minimum' };
  return refuse(result.refusal);
};

/** Where market orders are closed over the API, a strategy may allow a capped IMMEDIATE_OR_CANCEL instead. */
const marketOpen = (
  wanted: Wish,
  { rules, settings, last }: Market,
): { readonly wish: Wish; readonly notes: readonly string[] } | { readonly refusal: Refusal } => {
  if (wanted.type !== 'market' || rules.orderTypes.includes('MARKET')) return { wish: wanted, notes: [] };
  if (!settings.marketAsIoc) {
    return {
      refusal: againstRules(
        'type',
        `${rules.symbol} takes no market orders over the API; send a limit order, or set marketAsIoc for the strategy.`,
        { type: 'ioc' },
      ),
    };
  }
  if (!last?.gt('0'))
    return { refusal: againstRules('type', 'There is no last price to cap the order with.') };
  const slip = decimal(settings.maxSlippagePercent).div('100');
  const price = last.times(wanted.side === 'buy' ? slip.plus('1') : decimal('1').minus(slip));
  const type: OrderType = 'ioc';
  return {
    wish: { ...wanted, type, price },
    notes: [
      `sent as an immediate-or-cancel limit within ${settings.maxSlippagePercent} % of the last price ${plain(last)}`,
    ],
  };
};

const refuse = (refusal: Refusal): Sized => ({ kind: 'refuse', refusal });
