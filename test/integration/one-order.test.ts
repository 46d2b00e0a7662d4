import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type KillableStack, startKillable } from '../support/npm-start.ts';
import { alertOf, deliver, readApi } from '../support/webhook.ts';

/** `ROUNDS=20`: all that is promised; without it as many as a change of the code needs. */
const ROUNDS = Number(process.env.ROUNDS ?? 8);
const DELIVERIES = 50;

describe('one alert, many deliveries', () => {
  let stack: KillableStack;
  before(async () => {
    stack = await startKillable('one-order');
  });
  after(() => stack.stop());

  test(`${ROUNDS} rounds of ${DELIVERIES} at once, then once more after kill -9 of everything`, async () => {
    const alerts = Array.from({ length: ROUNDS }, (_, round) => ({
      id: `round-${round}`,
      quoteQuantity: '5',
    }));
    const ids = new Map<string, string>();
    for (const alert of alerts) {
      const body = alertOf(alert);
      const answers = await Promise.all(Array.from({ length: DELIVERIES }, () => deliver(stack, body)));
      const named = new Set(answers.map(({ json }) => json.id));
      assert.deepEqual(
        [...new Set(answers.map(({ status }) => status))].filter(
          (status) => status !== 200 && status !== 202,
        ),
        [],
      );
      assert.equal(named.size, 1, `round ${alert.id}`);
      ids.set(body, answers[0]!.json.id);
    }

    await stack.killEverything();
    await stack.boot();
    for (const [body, id] of ids) {
      const { status, json } = await deliver(stack, body);
      assert.deepEqual(
        { id: json.id, duplicate: json.duplicate, ok: status === 200 || status === 202 },
        { id, duplicate: true, ok: true },
      );
    }
    await stack.reconcile();

    const placed = stack.exchange
      .journal({ path: '/api/v3/order' })
      .filter(({ method, orderId }) => method === 'POST' && orderId !== null)
      .map(({ params }) => params.newClientOrderId?.split('-')[0]);
    assert.deepEqual(
      placed.toSorted(),
      [...ids.values()].toSorted(),
      'one order each, whichever attempt it was',
    );
    for (const id of ids.values()) {
      assert.equal((await readApi(stack, `/orders/${id}`)).json.state, 'filled');
    }
  });
});
