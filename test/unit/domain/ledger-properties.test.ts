import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ExchangeTrade, Side } from '../../../lib/domain/exchange.ts';
import type { Lane } from '../../../lib/domain/lane.ts';
import { endUnsent, observe, queue, resolve, type View } from '../../../lib/domain/ledger.ts';
import { decimal } from '../../../lib/domain/money.ts';
import {
  attemptNumber,
  currentAttempt,
  type Facts,
  inDoubt,
  type Order,
} from '../../../lib/domain/order-record.ts';
import type { OrderType } from '../../../lib/domain/order-type.ts';
import { aLane, anAttempt, anOrder, aTrade, idOf, NOW, seen } from '../../support/builders.ts';
import { always } from './alert-support.ts';
import {
  admitting,
  aPlan,
  assertInvariants,
  commit,
  createModel,
  findings,
  type Model,
} from './ledger-model.ts';

const ME = idOf(1);
const TYPES: readonly OrderType[] = ['limit', 'market', 'ioc', 'limit_maker', 'fok'];

/** What one order went through on the exchange, and every view of it that somebody could have had. */
interface Story {
  readonly order: Order;
  readonly lane: Lane;
  readonly facts: readonly Facts[];
  readonly trades: readonly ExchangeTrade[];
}

const story = fc
  .record({
    side: fc.constantFrom<Side>('buy', 'sell'),
    type: fc.constantFrom(...TYPES),
    sizes: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 }),
    filled: fc.boolean(),
  })
  .map(({ side, type, sizes, filled }): Story => {
    const trades = sizes.map((size, i) =>
      aTrade({ tradeId: `T${i}`, side, quantity: String(size), quoteQuantity: String(size * (97 + i * 3)) }),
    );
    const upTo = (count: number) => ({
      cumQty: String(sizes.slice(0, count).reduce((a, b) => a + b, 0)),
      cumQuote: String(trades.slice(0, count).reduce((a, { quoteQuantity }) => a + Number(quoteQuantity), 0)),
    });
    const all = upTo(sizes.length);
    const whole = filled && sizes.length > 0;
    const views = sizes.map((_, i) => {
      const { cumQty, cumQuote } = upTo(i + 1);
      return seen('PARTIALLY_FILLED', cumQty, cumQuote);
    });
    const end = whole ? 'FILLED' : sizes.length > 0 ? 'PARTIALLY_CANCELED' : 'CANCELED';
    return {
      order: anOrder({
        type,
        side,
        quantity: whole ? all.cumQty : String(Number(all.cumQty) + 5),
        state: 'submitting',
        day: '2026-11-22',
        notional: '1000',
        reserved: '1000',
        attempts: [anAttempt()],
        version: 1,
      }),
      lane: aLane({ holder: { order: ME, attempt: 1 }, quantity: '3000', cost: '7777.777777', version: 1 }),
      facts: [seen('NEW', '0'), ...views, seen(end, all.cumQty, all.cumQuote)],
      trades,
    };
  });

/** Order of delivery: every view and every trade at least once, any of them again. */
const delivery = story.chain((told) => {
  const all = Array.from({ length: told.facts.length + told.trades.length }, (_, i) => i);
  return fc.record({
    told: fc.constant(told),
    shuffled: fc.shuffledSubarray(all, { minLength: all.length }),
    repeated: fc.array(fc.nat({ max: all.length - 1 }), { maxLength: 8 }),
    at: fc.nat({ max: 20 }),
  });
});

/** Applies the deliveries as the use case does: stored trades are left out, too early ones come again at the end. */
const delivered = ({ order, lane, facts, trades }: Story, steps: readonly number[]): View => {
  let view: View = { order, lane };
  const applied = new Set<string>();
  const again: number[] = [];
  const apply = (step: number): void => {
    const fact = facts[step];
    const trade = trades[step - facts.length];
    const fresh = trade && !applied.has(trade.tradeId) ? [trade] : [];
    const change = observe(view, findings(fact ? [[1, fact]] : [], fresh));
    if (change === 'refresh') again.push(step);
    if (!change || change === 'refresh') return;
    for (const fill of change.fills ?? []) applied.add(fill.tradeId);
    view = { order: change.order, lane: change.lane ?? aLane(view.lane) };
    assert.equal(view.order.settled && view.lane?.holder !== undefined, false);
  };
  for (const step of steps) apply(step);
  for (const step of again.splice(0)) apply(step);
  assert.deepEqual(again, []);
  return view;
};

/** The part of order and lane that must not depend on when something was seen. */
const lasting = ({ order, lane }: View) => {
  const { history: _, updatedAt: __, version: ___, ...orderPart } = order;
  const { version: ____, cost, realised, ...lanePart } = lane ?? aLane();
  return { orderPart, lanePart, value: { cost, realised } };
};

test('Views and trades of an order end in the same order and lane in whatever order, and however often, they come', () => {
  always(
    fc.property(delivery, ({ told, shuffled, repeated, at }) => {
      const inOrder = lasting(delivered(told, [...told.facts, ...told.trades].keys().toArray()));
      const mixed = shuffled.toSpliced(at, 0, ...repeated);

      const result = lasting(delivered(told, mixed));

      assert.deepEqual(result.orderPart, inOrder.orderPart);
      assert.deepEqual(result.lanePart, inOrder.lanePart);
      assert.equal(result.orderPart.settled, true);
      assert.equal(result.orderPart.contradiction, undefined);
      // Shares of the cost are cut off at 18 decimals, so sales in another order may differ there.
      for (const key of ['cost', 'realised'] as const) {
        const gap = decimal(result.value[key]).minus(inOrder.value[key]).abs();
        assert.ok(gap.lte('0.0000000000000001'), `${key} differs by ${gap.toFixed()}`);
      }
    }),
    { numRuns: 400 },
  );
});

test('Merging facts does not depend on their order, even where the exchange contradicts itself', () => {
  const word = fc.constantFrom(
    'NEW',
    'PARTIALLY_FILLED',
    'FILLED',
    'CANCELED',
    'PARTIALLY_CANCELED',
    'ODD',
    'WAIT',
  );
  const shown = fc
    .record({ word, cumQty: fc.nat({ max: 5 }) })
    .map((one) => seen(one.word, String(one.cumQty)));
  const views = fc.array(shown, { minLength: 1, maxLength: 5 });
  always(
    fc.property(
      views.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        const stateAfter = (facts: readonly Facts[]) => {
          const start = anOrder({
            state: 'submitting',
            attempts: [anAttempt()],
            quantity: '5',
            type: 'limit',
          });
          let view: View = { order: start, lane: aLane({ holder: { order: ME, attempt: 1 } }) };
          for (const one of facts) {
            const change = observe(view, findings([[1, one]]));
            assert.notEqual(change, 'refresh');
            if (change && change !== 'refresh')
              view = { order: change.order, lane: change.lane ?? aLane(view.lane) };
          }
          return [view.order.attempts[0]?.facts, view.order.state];
        };
        // What settles in between reopens as a contradiction, which is right, and says so: not compared here.
        assert.deepEqual(stateAfter(shuffled), stateAfter(list));
      },
    ),
    { numRuns: 1000 },
  );
});

/** What the exchange really has of one attempt. Nobody of ours sees it but through views of it. */
interface Truth {
  readonly trades: ExchangeTrade[];
  readonly views: Facts[];
  ended: boolean;
}

/** One lane, four alerts, an exchange that does as it likes, and everything that may be tried in any state. */
class Play {
  readonly model: Model = createModel();
  readonly truth = new Map<string, Truth>();
  readonly drafts: readonly Order[];
  now = NOW;
  stale: { readonly order: Order; readonly lane: Lane } | undefined;
  readonly met = new Set<string>();

  constructor(kinds: readonly { readonly type: OrderType; readonly side: Side; readonly late: number }[]) {
    this.drafts = kinds.map(({ type, side, late }, i) =>
      anOrder({ id: idOf(i), type, side, arrival: NOW + late, history: [] }),
    );
  }

  view(who: number): View {
    const draft = this.drafts[who % this.drafts.length] ?? anOrder();
    return { order: this.model.orders.get(draft.id) ?? draft, lane: this.model.lane };
  }

  /** Decides on `view`, or on what was read some time ago, and writes if the store lets it. */
  write(name: string, view: View, decide: (view: View) => ReturnType<typeof observe>): void {
    const change = decide(view);
    if (!change || change === 'refresh') return;
    const before = this.model.orders.get(change.order.id);
    if (!commit(this.model, change)) return;
    this.met.add(name);
    if (change.counters) this.met.add(change.counters.kind);
    if (before) assertGrown(before, change.order);
  }

  step({ op, who, n, size, from }: Step): void {
    this.now += 1_000;
    const at = this.now;
    const fresh = this.view(who);
    const view = op.startsWith('late ') && this.stale ? this.stale : fresh;
    const attempt = n || attemptNumber(view.order);
    const { type = 'limit', side = 'buy' } = view.order;
    switch (op.replace('late ', '')) {
      case 'read':
        this.stale = { order: fresh.order, lane: this.model.lane };
        break;
      case 'midnight':
        this.now += 86_400_000;
        break;
      case 're-arm':
        this.model.strategy = { ...this.model.strategy, mode: 'ACTIVE' };
        break;
      case 'admit':
        this.write('admit', view, (v) => admitting(v, this.model.strategy, aPlan({ type, side }), at).change);
        break;
      case 'queue':
        this.write('queue', view, (v) => queue(v, { at, reason: 'turn' }));
        break;
      case 'skip':
        this.write('skip', view, (v) =>
          endUnsent(v, { kind: 'ended', at, state: 'skipped', reason: 'at target' }),
        );
        break;
      case 'unsent':
        this.write('unsent', view, (v) => resolve(v, { kind: 'unsent', at, attempt, reason: '' }));
        break;
      case 'not-executed':
        this.write('not-executed', view, (v) =>
          resolve(v, { kind: 'not-executed', at, attempt, code: '429', message: '' }),
        );
        break;
      case 'rejected':
        this.write('rejected', view, (v) =>
          resolve(v, { kind: 'rejected', at, attempt, class: 'F', code: '1', message: '' }),
        );
        break;
      case 'lost':
        this.write('lost', view, (v) => resolve(v, { kind: 'lost', at, attempt, message: '' }));
        break;
      case 'absent':
        this.write('absent', view, (v) =>
          resolve(v, { kind: 'absent', at, attempt, evidence: [], again: size > 4 }),
        );
        break;
      case 'execute':
        this.execute(fresh.order, attempt, size);
        break;
      case 'end':
        this.end(fresh.order, attempt);
        break;
      case 'look':
        this.look(view, [attempt], from);
        break;
      case 'look at all':
        this.look(view, [3, 1, 2, 4, 5], from);
        break;
    }
  }

  truthOf(order: Order, n: number): Truth | undefined {
    const name = order.attempts.find((attempt) => attempt.n === n)?.clientOrderId;
    if (name === undefined) return undefined;
    const known = this.truth.get(name) ?? { trades: [], views: [seen('NEW', '0', '0', name)], ended: false };
    this.truth.set(name, known);
    return known;
  }

  execute(order: Order, n: number, size: number): void {
    const truth = this.truthOf(order, n);
    const done = Number(truth?.views.at(-1)?.cumQty ?? 0);
    const quantity = Math.min(size, 10 - done);
    if (!truth || truth.ended || quantity <= 0) return;
    const id = `${order.id}-${n}`;
    const side = order.side ?? 'buy';
    const tradeId = `${id}/${truth.trades.length}`;
    truth.trades.push(
      aTrade({ tradeId, exchangeOrderId: id, clientOrderId: id, side, quantity: String(quantity) }),
    );
    truth.views.push(seen('PARTIALLY_FILLED', String(done + quantity), undefined, id));
  }

  end(order: Order, n: number): void {
    const truth = this.truthOf(order, n);
    const last = truth?.views.at(-1);
    if (!truth || !last || truth.ended) return;
    truth.ended = true;
    const word = last.cumQty === '10' ? 'FILLED' : last.cumQty === '0' ? 'CANCELED' : 'PARTIALLY_CANCELED';
    truth.views.push(seen(word, last.cumQty, last.cumQuote, last.exchangeOrderId));
  }

  /** Shows the view `from` steps back, and every trade from that one on; stored trades as often as not. */
  look(view: View, attempts: readonly number[], from: number): void {
    const facts: [number, Facts][] = [];
    const trades: (ExchangeTrade & { attempt: number })[] = [];
    for (const n of attempts) {
      const truth = this.truth.get(
        view.order.attempts.find((attempt) => attempt.n === n)?.clientOrderId ?? '',
      );
      if (!truth) continue;
      const shown = truth.views.at(-1 - Math.min(from, truth.views.length - 1));
      if (shown && from < 6) facts.push([n, shown]);
      const unseen = truth.trades.filter(({ tradeId }) => from === 5 || !this.model.fills.has(tradeId));
      if (from !== 4) trades.push(...unseen.map((trade) => ({ ...trade, attempt: n })));
    }
    this.write('look', view, (v) => observe(v, findings(facts, trades, this.now)));
  }

  /** Lets the exchange end everything and shows all of it; what it never had is proven absent. */
  finish(): void {
    for (const { id } of this.drafts)
      for (let round = 0; round < 3; round += 1) {
        const order = this.model.orders.get(id);
        if (!order) continue;
        for (const { n, clientOrderId } of order.attempts)
          if (this.truth.has(clientOrderId)) this.end(order, n);
        this.look({ order, lane: this.model.lane }, [1, 2, 3, 4, 5], 0);
        const after = this.model.orders.get(id) ?? order;
        const newest = currentAttempt(after);
        if (newest && inDoubt(newest) && !this.truth.has(newest.clientOrderId))
          this.write('absent', { order: after, lane: this.model.lane }, (v) =>
            resolve(v, { kind: 'absent', at: this.now, attempt: newest.n, evidence: [], again: false }),
          );
      }
  }
}

const assertGrown = (before: Order, after: Order): void => {
  assert.ok(decimal(after.fillsQty).gte(before.fillsQty), 'fills never go back');
  assert.ok(after.attempts.length >= before.attempts.length, 'no attempt is forgotten');
  assert.ok(!before.contradiction || after.contradiction, 'a contradiction stays marked');
  for (const { n, facts, clientOrderId, signedAt, until, nonce } of before.attempts) {
    const later = after.attempts.find((attempt) => attempt.n === n);
    assert.deepEqual(
      [later?.clientOrderId, later?.signedAt, later?.until, later?.nonce],
      [clientOrderId, signedAt, until, nonce],
      'what was signed never changes',
    );
    if (!facts) continue;
    assert.ok(later?.facts && decimal(later.facts.cumQty).gte(facts.cumQty), 'executed amounts never shrink');
    assert.ok(!facts.terminal || later.facts.terminal, 'what ended stays ended');
  }
};

const OPS = [
  ...['admit', 'admit', 'admit', 'queue', 'skip', 'unsent', 'not-executed', 'rejected', 'lost', 'absent'],
  ...['execute', 'execute', 'execute', 'end', 'look', 'look', 'look', 'look at all', 're-arm', 'midnight'],
  ...['read', 'late admit', 'late unsent', 'late absent', 'late look', 'late queue', 'late skip'],
];
interface Step {
  readonly op: string;
  readonly who: number;
  readonly n: number;
  readonly size: number;
  readonly from: number;
}
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    op: fc.constantFrom(...OPS),
    who: fc.nat({ max: 3 }),
    // 0: the newest attempt; others may be older, or not exist at all
    n: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
    size: fc.integer({ min: 1, max: 10 }),
    from: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat({ max: 6 })),
  }),
  { minLength: 10, maxLength: 70, size: 'max' },
);
const kinds = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    side: fc.constantFrom<Side>('buy', 'buy', 'sell'),
    late: fc.nat({ max: 2 }),
  }),
  { minLength: 4, maxLength: 4 },
);

test('Whatever is tried in whatever order, lane, counters, queue and position agree with the orders after every write', () => {
  const met = new Set<string>();
  always(
    fc.property(kinds, steps, (orders, tried) => {
      const play = new Play(orders);

      for (const step of tried) {
        play.step(step);
        assertInvariants(play.model);
      }
      play.finish();

      assertInvariants(play.model);
      assertTrue(play);
      for (const name of play.met) met.add(name);
    }),
    { numRuns: 600 },
  );
  const kindsOfWrites = [
    'admit',
    'queue',
    'skip',
    'unsent',
    'not-executed',
    'rejected',
    'lost',
    'absent',
    'look',
  ];
  for (const name of [...kindsOfWrites, 'reserve', 'undo', 'finish', 'contradict'])
    assert.ok(met.has(name), `${name} was met`);
});

/** In the end nothing is held, reserved or forgotten, and every trade of ours is in the position once. */
const assertTrue = ({ model, truth }: Play): void => {
  for (const order of model.orders.values())
    assert.ok(order.settled || order.state === 'accepted', `${order.state} is left over`);
  assert.deepEqual([model.lane.holder, model.lane.resting, model.strategy.reserved], [undefined, {}, '0']);
  const executed = [...truth.values()].flatMap(({ trades }) => trades.map(({ tradeId }) => tradeId));
  assert.deepEqual([...model.fills.keys()].sort(), executed.sort());
};
