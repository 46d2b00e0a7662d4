import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  admit,
  type Change,
  cancelling,
  endUnsent,
  type Over,
  observe,
  queue,
  resolve,
  type View,
} from '../../../lib/domain/ledger.ts';
import { MAX_ATTEMPTS } from '../../../lib/domain/order.ts';
import type { Attempt, AttemptOutcome, Order, OrderState } from '../../../lib/domain/order-record.ts';
import { untilOf } from '../../../lib/domain/timing.ts';
import { aLane, anAttempt, anOrder, aStrategy, aTrade, idOf, NOW, seen } from '../../support/builders.ts';
import { admitting, aPlan, findings, observed } from './ledger-model.ts';

const ME = idOf(1);
const OTHER = idOf(2);
const LATER = NOW + 1_000;

const must = (change: Change | undefined): Change => {
  assert.ok(change);
  return change;
};

/** An order whose attempt of 1,000 USDT is on its way and holds the lane. */
const doubted = (own: Partial<Order> = {}, attempt: Partial<Attempt> = {}): View => {
  const n = attempt.n ?? 1;
  const older = Array.from({ length: n - 1 }, (_, i) => anAttempt({ n: i + 1, outcome: 'not_executed' }));
  return {
    order: anOrder({
      type: 'limit',
      side: 'buy',
      quantity: '10',
      price: '100',
      state: attempt.outcome === 'unknown' ? 'unknown' : 'submitting',
      day: '2026-11-22',
      notional: '1000',
      reserved: '1000',
      attempts: [...older, anAttempt({ n, ...attempt })],
      version: 3,
      ...own,
    }),
    lane: aLane({ holder: { order: ME, attempt: n }, version: 7 }),
  };
};

/** An order whose attempts are all over, as `state` says, and that holds nothing. */
const over = (state: OrderState, outcome: AttemptOutcome, own: Partial<Order> = {}): View => ({
  order: anOrder({
    type: 'market',
    side: 'buy',
    quantity: '10',
    state,
    settled: state !== 'accepted',
    day: '2026-11-22',
    notional: '1000',
    attempts: [anAttempt({ outcome })],
    version: 3,
    ...own,
  }),
  lane: aLane({
    version: 7,
    ...(state === 'accepted' && {
      queue: [
        { id: ME, arrival: NOW },
        { id: OTHER, arrival: NOW + 1 },
      ],
    }),
  }),
});

/** An acknowledged order with the facts given. */
const live = (facts: Attempt['facts'], own: Partial<Order> = {}): View => {
  const { order } = doubted({ state: 'open', ...own }, { outcome: 'found', ...(facts && { facts }) });
  const rests = order.type === 'limit';
  return {
    order,
    lane: aLane({
      version: 7,
      ...(rests
        ? { resting: { [ME]: { side: 'buy' as const, open: facts?.terminal ? facts.cumQty : '10' } } }
        : { holder: { order: ME, attempt: 1 } }),
    }),
  };
};

test('T1: an alert whose turn it is becomes attempt 1 together with lane, reservation and intent', () => {
  const view = { order: anOrder(), lane: aLane() };
  const intent = { time: NOW, sequence: 4 };
  const { event } = admitting(view, aStrategy(), aPlan({ notes: ['price moved'] }));
  const reservation = { kind: 'reserve' } as never;

  const change = must(admit(view, event, reservation, intent));

  assert.equal(change.order.state, 'submitting');
  assert.equal(change.order.version, 1);
  assert.equal(change.order.reserved, '1000');
  assert.equal(change.order.day, '2026-11-22');
  assert.deepEqual(change.order.attempts, [
    {
      n: 1,
      clientOrderId: `${ME}-1`,
      nonce: 'nonce',
      signedAt: NOW,
      until: untilOf(NOW),
      outcome: 'sending',
    },
  ]);
  assert.deepEqual(change.lane, { ...aLane(), holder: { order: ME, attempt: 1 }, intent, version: 1 });
  assert.equal(change.counters, reservation);
  assert.equal(change.order.history.at(-1)?.detail, 'attempt 1; price moved');
});

test('T1, T4: no attempt goes out past a holder or past an order that waits before it', () => {
  const queued = { id: OTHER, arrival: NOW - 1 };
  for (const lane of [
    aLane({ holder: { order: OTHER, attempt: 1 } }),
    aLane({ queue: [queued] }),
    aLane({ queue: [queued, { id: ME, arrival: NOW }] }),
    aLane({ holder: { order: ME, attempt: 1 }, queue: [{ id: ME, arrival: NOW }] }),
  ]) {
    assert.equal(admitting({ order: anOrder(), lane }, aStrategy(), aPlan()).change, undefined);
  }
});

test('T1, T4: only a waiting order is admitted, and at most five times', () => {
  const { event } = admitting({ order: anOrder() }, aStrategy(), aPlan());
  const fiveTimes = Array.from({ length: MAX_ATTEMPTS }, (_, i) =>
    anAttempt({ n: i + 1, outcome: 'unsent' }),
  );
  const orders = [
    anOrder({ attempts: fiveTimes }),
    ...(['submitting', 'unknown', 'open', 'filled', 'rejected', 'refused', 'skipped', 'absent'] as const).map(
      (state) => anOrder({ state, settled: state === 'refused' }),
    ),
  ];

  for (const order of orders)
    assert.equal(admit({ order, lane: aLane() }, event, undefined, undefined), undefined, order.state);
});

test('T2: an alert whose turn it is not waits at its place by arrival, then by id', () => {
  const waiting = (n: number, arrival: number) => ({ id: idOf(n), arrival });
  const lane = aLane({ queue: [waiting(3, NOW - 5), waiting(9, NOW), waiting(2, NOW + 5)], version: 4 });

  const change = must(queue({ order: anOrder({ id: idOf(5) }), lane }, { at: NOW, reason: 'turn' }));

  assert.deepEqual(change.lane?.queue, [
    waiting(3, NOW - 5),
    waiting(5, NOW),
    waiting(9, NOW),
    waiting(2, NOW + 5),
  ]);
  assert.equal(change.lane?.version, 5);
  assert.equal(change.order.state, 'accepted');
  assert.equal(change.counters, undefined);
});

test('T2: an order past waiting is never put back into the queue', () => {
  for (const view of [doubted(), live(seen('NEW', '0')), over('absent', 'absent')])
    assert.equal(queue(view, { at: NOW, reason: 'turn' }), undefined, view.order.state);
});

test('T3: a refused alert is stored with its reason and without touching lane or counters', () => {
  const refusal = { status: 429, code: 'limit_reached', message: 'too many', resetsAt: 'tomorrow' };

  const change = must(
    endUnsent({ order: anOrder(), lane: aLane() }, { kind: 'refused', at: NOW, state: 'refused', refusal }),
  );

  assert.equal(change.lane, undefined);
  assert.equal(change.counters, undefined);
  assert.deepEqual(
    [change.order.state, change.order.settled, change.order.code, change.order.refusal],
    ['refused', true, 'limit_reached', refusal],
  );
  assert.equal(change.order.expiresAt, NOW / 1000 + 90 * 86_400);
});

test('T3: what is skipped records its intent, and holds only for the lane that was read', () => {
  const view = { order: anOrder(), lane: aLane({ version: 4 }) };
  const skip = { kind: 'ended', at: NOW, state: 'skipped', reason: 'no position' } as const;

  const withIntent = must(endUnsent(view, skip, { time: NOW }));
  const without = must(endUnsent(view, skip));

  assert.deepEqual(withIntent.lane, { ...view.lane, intent: { time: NOW }, version: 5 });
  assert.deepEqual(without.lane, { ...view.lane, version: 5 }, 'written under the version that was judged');
});

test('T4: a waiting order whose turn has come leaves the queue and holds the lane with attempt n + 1', () => {
  const view = over('accepted', 'not_executed', { reason: 'old', code: '429' });

  const { order, lane } = must(admitting(view, aStrategy(), aPlan(), LATER, 'fresh').change);

  assert.deepEqual(lane?.holder, { order: ME, attempt: 2 });
  assert.deepEqual(lane?.queue, [{ id: OTHER, arrival: NOW + 1 }]);
  assert.deepEqual(
    order.attempts.map(({ n, nonce, outcome }) => [n, nonce, outcome]),
    [
      [1, 'nonce-1', 'not_executed'],
      [2, 'fresh', 'sending'],
    ],
  );
  assert.equal(order.attempts[1]?.signedAt, LATER);
  assert.deepEqual([order.code, order.reason], [undefined, undefined]);
});

test('T4: a size of an earlier attempt is not kept when the next one is sized otherwise', () => {
  const view = over('accepted', 'unsent', { price: '99', quantity: '9' });
  const { quantity: _, price: __, ...byAmount } = aPlan({ quoteQuantity: '500', notional: '500' });

  const { order } = must(admitting(view, aStrategy(), byAmount).change);

  assert.deepEqual([order.quantity, order.price, order.quoteQuantity], [undefined, undefined, '500']);
  assert.deepEqual([order.notional, order.reserved], ['500', '500']);
});

test('T5, T6: a waiting order that ends leaves the queue in the same write, and nobody else does', () => {
  const view = over('accepted', 'unsent');
  const refusal = { status: 423, code: 'halted', message: 'halted' };
  for (const event of [
    { kind: 'ended', at: NOW, state: 'expired', reason: 'five attempts' },
    { kind: 'ended', at: NOW, state: 'skipped', reason: 'superseded' },
    { kind: 'ended', at: NOW, state: 'done', reason: '1 cancelled', cancelledIds: [OTHER] },
    { kind: 'refused', at: NOW, state: 'refused', refusal },
    { kind: 'refused', at: NOW, state: 'expired', refusal },
  ] as const) {
    const change = must(endUnsent(view, event));

    assert.deepEqual(change.lane?.queue, [{ id: OTHER, arrival: NOW + 1 }]);
    assert.deepEqual([change.order.state, change.order.settled], [event.state, true]);
    assert.equal(change.counters, undefined);
  }
});

test('T6: an order that had attempts is kept for ever: the exchange may yet show one of them', () => {
  const refusal = { status: 423, code: 'halted', message: 'halted' };

  const { order } = must(
    endUnsent(over('accepted', 'not_executed'), { kind: 'refused', at: NOW, state: 'refused', refusal }),
  );

  assert.equal(order.expiresAt, undefined);
});

test('T3, T5, T6: nothing that is in doubt, live or over ends as if it had never been sent', () => {
  const refusal = { status: 423, code: 'halted', message: 'halted' };
  for (const view of [
    doubted(),
    doubted({}, { outcome: 'unknown' }),
    live(seen('NEW', '0')),
    over('absent', 'absent'),
  ])
    for (const event of [
      { kind: 'ended', at: NOW, state: 'expired', reason: 'old' },
      { kind: 'refused', at: NOW, state: 'refused', refusal },
    ] as const)
      assert.equal(endUnsent(view, event), undefined, view.order.state);
});

const undo = { kind: 'undo', strategy: 'demo', order: ME, notional: '1000', day: '2026-11-22' } as const;
const finish = (executed: string, notional = '1000', rejected = false) =>
  ({
    kind: 'finish',
    strategy: 'demo',
    order: ME,
    notional,
    executed,
    overrun: false,
    rejected,
    day: '2026-11-22',
  }) as const;
const again: readonly (readonly [string, Over, AttemptOutcome])[] = [
  ['T7', { kind: 'unsent', at: LATER, attempt: 1, reason: 'no connection' }, 'unsent'],
  ['T10', { kind: 'not-executed', at: LATER, attempt: 1, code: '429', message: 'slow down' }, 'not_executed'],
  ['T14', { kind: 'absent', at: LATER, attempt: 1, evidence: [{ from: 1 }], again: true }, 'absent'],
];

for (const [row, event, outcome] of again) {
  test(`${row}: an attempt that never happened gives everything back and the order waits at its old place`, () => {
    const { order, lane } = doubted();
    const behind = [{ id: OTHER, arrival: NOW + 1 }];

    const change = must(resolve({ order, lane: { ...aLane(lane), queue: behind } }, event));

    assert.deepEqual(change.lane?.queue, [{ id: ME, arrival: NOW }, ...behind], 'before what arrived later');
    assert.equal(change.lane?.holder, undefined);
    assert.equal(change.lane?.version, 8);
    assert.deepEqual(change.counters, undo);
    assert.deepEqual(
      [change.order.state, change.order.reserved, change.order.settled, change.order.attempts[0]?.outcome],
      ['accepted', '0', false, outcome],
    );
  });
}

const ends: readonly (readonly [string, Over, OrderState])[] = [
  ['T9', { kind: 'rejected', at: LATER, attempt: 1, class: 'B', code: '30004', message: 'poor' }, 'rejected'],
  ['T13', { kind: 'absent', at: LATER, attempt: 1, evidence: [{ from: 1 }], again: false }, 'absent'],
];

for (const [row, event, state] of ends) {
  test(`${row}: an attempt that ends the order frees the lane and gives its reservation back`, () => {
    for (const outcome of ['sending', 'unknown'] as const) {
      const change = must(resolve(doubted({}, { outcome }), event));

      assert.equal(change.lane?.holder, undefined);
      assert.deepEqual(change.lane?.queue, []);
      assert.deepEqual(change.counters, finish('0', '1000', state === 'rejected'));
      assert.deepEqual([change.order.state, change.order.settled, change.order.reserved], [state, true, '0']);
    }
  });
}

test('T9: the code and the class of a refusal are kept', () => {
  const { order } = must(resolve(doubted(), ends[0]![1]));

  assert.deepEqual([order.code, order.errorClass, order.reason], ['30004', 'B', 'poor']);
});

test('T13: the evidence is kept with the attempt', () => {
  assert.deepEqual(must(resolve(doubted(), ends[1]![1])).order.attempts[0]?.evidence, [{ from: 1 }]);
});

test('T11, T12: a lost answer leaves lane and reservation where they are', () => {
  const change = must(
    resolve(doubted(), { kind: 'lost', at: NOW, attempt: 1, code: 'timeout', message: 'none' }),
  );

  assert.deepEqual(
    [change.order.state, change.order.reserved, change.order.settled],
    ['unknown', '1000', false],
  );
  assert.deepEqual([change.lane, change.counters], [undefined, undefined]);
  assert.deepEqual(
    [change.order.attempts[0]?.outcome, change.order.attempts[0]?.code],
    ['unknown', 'timeout'],
  );
});

test('T11, T12: what is unknown already, or over, does not get lost again', () => {
  const lost = { kind: 'lost', at: NOW, attempt: 1, message: 'none' } as const;
  for (const view of [
    doubted({}, { outcome: 'unknown' }),
    live(seen('NEW', '0')),
    over('rejected', 'refused'),
  ])
    assert.equal(resolve(view, lost), undefined, view.order.state);
});

test('T7: only an attempt that is still being sent can be taken back', () => {
  assert.equal(resolve(doubted({}, { outcome: 'unknown' }), again[0]![1]), undefined);
});

test('T7, T9, T10, T11, T13, T14: an outcome of an older or later attempt changes nothing', () => {
  const events = [...again, ...ends].map(([, event]) => event);
  events.push({ kind: 'lost', at: NOW, attempt: 1, message: '' }, { kind: 'tested', at: NOW, attempt: 1 });
  for (const event of events) {
    assert.equal(resolve(doubted({}, { n: 2 }), event), undefined, `${event.kind} of attempt 1`);
    assert.equal(resolve(doubted({}, { n: 2 }), { ...event, attempt: 3 }), undefined, `${event.kind} of 3`);
    const { order, lane } = doubted({}, { n: 2 });
    const attempts = order.attempts.map((each) => ({ ...each, outcome: 'sending' as const }));
    assert.equal(
      resolve({ order: { ...order, attempts }, lane: aLane(lane) }, event),
      undefined,
      `${event.kind} of attempt 1, even if it were in doubt`,
    );
  }
});

test('T7, T9, T10, T13, T14: a late outcome changes nothing once the attempt is found or over', () => {
  const events = [...again, ...ends].map(([, event]) => event);
  for (const view of [
    live(seen('NEW', '0')),
    live(seen('FILLED', '10'), { settled: true, state: 'filled' }),
    over('absent', 'absent'),
    over('rejected', 'refused'),
    over('accepted', 'unsent'),
  ])
    for (const event of events)
      assert.equal(resolve(view, event), undefined, `${event.kind} in ${view.order.state}`);
});

test('A reservation is given back under the day it was made on, whatever the day is now', () => {
  const view = doubted({ day: '2026-11-20' });

  for (const [, event] of [...again, ...ends]) {
    const { counters } = must(resolve({ ...view }, { ...event, at: NOW + 86_400_000 }));
    assert.equal(counters && 'day' in counters ? counters.day : undefined, '2026-11-20');
  }
});

test('A test order ends without lane and counters', () => {
  const order = doubted({ test: true, reserved: '0' }).order;

  for (const event of [{ kind: 'tested', at: NOW, attempt: 1 } as const, again[1]![1], ends[0]![1]]) {
    const change = must(resolve({ order }, event));
    assert.deepEqual([change.lane, change.counters], [undefined, undefined]);
  }
  const { order: tested } = must(resolve({ order }, { kind: 'tested', at: NOW, attempt: 1 }));
  assert.deepEqual([tested.state, tested.settled], ['tested', true]);
});

test('T8: a resting order hands the lane on as soon as it is in the book', () => {
  for (const type of ['limit', 'limit_maker'] as const) {
    const change = observed(doubted({ type }), findings([[1, seen('NEW', '0')]]));

    assert.equal(change.lane?.holder, undefined);
    assert.deepEqual(change.lane?.resting, { [ME]: { side: 'buy', open: '10', price: '100' } });
    assert.equal(change.lane?.version, 8);
    assert.equal(change.counters, undefined);
    assert.deepEqual([change.order.state, change.order.reserved], ['open', '1000']);
    assert.equal(change.order.attempts[0]?.facts?.exchangeOrderId, 'X1');
  }
});

test('T8: an immediate order keeps the lane after its acknowledgement', () => {
  for (const type of ['market', 'ioc', 'fok'] as const) {
    const change = observed(doubted({ type }), findings([[1, seen('PARTIALLY_FILLED', '4')]]));

    assert.equal(change.lane, undefined);
    assert.deepEqual([change.order.state, change.order.settled], ['partially_filled', false]);
  }
});

test('T8: evidence for another attempt than the one in doubt does not free the lane', () => {
  const change = observed(doubted({}, { n: 2 }), findings([[1, seen('NEW', '0')]]));

  assert.deepEqual(change.lane?.holder, { order: ME, attempt: 2 });
});

test('T15: facts that say more are taken over, facts that say less change nothing', () => {
  const view = live(seen('PARTIALLY_FILLED', '4'), { state: 'partially_filled' });

  const change = observed(view, findings([[1, seen('PARTIALLY_FILLED', '6')]]));

  assert.equal(change.order.attempts[0]?.facts?.cumQty, '6');
  assert.equal(change.lane, undefined, 'the position moves by trades only');
  for (const late of [seen('NEW', '0'), seen('PARTIALLY_FILLED', '3'), seen('PARTIALLY_FILLED', '4')])
    assert.equal(observe(view, findings([[1, late]])), undefined);
});

test('T15: an order that ended stays ended, whatever is shown late', () => {
  const view = live(seen('PARTIALLY_CANCELED', '4'), { state: 'partially_canceled' });

  for (const late of [seen('NEW', '0'), seen('PARTIALLY_FILLED', '4'), seen('NEVER_HEARD_OF', '2')])
    assert.equal(observe(view, findings([[1, late]])), undefined);
});

const states: readonly (readonly [string, string, OrderState])[] = [
  ['NEW', '0', 'open'],
  ['NEVER_HEARD_OF', '0', 'open'],
  ['PARTIALLY_FILLED', '4', 'partially_filled'],
  ['NEVER_HEARD_OF', '10', 'partially_filled'],
  ['FILLED', '10', 'filled'],
  ['CANCELED', '0', 'canceled'],
  ['PARTIALLY_CANCELED', '0', 'canceled'],
  ['CANCELED', '4', 'partially_canceled'],
  ['PARTIALLY_CANCELED', '4', 'partially_canceled'],
];
for (const [status, cumQty, state] of states) {
  test(`The exchange's ${status} with ${cumQty} executed is read as ${state}`, () => {
    assert.equal(observed(doubted(), findings([[1, seen(status, cumQty)]])).order.state, state);
  });
}

test('T16: trades move the position, the open quantity and the count of fills in one write', () => {
  const view = live(seen('PARTIALLY_FILLED', '4'), { state: 'partially_filled' });
  const trades = [
    aTrade({ tradeId: 'T1', quantity: '1', commission: '0.01', commissionAsset: 'SOL' }),
    aTrade({ tradeId: 'T2', quantity: '2' }),
  ];

  const change = observed(view, findings([], trades));

  assert.equal(change.order.fillsQty, '3');
  assert.deepEqual(change.lane?.resting, { [ME]: { side: 'buy', open: '7' } });
  assert.deepEqual([change.lane?.quantity, change.lane?.cost], ['2.99', '300']);
  assert.equal(change.lane?.version, 8);
  assert.deepEqual(
    change.fills?.map(({ tradeId, order, attempt, strategy }) => [tradeId, order, attempt, strategy]),
    [
      ['T1', ME, 1, 'demo'],
      ['T2', ME, 1, 'demo'],
    ],
  );
  assert.equal(change.counters, undefined);
});

test('T16: trades beyond the executed quantity are not applied before the facts are read again', () => {
  const four = aTrade({ quantity: '4.01' });

  assert.equal(observe(live(seen('PARTIALLY_FILLED', '4')), findings([], [four])), 'refresh');
  assert.equal(observe(doubted(), findings([], [aTrade()])), 'refresh', 'in doubt: T8 comes first');
  const together = observed(doubted(), findings([[1, seen('PARTIALLY_FILLED', '4.01')]], [four]));
  assert.equal(together.order.fillsQty, '4.01');
});

test('T17: an order settles when it ended and every fill is applied, and not before', () => {
  const ended = live(seen('PARTIALLY_CANCELED', '4', '400'), { state: 'partially_canceled' });
  const whole = live(seen('PARTIALLY_FILLED', '10'), { state: 'partially_filled' });

  const early = observed(ended, findings([], [aTrade({ quantity: '3' })]));
  const notEnded = observed(whole, findings([], [aTrade({ quantity: '10' })]));
  const settled = observed(ended, findings([], [aTrade({ quantity: '4' })]));

  assert.deepEqual([early.order.settled, early.counters], [false, undefined]);
  assert.deepEqual([notEnded.order.settled, notEnded.counters], [false, undefined]);
  assert.deepEqual([settled.order.settled, settled.order.reserved], [true, '0']);
  assert.deepEqual(settled.counters, finish('400'));
  assert.deepEqual(settled.lane?.resting, {});
});

test('T17: an immediate order frees the lane when it is settled', () => {
  const view = live(seen('FILLED', '10', '1000.5'), { type: 'market', state: 'filled' });

  const change = observed(view, findings([], [aTrade({ quantity: '10' })]));

  assert.equal(change.lane?.holder, undefined);
  assert.deepEqual(change.counters, { ...finish('1000.5'), overrun: true });
});

test('T8 to T17 in one write: acknowledged, filled and settled at once', () => {
  const change = observed(doubted(), findings([[1, seen('FILLED', '10')]], [aTrade({ quantity: '10' })]));

  assert.deepEqual([change.order.state, change.order.settled], ['filled', true]);
  assert.deepEqual([change.lane?.holder, change.lane?.resting, change.lane?.quantity], [undefined, {}, '10']);
  assert.deepEqual(change.counters, finish('1000'));
});

test('T17: nothing settles while a newer attempt is in doubt', () => {
  const { order, lane } = doubted({}, { n: 2 });
  const first = { ...order.attempts[0]!, outcome: 'found' as const, facts: seen('CANCELED', '0') };
  const view = {
    order: { ...order, contradiction: true, attempts: [first, order.attempts[1]!] },
    lane: aLane(lane),
  };

  assert.equal(observe(view, findings([[1, seen('CANCELED', '0')]])), undefined);
  const ended = must(
    resolve(view, { kind: 'rejected', at: NOW, attempt: 2, class: 'F', code: '1', message: '' }),
  );
  assert.deepEqual([ended.order.state, ended.order.settled], ['canceled', true]);
  assert.deepEqual([ended.lane?.holder, ended.counters?.kind], [undefined, 'finish']);
});

const contradicted: readonly (readonly [OrderState, AttemptOutcome])[] = [
  ['absent', 'absent'],
  ['rejected', 'refused'],
  ['refused', 'not_executed'],
  ['expired', 'not_executed'],
  ['skipped', 'unsent'],
  ['accepted', 'not_executed'],
];
for (const [state, outcome] of contradicted) {
  test(`T18: positive evidence for an order held to be ${state} reserves again, rests and alarms`, () => {
    const view = over(state, outcome);

    const change = observed(
      view,
      findings([[1, seen('PARTIALLY_FILLED', '4')]], [aTrade({ quantity: '4' })]),
    );

    assert.deepEqual(
      [change.order.state, change.order.contradiction, change.order.settled, change.order.reserved],
      ['partially_filled', true, false, '1000'],
    );
    assert.deepEqual(change.lane?.resting, { [ME]: { side: 'buy', open: '6' } }, 'whatever its type');
    assert.equal(
      change.lane?.queue.some(({ id }) => id === ME),
      false,
    );
    assert.equal(change.lane?.quantity, '4');
    assert.deepEqual(change.counters, {
      kind: 'contradict',
      strategy: 'demo',
      order: ME,
      attempt: 1,
      until: untilOf(NOW),
      notional: '1000',
      counts: { day: '2026-11-22', notional: '1000' },
    });
    const settled = observed(
      { order: change.order, lane: aLane(change.lane) },
      findings([[1, seen('PARTIALLY_CANCELED', '4')]]),
    );
    assert.deepEqual(settled.counters, finish('400'));
    assert.deepEqual([settled.order.settled, settled.lane?.resting], [true, {}]);
  });
}

test('T18: an order that turns out to exist loses what was said about its refusal', () => {
  const refusal = { status: 423, code: 'halted', message: 'halted' };
  const view = over('refused', 'not_executed', {
    refusal,
    code: 'halted',
    reason: 'halted',
    errorClass: 'B',
    expiresAt: 1,
  });

  const { order } = observed(view, findings([[1, seen('NEW', '0')]]));

  assert.deepEqual(
    [order.refusal, order.code, order.reason, order.errorClass, order.expiresAt],
    [undefined, undefined, undefined, undefined, undefined],
    'it would be answered with, and deleted after 90 days, otherwise',
  );
});

test('T18: evidence for an older attempt leaves the newer one in doubt and its lane held', () => {
  const view = doubted({}, { n: 2 });

  const change = observed(view, findings([[1, seen('NEW', '0')]]));

  assert.deepEqual([change.order.state, change.order.contradiction], ['open', true]);
  assert.equal(change.order.attempts[1]?.outcome, 'sending');
  assert.deepEqual(change.lane?.holder, { order: ME, attempt: 2 });
  assert.deepEqual(Object.keys(change.lane?.resting ?? {}), [ME]);
  assert.equal(change.order.reserved, '2000', 'both attempts are reserved for');
  assert.equal(change.counters?.kind, 'contradict');
});

test('T18: executed amounts of a settled order that grow reopen it, and count what is new', () => {
  const { order } = live(seen('FILLED', '4', '400'), {
    state: 'filled',
    settled: true,
    reserved: '0',
    fillsQty: '4',
  });
  const view = { order, lane: aLane({ quantity: '4', version: 7 }) };

  const change = observed(view, findings([[1, seen('FILLED', '5', '500')]], [aTrade({ tradeId: 'T9' })]));

  assert.deepEqual([change.order.settled, change.order.contradiction], [false, true]);
  assert.equal(
    change.counters?.kind === 'contradict' && change.counters.counts?.notional,
    '600',
    '400 are counted already',
  );
  const settled = observed({ order: change.order, lane: aLane(change.lane) }, findings([]));
  assert.deepEqual(settled.counters, finish('500'));
});

test('T18: an order that was contradicted and settled before is reserved for anew when it grows again', () => {
  const { order } = live(seen('FILLED', '4', '400'), {
    state: 'filled',
    settled: true,
    contradiction: true,
    reserved: '0',
    fillsQty: '4',
  });

  const change = observed(
    { order, lane: aLane({ quantity: '4' }) },
    findings([[1, seen('FILLED', '5', '500')]], [aTrade({ tradeId: 'T9' })]),
  );

  assert.equal(change.counters?.kind, 'contradict', 'in flight again, so that it can be settled again');
  assert.equal(change.order.reserved, '1000');
  assert.deepEqual(Object.keys(change.lane?.resting ?? {}), [ME]);
});

test('Another word of the exchange for the same end of a settled order is no contradiction', () => {
  const { order } = live(seen('CANCELED', '4'), {
    state: 'partially_canceled',
    settled: true,
    fillsQty: '4',
  });

  const change = observed({ order, lane: aLane() }, findings([[1, seen('PARTIALLY_CANCELED', '4')]]));

  assert.deepEqual([change.order.settled, change.order.contradiction], [true, undefined]);
  assert.deepEqual([change.lane, change.counters], [undefined, undefined]);
  assert.equal(observe({ order, lane: aLane() }, findings([[1, seen('CANCELED', '4')]])), undefined);
});

test('Evidence for an attempt that the order never had changes nothing', () => {
  assert.equal(observe(doubted(), findings([[2, seen('NEW', '0')]])), undefined);
  assert.equal(observe(over('accepted', 'unsent'), findings([[7, seen('NEW', '0')]])), undefined);
});

test('Of an order that ended only what executed may still move the position, while its trades are missing', () => {
  const change = observed(
    live(seen('PARTIALLY_FILLED', '4')),
    findings([[1, seen('CANCELED', '4')]], [aTrade()]),
  );

  assert.deepEqual(
    change.lane?.resting,
    { [ME]: { side: 'buy', open: '3' } },
    'a target would count 9 otherwise',
  );
});

test('T18: two attempts that both turn out to rest may both execute in full', () => {
  const { order } = doubted({ state: 'accepted', fillsQty: '0' }, { n: 2, outcome: 'not_executed' });
  const view = { order, lane: aLane({ queue: [{ id: ME, arrival: NOW }] }) };

  const change = observed(
    view,
    findings([
      [1, seen('NEW', '0')],
      [2, seen('NEW', '0')],
    ]),
  );

  assert.equal(change.lane?.resting[ME]?.open, '20');
});

test('T18: a second order of the exchange under the same client order id is booked and reported', () => {
  const { order } = live(seen('FILLED', '10'), {
    state: 'filled',
    settled: true,
    fillsQty: '10',
    reserved: '0',
  });
  const twin = seen('FILLED', '10', '1000', 'X2');

  const change = observed(
    { order, lane: aLane({ quantity: '10' }) },
    findings([[1, twin]], [aTrade({ tradeId: 'T2', exchangeOrderId: 'X2', quantity: '10' })]),
  );

  assert.deepEqual([change.order.contradiction, change.lane?.quantity], [true, '20']);
});

test('A cancel alert remembers whose end it waits for, each once, and only while it waits', () => {
  const order = anOrder({ cancelledIds: [OTHER] });

  assert.deepEqual(cancelling(order, [OTHER, idOf(3)], NOW)?.order.cancelledIds, [OTHER, idOf(3)]);
  assert.equal(cancelling(order, [OTHER], NOW), undefined);
  assert.equal(cancelling({ ...order, state: 'done' }, [idOf(3)], NOW), undefined);
});
