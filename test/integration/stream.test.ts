import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTrading, strategiesOf, type TradingStack } from '../support/trading-stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { readApi } from '../support/webhook.ts';

const placement = { method: 'POST', path: '/api/v3/order' };
const isHealthy = async (stack: TradingStack): Promise<true | undefined> => {
  const url = stack.health.get('stream') ?? '';
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok ? true : undefined;
};

describe('the stream beside the functions', () => {
  let stack: TradingStack;
  before(async () => {
    stack = await startTrading({ exchange: { seed: 'stream' }, strategies: strategiesOf(3), stream: true });
    await waitFor('the stream is healthy', () => isHealthy(stack));
  });
  after(() => stack.stop());

  const stateOf = async (id: unknown): Promise<string> =>
    String((await readApi(stack, `/orders/${String(id)}`)).json.state);
  const inState = (id: unknown, state: string) =>
    waitFor(`${String(id)} is ${state}`, async () => ((await stateOf(id)) === state ? true : undefined));

  test('an order whose reply was lost is in the ledger with its fills before anything is asked for', async () => {
    stack.market.faults.add({ match: { ...placement, times: 1 }, kind: 'drop-after' });

    const { json } = await stack.alert('s-0', 'reply-lost', { quoteQuantity: '15' });
    await inState(json.id, 'filled');

    const order = (await readApi(stack, `/orders/${String(json.id)}`)).json;
    const [executed] = stack.market
      .journal({ path: '/api/v3/order' })
      .filter(({ method }) => method === 'POST');
    const filled = order.history.find(({ state }: { state: string }) => state === 'filled');
    const took = Date.parse(filled.at) - (executed?.at ?? 0);
    assert.ok(took < 2_000, `${took} ms from the execution to the ledger`);
  });

  test('a resting order is filled in the ledger when the market comes to it', async () => {
    const { json } = await stack.alert('s-1', 'rests', { quantity: '0.2', type: 'limit', price: '140' });
    assert.equal(json.state, 'open', JSON.stringify(json));
    stack.market.setPrice('SOLUSDT', '139');

    await inState(json.id, 'filled');
  });

  test('what happened while the connection was away is read after it is back', async () => {
    stack.market.setPrice('SOLUSDT', '142.5');
    const { json } = await stack.alert('s-2', 'meanwhile', { quantity: '0.2', type: 'limit', price: '140' });
    stack.market.apply({
      do: 'streamFault',
      with: { kind: 'drop', match: { channel: 'spot@private', times: 1 }, on: 'push' },
    });
    stack.market.setPrice('SOLUSDT', '139');

    await inState(json.id, 'filled');
  });
});
