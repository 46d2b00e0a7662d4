import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import { createAccountInfo } from '../../lib/mexc/account-info.ts';
import { createExchange as createClient } from '../../lib/mexc/client.ts';
import { createMarketData } from '../../lib/mexc/market-data.ts';
import { type MexcSession, openSession } from '../../lib/mexc/session.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { createExchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';

// One session for trading, market data and the account, as a function that needs all of them opens it.
describe('the other reads of the client against the simulator', () => {
  const exchangeClock = createExchangeClock(systemClock.now);
  const within = () => ({ deadline: systemClock.now() + 20_000 });
  let server: Awaited<ReturnType<typeof listen>>;
  let session: MexcSession;

  before(async () => {
    server = await listen(createExchange({ seed: 'market data', clock: systemClock }));
    session = openSession({
      baseUrl: server.url,
      credentials: async () => SIMULATOR_KEYS.trade,
      clock: systemClock,
      exchangeClock,
    });
  });
  after(async () => {
    await session.close();
    await server.close();
  });

  test('prices, books and trades of one symbol agree with one another', async () => {
    const data = createMarketData(session);
    const last = await createClient(session).lastPrice('SOLUSDT', within());

    const prices = await data.prices(within());
    const [best] = await data.bestPrices('SOLUSDT', within());
    const book = await data.orderBook('SOLUSDT', 5, within());
    const trades = await data.trades('SOLUSDT', 5, within());

    assert.equal(prices.get('SOLUSDT'), last);
    assert.deepEqual([best?.bid?.price, best?.ask?.price], [book.bids[0]?.price, book.asks[0]?.price]);
    assert.ok(trades.length <= 5 && trades.every(({ time }) => time <= systemClock.now() + 1_000));
  });

  test('candles are closed but for the one that is forming', async () => {
    const to = systemClock.now();
    const query = { symbol: 'SOLUSDT', interval: '1m', from: to - 10 * 60_000, to, limit: 500 } as const;

    const candles = await createMarketData(session).candles(query, within());

    assert.ok(candles.length > 0);
    for (const [n, { openTime, closeTime, closed }] of candles.entries()) {
      assert.equal(closeTime, candles[n + 1]?.openTime ?? closeTime);
      assert.ok(openTime >= query.from && openTime <= query.to);
      assert.ok(closed || n === candles.length - 1);
    }
  });

  test('days are told of every symbol that has a price', async () => {
    const data = createMarketData(session);

    const days = await data.dayTickers('all', within());

    const priced = await data.prices(within());
    assert.deepEqual(days.map(({ symbol }) => symbol).toSorted(), [...priced.keys()].toSorted());
  });

  test('fee and key are read', async () => {
    const info = createAccountInfo(session);

    const fee = await info.tradeFee('SOLUSDT', within());
    const key = await info.keyInfo(within());

    assert.ok(/^\d/u.test(fee.maker) && /^\d/u.test(fee.taker));
    assert.equal(key.status, 'VALID');
    assert.ok(key.permissions.includes('SPOT_DEAL_WRITE'));
  });
});
