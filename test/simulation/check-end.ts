import { decimal } from '../../lib/domain/money.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import { checkAccount } from './check-account.ts';
import type { Watch } from './check-writes.ts';
import type { Findings } from './invariants.ts';
import type { Ledger, StoredOrder } from './ledger-mirror.ts';
import { alertOf, allFacts, CLOCKS, executed, isExternal, isFinal, proofAfter } from './order-rules.ts';
import type { World } from './world.ts';

type Truth = ReturnType<Exchange['truth']>;
type Journal = ReturnType<Exchange['journal']>;
type There = Truth['orders'][number];

const ORDER = '/api/v3/order';

const idIn = (clientOrderId: string | null): string => clientOrderId?.split('-')[0] ?? '';

/** Everything that is known when all is over. */
export interface End {
  readonly world: World;
  readonly ledger: Ledger;
  readonly watch: Watch;
  readonly findings: Findings;
}

/** Compares the tables with the exchange's own account of what is so. */
export const checkEnd = (end: End): void => {
  const { exchange } = end.world;
  const truth = exchange.truth();
  const journal = exchange.journal();
  checkOrders(end, truth);
  checkFills(end, truth);
  checkRequests(end, journal, truth);
  checkLeftovers(end);
  checkAlerts(end);
  checkAccount(end, truth, journal);
};

/** What the exchange's order has to look like in the ledger once it is over. */
const ENDED: Readonly<Record<string, string>> = {
  FILLED: 'filled',
  CANCELED: 'canceled',
  PARTIALLY_CANCELED: 'partially_canceled',
};

const pathOf = ({ strategy, id, history }: StoredOrder): string =>
  `${strategy} ${id} (${history.map(({ state }) => state).join(' → ')})`;

const checkOrders = ({ world, ledger, watch, findings: { say } }: End, { orders }: Truth): void => {
  const isForeign = (name: string): boolean =>
    world.plan.moves.some((move) => 'foreign' in move && move.foreign.clientOrderId === name);
  const there = Map.groupBy(
    orders.filter(
      ({ clientOrderId, byHand }) => clientOrderId !== null && !byHand && !isForeign(clientOrderId),
    ),
    ({ clientOrderId }) => idIn(clientOrderId),
  );
  for (const [id, found] of there) {
    if (found.length > 1)
      say('one-order-per-alert', `${id}: ${found.map(({ clientOrderId }) => clientOrderId).join(', ')}`);
    if (!ledger.orders.has(id)) say('ledger-knows-order', `${id} is on the exchange and not in the ledger`);
  }
  for (const { clientOrderId } of orders) {
    const denial = watch.denied.get(clientOrderId ?? '');
    if (denial !== undefined)
      say('false-negative', `${clientOrderId} exists and was called ${denial.outcome}`);
  }
  for (const order of ledger.orders.values()) {
    if (isExternal(order)) continue;
    const found = there.get(order.id) ?? [];
    compare(order, found, say);
    if (order.contradiction && found.length === 0)
      say('exchange-has-order', `${pathOf(order)} contradicts itself, and the exchange has nothing`);
  }
};

const compare = (order: StoredOrder, found: readonly There[], say: Findings['say']): void => {
  const [only] = found;
  for (const { clientOrderId, facts } of order.attempts) {
    const real = found.find((each) => each.clientOrderId === clientOrderId);
    if (facts && real?.orderId !== facts.exchangeOrderId)
      say('exchange-has-order', `${pathOf(order)} claims ${facts.exchangeOrderId} for ${clientOrderId}`);
    if (real && !facts)
      say('ledger-knows-order', `${pathOf(order)} does not know its attempt ${clientOrderId}`);
  }
  if (!only || found.length > 1) return;
  if (order.state !== ENDED[only.status])
    say('same-as-exchange', `${pathOf(order)} is ${only.status} on the exchange`);
  if (!executed(order).eq(only.executed) || !decimal(order.fillsQty).eq(only.executed))
    say(
      'same-as-exchange',
      `${pathOf(order)}: executed ${executed(order).toFixed()}, fills ${order.fillsQty}, there ${only.executed}`,
    );
  const [facts] = allFacts(order);
  if (facts && !decimal(facts.cumQuote).eq(only.quote))
    say('same-as-exchange', `${pathOf(order)}: quote ${facts.cumQuote}, there ${only.quote}`);
};

const checkFills = ({ ledger, findings: { say } }: End, { trades }: Truth): void => {
  const ours = trades.filter(({ clientOrderId }) => ledger.orders.has(idIn(clientOrderId)));
  for (const trade of ours) {
    const fill = ledger.fills.get(`${trade.symbol} ${trade.id}`);
    if (!fill) {
      say('fills-are-trades', `trade ${trade.id} of ${trade.clientOrderId} was never booked`);
      continue;
    }
    const same =
      decimal(fill.quantity).eq(trade.qty) &&
      decimal(fill.quoteQuantity).eq(trade.quoteQty) &&
      decimal(fill.commission).eq(trade.commission) &&
      fill.commissionAsset === trade.commissionAsset &&
      (fill.side === 'buy') === trade.isBuyer &&
      fill.order === idIn(trade.clientOrderId);
    if (!same) say('fills-are-trades', `trade ${trade.id} of ${trade.clientOrderId} was booked as another`);
  }
  const real = new Set(ours.map(({ symbol, id }) => `${symbol} ${id}`));
  for (const key of ledger.fills.keys()) if (!real.has(key)) say('fills-are-trades', `${key} never happened`);
};

const checkRequests = (end: End, journal: Journal, truth: Truth): void => {
  const { ledger, watch, world, findings } = end;
  const { say } = findings;
  const sent = new Set<string>();
  for (const { method, path, params } of journal) {
    if (method !== 'POST' || !path.startsWith(ORDER)) continue;
    const name = params.newClientOrderId ?? '';
    if (sent.has(name)) say('sent-once', `${name} was sent twice`);
    sent.add(name);
  }
  if (world.plan.class === 'A') {
    const { exchangeFaults, steps, start } = world.plan;
    const apart = steps.length > 0 || exchangeFaults.some(({ fault }) => fault.kind === 'skew') ? CLOCKS : 0;
    for (const order of ledger.orders.values())
      for (const { outcome, clientOrderId, signedAt } of order.attempts) {
        const written = watch.denied.get(clientOrderId);
        if (outcome !== 'absent' || !written || order.test) continue;
        const [from, to] = [proofAfter(signedAt) - apart, start + written.at];
        const asked = journal.filter(({ at, status }) => at > from && at <= to && status !== null);
        checkAsked(order, clientOrderId, asked, say);
      }
    checkOrderOfLanes(watch, journal, truth, say);
  }
  const refused = journal.filter(({ limit }) => limit !== null);
  const disturbed =
    world.plan.stops.some(({ stop }) => stop.kind === 'freeze') || world.plan.wireFaults.length > 0;
  if (world.plan.class === 'A' && !disturbed && refused.length > 0)
    say('within-limits', `${refused.length} refused, first ${refused[0]?.path} by ${refused[0]?.limit}`);
};

/** Two answers of each source after the proof time; the times that prove it are the exchange's own. */
const checkAsked = (
  order: StoredOrder,
  clientOrderId: string,
  after: Journal,
  say: Findings['say'],
): void => {
  const asked = (path: string, symbol: boolean) =>
    after.filter(
      (entry) =>
        entry.method === 'GET' &&
        entry.path === `/api/v3/${path}` &&
        (path !== 'order' || entry.params.origClientOrderId === clientOrderId) &&
        (!symbol || entry.params.symbol === order.symbol),
    ).length;
  const counts = {
    order: asked('order', true),
    openOrders: asked('openOrders', false),
    allOrders: asked('allOrders', true),
    myTrades: asked('myTrades', true),
  };
  for (const [source, count] of Object.entries(counts))
    if (count < 2)
      say('proof-asked', `${pathOf(order)}: ${source} was asked ${count} times after the proof time`);
};

const checkOrderOfLanes = (
  { admissions }: Watch,
  journal: Journal,
  { orders }: Truth,
  say: Findings['say'],
): void => {
  const exists = new Set(orders.map(({ clientOrderId }) => clientOrderId));
  const executedAt = new Map(
    journal.flatMap(({ method, path, params, executedAt }) =>
      method === 'POST' && path === ORDER && executedAt !== null && exists.has(params.newClientOrderId ?? '')
        ? [[params.newClientOrderId ?? '', executedAt] as const]
        : [],
    ),
  );
  const last = new Map<string, { readonly at: number; readonly id: string }>();
  for (const { lane, clientOrderId } of admissions) {
    const at = executedAt.get(clientOrderId);
    if (at === undefined) continue;
    const before = last.get(lane);
    if (before && before.at > at)
      say('lane-in-order', `${lane}: ${clientOrderId} was executed ${before.at - at} ms before ${before.id}`);
    last.set(lane, { at, id: clientOrderId });
  }
};

const checkLeftovers = ({ ledger, findings: { say } }: End): void => {
  for (const { strategy, reserved, inFlight } of ledger.strategies.values())
    if (!decimal(reserved).eq('0') || Object.keys(inFlight).length > 0)
      say(
        'nothing-reserved',
        `${strategy}: ${reserved} for ${Object.keys(inFlight).join(', ') || 'nothing'}`,
      );
  for (const { strategy, symbol, holder, resting, queue } of ledger.lanes.values()) {
    const rests = Object.keys(resting);
    if (holder || rests.length > 0 || queue.length > 0)
      say('lane-free', `${strategy} ${symbol}: ${JSON.stringify({ holder, resting: rests, queue })}`);
  }
  for (const order of ledger.orders.values())
    if (!isExternal(order) && (!order.settled || !isFinal(order.state)))
      say('every-alert-ends', `${pathOf(order)} is not settled`);
};

const bodyOf = (answer: unknown): Readonly<Record<string, unknown>> =>
  typeof answer === 'object' && answer !== null ? { ...answer } : {};

const checkAlerts = ({ world, ledger, findings: { say } }: End): void => {
  const items = Map.groupBy(ledger.orders.values(), (order) => alertOf(order) ?? -1);
  const alerts = new Set(world.plan.deliveries.map(({ alert }) => alert));
  for (const alert of alerts) {
    const stored = items.get(alert) ?? [];
    if (stored.length === 0) say('every-alert-stored', `alert ${alert} is not in the ledger`);
    if (stored.length > 1)
      say('one-item-per-alert', `alert ${alert}: ${stored.map(({ id }) => id).join(', ')}`);
  }
  for (const { delivery, answer } of world.exchanged) {
    if (!answer) continue;
    const body = bodyOf(answer.body);
    if (answer.thrown !== undefined || (answer.status >= 500 && answer.status !== 503))
      say('no-5xx-after-sending', `alert ${delivery.alert}: ${answer.status} ${String(answer.thrown)}`);
    const order = ledger.orders.get(String(body.id));
    if (answer.status < 300 && !order)
      say('every-alert-stored', `alert ${delivery.alert} was answered ${answer.status}, and is not stored`);
    if (order && isFinal(body.state) && body.state !== order.state && !order.contradiction)
      say('answer-holds', `alert ${delivery.alert} was answered ${String(body.state)}: ${pathOf(order)}`);
  }
};

/** Two repeats of one alert after the end: the same bytes, said to be repeats. */
export const checkRepeats = (
  { findings: { say } }: End,
  answers: readonly World['exchanged'][number][],
): void => {
  const byAlert = Map.groupBy(answers, ({ delivery }) => delivery.alert);
  for (const [alert, repeats] of byAlert) {
    const texts = new Set(repeats.map(({ answer }) => JSON.stringify(answer)));
    if (texts.size !== 1) say('answer-of-repeat', `alert ${alert}: ${[...texts].join(' | ').slice(0, 600)}`);
    for (const { answer } of repeats)
      if (bodyOf(answer?.body).duplicate !== true)
        say(
          'answer-of-repeat',
          `alert ${alert}: ${JSON.stringify(answer ?? 'none').slice(0, 300)} is no repeat`,
        );
  }
};
