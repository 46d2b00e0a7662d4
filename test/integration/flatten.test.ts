import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type StartedStack, startStack } from '../support/npm-start.ts';
import { getControl, type Operated, putControl } from '../support/operator.ts';
import { type Answered, alertOf, deliver, readApi } from '../support/webhook.ts';

const ADMIN_TOKEN = 'admin-token-of-the-test';

describe('commands of the operator', () => {
  const parts = new AsyncDisposableStack();
  const exchange = createExchange({ seed: 'flatten', clock: systemClock });
  let stack: StartedStack & Operated;
  let restUrl: string;
  before(async () => {
    const server = parts.adopt(await listen(exchange), (it) => it.close());
    restUrl = server.url;
    const started = await startStack({
      DATA_DIR: parts.adopt(temporaryFolder(), removeFolder),
      MEXC_REST_URL: restUrl,
      ADMIN_TOKEN,
      WEBHOOK_TOKENS: JSON.stringify({ demo: 'demo-token', other: 'demo-token' }),
    });
    stack = { ...started, adminToken: ADMIN_TOKEN };
    parts.defer(() => started.stop());
  });
  after(() => parts.disposeAsync());

  /** A limit buy that rests in the book, below the market. */
  const rest = async (id: string, fields: Record<string, unknown> = {}): Promise<Answered> => {
    const response = await fetch(`${restUrl}/api/v3/ticker/price?symbol=SOLUSDT`);
    const { price } = (await response.json()) as { price: string };
    const below = (Number(price) * 0.97).toFixed(2);
    return deliver(stack, alertOf({ id, type: 'limit', price: below, quantity: '0.2', ...fields }));
  };
  const openOnExchange = (): string[] =>
    exchange.truth().orders.flatMap(({ status, clientOrderId }) => (status === 'NEW' && clientOrderId) || []);
  const orderOf = async ({ json }: Answered) => (await readApi(stack, `/orders/${json.id}`)).json;
  /** Runs the reconciler until the operator is told that it is done. */
  const done = async (): Promise<Answered['json']> => {
    for (let run = 0; run < 5; run += 1) {
      const shown = await getControl(stack);
      if (shown.done) return shown;
      await stack.reconcile();
    }
    return assert.fail(JSON.stringify(await getControl(stack)));
  };
  const strategyIn = (shown: Answered['json'], name: string) =>
    shown.strategies.find(({ strategy }: { strategy: string }) => strategy === name);

  test('cancelAll cancels what was open when it was given, and changes no mode', async () => {
    const orders = [await rest('one'), await rest('two')];
    const others = await rest('of another', { strategy: 'other' });
    await stack.reconcile();

    const answer = await putControl(stack, { cancelAll: true, strategies: ['demo'] });
    const shown = await done();
    const later = await rest('later');

    assert.equal(answer.status, 202, answer.text);
    for (const order of orders) assert.equal((await orderOf(order)).state, 'canceled');
    const demo = strategyIn(shown, 'demo');
    assert.deepEqual([demo.mode, demo.command.state, demo.command.remains.orders], ['ACTIVE', 'done', []]);
    assert.deepEqual(openOnExchange().toSorted(), [`${later.json.id}-1`, `${others.json.id}-1`].toSorted());
  });

  test('a flatten cancels, sells every position by one order each, and leaves a halt', async () => {
    for (const symbol of ['SOLUSDT', 'XRPUSDT'])
      await deliver(stack, alertOf({ id: `buy ${symbol}`, symbol, quoteQuantity: '30' }));
    await deliver(stack, alertOf({ id: 'other', strategy: 'other', quoteQuantity: '20' }));
    await rest('resting');
    await stack.reconcile();
    const before = (await readApi(stack, '/positions')).json.positions;
    assert.equal(before.length, 3);

    const answer = await putControl(stack, { flatten: true, strategies: ['demo'] });
    const entry = await deliver(stack, alertOf({ id: 'meanwhile', quoteQuantity: '15' }));
    const repeated = await putControl(stack, { flatten: true, strategies: ['demo'] });
    const shown = await done();
    const again = await putControl(stack, { flatten: true, strategies: ['demo'] });
    await done();

    assert.deepEqual([answer.status, repeated.status, again.status], [202, 202, 202], answer.text);
    assert.equal(entry.status, 423, 'an entry is refused, or waits and is refused then');
    const demo = strategyIn(shown, 'demo');
    assert.deepEqual(
      [demo.mode, demo.inFlight, demo.command.remains],
      ['HALTED', [], { orders: [], positions: [] }],
    );
    const { positions } = (await readApi(stack, '/positions')).json;
    for (const { strategy, quantity, symbol } of positions)
      assert.equal(Number(quantity) === 0, strategy === 'demo', `${strategy} ${symbol} ${quantity}`);
    const sales = exchange.truth().orders.filter(({ side }) => side === 'SELL');
    assert.deepEqual(sales.map(({ symbol, status }) => [symbol, status]).toSorted(), [
      ['SOLUSDT', 'FILLED'],
      ['XRPUSDT', 'FILLED'],
    ]);
    assert.equal(openOnExchange().length, 1, "the other strategy's order stays");
    assert.equal(strategyIn(shown, 'other').mode, 'ACTIVE');
  });

  test('a flatten waits for what is in doubt, and sells what came of it', async () => {
    await putControl(stack, { mode: 'ACTIVE', strategies: ['demo'] });
    const placement = { method: 'POST', path: '/api/v3/order', times: 1 };
    exchange.faults.add({ match: placement, kind: 'drop-after' });
    const lost = await deliver(stack, alertOf({ id: 'reply lost', quoteQuantity: '25' }));

    await putControl(stack, { flatten: true, strategies: ['demo'] });
    const shown = await done();

    assert.equal((await orderOf(lost)).state, 'filled');
    const demo = strategyIn(shown, 'demo');
    assert.deepEqual([demo.mode, demo.command.remains.positions], ['HALTED', []]);
  });
});
