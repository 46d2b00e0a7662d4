import { judgeAdmission, type Market, type Verdict, type Why } from '../domain/admission.ts';
import type { Alert } from '../domain/alert.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { SignedOrder } from '../domain/exchange.ts';
import { earliest, type TimeEstimate } from '../domain/exchange-time.ts';
import { isItsTurn, isQueued, type Lane } from '../domain/lane.ts';
import { admit, type Change, endUnsent, queue, type View } from '../domain/ledger.ts';
import { attemptNumber, clientOrderIdOf, currentAttempt, type Order } from '../domain/order-record.ts';
import type { CallOptions, CommitResult, LedgerView } from '../domain/ports.ts';
import { counterLimits, countingDay } from '../domain/risk.ts';
import { EXCHANGE_TYPE } from '../domain/rules.ts';
import { oddSequence } from '../domain/sequence.ts';
import { type CounterChange, requirementOf, type Strategy } from '../domain/strategy.ts';
import { RECV_WINDOW, untilOf } from '../domain/timing.ts';
import { askMarket, forExchange, soon, takeTicket } from './ask-outside.ts';
import { fetchRules, needsMarket, usableTime } from './read-market.ts';
import type { Trading } from './trading.ts';

/** An alert that is to become an order: the item as it would be stored first, or is stored, and what it asks for. */
export type Draft = Order & { readonly alert: Alert };

/** `created`: this very admission stored the order first. */
export type Admission =
  /** This process, and no other, may send these bytes, once. */
  | {
      readonly kind: 'owner';
      readonly order: Order;
      readonly created: boolean;
      readonly signed: SignedOrder;
      /** When the request may leave, local epoch ms. */
      readonly ticket: number;
      readonly time: TimeEstimate;
    }
  /** The ledger has it already, past waiting. */
  | { readonly kind: 'stored'; readonly order: Order; readonly created: boolean }
  | {
      readonly kind: 'waiting';
      readonly order: Order;
      readonly created: boolean;
      readonly lane: Lane;
      readonly why: Why;
    }
  /** Refused, skipped or expired just now. */
  | { readonly kind: 'ended'; readonly order: Order; readonly created: boolean }
  /** Nothing was sent, and what is stored is not known. */
  | { readonly kind: 'unavailable' };

/** First pause of a decision that lost against somebody else's write, ms; it doubles, with full jitter. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 200;
/** A consistent read after a lost answer may run this much over the admission's deadline. */
const LAST_LOOK = 300;

/**
 * The only way into `submitting` (order protocol, section 5): read once, decide, sign, commit. Everything that may
 * have changed since the read is checked again by the transaction; who loses reads and decides again.
 * Never throws for a store that does not answer: then nothing is sent.
 */
export const admitOrder = async (
  draft: Draft,
  trading: Trading,
  options: CallOptions,
): Promise<Admission> => {
  const { clock, ledger, crowd } = trading;
  let ticket: Promise<number | undefined> | undefined;
  let market: Promise<Market> | undefined;
  try {
    const reading = ledger.read(placeOf(draft), options);
    // Beside the read, unless it would be old or for nothing: before answers of the exchange, or where most alerts only queue.
    const early = !crowd.isNear() && !needsMarket(draft.alert, trading);
    if (early) ticket = takeTicket(draft, trading, options);
    let view = await reading;
    let created = false;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      let outside: Outside = {};
      if (isReady(draft, view)) {
        market ??= askMarket(draft, view, trading, options);
        if (!view.order && !(await soon(market, clock))) {
          // While the exchange takes its time no later alert may come by: this one takes its place in the queue.
          created ||= await takePlace(draft, view, trading, options);
          view = await ledger.read(placeOf(draft), options);
        }
        const known = await market;
        ticket ??= takeTicket(draft, trading, options);
        outside = { ticket: await ticket, market: known };
      }
      const admission = await admitOnce(draft, view, outside, trading, options);
      if (admission?.kind === 'waiting' && admission.why === 'turn') crowd.meet();
      if (admission)
        return 'created' in admission ? { ...admission, created: created || admission.created } : admission;
      await clock.sleep(trading.random() * pause);
      if (clock.now() >= options.deadline) break;
      view = await ledger.read(placeOf(draft), options);
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    trading.log.warn('the store gave no answer in time; nothing was sent', {
      order: draft.id,
      error: error.message,
    });
  } finally {
    await Promise.allSettled([ticket, market]); // nothing goes on after the answer
  }
  return { kind: 'unavailable' };
};

/** What sending needs besides the ledger. */
interface Outside {
  readonly ticket?: number | undefined;
  readonly market?: Market;
}

/** Not stored past waiting, and nobody before it: what is known of the exchange decides now. */
const isReady = (draft: Draft, { order, lane }: LedgerView): boolean =>
  (order === undefined || order.state === 'accepted') && (draft.test || isItsTurn(lane, draft.id));

/** T2 of an alert whose turn it is. @returns whether this stored it */
const takePlace = async (
  draft: Draft,
  { lane, strategy }: LedgerView,
  trading: Trading,
  options: CallOptions,
): Promise<boolean> => {
  const reason = 'waits for what the exchange says of price and balances';
  const order = strategy ? inSequence(draft, strategy) : draft;
  const change = queue({ order, ...(!draft.test && { lane }) }, { at: trading.clock.now(), reason });
  return (await committed(change, trading, options)) !== undefined;
};

/** A test order is sized on what the strategy holds; it waits for nobody and cancels nothing. */
const unoccupied = ({ holder: _, ...lane }: Lane): Lane => ({ ...lane, resting: {}, queue: [] });

const placeOf = ({ id, strategy, alert }: Draft) => ({ id, strategy, symbol: alert.symbol });

/** The alert as it is stored first, with what is odd about its sequence number. */
const inSequence = (draft: Draft, { lastSequence }: Strategy): Draft => {
  const odd = draft.sequence === undefined ? undefined : oddSequence(draft.sequence, lastSequence);
  const [received, ...rest] = draft.history;
  if (odd === undefined || !received) return draft;
  return { ...draft, history: [{ ...received, detail: `${received.detail}; ${odd}` }, ...rest] };
};

/** One read, one decision, one write. `undefined`: somebody else's write came first, decide again. */
const admitOnce = async (
  draft: Draft,
  read: LedgerView,
  { ticket, market = {} }: Outside,
  trading: Trading,
  options: CallOptions,
): Promise<Admission | undefined> => {
  // What is stored is answered before age, mode, limit or rule is looked at.
  const known = read.order;
  if (known && (known.state !== 'accepted' || known.digest !== draft.digest))
    return { kind: 'stored', order: known, created: false };
  const strategy = read.strategy ?? (await trading.ledger.ensureStrategy(draft.strategy, options));
  const order = read.order ?? inSequence(draft, strategy);
  const lane = order.test ? undefined : read.lane;
  const rules = read.rules ?? (await fetchRules(draft.alert.symbol, trading, forExchange(options, trading)));

  const verdict = judgeAdmission({
    at: trading.clock.now(),
    order,
    alert: draft.alert,
    settings: trading.settingsOf(order.strategy),
    strategy,
    lane: order.test ? unoccupied(read.lane) : read.lane,
    rules,
    market,
    ticket,
    pauseUntil: read.control.pauseUntil,
    equity: read.control.equity,
  });
  const view: View = { order, ...(lane && { lane }) };
  switch (verdict.kind) {
    case 'end': {
      const ended = await committed(endUnsent(view, verdict.event, verdict.intent), trading, options);
      if (ended) alarmOf(ended.order, verdict, trading);
      // Whoever stood behind it is next, and may have stopped waiting already.
      const left = ended?.lane;
      if (left && !left.holder && left.queue.length > 0) await trading.waker.wake(left);
      return ended && { kind: 'ended', order: ended.order, created: !read.order };
    }
    case 'wait':
      return wait(view, read.lane, verdict.why, verdict.reason, trading, options);
    case 'send': {
      const wait = verdict.ticket - trading.clock.now();
      if (wait > 0) await trading.clock.sleep(wait);
      const time = await usableTime(read.control, trading, forExchange(options, trading));
      if (!time) return waitForMarket(view, read.lane, trading, options);
      const sent = await send(view, draft.alert, verdict, strategy, time, trading, options);
      if (sent?.kind === 'owner') alarmOf(sent.order, verdict, trading);
      return sent;
    }
  }
};

/** Coins of a strategy that are not there any more are the owner's concern. */
const alarmOf = (
  { id, strategy, symbol }: Order,
  { shortfall }: { readonly shortfall?: string },
  { log }: Trading,
) => {
  if (shortfall !== undefined)
    log.error('fewer coins are free than the strategy holds', { order: id, strategy, symbol, shortfall });
};

const waitForMarket = (view: View, lane: Lane, trading: Trading, options: CallOptions) =>
  wait(view, lane, 'market', 'the exchange time is not known well enough', trading, options);

/** T2, unless it waits already. A test order has no lane to wait in: it is tried again while there is time. */
const wait = async (
  view: View,
  lane: Lane,
  why: Why,
  reason: string,
  trading: Trading,
  options: CallOptions,
): Promise<Admission | undefined> => {
  if (view.lane && isQueued(view.lane, view.order.id))
    return { kind: 'waiting', order: view.order, created: false, lane, why };
  const queued = await committed(queue(view, { at: trading.clock.now(), reason }), trading, options);
  return (
    queued && {
      kind: 'waiting',
      order: queued.order,
      created: view.order.version === 0,
      lane: queued.lane ?? lane,
      why,
    }
  );
};

/** The change, if it was written. */
const committed = async (change: Change | undefined, { ledger, nonce }: Trading, options: CallOptions) => {
  const result = change && (await ledger.commit(change, { ...options, token: nonce() }));
  return result?.kind === 'committed' ? change : undefined;
};

/** T1, T4: sign first, then commit what was signed; only whose nonce is stored may send. */
const send = async (
  view: View,
  alert: Alert,
  { plan, intent, reduces, ticket }: Extract<Verdict, { kind: 'send' }>,
  strategy: Strategy,
  time: TimeEstimate,
  trading: Trading,
  options: CallOptions,
): Promise<Admission | undefined> => {
  const { order } = view;
  const n = attemptNumber(order) + 1;
  const at = trading.clock.now();
  const signedAt = earliest(time, at);
  const until = untilOf(signedAt);
  const signed = await trading.exchange.signOrder(
    {
      symbol: alert.symbol,
      side: plan.side,
      type: EXCHANGE_TYPE[plan.type],
      ...(plan.quantity !== undefined && { quantity: plan.quantity }),
      ...(plan.quoteQuantity !== undefined && { quoteQuantity: plan.quoteQuantity }),
      ...(plan.price !== undefined && { price: plan.price }),
      clientOrderId: clientOrderIdOf(order.id, n),
    },
    { timestamp: signedAt, recvWindow: RECV_WINDOW, test: order.test },
  );
  const nonce = trading.nonce();
  const { day, opensDay } = countingDay(strategy, at);
  const reservation: CounterChange = {
    kind: 'reserve',
    strategy: order.strategy,
    order: order.id,
    attempt: n,
    until,
    notional: plan.notional,
    day,
    opensDay,
    limits: counterLimits(trading.settingsOf(order.strategy)),
    mode: requirementOf(order, reduces),
  };
  const change = admit(
    view,
    { kind: 'admitted', at, nonce, signedAt, until, ...(!order.test && { day }), plan },
    order.test ? undefined : reservation,
    intent,
  );
  if (!change) return undefined;
  const stored = await storedAfter(change, nonce, trading, options);
  if (stored === 'unknown') return { kind: 'unavailable' };
  const mine =
    stored?.state === 'submitting' && attemptNumber(stored) === n && currentAttempt(stored)?.nonce === nonce;
  return mine
    ? { kind: 'owner', order: stored, created: order.version === 0, signed, ticket, time }
    : undefined;
};

/** The order as the ledger has it after the commit; after a lost answer only a consistent read can tell. */
const storedAfter = async (
  change: Change,
  nonce: string,
  { ledger }: Trading,
  options: CallOptions,
): Promise<Order | 'unknown' | undefined> => {
  try {
    const token = `${nonce}-${attemptNumber(change.order)}`;
    const result: CommitResult = await ledger.commit(change, { ...options, token });
    return result.kind === 'committed' ? change.order : result.order?.stored;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const stored = await ledger.order(change.order.id, { deadline: options.deadline + LAST_LOOK });
    // The write may still be applied later: an order that is not ours by now is nobody's to send.
    return stored?.version === change.order.version ? stored : 'unknown';
  }
};
