import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Judgement, judgeAbsence, type Round } from '../../../lib/domain/absence.ts';
import type { ExchangeOrder } from '../../../lib/domain/exchange.ts';
import { REACH, searchFrom, untilOf } from '../../../lib/domain/timing.ts';
import { anAttempt, anOrder, aRow, aTrade, idOf, NOW } from '../../support/builders.ts';

const ATTEMPT = anAttempt({ outcome: 'unknown' });
const ORDER = anOrder({
  state: 'unknown',
  type: 'limit',
  side: 'buy',
  quantity: '10',
  attempts: [ATTEMPT],
});
const PROOF_AT = untilOf(NOW) + 10_000;
const GAP = 5_000;
const round = (own: Partial<Round> = {}): Round => ({
  from: PROOF_AT + 1,
  to: PROOF_AT + 101,
  ownTime: true,
  order: undefined,
  openOrders: [],
  allOrders: [],
  allOrdersComplete: true,
  ownTrades: [],
  ownTradesComplete: true,
  ...own,
});
const second = (own: Partial<Round> = {}): Round => {
  const from = PROOF_AT + 101 + GAP;
  return round({ from, to: from + 100, ...own });
};
const judged = (rounds: readonly Round[], order = ORDER, owned: readonly string[] = []): Judgement =>
  judgeAbsence(order, ATTEMPT, rounds, new Set(owned));
const rows = (count: number): ExchangeOrder[] =>
  Array.from({ length: count }, (_, i) => aRow({ exchangeOrderId: `F${i}`, side: 'sell' }));

test('The proof time is sixteen seconds after the signature: window, clocks, queueing and visibility', () => {
  assert.equal(PROOF_AT, NOW + 3_000 + 1_000 + 2_000 + 10_000);
  assert.equal(searchFrom(ATTEMPT), NOW - 2_000);
});

test('Two full rounds of negative answers, far enough apart, prove the absence, and are the evidence', () => {
  const judgement = judged([round({ allOrders: rows(2) }), second()]);

  assert.equal(judgement.kind, 'absent');
  assert.deepEqual(judgement.kind === 'absent' && judgement.evidence, [
    { from: PROOF_AT + 1, to: PROOF_AT + 101, order: '-2013', openOrders: 0, allOrders: 2, ownTrades: 0 },
    {
      from: PROOF_AT + 101 + GAP,
      to: PROOF_AT + 201 + GAP,
      order: '-2013',
      openOrders: 0,
      allOrders: 0,
      ownTrades: 0,
    },
  ]);
});

test('Without a round the first is awaited, and may not be asked for before the proof time is over', () => {
  assert.deepEqual(judged([]), { kind: 'wait', notBefore: PROOF_AT + 1 });
});

test('One round is not enough, nor are two that are closer than the pause between them', () => {
  const wait = { kind: 'wait', notBefore: PROOF_AT + 101 + GAP };
  const early = second({ from: PROOF_AT + 100 + GAP });

  assert.deepEqual(judged([round()]), wait);
  assert.deepEqual(judged([round(), early]), wait);
  assert.equal(judged([round(), early, second({ from: PROOF_AT + 102 + GAP })]).kind, 'absent');
});

test('A round asked for at the proof time, not after it, proves nothing', () => {
  assert.equal(judged([round({ from: PROOF_AT }), second()]).kind, 'void');
  assert.equal(judged([round({ from: NOW }), second()]).kind, 'void');
});

test('A round that may have ended beyond the reach of the exchange proves nothing', () => {
  const end = NOW + REACH;
  const within = second({ from: end - 100, to: end - 1 });

  assert.equal(judged([round(), within]).kind, 'absent');
  assert.equal(judged([round(), { ...within, to: end }]).kind, 'void');
});

test("Another machine's clock proves nothing", () => {
  assert.equal(judged([round({ ownTime: false }), second()]).kind, 'void');
  assert.equal(judged([round(), second({ ownTime: false })]).kind, 'void');
});

test('A listing that is full, or a history that could not be narrowed until it was short, is no complete answer', () => {
  assert.equal(judged([round({ openOrders: rows(499) }), second()]).kind, 'absent');
  assert.equal(judged([round({ openOrders: rows(500) }), second()]).kind, 'void');
  assert.equal(
    judged([round({ allOrders: rows(1_500) }), second()]).kind,
    'absent',
    'narrowed, and complete',
  );
  assert.equal(judged([round(), second({ allOrdersComplete: false })]).kind, 'void');
  assert.equal(judged([round({ ownTradesComplete: false }), second()]).kind, 'void');
});

test('Positive evidence in any one of the four sources, in either round, ends the doubt', () => {
  const clientOrderId = ATTEMPT.clientOrderId;
  const row = aRow({ clientOrderId });
  const shown: readonly Partial<Round>[] = [
    { order: row },
    { openOrders: [...rows(3), row] },
    { allOrders: [row] },
  ];
  const traded = { ownTrades: [aTrade({ clientOrderId, exchangeOrderId: 'X7' })] };
  for (const source of shown) {
    for (const rounds of [[round(source)], [round(source), second()], [round(), second(source)]]) {
      assert.equal(judged(rounds).kind, 'found', Object.keys(source).join());
    }
  }
  assert.deepEqual(judged([round({ allOrders: [row] })]), { kind: 'found', order: row });
  assert.deepEqual(judged([round(), second(traded)]), { kind: 'traded', exchangeOrderId: 'X7' });
});

test('Positive evidence counts however early, foreign or full the round was', () => {
  const row = aRow({ clientOrderId: ATTEMPT.clientOrderId });

  assert.equal(judged([round({ from: 0, ownTime: false, openOrders: rows(500), order: row })]).kind, 'found');
});

test('A row of another attempt or of another order of ours is neither evidence nor a look-alike', () => {
  const allOrders = [
    aRow({ exchangeOrderId: 'A', clientOrderId: `${ORDER.id}-2` }),
    aRow({ exchangeOrderId: 'B', clientOrderId: `${idOf(9)}-1` }),
  ];

  assert.equal(judged([round({ allOrders }), second({ allOrders })]).kind, 'absent');
});

test('One row without owner that could be the attempt stops the proof', () => {
  const stranger = aRow({ exchangeOrderId: 'S1' });
  for (const row of [
    stranger,
    { ...stranger, clientOrderId: 'from-the-app' },
    { ...stranger, quantity: '10.00' },
  ]) {
    assert.deepEqual(judged([round({ openOrders: [row] }), second()]), {
      kind: 'look-alike',
      exchangeOrderId: 'S1',
    });
    assert.equal(judged([round(), second({ allOrders: [row] })]).kind, 'look-alike');
  }
});

test('A row counts as look-alike only in the time, symbol, side, type and size of the attempt, and if it is not known', () => {
  const proof = (own: Partial<ExchangeOrder>, owned: readonly string[] = []) => {
    const allOrders = [aRow({ exchangeOrderId: 'S1', ...own })];
    return judged([round({ allOrders }), second({ allOrders })], ORDER, owned).kind;
  };

  assert.equal(proof({ time: NOW - 2_000 }), 'look-alike');
  assert.equal(proof({ time: NOW - 2_001 }), 'absent');
  assert.equal(proof({ time: ATTEMPT.until }), 'look-alike');
  assert.equal(proof({ time: ATTEMPT.until + 1 }), 'absent');
  assert.equal(proof({ side: 'sell' }), 'absent');
  assert.equal(proof({ type: 'LIMIT_MAKER' }), 'absent');
  assert.equal(proof({ quantity: '9.99' }), 'absent');
  assert.equal(proof({ symbol: 'ETHUSDT' }), 'absent');
  assert.equal(proof({}, ['S1']), 'absent');
});

test('A market buy by amount is looked for by its amount', () => {
  const { quantity: _, ...rest } = ORDER;
  const order = { ...rest, type: 'market' as const, quoteQuantity: '50' };
  const proof = (own: Partial<ExchangeOrder>) => {
    const allOrders = [aRow({ type: 'MARKET', ...own })];
    return judged([round({ allOrders }), second({ allOrders })], order).kind;
  };

  assert.equal(proof({ quoteQuantity: '50.0' }), 'look-alike');
  assert.equal(proof({ quoteQuantity: '51' }), 'absent');
  assert.equal(proof({}), 'look-alike', 'a row that does not say its amount may be it');
});
