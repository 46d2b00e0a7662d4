import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SymbolRules } from '../../../lib/domain/exchange.ts';
import { SymbolRules as SymbolRulesSchema } from '../../../lib/domain/exchange.ts';
import { CredentialsError, FatalError, UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import { readSymbolRules } from '../../../lib/mexc/symbol-data.ts';
import { type Answer, clientFor, soon, startServer } from './support.ts';
import { skippingTime } from './virtual-time.ts';

const METAL = {
  symbol: 'METALUSDT',
  status: '1',
  baseAsset: 'METAL',
  baseAssetPrecision: 2,
  quoteAsset: 'USDT',
  quotePrecision: 5,
  quoteAssetPrecision: 5,
  baseCommissionPrecision: 2,
  orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
  isSpotTradingAllowed: true,
  permissions: ['SPOT'],
  filters: [{ filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: '0.2', askMultiplierDown: '0.20' }],
  quoteAmountPrecision: '1',
  baseSizePrecision: '0.1',
  quoteAmountPrecisionMarket: '2.000000000000000000',
  maxQuoteAmount: '2000000',
  maxQuoteAmountMarket: '100000',
  makerCommission: '0',
  takerCommission: '0.0005',
  tradeSideType: 1,
  st: false,
};

/** What one entry, changed so, becomes; as it would be after `parseExactJson`. */
const rule = (change: Record<string, unknown> = {}): SymbolRules => {
  const entry = {
    ...METAL,
    baseAssetPrecision: '2',
    quotePrecision: '5',
    quoteAssetPrecision: '5',
    tradeSideType: '1',
  };
  const own = new Set(['METALUSDT']);
  const rules = readSymbolRules({ symbols: [{ ...entry, ...change }] }, own, 'all', 7);
  return SymbolRulesSchema.parse(rules[0]);
};

test('an entry of exchangeInfo becomes rules under their true names', () => {
  assert.deepEqual(rule(), {
    symbol: 'METALUSDT',
    baseAsset: 'METAL',
    quoteAsset: 'USDT',
    online: true,
    openToApi: true,
    buyAllowed: true,
    sellAllowed: true,
    orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
    quantityDecimals: 2,
    priceDecimals: 5,
    minQuantity: '0.1',
    minAmount: '1',
    minAmountMarket: '2',
    maxAmount: '2000000',
    maxAmountMarket: '100000',
    takerCommission: '0.0005',
    maxBuyAbove: '0.2',
    maxSellBelow: '0.2',
    refreshedAt: 7,
  });
});

test('a symbol is open only when it is allowed, for spot, and among the key’s own', () => {
  assert.equal(rule({ isSpotTradingAllowed: false }).openToApi, false);
  assert.equal(rule({ isSpotTradingAllowed: null }).openToApi, false);
  assert.equal(rule({ permissions: ['MARGIN'] }).openToApi, false);
  assert.equal(rule({ permissions: undefined }).openToApi, true);
  assert.equal(rule({ symbol: 'BTCUSDT' }).openToApi, false);
});

test('the state of a symbol is read in both generations', () => {
  const online = ['1', 'ENABLED', '2', '3', 'PAUSED', null].map((status) => rule({ status }).online);

  assert.deepEqual(online, [true, true, false, false, false, false]);
});

test('the sides follow tradeSideType; missing means both, unknown means none', () => {
  const sides = ['1', '2', '3', '4', undefined, '9'].map((tradeSideType) => {
    const { buyAllowed, sellAllowed } = rule({ tradeSideType });
    return `${buyAllowed ? 'b' : ''}${sellAllowed ? 's' : ''}`;
  });

  assert.deepEqual(sides, ['bs', 'b', 's', '', 'bs', '']);
});

test('a maximum of zero, or none, is no maximum', () => {
  const rules = rule({ maxQuoteAmount: '0.0', maxQuoteAmountMarket: undefined });

  assert.equal('maxAmount' in rules, false);
  assert.equal('maxAmountMarket' in rules, false);
});

test('the price filter counts only as a deviation below one', () => {
  const filter = (up: unknown, down: unknown) => {
    const filters = [
      { filterType: 'X' },
      { filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: up, askMultiplierDown: down },
    ];
    const { maxBuyAbove, maxSellBelow } = rule({ filters });
    return [maxBuyAbove, maxSellBelow];
  };

  assert.deepEqual(filter('0.005', '0.02'), ['0.005', '0.02']);
  assert.deepEqual(filter('5', '1'), [undefined, undefined]);
  assert.deepEqual(filter('0', null), [undefined, undefined]);
  assert.deepEqual(filter('nonsense', '0.1'), [undefined, '0.1']);
  assert.equal(rule({ filters: [] }).maxBuyAbove, undefined);
  assert.equal(rule({ filters: null }).maxBuyAbove, undefined);
});

test('what an entry may lack has a safe default', () => {
  const rules = rule({
    orderTypes: undefined,
    baseSizePrecision: null,
    quoteAmountPrecision: '5',
    quoteAmountPrecisionMarket: undefined,
    takerCommission: '',
    quotePrecision: undefined,
    quoteAssetPrecision: '3',
  });

  assert.deepEqual(rules.orderTypes, ['LIMIT', 'MARKET', 'LIMIT_MAKER']);
  assert.deepEqual([rules.minQuantity, rules.minAmountMarket, rules.takerCommission], ['0', '5', '0']);
  assert.equal(rules.priceDecimals, 3);
});

test('an unreadable entry is left out of all, and an error when asked for by name', () => {
  const data = { symbols: [{ symbol: 'BAD' }, null, { symbol: 'BAD2', baseAsset: 'B' }] };

  assert.deepEqual(readSymbolRules(data, new Set(), 'all', 0), []);
  assert.throws(() => readSymbolRules(data, new Set(), new Set(['BAD']), 0), UnknownOutcomeError);
  assert.deepEqual(readSymbolRules(data, new Set(), new Set(['OTHER']), 0), []);
});

const SOL = { ...METAL, symbol: 'SOLUSDT', baseAsset: 'SOL' };
const OWN: Answer = { body: { code: 200, data: ['METALUSDT', 'SOLUSDT'], msg: null } };
const INVALID: Answer = { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };

const serve = async (info: (query: string) => Answer, own: Answer = OWN, time = {}) => {
  const server = await startServer(({ target }) =>
    target.startsWith('/api/v3/selfSymbols') ? own : info(target.split('?')[1] ?? ''),
  );
  const asked = () =>
    server.requests.map(({ target }) => target).filter((target) => target.startsWith('/api/v3/exchangeInfo'));
  return { ...clientFor(server.url, time), asked, requests: server.requests };
};

test('one symbol, several, and all are asked for in their own ways', async () => {
  const time = skippingTime();
  const { client, asked, requests } = await serve(() => ({ body: { symbols: [METAL, SOL] } }), OWN, time);

  assert.deepEqual(await client.symbolRules([], time.within(30_000)), []);
  assert.equal(requests.length, 0);
  const one = await client.symbolRules(['SOLUSDT'], time.within(30_000));
  const two = await client.symbolRules(['SOLUSDT', 'METALUSDT', 'SOLUSDT'], time.within(30_000));
  const all = await client.symbolRules('all', time.within(30_000));
  await client.symbolRules(
    Array.from({ length: 51 }, (_, n) => `S${n}`),
    time.within(30_000),
  );

  assert.deepEqual(asked(), [
    '/api/v3/exchangeInfo?symbol=SOLUSDT',
    '/api/v3/exchangeInfo?symbols=SOLUSDT%2CMETALUSDT',
    '/api/v3/exchangeInfo',
    '/api/v3/exchangeInfo',
  ]);
  assert.deepEqual(
    one.map(({ symbol }) => symbol),
    ['SOLUSDT'],
  );
  assert.deepEqual([two.length, all.length], [2, 2]);
  assert.ok(all.every(({ openToApi }) => openToApi));
});

test('an unknown symbol is missing in the result, alone or among others', async () => {
  const time = skippingTime();
  const info = (query: string) => (query === '' ? { body: { symbols: [METAL, SOL] } } : INVALID);
  const { client, asked } = await serve(info, OWN, time);

  assert.deepEqual(await client.symbolRules(['NOPE'], time.within(30_000)), []);
  assert.equal(asked().length, 1);
  const rules = await client.symbolRules(['SOLUSDT', 'NOPE'], time.within(30_000));

  assert.deepEqual(
    rules.map(({ symbol }) => symbol),
    ['SOLUSDT'],
  );
  assert.equal(asked().length, 3);
});

test('when the own symbols cannot be read nothing is claimed about any', async () => {
  const info = () => ({ body: { symbols: [METAL] } });
  const denied = await serve(info, { status: 400, body: { code: 700007, msg: 'No permission' } });
  const other = await serve(info, { status: 400, body: { code: 600, msg: 'x' } });
  const garbled = await serve(info, { body: { code: 0, data: null } });

  await assert.rejects(denied.client.symbolRules('all', soon()), CredentialsError);
  await assert.rejects(other.client.symbolRules('all', soon()), FatalError);
  await assert.rejects(garbled.client.symbolRules('all', soon()), UnknownOutcomeError);
});

test('rules of thousands of symbols are read', async () => {
  const symbols = Array.from({ length: 3000 }, (_, n) => ({
    ...METAL,
    symbol: `S${n}USDT`,
    fullName: 'x'.repeat(1500),
  }));
  const { client } = await serve(() => ({ body: { symbols } }));

  const rules = await client.symbolRules('all', soon(10_000));

  assert.equal(rules.length, 3000);
});
