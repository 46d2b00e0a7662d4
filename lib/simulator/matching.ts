import type { Account } from './accounts.ts';
import { eatHouse, offersFor } from './book.ts';
import { type Decimal, decimal, floorTo, plain, smaller } from './decimal.ts';
import { accountOf, feeOf, freeOf, inMx, lockedAsset, needOf, ratesOf, reserve } from './ledger.ts';
import { type OrderDraft, referencePrice } from './order-draft.ts';
import { fillUpTo } from './partial-fill.ts';
import { nextDigits, nextHex, nextUint32 } from './random.ts';
import { refuse } from './refusal.ts';
import { type Prevention, STP_CANCEL, tradable } from './self-trade.ts';
import { settleFill, touch } from './settlement.ts';
import type { Order, OrderStatus } from './state.ts';
import { addOrder, closeIndex, marketOf, type Offer, type Store } from './store.ts';

type Fill = { price: Decimal; quantity: Decimal; maker: Order | null };
/** What an order meets, and whether that is all it asks for. */
export type Plan = { fills: Fill[]; complete: boolean } & Prevention;

/**
 * Places a well-formed order at exchange time `at`: plans its fills, checks the funds (30004 for a buy, 30005 for a
 * sell), then executes. Refusals change nothing. A post-only order that would cross is accepted and ends CANCELED.
 * With a `share` (0 to 1) the order is filled to that share of its size and ended by the exchange.
 */
export function placeOrder(
  store: Store,
  account: Account,
  draft: OrderDraft,
  at: number,
  byHand: boolean,
  share: number | null = null,
): Order {
  let plan = planFills(store, account, draft);
  const crossing = draft.type === 'LIMIT_MAKER' && plan.fills.length > 0;
  if (crossing || (draft.type === 'FILL_OR_KILL' && !plan.complete))
    plan = { ...plan, fills: [], prevented: [] };
  let rests = !crossing && !plan.stopped && (draft.type === 'LIMIT' || draft.type === 'LIMIT_MAKER');
  let funding = fundingOf(store, account, draft, plan, rests);
  if (share !== null) {
    plan = fillUpTo(draft, plan, share);
    rests = false;
    funding = fundingOf(store, account, draft, plan, rests);
  }
  const byPlan = draft.type === 'MARKET' || draft.type === 'FILL_OR_KILL';
  const order = newOrder(store, account, draft, at, byHand);
  reserve(account, draft.rules, order, funding.need);
  const locked = lockedAsset(draft.rules, draft.side);
  store.watch?.order(order, 'NEW', at);
  store.watch?.balance(order.uid, locked, 'ENTRUST_PLACE', at);
  for (const maker of plan.prevented) cancelOrder(store, accountOf(store, maker.uid), maker, at, STP_CANCEL);
  if (plan.stopped) order.cancelReason = STP_CANCEL;
  let done = false;
  for (const fill of plan.fills) {
    execute(store, order, fill, funding.payInMx, at);
    done = fill === plan.fills.at(-1) && (byPlan ? plan.complete : isFilled(order));
    store.watch?.order(order, done ? 'FILLED' : 'PARTIALLY_FILLED', at);
  }
  finish(order, done, rests);
  reserve(
    account,
    draft.rules,
    order,
    order.status === 'NEW' || order.status === 'PARTIALLY_FILLED' ? needOf(order) : decimal(0),
  );
  addOrder(store, order);
  touch(store, order.symbol);
  const ended = order.status === 'CANCELED' || order.status === 'PARTIALLY_CANCELED';
  if (ended) store.watch?.order(order, order.status, at);
  store.watch?.balance(order.uid, locked, ended ? 'ENTRUST_CANCEL' : 'ENTRUST_UNFROZEN', at);
  return order;
}

/** Cancels an open order at exchange time `at` and frees what it held. */
export function cancelOrder(store: Store, account: Account, order: Order, at: number, reason = ''): void {
  const rules = store.symbols.get(order.symbol);
  if (rules === undefined) throw new Error(`simulator: no symbol ${order.symbol}`);
  reserve(account, rules, order, decimal(0));
  order.status = decimal(order.executed).gt(0) ? 'PARTIALLY_CANCELED' : 'CANCELED';
  order.updateTime = at;
  order.cancelReason = reason;
  closeIndex(store, order);
  touch(store, order.symbol);
  store.watch?.order(order, order.status, at);
  store.watch?.balance(order.uid, lockedAsset(rules, order.side), 'ENTRUST_CANCEL', at);
}

function planFills(store: Store, account: Account, draft: OrderDraft): Plan {
  const offers = offersFor(store, draft.rules, draft.side);
  const reachable = offers.filter((offer) => isCrossed(draft, offer));
  if (draft.type === 'MARKET' && reachable.length === 0) refuse(30025, 'No opposing order');
  const plan: Plan = { fills: [], complete: false, prevented: [], stopped: false };
  const taker = { uid: account.uid, stpMode: draft.stpMode };
  const met = tradable(store, taker, reachable, plan);
  if (draft.quoteOrderQty === null) planByQuantity(plan, met, draft.quantity ?? decimal(0));
  else planByQuote(plan, met, draft, draft.quoteOrderQty);
  return plan;
}

function planByQuantity(plan: Plan, offers: Iterable<Offer>, wanted: Decimal): void {
  let left = wanted;
  for (const offer of offers) {
    const quantity = smaller(left, offer.quantity);
    plan.fills.push({ price: offer.price, quantity, maker: offer.order });
    left = left.minus(quantity);
    plan.complete = left.lte(0);
    if (plan.complete) return;
  }
}

/** A quote-sized order is complete when the rest of its money no longer buys one step. */
function planByQuote(plan: Plan, offers: Iterable<Offer>, draft: OrderDraft, amount: Decimal): void {
  let left = amount;
  for (const offer of offers) {
    const affordable = floorTo(left.div(offer.price), draft.rules.baseAssetPrecision);
    const quantity = smaller(affordable, offer.quantity);
    if (quantity.gt(0)) plan.fills.push({ price: offer.price, quantity, maker: offer.order });
    left = left.minus(quantity.times(offer.price));
    plan.complete = affordable.lte(offer.quantity);
    if (!plan.complete) continue;
    checkBought(plan, draft);
    return;
  }
}

/** An amount too small for the least quantity is refused like the quantity itself. */
function checkBought({ fills }: Plan, { rules }: OrderDraft): void {
  const bought = fills.reduce((sum, fill) => sum.plus(fill.quantity), decimal(0));
  if (bought.lte(0) || bought.lt(rules.baseSizePrecision)) {
    refuse(
      30002,
      `The minimum transaction volume cannot be less than：${rules.baseSizePrecision}${rules.baseAsset}`,
    );
  }
}

function isCrossed({ side, price }: OrderDraft, offer: Offer): boolean {
  if (price === null) return true;
  return side === 'BUY' ? offer.price.lte(price) : offer.price.gte(price);
}

/** What must be free to place the order: exactly what its fills cost, and what its rest will lock. */
function fundingOf(
  store: Store,
  account: Account,
  draft: OrderDraft,
  plan: Plan,
  rests: boolean,
): { need: Decimal; payInMx: boolean } {
  const rates = ratesOf(account, draft.rules);
  const filled = plan.fills.reduce((sum, fill) => sum.plus(fill.quantity), decimal(0));
  const rest = rests ? (draft.quantity ?? decimal(0)).minus(filled) : decimal(0);
  let need = draft.side === 'SELL' ? filled.plus(rest) : decimal(0);
  let payInMx = account.mxDeduct;
  if (draft.side === 'BUY') {
    const costs = plan.fills.map((fill) => fill.price.times(fill.quantity));
    const fees = costs.map((cost) => feeOf(draft.rules, cost, rates.taker));
    payInMx = canPayInMx(store, account, draft, fees);
    need = costs.reduce((sum, cost) => sum.plus(cost), need);
    if (!payInMx) need = fees.reduce((sum, fee) => sum.plus(fee), need);
    need = need.plus(rest.times(draft.price ?? 0).times(decimal(1).plus(rates.maker)));
  }
  if (need.gt(freeOf(account, lockedAsset(draft.rules, draft.side)))) {
    refuse(draft.side === 'BUY' ? 30004 : 30005, draft.side === 'BUY' ? 'Insufficient position' : 'Oversold');
  }
  return { need, payInMx };
}

function canPayInMx(store: Store, account: Account, draft: OrderDraft, fees: readonly Decimal[]): boolean {
  let total = decimal(0);
  for (const fee of fees) {
    const mx = inMx(store, account, draft.rules, fee);
    if (mx === null) return false;
    total = total.plus(mx);
  }
  return total.lte(freeOf(account, 'MX'));
}

function newOrder(store: Store, account: Account, draft: OrderDraft, at: number, byHand: boolean): Order {
  const { rules, side } = draft;
  const last = decimal(marketOf(store, rules.symbol).last);
  return {
    orderId: newOrderId(store),
    uid: account.uid,
    symbol: rules.symbol,
    clientOrderId: draft.clientOrderId,
    side,
    type: draft.type,
    price: plain(draft.price ?? referencePrice(last, rules, side)),
    quantity: plain(draft.quantity ?? decimal(0)),
    quoteOrderQty: draft.quoteOrderQty === null ? null : plain(draft.quoteOrderQty),
    executed: '0',
    quote: '0',
    status: 'NEW',
    time: at,
    updateTime: null,
    visibleAt: at,
    makerRate: ratesOf(account, rules).maker,
    reserved: '0',
    stpMode: draft.stpMode,
    cancelReason: '',
    byHand,
  };
}

/** Either form of section 8.2: 32 hex digits, or `C02__` and digits. */
function newOrderId(store: Store): string {
  const id =
    nextUint32(store.state) % 2 === 0 ? nextHex(store.state, 32) : `C02__${nextDigits(store.state, 19)}`;
  return store.orders.has(id) ? newOrderId(store) : id;
}

function execute(store: Store, order: Order, fill: Fill, payInMx: boolean, at: number): void {
  const self = fill.maker?.uid === order.uid;
  const terms = { price: fill.price, quantity: fill.quantity, at, self };
  settleFill(store, order, { ...terms, isMaker: false, payInMx, house: fill.maker === null });
  if (fill.maker === null) {
    eatHouse(store, order.symbol, order.side, fill.price, fill.quantity);
    return;
  }
  // Trading with itself, an account must not spend the MX its taker side counts on.
  settleFill(store, fill.maker, { ...terms, isMaker: true, payInMx: !self, house: false });
}

function isFilled(order: Order): boolean {
  return decimal(order.executed).gte(order.quantity);
}

function finish(order: Order, done: boolean, rests: boolean): void {
  const some = decimal(order.executed).gt(0);
  let status: OrderStatus = some ? 'PARTIALLY_CANCELED' : 'CANCELED';
  if (done) status = 'FILLED';
  else if (rests) status = some ? 'PARTIALLY_FILLED' : 'NEW';
  order.status = status;
  if (status !== 'NEW') order.updateTime = order.time;
}
