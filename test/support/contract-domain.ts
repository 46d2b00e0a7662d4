import type { SymbolRules } from '../../lib/domain/exchange.ts';
import type { Fill } from '../../lib/domain/fill.ts';
import { emptyLane, type Lane } from '../../lib/domain/lane.ts';
import type { Attempt, Order } from '../../lib/domain/order-record.ts';
import type { CounterChange, CounterLimits, Strategy } from '../../lib/domain/strategy.ts';

export const DAY = '2026-11-22';
export const NOON = Date.parse(`${DAY}T12:00:00Z`);

let tokens = 0;

/** A token as a decision makes one: new every time, in every process. */
export const newToken = (): string => {
  tokens += 1;
  return `nonce-of-${process.pid}-${tokens}`;
};

export const anAttempt = (patch: Partial<Attempt> = {}): Attempt => ({
  n: 1,
  clientOrderId: 'maaaa-1',
  nonce: 'nonce',
  signedAt: NOON,
  until: NOON + 6000,
  outcome: 'sending',
  ...patch,
});

/** An order as it is first stored. */
export const anOrder = (patch: Partial<Order> = {}): Order => ({
  id: 'maaaa',
  strategy: 'ema-cross',
  symbol: 'SOLUSDT',
  key: 'key',
  digest: 'digest',
  origin: 'alert',
  test: false,
  asked: '{"strategy":"ema-cross"}',
  arrival: NOON,
  state: 'accepted',
  attempts: [],
  reserved: '0',
  fillsQty: '0',
  settled: false,
  history: [{ at: NOON, state: 'accepted' }],
  createdAt: NOON,
  updatedAt: NOON,
  version: 1,
  ...patch,
});

/** The order after one more write. */
export const later = (order: Order, patch: Partial<Order> = {}): Order => ({
  ...order,
  ...patch,
  version: order.version + 1,
});

export const aLane = (patch: Partial<Lane> = {}): Lane => ({
  ...emptyLane('ema-cross', 'SOLUSDT'),
  version: 1,
  ...patch,
});

export const aStrategy = (patch: Partial<Strategy> = {}): Strategy => ({
  strategy: 'ema-cross',
  mode: 'ACTIVE',
  epoch: 0,
  day: DAY,
  dayOrders: 0,
  dayNotional: '0',
  dayRejects: 0,
  reserved: '0',
  inFlight: {},
  ...patch,
});

export const aFill = (patch: Partial<Fill> = {}): Fill => ({
  symbol: 'SOLUSDT',
  tradeId: '1',
  order: 'maaaa',
  strategy: 'ema-cross',
  attempt: 1,
  exchangeOrderId: 'C02__1',
  side: 'buy',
  price: '142.5',
  quantity: '1.5',
  quoteQuantity: '213.75',
  commission: '0.1',
  commissionAsset: 'USDT',
  maker: false,
  n: 1,
  realised: '0',
  time: NOON,
  appliedAt: NOON + 5,
  ...patch,
});

export const someRules = (patch: Partial<SymbolRules> = {}): SymbolRules => ({
  symbol: 'SOLUSDT',
  baseAsset: 'SOL',
  quoteAsset: 'USDT',
  online: true,
  openToApi: true,
  buyAllowed: true,
  sellAllowed: true,
  orderTypes: ['LIMIT', 'MARKET'],
  quantityDecimals: 2,
  priceDecimals: 2,
  minQuantity: '0',
  minAmount: '1',
  minAmountMarket: '1',
  takerCommission: '0.0005',
  refreshedAt: NOON,
  ...patch,
});

const WIDE: CounterLimits = { maxOrdersPerDay: 1000, maxNotionalPerDay: '1000000', maxOpenOrders: 1000 };

type Kind<K extends CounterChange['kind']> = Extract<CounterChange, { kind: K }>;

export const reserve = (
  order: Pick<Order, 'id' | 'strategy'>,
  { limits, ...patch }: Partial<Omit<Kind<'reserve'>, 'limits'>> & { limits?: Partial<CounterLimits> } = {},
): Kind<'reserve'> => ({
  kind: 'reserve',
  strategy: order.strategy,
  order: order.id,
  attempt: 1,
  until: NOON + 6000,
  notional: '100',
  day: DAY,
  opensDay: false,
  mode: { reduces: false },
  ...patch,
  limits: { ...WIDE, ...limits },
});

export const undo = (
  order: Pick<Order, 'id' | 'strategy'>,
  patch: Partial<Kind<'undo'>> = {},
): CounterChange => ({
  kind: 'undo',
  strategy: order.strategy,
  order: order.id,
  notional: '100',
  day: DAY,
  ...patch,
});

export const finish = (
  order: Pick<Order, 'id' | 'strategy'>,
  patch: Partial<Kind<'finish'>> = {},
): CounterChange => ({
  kind: 'finish',
  strategy: order.strategy,
  order: order.id,
  notional: '100',
  executed: '0',
  overrun: false,
  rejected: false,
  day: DAY,
  ...patch,
});

export const contradict = (
  order: Pick<Order, 'id' | 'strategy'>,
  patch: Partial<Kind<'contradict'>> = {},
): CounterChange => ({
  kind: 'contradict',
  strategy: order.strategy,
  order: order.id,
  attempt: 1,
  until: NOON + 6000,
  notional: '100',
  ...patch,
});
