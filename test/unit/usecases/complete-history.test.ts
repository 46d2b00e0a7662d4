import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createExchangeClock } from '../../../lib/domain/exchange-time.ts';
import { createMexcClient } from '../../../lib/mexc/client.ts';
import { realTimer } from '../../../lib/mexc/transport.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { createExchange, manualClock, SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { listen } from '../../../lib/simulator/server.ts';
import { tradesIn, tradesOfOrder } from '../../../lib/usecases/complete-history.ts';
import type { Trading } from '../../../lib/usecases/trading.ts';

/** The time that a request has: a read about three seconds, an order up to its deadline. All other timers wait for a turn. */
const isForRequest = (ms: number): boolean => (ms > 2_900 && ms <= 3_000) || ms > 15_000;

// Real client, real simulator: an order that rests and is filled in 250 trades, three a second.
describe('history beyond one page', () => {
  const start = Math.floor(Date.now() / 1_000) * 1_000;
  const clock = manualClock(start);
  const exchange = createExchange({ seed: 'history', clock, limits: 'off' });
  let server: Awaited<ReturnType<typeof listen>>;
  let trading: Pick<Trading, 'exchange' | 'log'>;
  let exchangeOrderId = '';
  const errors: string[] = [];
  const within = () => ({ deadline: clock.now() + 20_000 });

  before(async () => {
    server = await listen(exchange);
    const local = { ...systemClock, now: () => clock.now() };
    const client = createMexcClient({
      baseUrl: server.url,
      credentials: async () => SIMULATOR_KEYS.trade,
      clock: local,
      exchangeClock: createExchangeClock(local.now),
      // Waits for a turn of the budget pass at once, in the exchange's time.
      setTimer: (ms, run) => {
        if (isForRequest(ms)) return realTimer(ms, run);
        const turn = setImmediate(() => {
          clock.advance(ms);
          run();
        });
        return () => clearImmediate(turn);
      },
    });
    const log = { info: () => {}, warn: () => {}, error: (message: string) => void errors.push(message) };
    trading = { exchange: client, log };
    const placed = await client.signOrder(
      {
        symbol: 'SOLUSDT',
        side: 'buy',
        type: 'LIMIT',
        quantity: '25',
        price: '140',
        clientOrderId: 'mhistory-1',
      },
      { timestamp: clock.now(), recvWindow: 3_000, test: false },
    );
    const outcome = await client.sendOrder(placed, within());
    assert.equal(outcome.kind, 'acknowledged', JSON.stringify(outcome));
    exchangeOrderId = outcome.kind === 'acknowledged' ? outcome.exchangeOrderId : '';
    for (let n = 0; n < 250; n += 1) {
      if (n % 3 === 0) clock.advance(1_000);
      exchange.trade('SOLUSDT', { price: '140', quantity: '0.1' });
    }
  });
  after(() => server.close());

  test('all trades of an order are read, each once', async () => {
    const trades = await tradesOfOrder({ symbol: 'SOLUSDT', exchangeOrderId }, start, trading, within());

    assert.equal(new Set(trades.map(({ tradeId }) => tradeId)).size, 250);
    assert.equal(trades.length, 250);
    assert.deepEqual(errors, []);
  });

  test('a window is complete when it is, and says so when one second holds more than a page', async () => {
    const window = { from: start, to: clock.now() };
    assert.equal((await tradesIn({ symbol: 'SOLUSDT' }, window, trading, within())).complete, true);

    clock.advance(5_000);
    const order = { symbol: 'SOLUSDT', side: 'buy', type: 'LIMIT', quantity: '15', price: '140' } as const;
    const signed = await trading.exchange.signOrder(
      { ...order, clientOrderId: 'mhistory-2' },
      { timestamp: clock.now(), recvWindow: 3_000, test: false },
    );
    await trading.exchange.sendOrder(signed, within());
    for (let n = 0; n < 120; n += 1) exchange.trade('SOLUSDT', { price: '140', quantity: '0.1' });

    const later = await tradesIn({ symbol: 'SOLUSDT' }, { from: start, to: clock.now() }, trading, within());
    assert.deepEqual({ complete: later.complete, rows: later.rows.length }, { complete: false, rows: 350 });
  });
});
