import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { contradictions, readLedger } from '../support/ledger-truth.ts';
import { startTrading, strategiesOf, type TradingStack } from '../support/trading-stack.ts';
import type { Answered } from '../support/webhook.ts';

const STRATEGIES = 10;
const MOST_RUNS = 4;
/** Its own clock is behind: who judged by the machine's would call orders absent before they are. */
const AHEAD = -90_000;
/** Protocol, section 2: longest time until an order is shown, and the pause between the rounds of evidence. */
const VISIBLE_WITHIN = 10_000;
const ROUND_GAP = 5_000;
/** Every order for this symbol is executed and its reply lost; every order for the other is lost on its way. */
const REPLIES_LOST = 'SOLUSDT';
const REQUESTS_LOST = 'XRPUSDT';

describe('when the exchange never answers an order', () => {
  let stack: TradingStack;
  let executed: Answered[];
  let lost: Answered[];
  before(async () => {
    const exchange = { seed: 'accept-then-lose' };
    stack = await startTrading({ exchange, strategies: strategiesOf(STRATEGIES), aheadMs: AHEAD });
    const placement = { method: 'POST', path: '/api/v3/order' };
    stack.market.faults.add({ match: { ...placement, symbol: REPLIES_LOST }, kind: 'drop-after' });
    stack.market.faults.add({ match: { ...placement, symbol: REQUESTS_LOST }, kind: 'drop-before' });

    const names = Array.from({ length: STRATEGIES }, (_, n) => `s-${n}`);
    const sol = (name: string, id: string, fields: Readonly<Record<string, unknown>>) =>
      stack.alert(name, `${name} ${id}`, { symbol: REPLIES_LOST, ...fields });
    const [found, absent] = await Promise.all([
      Promise.all(
        names.flatMap((name) => [
          sol(name, 'market', { quoteQuantity: '15' }),
          sol(name, 'ioc', { type: 'ioc', price: '143.00', quantity: '0.1' }),
          sol(name, 'resting', { type: 'limit', price: '140.00', quantity: '0.1' }),
        ]),
      ),
      Promise.all(
        names.map((name) =>
          stack.alert(name, `${name} lost`, { symbol: REQUESTS_LOST, quoteQuantity: '15' }),
        ),
      ),
    ]);
    executed = found;
    lost = absent;
    // Until nothing is left but what rests in the book.
    for (let run = 0; run < MOST_RUNS && (await stack.reconcile()).unsettled > STRATEGIES; run += 1);
  });
  after(() => stack.stop());

  const stored = (answers: readonly Answered[]) => Promise.all(answers.map(stack.orderOf));
  const statesIn = (orders: readonly Answered['json'][]) => new Set(orders.map(({ state }) => state));
  const passed = (orders: readonly Answered['json'][]): Set<string> =>
    new Set(orders.flatMap(({ history }) => history.map(({ state }: { state: string }) => state)));

  test('every order that it executed is found, none was ever called absent', async () => {
    const orders = await stored(executed);

    assert.equal(orders.length, 3 * STRATEGIES);
    assert.deepEqual(statesIn(orders), new Set(['filled', 'open']));
    assert.ok(passed(orders).has('unknown'), 'the replies were lost indeed');
    assert.ok(!passed(orders).has('absent'));
    assert.deepEqual(
      orders.flatMap(({ attempts }) => attempts.map(({ outcome }: { outcome: string }) => outcome)),
      orders.map(() => 'found'),
    );
  });

  test('every order that it never got is absent, by two rounds of evidence', async () => {
    const orders = await stored(lost);

    assert.deepEqual(statesIn(orders), new Set(['absent']));
    for (const { attempts, reserved } of orders) {
      assert.equal(attempts.length, 1);
      assert.equal(attempts[0].evidence.length, 2);
      assert.equal(reserved, '0');
    }
  });

  test('no round of evidence was asked for before the proof time, by the exchange’s own clock', async () => {
    for (const { attempts } of await stored(lost)) {
      const [{ clientOrderId, until, evidence }] = attempts;
      const proofAt = Date.parse(until) + VISIBLE_WITHIN;
      const [first, second] = evidence;
      assert.ok(first.from > proofAt, `${first.from} ${proofAt}`);
      assert.ok(second.from >= first.to + ROUND_GAP);

      const asked = stack.market
        .journal({ path: '/api/v3/order' })
        .filter(({ method, params }) => method === 'GET' && params.origClientOrderId === clientOrderId)
        .map(({ at }) => at + AHEAD);
      for (const { from, to } of evidence)
        assert.ok(
          asked.some((at) => at >= from && at <= to),
          'each round has its own query',
        );
    }
  });

  test('no order was sent twice, and in the end the ledger is what the exchange knows', async () => {
    // What rests is filled too, so that everything is over.
    stack.market.trade(REPLIES_LOST, { price: '139.00', quantity: String(STRATEGIES) });
    const { unsettled } = await stack.reconcile();

    assert.equal(unsettled, 0);
    assert.deepEqual(contradictions(stack.market, await readLedger(stack.engine.endpoint)), []);
  });
});
