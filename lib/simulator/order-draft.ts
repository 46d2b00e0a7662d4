import type { Account, ApiKey } from './accounts.ts';
import { type Decimal, decimal, placesOf, step } from './decimal.ts';
import { refuse } from './refusal.ts';
import { type Params, required } from './request.ts';
import { OrderType, Side } from './state.ts';
import { marketOf, openOrdersBy, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';

const MAX_OPEN_ORDERS = 500;
const CLIENT_ID = /^[A-Za-z0-9_-]{1,32}$/;
const STP_MODES = ['', 'cancel_maker', 'cancel_taker', 'cancel_both'];

/** An order that is well formed but not yet placed. */
export type OrderDraft = {
  rules: SymbolRules;
  side: Side;
  type: OrderType;
  price: Decimal | null;
  quantity: Decimal | null;
  quoteOrderQty: Decimal | null;
  clientOrderId: string | null;
  stpMode: string;
};

/** Names POST order knows, besides timestamp, recvWindow and signature (section 8.2). No timeInForce. */
export const ORDER_PARAMETERS = [
  'symbol',
  'side',
  'type',
  'quantity',
  'quoteOrderQty',
  'price',
  'newClientOrderId',
  'stpMode',
] as const;

/** A symbol of a signed call, exactly as listed, or 30014. */
export function knownSymbol(store: Store, symbol: string): SymbolRules {
  return store.symbols.get(symbol) ?? refuse(30014, 'Invalid symbol');
}

/** Client order ids, 1 to 32 of `[A-Za-z0-9_-]`, or 700008 (section 9.2). */
export function clientIdIn(params: Params, name: string): string | null {
  const id = params.get(name);
  if (id === undefined) return null;
  if (!CLIENT_ID.test(id)) refuse(700008, `Illegal characters found in parameter '${name}'`);
  return id;
}

/** Reads the parameters of POST order; refuses everything section 8.2 does not allow. */
export function readDraft(store: Store, params: Params): OrderDraft {
  const symbol = required(params, 'symbol');
  const side = Side.safeParse(required(params, 'side'));
  const type = OrderType.safeParse(required(params, 'type'));
  if (!side.success) return refuse(33333, "Parameter error: 'side'");
  if (!type.success) return refuse(33333, "Parameter error: 'type'");
  const clientOrderId = clientIdIn(params, 'newClientOrderId');
  const stpMode = params.get('stpMode') ?? '';
  if (!STP_MODES.includes(stpMode)) refuse(33333, "Parameter error: 'stpMode'");
  const rules = knownSymbol(store, symbol);
  const draft: OrderDraft = {
    rules,
    side: side.data,
    type: type.data,
    price: readPrice(params, rules),
    quantity: readAmount(params, 'quantity', rules.baseAssetPrecision),
    quoteOrderQty: readAmount(params, 'quoteOrderQty', rules.quoteAssetPrecision),
    clientOrderId,
    stpMode,
  };
  checkSizing(draft);
  return draft;
}

function checkSizing(draft: OrderDraft): void {
  if (draft.type === 'MARKET') {
    if (draft.price !== null) refuse(33333, "Parameter error: 'price' must be left out for MARKET");
    if (draft.quantity !== null && draft.quoteOrderQty !== null) {
      refuse(33333, "Parameter error: either 'quantity' or 'quoteOrderQty'");
    }
    if (draft.quantity === null && draft.quoteOrderQty === null) refuse(10095, 'Amount cannot be null');
    return;
  }
  if (draft.quoteOrderQty !== null) refuse(33333, "Parameter error: 'quoteOrderQty' is for MARKET only");
  if (draft.quantity === null) refuse(10095, 'Amount cannot be null');
  if (draft.price === null) refuse(44444, "Mandatory parameter 'price' was not sent");
}

function readAmount(params: Params, name: string, places: number): Decimal | null {
  const text = params.get(name);
  if (text === undefined) return null;
  if (!/^-?\d+(\.\d+)?$/.test(text)) refuse(10097, `Amount format error: '${name}'`);
  if (decimal(text).lte(0)) refuse(10102, `Amount must be positive: '${name}'`);
  if (placesOf(text) > places) refuse(10096, `Amount has more than ${places} decimals: '${name}'`);
  return decimal(text);
}

function readPrice(params: Params, rules: SymbolRules): Decimal | null {
  const text = params.get('price');
  if (text === undefined) return null;
  if (!/^\d+(\.\d+)?$/.test(text) || decimal(text).lte(0)) refuse(33333, "Parameter error: 'price'");
  if (placesOf(text) > rules.quotePrecision) {
    refuse(33333, `Parameter error: 'price' has more than ${rules.quotePrecision} decimals`);
  }
  return decimal(text);
}

/** Whether selfSymbols lists the symbol: exchangeInfo alone does not tell (section 7.3). */
export function isSelfSymbol(rules: SymbolRules): boolean {
  return rules.isSpotTradingAllowed && rules.permissions.includes('SPOT') && rules.hidden.self;
}

/** May this key trade this symbol by API, in this way (sections 3, 7.3 and 10.2)? */
export function checkApiTrading(account: Account, key: ApiKey, draft: OrderDraft): void {
  const { rules, side, type } = draft;
  if (!isSelfSymbol(rules)) refuse(10007, 'symbol not support api');
  if (key.symbols !== null && !key.symbols.includes(rules.symbol)) {
    refuse(70011, 'This API key is not allowed to trade the pair');
  }
  if (!account.canTrade) refuse(30018, 'The account cannot place orders for now');
  if (rules.status !== '1' || rules.hidden.suspended) refuse(30000, 'Trading suspended for the symbol');
  if (rules.tradeSideType === 4) refuse(30016, 'Trading disabled');
  if (rules.tradeSideType === (side === 'BUY' ? 3 : 2)) refuse(30001, 'Trading side not allowed');
  if (side === 'BUY' && rules.hidden.buyingSuspended)
    refuse(30027, 'Position ceiling reached, buying suspended');
  if (side === 'SELL' && rules.hidden.sellingSuspended) refuse(30028, 'Risk control, selling suspended');
  if (type === 'MARKET') {
    if (!rules.orderTypes.includes('MARKET')) refuse(30019, 'API market order is disabled');
    if (rules.hidden.marketDisabled) refuse(30018, 'Market order is disabled');
    return;
  }
  // IMMEDIATE_OR_CANCEL and FILL_OR_KILL are accepted though never listed.
  const listed = type === 'LIMIT_MAKER' ? 'LIMIT_MAKER' : 'LIMIT';
  if (!rules.orderTypes.includes(listed)) refuse(30041, 'Order type not possible now');
}

/** Size, price range and number of open orders; they bind orders placed by hand too. */
export function checkLimits(store: Store, account: Account, draft: OrderDraft): void {
  const { rules, type } = draft;
  const last = decimal(marketOf(store, rules.symbol).last);
  const market = type === 'MARKET';
  const amount = draft.quoteOrderQty ?? (draft.quantity ?? decimal(0)).times(draft.price ?? last);
  const least = market ? rules.quoteAmountPrecisionMarket : rules.quoteAmountPrecision;
  if (amount.lt(least))
    refuse(30002, `The minimum transaction volume cannot be less than：${least}${rules.quoteAsset}`);
  if (draft.quantity?.lt(rules.baseSizePrecision)) {
    refuse(
      30002,
      `The minimum transaction volume cannot be less than：${rules.baseSizePrecision}${rules.baseAsset}`,
    );
  }
  const most = market ? rules.maxQuoteAmountMarket : rules.maxQuoteAmount;
  if (amount.gt(most))
    refuse(30003, `The maximum transaction volume cannot be greater than：${most}${rules.quoteAsset}`);
  checkPosition(account, draft, amount.div(last));
  checkPriceRange(draft, last);
  const rests = type === 'LIMIT' || type === 'LIMIT_MAKER';
  if (rests && openOrdersBy(store, account.uid).length >= MAX_OPEN_ORDERS)
    refuse(30029, 'Too many open orders');
}

/** What the account holds of the base asset with this buy; `estimate` stands for a size in quote. */
function checkPosition(account: Account, { rules, side, quantity }: OrderDraft, estimate: Decimal): void {
  const most = rules.hidden.maxPosition;
  if (most === null || side !== 'BUY') return;
  const { free, locked } = account.balances[rules.baseAsset] ?? { free: '0', locked: '0' };
  if (
    decimal(free)
      .plus(locked)
      .plus(quantity ?? estimate)
      .gt(most)
  ) {
    refuse(30032, 'Cannot exceed the maximum position');
  }
}

/** PERCENT_PRICE_BY_SIDE in the deviation reading of section 7.3, on LIMIT, IOC and FOK. */
function checkPriceRange({ rules, side, type, price }: OrderDraft, last: Decimal): void {
  if (price === null || type === 'LIMIT_MAKER') return;
  for (const filter of rules.filters) {
    const bound =
      side === 'BUY'
        ? last.times(decimal(1).plus(filter.bidMultiplierUp))
        : last.times(decimal(1).minus(filter.askMultiplierDown));
    if (side === 'BUY' ? price.gt(bound) : price.lt(bound))
      refuse(30087, 'Order price exceeds the allowed range');
  }
}

/** The "price" a market order shows: five per cent off, as on the exchange, and never what was paid (8.2). */
export function referencePrice(last: Decimal, rules: SymbolRules, side: Side): Decimal {
  const price = last.times(side === 'BUY' ? '1.05' : '0.95').round(rules.quotePrecision);
  const tick = step(rules.quotePrecision);
  return price.lt(tick) ? tick : price;
}
