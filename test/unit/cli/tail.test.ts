import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../support/answering.ts';
import { runMexc } from '../../support/cli.ts';
import { orderAnswer } from '../../support/order-answers.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString();

test('tail tells every event once, those of an old resting order too, and goes on after an outage', async () => {
  const stopped = new AbortController();
  const fresh = orderAnswer({ id: 'mnew' });
  const resting = orderAnswer({ id: 'mold', state: 'open', history: [{ at: at(1), state: 'open' }] });
  const filled = {
    ...resting,
    state: 'filled',
    history: [...resting.history, { at: at(9), state: 'filled' }],
  };
  let looks = 0;
  const positions = () => ({
    positions: [
      {
        strategy: 'demo',
        symbol: 'SOLUSDT',
        quantity: '1',
        cost: '1',
        realised: '0',
        openOrders: looks < 3 ? [{ id: 'mold' }] : [],
        waiting: [],
      },
    ],
  });
  const bodies: Record<string, () => unknown> = {
    '/orders': () => ({ orders: looks < 2 ? [] : [fresh] }),
    '/orders/mold': () => {
      if (looks >= 4) stopped.abort();
      return looks < 3 ? resting : filled;
    },
    '/positions': positions,
  };
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://here');
    if (pathname === '/orders') looks += 1;
    if (looks === 2) return response.destroy();
    if (looks > 5) stopped.abort();
    response.end(JSON.stringify(bodies[pathname]?.()));
  });
  try {
    const environment = { MEXC_URL: server.url, MEXC_READ_TOKEN: 'x' };
    const options = { environment, interrupted: () => stopped.signal };
    const { status, json, err } = await runMexc(['tail', '--every', '0.2', '--json'], options);

    assert.equal(status, 0);
    assert.deepEqual(
      json.map(({ order, state }) => `${order} ${state}`),
      ['mnew accepted', 'mold filled'],
    );
    assert.match(err, /Nothing answers at .* Trying again\./);
  } finally {
    await server.close();
  }
});
