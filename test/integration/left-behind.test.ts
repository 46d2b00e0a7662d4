import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import { type KillableStack, startKillable } from '../support/npm-start.ts';
import { alertOf, deliver, deliverUntilTaken, readApi } from '../support/webhook.ts';

const placement = { method: 'POST', path: '/api/v3/order' };

describe('orders left behind', () => {
  let stack: KillableStack;
  let exchange: Exchange;
  before(async () => {
    stack = await startKillable('left-behind');
    exchange = stack.exchange;
  });
  after(() => stack.stop());

  const placedFor = (id: string) =>
    exchange
      .journal({ path: '/api/v3/order' })
      .filter(({ method, params }) => method === 'POST' && params.newClientOrderId?.startsWith(id))
      .map(({ params, orderId }) => ({ clientOrderId: params.newClientOrderId, executed: orderId !== null }));

  test('an executed order whose reply was lost is found and filled, never sent again', async () => {
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'drop-after' });

    const { json } = await deliver(stack, alertOf({ quoteQuantity: '15', id: 'reply-lost' }));
    await stack.reconcile();

    assert.equal((await readApi(stack, `/orders/${json.id}`)).json.state, 'filled');
    assert.deepEqual(placedFor(json.id), [{ clientOrderId: `${json.id}-1`, executed: true }]);
  });

  test('an order that was refused before execution goes out as a new attempt', async () => {
    const busy = {
      status: 429,
      headers: { 'retry-after': '1' },
      body: '{"code":429,"msg":"too many requests"}',
    };
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'answer', ...busy });

    const { json } = await deliver(stack, alertOf({ quoteQuantity: '15', id: 'too-many' }));
    await stack.reconcile();

    const order = (await readApi(stack, `/orders/${json.id}`)).json;
    assert.equal(order.state, 'filled', JSON.stringify(order.history));
    assert.deepEqual(placedFor(json.id), [
      { clientOrderId: `${json.id}-1`, executed: false },
      { clientOrderId: `${json.id}-2`, executed: true },
    ]);
  });

  test('a refusal of the exchange is stored with code and class', async () => {
    const refusal = { status: 400, body: '{"code":30005,"msg":"Oversold"}' };
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'answer', ...refusal });

    const { status, json } = await deliver(stack, alertOf({ quoteQuantity: '15', id: 'refused-there' }));

    assert.deepEqual(
      { status, state: json.state, code: json.code, class: json.class },
      { status: 200, state: 'rejected', code: '30005', class: 'B' },
    );
  });

  test('a request that never arrived stays unknown until its absence is proven by two rounds of evidence', async () => {
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'drop-before' });

    const { status, json } = await deliver(stack, alertOf({ quoteQuantity: '15', id: 'never-arrived' }));
    const unknown = (await readApi(stack, `/orders/${json.id}`)).json;
    const waiting = await deliver(stack, alertOf({ quoteQuantity: '15', id: 'waits-behind-it' }));
    await stack.reconcile();

    assert.deepEqual(
      { status, state: json.state, reserved: unknown.reserved },
      { status: 202, state: 'unknown', reserved: '15' },
    );
    assert.equal(waiting.json.state, 'accepted');
    const order = (await readApi(stack, `/orders/${json.id}`)).json;
    const [attempt] = order.attempts;
    assert.deepEqual(
      { state: order.state, reserved: order.reserved },
      { state: 'absent', reserved: '0' },
      JSON.stringify(order.history),
    );
    const proofAt = Date.parse(attempt.until) + 10_000;
    assert.equal(attempt.evidence.length, 2);
    assert.ok(attempt.evidence[0].from > proofAt, 'no evidence before the proof time');
    assert.ok(attempt.evidence[1].from >= attempt.evidence[0].to + 5_000, 'two rounds apart');
    assert.deepEqual(placedFor(json.id), [{ clientOrderId: `${json.id}-1`, executed: false }]);
    assert.equal((await readApi(stack, `/orders/${waiting.json.id}`)).json.state, 'filled');
  });

  test('an alert is stored in time while the exchange does not say the price, and sent when it does', async () => {
    exchange.faults.add({ match: { path: '/api/v3/ticker/price', times: 1 }, kind: 'delay', ms: 4_000 });

    const { status, json } = await deliver(stack, alertOf({ quantity: '0.1', id: 'price-hangs' }));
    await stack.reconcile();

    assert.deepEqual([status, json.state], [202, 'accepted'], JSON.stringify(json));
    const order = (await readApi(stack, `/orders/${json.id}`)).json;
    assert.equal(order.state, 'filled', JSON.stringify(order.history));
    assert.equal(placedFor(json.id).length, 1);
  });

  test('forty alerts for one lane at once are all taken, and all sent one after the other', async () => {
    const bodies = Array.from({ length: 40 }, (_, n) => alertOf({ quoteQuantity: '2', id: `crowd-${n}` }));

    const answers = await Promise.all(bodies.map((body) => deliverUntilTaken(stack, body)));
    await stack.reconcile();

    assert.deepEqual(
      answers.filter(({ status }) => status !== 200 && status !== 202).map(({ text }) => text),
      [],
    );
    const states = await Promise.all(
      answers.map(async ({ json }) => (await readApi(stack, `/orders/${json.id}`)).json.state),
    );
    assert.deepEqual(new Set(states), new Set(['filled']));
    assert.deepEqual(
      answers.map(({ json }) => placedFor(json.id).length),
      answers.map(() => 1),
    );
  });

  test('an order whose process was killed after sending is found; nobody sends it again', async () => {
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'delay', ms: 5_000 });
    const body = alertOf({ quoteQuantity: '15', id: 'killed' });
    const pending = deliver(stack, body).catch(() => undefined);
    const id = await placementArrives('killed', pending);

    await stack.killEverything();
    await pending;
    await stack.boot();
    const repeat = await deliver(stack, body);
    await stack.reconcile();

    assert.deepEqual(
      { status: repeat.status, duplicate: repeat.json.duplicate },
      { status: repeat.json.state === 'filled' ? 200 : 202, duplicate: true },
    );
    const order = (await readApi(stack, `/orders/${id}`)).json;
    assert.ok(['filled', 'absent'].includes(order.state), JSON.stringify(order.history));
    assert.equal(placedFor(id).length, 1);
    assert.equal(order.state === 'filled', placedFor(id)[0]!.executed);
  });

  /** The id of the order whose request the exchange holds back. */
  const placementArrives = async (key: string, pending: Promise<unknown>): Promise<string> => {
    let ended = false;
    void pending.then(() => {
      ended = true;
    });
    const known = new Set(
      exchange.journal({ path: '/api/v3/order' }).map(({ params }) => params.newClientOrderId),
    );
    for (;;) {
      const { json } = await readApi(stack, '/orders?limit=1');
      const newest = json.orders[0];
      if (newest?.state === 'submitting' && !known.has(newest.clientOrderId)) return newest.id;
      assert.equal(ended, false, `the answer to ${key} came before its request was seen`);
    }
  };

  test('after all this the counters are zero and the ledger equals the exchange', async () => {
    await stack.reconcile();
    const { positions } = (await readApi(stack, '/positions')).json;
    const bought = exchange.truth().trades.reduce((total, trade) => total + Number(trade.qty), 0);

    assert.deepEqual(
      positions.map((position: { waiting: string[]; sending?: string }) => [
        position.waiting,
        position.sending,
      ]),
      [[[], undefined]],
    );
    assert.equal(Number(positions[0].quantity).toFixed(6), bought.toFixed(6));
  });
});
