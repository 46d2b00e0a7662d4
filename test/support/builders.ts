import { Alert } from '../../lib/domain/alert.ts';
import type { ExchangeOrder, ExchangeTrade, SymbolRules } from '../../lib/domain/exchange.ts';
import { factsOf } from '../../lib/domain/facts.ts';
import { emptyLane, type Lane } from '../../lib/domain/lane.ts';
import { type Attempt, clientOrderIdOf, type Facts, type Order } from '../../lib/domain/order-record.ts';
import { StrategySettings } from '../../lib/domain/settings.ts';
import { dayOf, type Strategy } from '../../lib/domain/strategy.ts';
import { untilOf } from '../../lib/domain/timing.ts';

/** A quiet Sunday morning: local and exchange time of everything that is built here, epoch ms. */
export const NOW = Date.UTC(2026, 10, 22, 10);

/** An id of the form that the ledger uses, different for every number. */
export const idOf = (n: number): string =>
  `m${[...n.toString().padStart(25, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`;

/** SOLUSDT with two decimals in price and quantity, at least 1 USDT and at most 2,000,000. */
export const solRules = (own: Partial<SymbolRules> = {}): SymbolRules => ({
  symbol: 'SOLUSDT',
  baseAsset: 'SOL',
  quoteAsset: 'USDT',
  online: true,
  openToApi: true,
  buyAllowed: true,
  sellAllowed: true,
  orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
  quantityDecimals: 2,
  priceDecimals: 2,
  minQuantity: '0',
  minAmount: '1',
  minAmountMarket: '1',
  maxAmount: '2000000',
  maxAmountMarket: '100000',
  takerCommission: '0.0005',
  refreshedAt: NOW,
  ...own,
});

/** A market buy of 50 USDT unless something else is said. `undefined` takes a field away. */
export const anAlert = (own: { readonly [K in keyof Alert]?: Alert[K] | undefined } = {}): Alert => {
  const sized = ['quantity', 'percent', 'targetQuantity', 'targetPercent'].some((size) => size in own);
  const unsized = sized || own.action === 'close' || own.action === 'cancel';
  return Alert.parse({
    strategy: 'demo',
    time: NOW,
    symbol: 'SOLUSDT',
    action: 'buy',
    type: 'market',
    test: false,
    ...(!unsized && { quoteQuantity: '50' }),
    ...own,
  });
};

export const settings = (own: Partial<StrategySettings> = {}): StrategySettings => ({
  ...StrategySettings.parse({}),
  ...own,
});

/** An order as the webhook makes it, not stored yet: waiting, without attempt. */
export const anOrder = (own: Partial<Order> = {}): Order => {
  const alert = own.alert ?? anAlert();
  return {
    id: idOf(1),
    strategy: alert.strategy,
    symbol: alert.symbol,
    key: 'key',
    digest: 'digest',
    origin: 'alert',
    test: alert.test,
    asked: '{}',
    alert,
    arrival: NOW,
    ...(alert.time !== undefined && { alertTime: alert.time }),
    action: alert.action,
    type: alert.type,
    state: 'accepted',
    attempts: [],
    reserved: '0',
    fillsQty: '0',
    settled: false,
    history: [{ at: NOW, state: 'accepted', detail: 'alert received' }],
    createdAt: NOW,
    updatedAt: NOW,
    version: 0,
    ...own,
  };
};

export const aLane = (own: Partial<Lane> = {}): Lane => ({ ...emptyLane('demo', 'SOLUSDT'), ...own });

export const aStrategy = (own: Partial<Strategy> = {}): Strategy => ({
  strategy: 'demo',
  mode: 'ACTIVE',
  epoch: 0,
  day: dayOf(NOW),
  dayOrders: 0,
  dayNotional: '0',
  dayRejects: 0,
  reserved: '0',
  inFlight: {},
  ...own,
});

/** An attempt on its way: signed just now, no outcome yet. */
export const anAttempt = (own: Partial<Attempt> = {}, id = idOf(1)): Attempt => {
  const n = own.n ?? 1;
  const signedAt = own.signedAt ?? NOW;
  return {
    n,
    clientOrderId: clientOrderIdOf(id, n),
    nonce: `nonce-${n}`,
    signedAt,
    until: untilOf(signedAt),
    outcome: 'sending',
    ...own,
  };
};

/** What the exchange says of an attempt: `seen('NEW', '0')`, `seen('FILLED', '10')`; a quote amount of 100 each. */
export const seen = (
  status: string,
  cumQty: string,
  cumQuote = String(Number(cumQty) * 100),
  exchangeOrderId = 'X1',
): Facts => factsOf(aRow({ exchangeOrderId, cumQty, cumQuote, status }));

/** An own trade at a price of 100, commission paid in MX. */
export const aTrade = (own: Partial<ExchangeTrade> = {}): ExchangeTrade => {
  const quantity = own.quantity ?? '1';
  return {
    symbol: 'SOLUSDT',
    tradeId: 'T1',
    exchangeOrderId: 'X1',
    side: 'buy',
    price: '100',
    quantity,
    quoteQuantity: String(Number(quantity) * 100),
    commission: '0',
    commissionAsset: 'MX',
    maker: false,
    time: NOW,
    ...own,
  };
};

/** An order as the exchange lists it. */
export const aRow = (own: Partial<ExchangeOrder> = {}): ExchangeOrder => ({
  symbol: 'SOLUSDT',
  exchangeOrderId: 'X1',
  side: 'buy',
  type: 'LIMIT',
  price: '100',
  quantity: '10',
  cumQty: '0',
  cumQuote: '0',
  status: 'NEW',
  time: NOW,
  ...own,
});
