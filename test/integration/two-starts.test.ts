import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type StartedStack, startStack } from '../support/npm-start.ts';
import { alertOf, allOrders, deliverUntilTaken, readApi } from '../support/webhook.ts';

const ALERTS = 24;

describe('two npm start on one DynamoDB engine', () => {
  const parts = new AsyncDisposableStack();
  const exchange = createExchange({ seed: 'two-starts', clock: systemClock });
  let starts: readonly StartedStack[];
  before(async () => {
    const folder = () => parts.adopt(temporaryFolder(), removeFolder);
    const server = parts.adopt(await listen(exchange), (it) => it.close());
    const engine = parts.adopt(
      await startEngine(readSettings({ PORT: '0', DATA_DIR: folder() }), () => {}),
      (it) => it.stop(),
    );
    starts = await Promise.all(
      [folder(), folder()].map(async (dataDir) =>
        parts.adopt(
          await startStack({
            DATA_DIR: dataDir,
            DYNAMODB_ENDPOINT: engine.endpoint,
            MEXC_REST_URL: server.url,
            WEBHOOK_TOKENS: JSON.stringify({ demo: 'demo-token', other: 'demo-token' }),
          }),
          (it) => it.stop(),
        ),
      ),
    );
  });
  after(() => parts.disposeAsync());

  test('make one order of each alert that both get at once, and settle it as one would', async () => {
    const bodies = Array.from({ length: ALERTS }, (_, n) =>
      alertOf({
        strategy: n % 2 === 0 ? 'demo' : 'other',
        symbol: n % 3 === 0 ? 'XRPUSDT' : 'SOLUSDT',
        quoteQuantity: '5',
        id: `both-${n}`,
      }),
    );

    const answers = await Promise.all(
      bodies.map((body) => Promise.all(starts.map((stack) => deliverUntilTaken(stack, body)))),
    );
    await Promise.all(starts.map((stack) => stack.reconcile()));

    for (const pair of answers) {
      assert.equal(new Set(pair.map(({ json }) => json.id)).size, 1, 'one id whoever answers');
      const created = pair.filter(({ json }) => json.duplicate !== true);
      assert.ok(created.length <= 1, 'only one of the two says that it is new');
      for (const { status, text } of pair) assert.ok(status === 200 || status === 202, text);
    }
    const ids = answers.map(([first]) => first?.json.id);
    for (const stack of starts) {
      const orders = await allOrders(stack);
      assert.deepEqual(new Set(orders.map(({ id }) => id)), new Set(ids), 'both show the same ledger');
      assert.deepEqual(new Set(orders.map(({ state }) => state)), new Set(['filled']));
    }
    const executed = exchange.truth().orders.map(({ clientOrderId }) => clientOrderId?.split('-')[0]);
    assert.deepEqual(executed.toSorted(), ids.toSorted(), 'one order each on the exchange');
  });

  test('the positions are what the exchange’s trades add up to', async () => {
    const { positions } = (await readApi(starts[1]!, '/positions')).json;
    const bought = new Map<string, number>();
    for (const { symbol, qty } of exchange.truth().trades)
      bought.set(symbol, (bought.get(symbol) ?? 0) + Number(qty));
    const held = new Map<string, number>();
    for (const { symbol, quantity } of positions)
      held.set(symbol, (held.get(symbol) ?? 0) + Number(quantity));

    assert.deepEqual(
      [...held].map(([symbol, sum]) => [symbol, sum.toFixed(6)]).toSorted(),
      [...bought].map(([symbol, sum]) => [symbol, sum.toFixed(6)]).toSorted(),
    );
  });
});
