import * as z from 'zod';
import { DecimalText } from './decimal.ts';

/** What exchangeInfo does not tell: the traps a client only meets when it places an order. */
const SecretRules = z.strictObject({
  /** Whether selfSymbols lists the symbol (as long as isSpotTradingAllowed is true); else 10007. */
  self: z.boolean().default(true),
  /** Trading suspended although `status` may still say "1": 30000. */
  suspended: z.boolean().default(false),
  /** Market orders switched off without a trace in orderTypes: 30018. */
  marketDisabled: z.boolean().default(false),
  /** Position ceiling reached: buys answer 30027. */
  buyingSuspended: z.boolean().default(false),
  /** Risk control: sells answer 30028. */
  sellingSuspended: z.boolean().default(false),
  /** The most an account may hold of the base asset, null without such a bound: buys beyond it answer 30032. */
  maxPosition: DecimalText.nullable().default(null),
  /** Unix milliseconds before which there are no candles; null is two years before the exchange opened. */
  listedAt: z.int().nullable().default(null),
  /** Unix milliseconds of the suspension or delisting, for `symbol/offline`; null leaves it out there. */
  offlineAt: z.int().nullable().default(null),
  /** Share of minutes in which strangers do not trade: 0 is never, 1 leaves only what is on the tape. */
  quietShare: z.number().min(0).max(1).default(0),
});

export const PriceFilter = z.strictObject({
  filterType: z.literal('PERCENT_PRICE_BY_SIDE'),
  bidMultiplierUp: DecimalText,
  askMultiplierDown: DecimalText,
});

const Precision = z.int().min(0).max(18);

/** One symbol as exchangeInfo shows it (section 7.3), plus `hidden`, which is never shown. */
export const SymbolRules = z.strictObject({
  symbol: z.string().min(2),
  status: z.enum(['1', '2', '3']).default('1'),
  baseAsset: z.string().min(1),
  baseAssetPrecision: Precision,
  quoteAsset: z.string().min(1).default('USDT'),
  quotePrecision: Precision,
  quoteAssetPrecision: Precision,
  baseCommissionPrecision: Precision.default(8),
  quoteCommissionPrecision: Precision.default(8),
  orderTypes: z.array(z.string()).default(['LIMIT', 'MARKET', 'LIMIT_MAKER']),
  isSpotTradingAllowed: z.boolean().default(true),
  isMarginTradingAllowed: z.boolean().default(false),
  quoteAmountPrecision: DecimalText.default('1'),
  baseSizePrecision: DecimalText.default('0'),
  permissions: z.array(z.string()).default(['SPOT']),
  filters: z.array(PriceFilter).default([]),
  maxQuoteAmount: DecimalText.default('2000000'),
  makerCommission: DecimalText.default('0'),
  takerCommission: DecimalText.default('0.0005'),
  quoteAmountPrecisionMarket: DecimalText.default('1'),
  maxQuoteAmountMarket: DecimalText.default('100000'),
  fullName: z.string().default(''),
  tradeSideType: z.int().min(1).max(4).default(1),
  contractAddress: z.string().default(''),
  conceptPlateIds: z.array(z.int()).default([]),
  st: z.boolean().default(false),
  hidden: SecretRules.prefault({}),
});
export type SymbolRules = z.infer<typeof SymbolRules>;

/** A symbol as given to `createExchange`: its rules and the price it opens with. */
export const SymbolSetup = SymbolRules.extend({ lastPrice: DecimalText });
export type SymbolSetup = z.input<typeof SymbolSetup>;

function listing(
  baseAsset: string,
  lastPrice: string,
  precision: { base: number; quote: number },
  more: Partial<SymbolSetup> = {},
): SymbolSetup {
  return {
    symbol: `${baseAsset}USDT`,
    baseAsset,
    lastPrice,
    baseAssetPrecision: precision.base,
    quotePrecision: precision.quote,
    quoteAssetPrecision: precision.quote,
    filters: deviation('0.1'),
    ...more,
  };
}

function deviation(ratio: string): SymbolSetup['filters'] {
  return [{ filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: ratio, askMultiplierDown: ratio }];
}

/** The default market: two ordinary pairs and one of every trap of sections 3 and 7.3. */
export const DEFAULT_SYMBOLS: readonly SymbolSetup[] = [
  listing(
    'BTC',
    '87650.00',
    { base: 8, quote: 2 },
    { isSpotTradingAllowed: false, baseSizePrecision: '0.000001', filters: deviation('0.005') },
  ),
  listing(
    'ETH',
    '2950.00',
    { base: 5, quote: 2 },
    { isSpotTradingAllowed: false, filters: deviation('0.005') },
  ),
  listing('SOL', '142.50', { base: 3, quote: 2 }),
  listing('XRP', '2.1050', { base: 2, quote: 4 }),
  listing('MX', '2.0000', { base: 2, quote: 4 }, { filters: deviation('0.2'), hidden: { quietShare: 0.05 } }),
  listing('PAUSED', '1.000', { base: 2, quote: 3 }, { status: '2' }),
  listing('BUYONLY', '1.000', { base: 2, quote: 3 }, { tradeSideType: 2 }),
  listing('NOMARKET', '1.000', { base: 2, quote: 3 }, { orderTypes: ['LIMIT', 'LIMIT_MAKER'] }),
  listing('币安人生', '0.15000', { base: 1, quote: 5 }, { filters: [] }),
  listing(
    'METAL',
    '0.41000',
    { base: 2, quote: 5 },
    { baseSizePrecision: '0.1', filters: deviation('0.2'), hidden: { quietShare: 0.4 } },
  ),
  listing('UNLISTED', '5.000', { base: 2, quote: 3 }, { hidden: { self: false } }),
];
