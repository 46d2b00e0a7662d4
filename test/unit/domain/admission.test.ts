import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, judgeAdmission, type Verdict } from '../../../lib/domain/admission.ts';
import { QUEUE_LIMIT } from '../../../lib/domain/lane.ts';
import {
  aLane,
  anAlert,
  anAttempt,
  anOrder,
  aStrategy,
  idOf,
  NOW,
  settings,
  solRules,
} from '../../support/builders.ts';

const ME = idOf(1);
const balances = [
  { asset: 'USDT', free: '1000', locked: '0' },
  { asset: 'SOL', free: '1000', locked: '0' },
];
const bench = (own: Partial<Bench> = {}): Bench => {
  const alert = own.alert ?? anAlert();
  return {
    at: NOW,
    order: anOrder({ alert }),
    alert,
    settings: settings(),
    strategy: aStrategy(),
    lane: aLane(),
    rules: solRules(),
    market: { last: '100', balances },
    ticket: NOW + 7,
    pauseUntil: 0,
    equity: undefined,
    ...own,
  };
};
/** The verdict in a few words. */
const judged = (own: Partial<Bench> = {}): string => said(judgeAdmission(bench(own)));
const said = (verdict: Verdict): string => {
  if (verdict.kind === 'send') return 'send';
  if (verdict.kind === 'wait') return `wait: ${verdict.why}`;
  const { event } = verdict;
  return event.kind === 'refused'
    ? `${event.state}: ${event.refusal.code}`
    : `${event.state}: ${event.reason}`;
};
const busy = aLane({ holder: { order: idOf(2), attempt: 1 } });
const fiveTimes = anOrder({
  attempts: Array.from({ length: 5 }, (_, i) => anAttempt({ n: i + 1, outcome: 'not_executed' })),
});
const old = anAlert({ time: NOW - 61_000 });
const halted = aStrategy({ mode: 'HALTED' });

test('An alert that nothing speaks against is sent with its plan and its ticket', () => {
  const verdict = judgeAdmission(bench());

  assert.equal(verdict.kind, 'send');
  if (verdict.kind !== 'send') return;
  assert.deepEqual(
    [verdict.ticket, verdict.reduces, verdict.plan.quoteQuantity, verdict.plan.notional, verdict.intent],
    [NOW + 7, false, '50', '50', undefined],
  );
});

test('Reasons are found in this order: age, attempts, halt, turn, market, rules, mode, limits, pace', () => {
  const everything: Partial<Bench> = {
    alert: old,
    order: { ...fiveTimes, alert: old },
    strategy: halted,
    lane: busy,
    market: { failed: 'timeout' },
    settings: settings({ maxOrderNotional: '10', maxOrdersPerDay: 1 }),
    rules: solRules({ minAmount: '51' }),
    pauseUntil: NOW + 1,
    ticket: undefined,
  };
  const steps: readonly (readonly [Partial<Bench>, string])[] = [
    [{}, 'expired: stale'],
    [{ alert: anAlert(), order: fiveTimes }, 'expired: 5 attempts were not executed'],
    [{ order: anOrder() }, 'refused: halted'],
    [{ strategy: aStrategy({ mode: 'REDUCE_ONLY', dayOrders: 1 }) }, 'wait: turn'],
    [{ lane: aLane() }, 'wait: market'],
    [{ market: { last: '100', balances } }, 'refused: rules'],
    [{ rules: solRules() }, 'refused: reduce_only'],
    [{ strategy: aStrategy({ dayOrders: 1 }) }, 'refused: limit_reached'],
    [{ settings: settings({ maxOrdersPerDay: 1 }) }, 'refused: limit_reached'],
    [{ strategy: aStrategy() }, 'wait: pace'],
    [{ pauseUntil: NOW }, 'wait: pace'],
    [{ ticket: NOW }, 'send'],
  ];

  let state = everything;
  for (const [better, reason] of steps) {
    state = { ...state, ...better };
    assert.equal(judged(state), reason);
  }
});

test('An alert that is too old expires, one from the future is refused', () => {
  assert.equal(judged({ alert: anAlert({ time: NOW - 60_000 }) }), 'send');
  assert.equal(judged({ alert: anAlert({ time: NOW - 60_001 }) }), 'expired: stale');
  assert.equal(judged({ alert: anAlert({ time: NOW + 10_000 }) }), 'send');
  assert.equal(judged({ alert: anAlert({ time: NOW + 10_001 }) }), 'refused: stale');
  assert.equal(judged({ alert: anAlert({ time: undefined }) }), 'send', 'a strategy may be undated');
});

test('A stale alert that waits is over, whatever its turn', () => {
  assert.equal(judged({ alert: old, lane: busy }), 'expired: stale');
});

test('A waiting order goes when it is the first and the lane is free', () => {
  const queue = [
    { id: ME, arrival: NOW },
    { id: idOf(3), arrival: NOW + 1 },
  ];

  assert.equal(judged({ lane: aLane({ queue }) }), 'send');
  assert.equal(judged({ lane: aLane({ queue: queue.toReversed() }) }), 'wait: turn');
  assert.equal(judged({ lane: aLane({ queue, holder: { order: idOf(9), attempt: 1 } }) }), 'wait: turn');
});

test('A full queue refuses who is not in it yet, and nobody else', () => {
  const others = Array.from({ length: QUEUE_LIMIT }, (_, i) => ({ id: idOf(10 + i), arrival: NOW }));
  const mine = [...others.slice(1), { id: ME, arrival: NOW + 1 }];

  assert.equal(judged({ lane: aLane({ queue: others }) }), 'refused: limit_reached');
  assert.equal(judged({ lane: aLane({ queue: others.slice(1) }) }), 'wait: turn');
  assert.equal(judged({ lane: aLane({ queue: mine }) }), 'wait: turn');
});

test('A halt, a symbol that is not allowed and one that is closed are said before the turn has come', () => {
  const lane = busy;

  assert.equal(judged({ lane, strategy: halted }), 'refused: halted');
  assert.equal(judged({ lane, settings: settings({ symbols: ['ETHUSDT'] }) }), 'refused: limit_reached');
  assert.equal(judged({ lane, rules: undefined }), 'refused: rules');
  assert.equal(judged({ lane, rules: solRules({ online: false }) }), 'refused: rules');
  assert.equal(judged({ lane, rules: solRules({ buyAllowed: false }) }), 'refused: rules');
});

test('What the exchange did not say never refuses an alert, whether its turn has come or not', () => {
  const ioc = solRules({ orderTypes: ['LIMIT'] });
  const percent = anAlert({ action: 'target', targetPercent: '50' });
  for (const lane of [aLane(), busy]) {
    const why = lane.holder ? 'wait: turn' : 'wait: market';
    assert.equal(judged({ lane, market: { failed: 'timeout' } }), why);
    assert.equal(judged({ lane, rules: 'unavailable' }), why);
    const capped = settings({ marketAsIoc: true, capital: '1000' });
    assert.equal(judged({ lane, rules: ioc, settings: capped, market: { failed: 'timeout' } }), why);
    assert.equal(judged({ lane, alert: percent, settings: capped, market: { failed: 'timeout' } }), why);
  }
});

test('A halt is said even when the exchange says nothing', () => {
  assert.equal(judged({ strategy: halted, market: { failed: 'timeout' } }), 'refused: halted');
});

test('A cancel passes halt, closed symbols and limits, and waits only for its turn', () => {
  const alert = anAlert({ action: 'cancel' });
  const hindered = { alert, strategy: halted, rules: undefined, ticket: undefined, pauseUntil: NOW + 9 };

  assert.equal(judged(hindered), 'wait: cancel');
  assert.equal(judged({ ...hindered, lane: busy }), 'wait: turn');
});

test('An exit waits at its turn until the open orders of the lane are gone', () => {
  const alert = anAlert({ action: 'close' });
  const lane = aLane({ quantity: '5', resting: { [idOf(4)]: { side: 'sell', open: '1' } } });

  assert.equal(judged({ alert, lane }), 'wait: gate');
  assert.equal(judged({ alert, lane: aLane({ quantity: '5' }) }), 'send');
});

test('Reduce-only lets sells pass, and nothing that buys', () => {
  const strategy = aStrategy({ mode: 'REDUCE_ONLY' });
  const lane = aLane({ quantity: '5' });

  assert.equal(judged({ strategy, lane, alert: anAlert({ action: 'close' }) }), 'send');
  assert.equal(judged({ strategy, lane, alert: anAlert({ action: 'target', targetQuantity: '1' }) }), 'send');
  assert.equal(
    judged({ strategy, lane, alert: anAlert({ action: 'target', targetQuantity: '9' }) }),
    'refused: reduce_only',
  );
  assert.equal(judged({ strategy, lane }), 'refused: reduce_only');
});

test('What carries out the newest intent says so, also when nothing has to be traded', () => {
  const lane = aLane({ quantity: '5' });
  const intentOf = (own: Partial<Bench>) => {
    const verdict = judgeAdmission(bench({ lane, ...own }));
    return verdict.kind === 'wait' ? undefined : verdict.intent;
  };

  const intent = { time: NOW, sequence: 3 };
  assert.deepEqual(intentOf({ alert: anAlert({ action: 'close', sequence: 3 }) }), intent);
  assert.deepEqual(
    intentOf({ alert: anAlert({ action: 'target', targetQuantity: '5', sequence: 3 }) }),
    intent,
  );
  assert.deepEqual(intentOf({ alert: anAlert({ action: 'close', sequence: 3 }), lane: aLane() }), intent);
  assert.equal(intentOf({ alert: anAlert({ action: 'sell', quantity: '1', sequence: 3 }) }), undefined);
  assert.equal(
    intentOf({ alert: anAlert({ action: 'sell', marketPosition: 'flat', quantity: '1', sequence: 3 }) }),
    undefined,
  );
});

test('An intent older than the last one carried out is superseded: by time, then by sequence', () => {
  const at = NOW + 500;
  const verdictOf = (time: number, sequence?: number, carriedOut: Parameters<typeof aLane>[0] = {}) =>
    judged({
      at: NOW + 1_000,
      alert: anAlert({ action: 'target', targetQuantity: '5', time, sequence }),
      lane: aLane({ quantity: '9', intent: { time: at, sequence: 7 }, ...carriedOut }),
    });

  assert.equal(verdictOf(at - 1, 9), 'skipped: superseded');
  assert.equal(verdictOf(at, 6), 'skipped: superseded');
  assert.equal(verdictOf(at, 7), 'send');
  assert.equal(verdictOf(at, 8), 'send');
  assert.equal(verdictOf(at + 1, 1), 'send');
  assert.equal(verdictOf(at), 'send', 'without a sequence the time alone counts');
  assert.equal(verdictOf(at - 1, 9, { intent: undefined }), 'send');
});

test('An older buy or sell is no intent and is never superseded', () => {
  const lane = aLane({ quantity: '9', intent: { time: NOW + 900 } });

  assert.equal(judged({ lane }), 'send');
  assert.equal(judged({ lane, alert: anAlert({ action: 'sell', quantity: '1' }) }), 'send');
});

test('A superseded intent is not recorded', () => {
  const lane = aLane({ quantity: '9', intent: { time: NOW + 2_500 } });

  const verdict = judgeAdmission(bench({ lane, at: NOW + 3_000, alert: anAlert({ action: 'close' }) }));

  assert.equal(said(verdict), 'skipped: superseded');
  assert.equal('intent' in verdict, false);
});

test('A test order is judged like any other, but a test of a cancel cancels nothing', () => {
  const order = anOrder({ test: true });

  assert.equal(judged({ order }), 'send');
  assert.equal(judged({ order, strategy: halted }), 'refused: halted');
  assert.equal(judged({ order, alert: anAlert({ action: 'close' }) }), 'skipped: no position');
  assert.match(judged({ order, alert: anAlert({ action: 'cancel' }) }), /^tested/);
});
