import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OrderRequest } from '../../lib/domain/exchange.ts';
import { createExchangeClock, earliest } from '../../lib/domain/exchange-time.ts';
import { createMexcClient } from '../../lib/mexc/client.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { createExchange, type Exchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';

// Client and simulator were written by different hands from the same page: what they agree on is what the page says.
describe('the client against the simulator', () => {
  let exchange: Exchange;
  let server: Awaited<ReturnType<typeof listen>>;
  let client: ReturnType<typeof createMexcClient>;
  const exchangeClock = createExchangeClock(systemClock.now);
  const within = () => ({ deadline: systemClock.now() + 5_000 });

  before(async () => {
    exchange = createExchange({ seed: 'contract', clock: systemClock });
    server = await listen(exchange);
    client = createMexcClient({
      baseUrl: server.url,
      credentials: async () => SIMULATOR_KEYS.trade,
      clock: systemClock,
      exchangeClock,
    });
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  let made = 0;
  const place = async (fields: Partial<OrderRequest>, test = false) => {
    made += 1;
    const clientOrderId = `mcontract-${made}`;
    const estimate = exchangeClock.estimate() ?? (await client.measureTime(within()));
    const signed = await client.signOrder(
      { symbol: 'SOLUSDT', side: 'buy', type: 'MARKET', ...fields, clientOrderId },
      { timestamp: earliest(estimate, systemClock.now()), recvWindow: 3_000, test },
    );
    return { clientOrderId, outcome: await client.sendOrder(signed, within()) };
  };

  test('measures the exchange clock, never ahead of it', async () => {
    const estimate = await client.measureTime(within());

    assert.ok(earliest(estimate, systemClock.now()) <= systemClock.now());
  });

  test('reads rules that keep the traps apart: closed, paused, buy-only, no market orders, Chinese', async () => {
    const names = [
      'SOLUSDT',
      'BTCUSDT',
      'PAUSEDUSDT',
      'BUYONLYUSDT',
      'NOMARKETUSDT',
      '币安人生USDT',
      'UNLISTEDUSDT',
    ];
    const rules = new Map((await client.symbolRules(names, within())).map((each) => [each.symbol, each]));
    const shown = names.map((name) => {
      const { online, openToApi, buyAllowed, sellAllowed, orderTypes } = rules.get(name)!;
      return [name, online, openToApi, buyAllowed, sellAllowed, orderTypes.includes('MARKET')];
    });

    assert.deepEqual(shown, [
      ['SOLUSDT', true, true, true, true, true],
      ['BTCUSDT', true, false, true, true, true],
      ['PAUSEDUSDT', false, true, true, true, true],
      ['BUYONLYUSDT', true, true, true, false, true],
      ['NOMARKETUSDT', true, true, true, true, false],
      ['币安人生USDT', true, true, true, true, true],
      ['UNLISTEDUSDT', true, false, true, true, true],
    ]);
    assert.deepEqual(await client.symbolRules(['NOSUCHUSDT'], within()), []);
  });

  for (const symbol of ['SOLUSDT', '币安人生USDT']) {
    test(`a signed order for ${symbol} verifies on the bytes that arrive, and is read back with its trades`, async () => {
      const { clientOrderId, outcome } = await place({ symbol, quoteQuantity: '20' });

      assert.equal(outcome.kind, 'acknowledged', JSON.stringify(outcome));
      const order = await client.findOrder({ symbol, by: { clientOrderId } }, within());
      const trades = await client.ownTrades(
        { symbol, limit: 100, ...(order && { exchangeOrderId: order.exchangeOrderId }) },
        within(),
      );
      assert.equal(order?.status, 'FILLED');
      assert.ok(trades.length > 0);
      assert.ok(trades.every((trade) => trade.clientOrderId === clientOrderId && trade.side === 'buy'));
      assert.equal(exchange.journal({ path: '/api/v3/order' }).at(-2)?.signature, 'valid');
    });
  }

  for (const odd of ['has space', 'a+b', 'ü,"{}[]:@()!*\'', '100%25', 'a&b=c#d?e/f']) {
    test(`a query with ${JSON.stringify(odd)} arrives as it was signed`, async () => {
      // Refused for its characters, or not found: either way the signature was checked first.
      await client
        .findOrder({ symbol: 'SOLUSDT', by: { clientOrderId: odd } }, within())
        .catch(() => undefined);

      const entry = exchange.journal({ path: '/api/v3/order' }).at(-1);
      assert.deepEqual(
        { id: entry?.params.origClientOrderId, signature: entry?.signature },
        { id: odd, signature: 'valid' },
      );
    });
  }

  test('a resting order is listed, found in the history, cancelled and confirmed; its money is locked meanwhile', async () => {
    const { clientOrderId } = await place({ type: 'LIMIT', price: '140', quantity: '0.5' });
    const usdt = async () => (await client.balances(within())).find(({ asset }) => asset === 'USDT');

    const listed = (await client.openOrders(undefined, within())).map((order) => order.clientOrderId);
    const past = await client.allOrders(
      { symbol: 'SOLUSDT', from: systemClock.now() - 60_000, limit: 1000 },
      within(),
    );
    const locked = (await usdt())?.locked;
    const cancelled = await client.cancelOrder({ symbol: 'SOLUSDT', by: { clientOrderId } }, within());
    const again = await client.cancelOrder({ symbol: 'SOLUSDT', by: { clientOrderId } }, within());
    const after = await client.findOrder({ symbol: 'SOLUSDT', by: { clientOrderId } }, within());

    assert.ok(listed.includes(clientOrderId));
    assert.ok(past.some((order) => order.clientOrderId === clientOrderId));
    assert.deepEqual(
      { locked, cancelled, again, status: after?.status },
      { locked: '70', cancelled: 'accepted', again: 'not-found', status: 'CANCELED' },
    );
    assert.equal((await usdt())?.locked, '0');
  });

  test('a test order is checked and never placed', async () => {
    const { clientOrderId, outcome } = await place({ quoteQuantity: '20' }, true);

    assert.equal(outcome.kind, 'tested', JSON.stringify(outcome));
    assert.equal(await client.findOrder({ symbol: 'SOLUSDT', by: { clientOrderId } }, within()), undefined);
  });

  for (const [what, fields, expected] of [
    ['a symbol closed to the API', { symbol: 'BTCUSDT', quoteQuantity: '20' }, ['refused', 'M', '10007']],
    ['more coins than there are', { side: 'sell', quantity: '3' }, ['refused', 'B', '30005']],
    ['less than the minimum', { quoteQuantity: '0.5' }, ['refused', 'F', '30002']],
    ['a price too far away', { type: 'LIMIT', price: '500', quantity: '1' }, ['refused', 'F', '30087']],
  ] as const) {
    test(`${what} is a definite refusal with its class`, async () => {
      const { outcome } = await place(fields);
      assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
      if (outcome.kind === 'refused') assert.deepEqual(['refused', outcome.class, outcome.code], expected);
    });
  }

  test('a timestamp outside the window is refused before execution, and asks for the clock to be measured', async () => {
    const signed = await client.signOrder(
      {
        symbol: 'SOLUSDT',
        side: 'buy',
        type: 'MARKET',
        quoteQuantity: '20',
        clientOrderId: 'mcontract-late',
      },
      { timestamp: systemClock.now() - 10_000, recvWindow: 3_000, test: false },
    );

    const outcome = await client.sendOrder(signed, within());

    assert.equal(outcome.kind, 'not-executed', JSON.stringify(outcome));
    if (outcome.kind === 'not-executed')
      assert.deepEqual({ code: outcome.code, clock: outcome.clock }, { code: '700003', clock: true });
  });

  test('two orders under one client id are two orders: the exchange protects nobody', async () => {
    const estimate = await client.measureTime(within());
    const terms = { timestamp: earliest(estimate, systemClock.now()), recvWindow: 3_000, test: false };
    const order = {
      symbol: 'SOLUSDT',
      side: 'buy',
      type: 'MARKET',
      quoteQuantity: '5',
      clientOrderId: 'mcontract-twice',
    } as const;

    for (const signed of [await client.signOrder(order, terms), await client.signOrder(order, terms)]) {
      await client.sendOrder(signed, within());
    }

    assert.equal(
      exchange.truth().orders.filter(({ clientOrderId }) => clientOrderId === 'mcontract-twice').length,
      2,
    );
  });
});
