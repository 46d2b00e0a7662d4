import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { examined, openExchange } from '../support/doctor.ts';

describe('doctor, of symbols and orders', { concurrency: 4 }, () => {
  test('a symbol that is closed to the API, paused, one-sided or misspelt has its own verdict', async (t) => {
    const { url } = await openExchange(t);

    const { status, verdicts } = await examined(url, ['BTCUSDT', 'UNLISTEDUSDT', 'PAUSEDUSDT', 'SOLUSD']);
    const sell = await examined(url, ['BUYONLYUSDT', '--side', 'sell']);

    const wrong = verdicts.filter(({ level }) => level === 'wrong');
    assert.equal(status, 1);
    assert.deepEqual(
      wrong.map(({ verdict, about }) => `${about} ${verdict}`),
      [
        'BTCUSDT symbol_closed',
        'UNLISTEDUSDT symbol_closed',
        'PAUSEDUSDT symbol_paused',
        'SOLUSD symbol_unknown',
      ],
    );
    assert.equal(sell.of('symbol_one_sided')?.about, 'BUYONLYUSDT');
  });

  test('closed market orders are found in the listing, or by trying; a limit order that would pass is shown', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', hidden: { marketDisabled: true } } });

    const { bad, verdicts } = await examined(url, ['NOMARKETUSDT']);

    assert.deepEqual(bad, ['wrong market_closed', 'wrong market_closed']);
    const orders = verdicts.filter(({ verdict }) => verdict === 'order');
    assert.deepEqual(
      orders.map(({ about, message }) => [about, /buy .* limit at /.test(message)]),
      [
        ['SOLUSDT', true],
        ['NOMARKETUSDT', true],
      ],
    );
  });

  test('an order below the minimum is told the nearest one, which is tried', async (t) => {
    const { exchange, url } = await openExchange(t);

    const { status, bad, of } = await examined(url, ['--quote', '0.4']);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong below_minimum'] });
    assert.deepEqual(of('below_minimum')?.data?.nearest, { quoteQuantity: '1' });
    assert.match(of('order')?.message ?? '', /The nearest one would be taken: buy SOL for 1 USDT at market/);

    // The exchange may know of a minimum that its listing does not have.
    exchange.apply({
      do: 'fault',
      with: {
        kind: 'code',
        code: 30002,
        msg: 'The minimum transaction volume cannot be less than：5.5USDT',
        match: { path: '/api/v3/order/test', times: 2 },
      },
    });
    const unlisted = await examined(url);
    assert.deepEqual(unlisted.bad, ['wrong below_minimum', 'wrong below_minimum']);
    assert.match(unlisted.of('below_minimum')?.advice ?? '', /would pass: buy SOL for 5\.5 USDT at market/);
    assert.match((await examined(url, ['--quote', '5.5'])).of('order')?.message ?? '', /Would be taken/);
  });

  test('a balance that is too small is told what is missing', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'balance', with: { asset: 'USDT', amount: '-99999.75' } });

    const { status, bad, of } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong balance_too_small'] });
    assert.match(of('balance_too_small')?.advice ?? '', /Deposit 0\.75 USDT/);
  });

  test('an account under investigation, a bar on trading and maintenance are told apart', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'account', with: { abnormal: true } });
    assert.deepEqual((await examined(url)).bad, ['wrong account']);

    exchange.apply({ do: 'account', with: { abnormal: false, canTrade: false } });
    assert.deepEqual((await examined(url)).bad, ['wrong account']);

    exchange.apply({ do: 'maintenance', with: { code: 801 } });
    assert.deepEqual((await examined(url)).bad, ['wrong maintenance']);
  });
});
