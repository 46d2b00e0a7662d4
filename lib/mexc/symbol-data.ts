import * as z from 'zod';
import type { SymbolRules } from '../domain/exchange.ts';
import { decimal } from '../domain/money.ts';
import { unreadableAnswer } from './answer.ts';
import { absentable, readWire, WireBoolean, WireDecimal, WireInteger, WireText } from './wire.ts';

/** Order types of an entry that lists none: the usual three (reference section 7.3). */
const USUAL_ORDER_TYPES = ['LIMIT', 'MARKET', 'LIMIT_MAKER'];
const ONLINE = ['1', 'ENABLED'];

/** One entry of exchangeInfo (section 7.3). Some names lie: *SizePrecision and *AmountPrecision are minima. */
const Entry = z.object({
  symbol: WireText,
  status: absentable(WireText),
  baseAsset: WireText,
  quoteAsset: WireText,
  baseAssetPrecision: WireInteger,
  quotePrecision: absentable(WireInteger),
  quoteAssetPrecision: absentable(WireInteger),
  orderTypes: absentable(z.array(WireText)),
  isSpotTradingAllowed: absentable(WireBoolean),
  permissions: absentable(z.array(z.string())),
  tradeSideType: absentable(WireText),
  baseSizePrecision: absentable(WireDecimal),
  quoteAmountPrecision: absentable(WireDecimal),
  quoteAmountPrecisionMarket: absentable(WireDecimal),
  maxQuoteAmount: absentable(WireDecimal),
  maxQuoteAmountMarket: absentable(WireDecimal),
  takerCommission: absentable(WireDecimal),
  filters: absentable(z.array(z.unknown())),
});
type Entry = z.infer<typeof Entry>;

const PriceFilter = z.object({
  filterType: z.literal('PERCENT_PRICE_BY_SIDE'),
  bidMultiplierUp: absentable(WireDecimal).catch(undefined),
  askMultiplierDown: absentable(WireDecimal).catch(undefined),
});

const Named = z.object({ symbol: WireText });

const positive = (text: string | undefined): string | undefined =>
  text !== undefined && decimal(text).gt('0') ? text : undefined;

/** Whether the multiplier is a factor or a deviation is open; below 1 only a deviation makes sense. */
const deviation = (text: string | undefined): string | undefined =>
  text !== undefined && decimal(text).lt('1') ? positive(text) : undefined;

const sides = (type: string | undefined): Pick<SymbolRules, 'buyAllowed' | 'sellAllowed'> => ({
  buyAllowed: type === undefined || type === '1' || type === '2',
  sellAllowed: type === undefined || type === '1' || type === '3',
});

const toRules = (
  entry: Entry,
  ownSymbols: ReadonlySet<string>,
  refreshedAt: number,
): SymbolRules | undefined => {
  const priceDecimals = entry.quotePrecision ?? entry.quoteAssetPrecision;
  if (priceDecimals === undefined) return undefined;
  const filter = (entry.filters ?? [])
    .map((one) => PriceFilter.safeParse(one))
    .find((one) => one.success)?.data;
  const maxAmount = positive(entry.maxQuoteAmount);
  const maxAmountMarket = positive(entry.maxQuoteAmountMarket);
  const maxBuyAbove = deviation(filter?.bidMultiplierUp);
  const maxSellBelow = deviation(filter?.askMultiplierDown);
  const minAmount = entry.quoteAmountPrecision ?? '0';
  return {
    symbol: entry.symbol,
    baseAsset: entry.baseAsset,
    quoteAsset: entry.quoteAsset,
    online: entry.status !== undefined && ONLINE.includes(entry.status.toUpperCase()),
    openToApi:
      entry.isSpotTradingAllowed === true &&
      (entry.permissions === undefined || entry.permissions.includes('SPOT')) &&
      ownSymbols.has(entry.symbol),
    ...sides(entry.tradeSideType),
    orderTypes: entry.orderTypes ?? USUAL_ORDER_TYPES,
    quantityDecimals: entry.baseAssetPrecision,
    priceDecimals,
    minQuantity: entry.baseSizePrecision ?? '0',
    minAmount,
    minAmountMarket: entry.quoteAmountPrecisionMarket ?? minAmount,
    ...(maxAmount === undefined ? {} : { maxAmount }),
    ...(maxAmountMarket === undefined ? {} : { maxAmountMarket }),
    takerCommission: entry.takerCommission ?? '0',
    ...(maxBuyAbove === undefined ? {} : { maxBuyAbove }),
    ...(maxSellBelow === undefined ? {} : { maxSellBelow }),
    refreshedAt,
  };
};

/** Symbols that the key may trade (section 8.9), envelope already opened. */
export const readOwnSymbols = (data: unknown): ReadonlySet<string> =>
  new Set(readWire(z.array(z.string()), data, 'selfSymbols'));

/**
 * Rules from exchangeInfo and selfSymbols. An entry that cannot be read is left out, unless it was asked for by name:
 * then `UnknownOutcomeError` is thrown, since "missing" would mean "unknown to the exchange".
 * @param wanted the symbols to return, or all
 * @param refreshedAt local epoch ms
 */
export const readSymbolRules = (
  data: unknown,
  ownSymbols: ReadonlySet<string>,
  wanted: ReadonlySet<string> | 'all',
  refreshedAt: number,
): readonly SymbolRules[] => {
  const rules: SymbolRules[] = [];
  for (const row of readWire(z.object({ symbols: z.array(z.unknown()) }), data, 'exchangeInfo').symbols) {
    const name = Named.safeParse(row).data?.symbol;
    if (name === undefined || (wanted !== 'all' && !wanted.has(name))) continue;
    const entry = Entry.safeParse(row);
    const one = entry.success ? toRules(entry.data, ownSymbols, refreshedAt) : undefined;
    if (one) rules.push(one);
    else if (wanted !== 'all') throw unreadableAnswer(`exchangeInfo: ${name}`);
  }
  return rules;
};
