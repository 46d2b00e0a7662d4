import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type StartedStack, startStack } from '../support/npm-start.ts';
import { type Answered, alertOf, allOrders, deliverUntilTaken } from '../support/webhook.ts';

const STRATEGIES = 20;
const PER_STRATEGY = 10;
const SYMBOLS = ['SOLUSDT', 'XRPUSDT'];
const SETTLED_WITHIN = 60_000;

describe('two hundred alerts in one second over twenty strategies', () => {
  const parts = new AsyncDisposableStack();
  const exchange = createExchange({ seed: 'storm', clock: systemClock, limits: 'strict' });
  let stack: StartedStack;
  before(async () => {
    const server = parts.adopt(await listen(exchange), (it) => it.close());
    const names = Array.from({ length: STRATEGIES }, (_, n) => `s-${n}`);
    stack = parts.adopt(
      await startStack({
        DATA_DIR: parts.adopt(temporaryFolder(), removeFolder),
        MEXC_REST_URL: server.url,
        WEBHOOK_TOKENS: JSON.stringify(Object.fromEntries(names.map((name) => [name, 'demo-token']))),
      }),
      (it) => it.stop(),
    );
  });
  after(() => parts.disposeAsync());

  test('are all kept and settled within a minute, in order, without one 429', async (t) => {
    const begun = Date.now();
    const answers: { readonly lane: string; readonly answer: Promise<Answered> }[] = [];
    for (let n = 0; n < STRATEGIES * PER_STRATEGY; n += 1) {
      const strategy = `s-${n % STRATEGIES}`;
      const round = Math.floor(n / STRATEGIES);
      const symbol = SYMBOLS[round % SYMBOLS.length] ?? '';
      // Every fourth alert of a lane sells a little of what the ones before it bought.
      const order =
        round >= 6 && round < 8
          ? { action: 'sell', quantity: symbol === 'SOLUSDT' ? '0.01' : '1' }
          : { quoteQuantity: '5' };
      const body = alertOf({ strategy, symbol, id: `storm-${n}`, ...order });
      answers.push({ lane: `${strategy} ${symbol}`, answer: deliverUntilTaken(stack, body) });
      const ahead = begun + ((n + 1) * 1_000) / (STRATEGIES * PER_STRATEGY) - Date.now();
      if (ahead > 0) await wait(ahead);
    }
    const taken = await Promise.all(answers.map(async ({ lane, answer }) => ({ lane, ...(await answer) })));
    assert.deepEqual(
      taken.filter(({ status }) => status >= 300).map(({ text }) => text),
      [],
    );

    await stack.reconcile();
    let orders = await allOrders(stack);
    while (orders.some(({ state }) => state !== 'filled') && Date.now() < begun + SETTLED_WITHIN) {
      await stack.reconcile();
      orders = await allOrders(stack);
    }
    t.diagnostic(`settled after ${((Date.now() - begun) / 1_000).toFixed(1)} s`);

    const left = orders.filter(({ state }) => state !== 'filled');
    assert.deepEqual(
      left.slice(0, 3).map(({ history }) => history),
      [],
      `${left.length} are not filled`,
    );
    const usage = exchange.usage();
    t.diagnostic(JSON.stringify(usage));
    const refused = exchange.journal().filter(({ status }) => status === 429 || status === 418);
    assert.deepEqual(
      refused.map(({ method, path }) => `${method} ${path}`),
      [],
    );

    const sent = new Map<string, string[]>();
    const lanes = Map.groupBy(taken, ({ lane }) => lane);
    for (const { params, orderId } of exchange.journal({ path: '/api/v3/order' })) {
      const id = params.newClientOrderId?.split('-')[0];
      const lane = taken.find(({ json }) => json.id === id)?.lane;
      if (orderId !== null && lane !== undefined && id !== undefined)
        sent.set(lane, [...(sent.get(lane) ?? []), id]);
    }
    for (const [lane, alerts] of lanes)
      assert.deepEqual(
        sent.get(lane),
        alerts.map(({ json }) => json.id),
        `order of arrival in ${lane}: ${JSON.stringify(alerts.map(({ json }) => orders.find(({ id }) => id === json.id)?.history))}`,
      );
  });
});
