import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { getControl, putControl } from '../support/operator.ts';
import { startTrading, type TradingStack } from '../support/trading-stack.ts';
import { type Answered, readApi } from '../support/webhook.ts';

const STRATEGIES = ['demo', 'other', 'never-used'];

describe('what the sweep of the account finds', () => {
  let stack: TradingStack;
  before(async () => {
    const strategies = Object.fromEntries(STRATEGIES.map((name) => [name, {}]));
    stack = await startTrading({ exchange: { seed: 'sweep' }, strategies });
  });
  after(() => stack.stop());

  const buy = (id: string, fields: Readonly<Record<string, unknown>> = { quoteQuantity: '15' }) =>
    stack.alert('demo', id, fields);
  const externals = async (): Promise<Answered['json'][]> =>
    (await readApi(stack, '/orders?state=external')).json.orders;
  const externalFor = async (exchangeOrderId: string | undefined) =>
    (await externals()).find((order) => order.exchangeOrderId === exchangeOrderId);
  const onExchange = (orderId: string | undefined) =>
    stack.market.truth().orders.find((order) => order.orderId === orderId);
  const modes = async (): Promise<Record<string, string>> => {
    const { strategies, default: forNew } = await getControl(stack);
    return Object.fromEntries([
      ...strategies.map(({ strategy, mode }: { strategy: string; mode: string }) => [strategy, mode]),
      ['default', forNew.mode],
    ]);
  };
  /** State of an order; one that waits is sent by the next run. */
  const outcomeOf = async (answer: Answered): Promise<string> => {
    if (answer.status === 202) await stack.reconcile();
    return (await stack.orderOf(answer)).state;
  };
  /** Lines of reconcile-orders at this level with these words. */
  const logged = (level: 'WARN' | 'ERROR', words: string): readonly string[] =>
    stack.logs().filter((line) => line.includes(`"level":"${level}"`) && line.includes(words));

  test('an order made by hand appears as external, by its listing or its history, and is never touched', async () => {
    assert.equal(await outcomeOf(await buy('a lane for the symbol')), 'filled');
    const resting = stack.market.apply({
      do: 'order',
      with: { symbol: 'MXUSDT', side: 'BUY', type: 'LIMIT', price: '1.9', quantity: '10' },
    });
    const filled = stack.market.apply({
      do: 'order',
      with: { symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '30' },
    });

    await stack.reconcile();
    await stack.reconcile();

    const [waits, done] = [await externalFor(resting.orderId), await externalFor(filled.orderId)];
    assert.deepEqual(
      [waits?.symbol, waits?.side, waits?.quantity, waits?.filledQuantity],
      ['MXUSDT', 'buy', '10', '0'],
    );
    assert.equal(done?.filledQuantity, onExchange(filled.orderId)?.executed);
    assert.equal((await externals()).length, 2, 'each once');
    assert.equal(onExchange(resting.orderId)?.status, 'NEW');
    assert.deepEqual(new Set(Object.values(await modes())), new Set(['ACTIVE']));
    assert.equal(logged('WARN', 'an order that is not ours').length, 2);
  });

  test('what such an order does later is recorded, and no position is made of it', async () => {
    const [resting] = (await externals()).filter(({ symbol }) => symbol === 'MXUSDT');

    stack.market.trade('MXUSDT', { price: '1.9', quantity: '4' });
    await stack.reconcile();

    assert.equal((await externalFor(resting.exchangeOrderId))?.filledQuantity, '4');
    const { positions } = (await readApi(stack, '/positions')).json;
    assert.deepEqual(
      positions.map(({ strategy, symbol }: Answered['json']) => [strategy, symbol]),
      [['demo', 'SOLUSDT']],
    );
  });

  test('a missing, repeated or late sequence number is said in the order’s history, and carried out', async () => {
    const details: Record<number, string> = {};
    for (const sequence of [1, 2, 5, 5, 4]) {
      const number = Object.keys(details).length;
      const answer = await buy(`sequence ${number} ${sequence}`, { quoteQuantity: '5', sequence });
      const order = await stack.orderOf(answer);
      assert.notEqual(order.state, 'refused');
      details[number] = order.history[0].detail;
    }

    assert.deepEqual(Object.values(details), [
      'alert received',
      'alert received',
      'alert received; sequence 5 comes after 2: 3 to 4 are missing',
      'alert received; sequence 5 was used before',
      'alert received; sequence 4 comes after 5',
    ]);
  });

  test('an order that cost more than was reserved holds back entries until the operator re-arms', async () => {
    const { last = '0' } = stack.market.snapshot().markets.SOLUSDT ?? {};
    const dear = (Number(last) * 1.04).toFixed(2);
    const cheap = (Number(last) * 0.999).toFixed(2);
    // The last price says nothing of it: the book is thin.
    stack.market.setBook('SOLUSDT', { bids: [[cheap, '1000']], asks: [[dear, '1000']] });
    const over = await buy('overrun', { quantity: '0.5' });
    const became = await outcomeOf(over);

    const entry = await buy('held back');
    const exit = await outcomeOf(await buy('exit', { action: 'sell', quantity: '0.1' }));
    const shown = (await getControl(stack)).strategies.find(
      ({ strategy }: { strategy: string }) => strategy === 'demo',
    );
    const armed = await putControl(stack, { mode: 'ACTIVE', strategies: ['demo'] });
    const freed = await outcomeOf(await buy('freed'));

    assert.equal(became, 'filled', over.text);
    assert.deepEqual([entry.status, entry.json.error?.code], [423, 'reduce_only'], entry.text);
    assert.match(entry.json.error.message, new RegExp(over.json.id));
    assert.equal(shown.overrun, over.json.id);
    assert.equal(armed.status, 200, armed.text);
    assert.deepEqual([exit, freed], ['filled', 'filled']);
  });

  test('an order of our form that the ledger does not know lets nobody enter any more', async () => {
    const clientOrderId = `m${'a2'.repeat(12)}b-1`;
    await placeElsewhere(stack.restUrl, {
      symbol: 'XRPUSDT',
      side: 'BUY',
      type: 'LIMIT',
      price: '2.05',
      quantity: '10',
      newClientOrderId: clientOrderId,
    });

    await stack.reconcile();
    const entry = await buy('an entry');
    const first = await stack.alert('never-used', 'the first', { quoteQuantity: '15' });
    const exit = await outcomeOf(await buy('an exit', { action: 'sell', quantity: '0.05' }));

    const found = (await externals()).find((order) => order.clientOrderId === clientOrderId);
    assert.deepEqual([found?.state, found?.symbol], ['external', 'XRPUSDT']);
    assert.deepEqual(await modes(), {
      demo: 'REDUCE_ONLY',
      'never-used': 'REDUCE_ONLY',
      default: 'REDUCE_ONLY',
    });
    assert.deepEqual([entry.status, first.status], [423, 423], entry.text + first.text);
    assert.equal(exit, 'filled');
    assert.equal(onExchange(found?.exchangeOrderId)?.status, 'NEW', 'it is left alone');
    assert.equal(logged('ERROR', 'an order of our form is not in the ledger').length, 1);
  });

  test('it is said once: who re-arms is not set back by the same order', async () => {
    await putControl(stack, { mode: 'ACTIVE' });

    await stack.reconcile();

    assert.deepEqual(new Set(Object.values(await modes())), new Set(['ACTIVE']));
    assert.equal(await outcomeOf(await buy('at last')), 'filled');
  });
});

/** As a second system would with the same key. */
const placeElsewhere = async (restUrl: string, params: Readonly<Record<string, string>>): Promise<void> => {
  const { accessKey, secretKey } = SIMULATOR_KEYS.trade;
  const query = new URLSearchParams({ ...params, timestamp: String(Date.now()) }).toString();
  const signature = createHmac('sha256', secretKey).update(query).digest('hex');
  const response = await fetch(`${restUrl}/api/v3/order?${query}&signature=${signature}`, {
    method: 'POST',
    headers: { 'X-MEXC-APIKEY': accessKey, 'content-type': 'application/json' },
  });
  assert.equal(response.status, 200, await response.text());
};
