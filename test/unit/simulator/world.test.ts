import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError, SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { BUY, openBench, START } from './simulator-client.ts';

const { accessKey } = SIMULATOR_KEYS.trade;

test('money that comes and goes from outside is in the truth, with its reason', async () => {
  const { exchange, balances, clock } = openBench();
  const change = (amount: string, kind?: 'SUGAR' | 'WITHDRAW_FEE') =>
    exchange.apply({ do: 'balance', with: { asset: 'USDT', amount, kind } });

  change('50');
  clock.advance(10);
  change('-20');
  change('-1', 'WITHDRAW_FEE');
  change('3.5', 'SUGAR');

  assert.equal((await balances()).USDT?.free, '100032.5');
  assert.deepEqual(
    exchange
      .truth()
      .accountEvents.map(({ uid, time, type, asset, amount }) => [uid, time - START, type, asset, amount]),
    [
      ['10000001', 0, 'DEPOSIT', 'USDT', '50'],
      ['10000001', 10, 'WITHDRAW', 'USDT', '-20'],
      ['10000001', 10, 'WITHDRAW_FEE', 'USDT', '-1'],
      ['10000001', 10, 'SUGAR', 'USDT', '3.5'],
    ],
  );
  assert.equal(exchange.truth().deposits.USDT, '100032.5');
});

test('a withdrawal that brings money, or takes more than is free, changes nothing', () => {
  const { exchange } = openBench();
  const before = exchange.truth();

  assert.throws(
    () => exchange.apply({ do: 'balance', with: { asset: 'USDT', amount: '5', kind: 'WITHDRAW' } }),
    CommandError,
  );
  assert.throws(
    () => exchange.apply({ do: 'balance', with: { asset: 'USDT', amount: '-100001' } }),
    /amount: only 100000 USDT are free/,
  );

  assert.deepEqual(exchange.truth(), before);
});

test('a key loses and regains its rights while the exchange runs', async () => {
  const { exchange, order, signed } = openBench();
  const change = (changes: object) => exchange.apply({ do: 'key', with: { accessKey, ...changes } });

  change({ permissions: ['SPOT_DEAL_READ'] });
  assert.equal((await order(BUY)).parsed.code, 700007);
  assert.equal((await signed('GET', '/api/v3/openOrders')).status, 200);
  change({ permissions: ['SPOT_DEAL_WRITE'], revoked: true });
  assert.equal((await order(BUY)).parsed.code, 10072);
  change({ revoked: false });
  assert.equal((await order(BUY)).status, 200);
  assert.throws(() => exchange.apply({ do: 'key', with: { accessKey: 'mx0none' } }), /accessKey/);
});

test('in maintenance every signed call is refused, and the market still answers', async () => {
  for (const code of [604, 801, 11444] as const) {
    const { exchange, order, signed, get } = openBench();
    exchange.apply({ do: 'maintenance', with: { code } });

    assert.equal((await order(BUY)).parsed.code, code);
    assert.equal((await signed('GET', '/api/v3/account')).parsed.code, code);
    assert.equal((await get('/api/v3/ping')).status, 200);

    exchange.apply({ do: 'maintenance', with: { code: null } });
    assert.equal((await order(BUY)).status, 200);
  }
});

test('an exchange whose clock is wrong is wrong about everything but its journal', async () => {
  const { exchange, order, get, signed } = openBench();
  exchange.apply({ do: 'clock', with: { skewMs: 4000 } });

  assert.equal((await get('/api/v3/time')).parsed.serverTime, START + 4000);
  const { orderId } = (await order(BUY)).parsed;
  exchange.setPrice('SOLUSDT', '139.00');
  const seen = (await signed('GET', '/api/v3/order', { symbol: 'SOLUSDT', orderId })).parsed;
  assert.deepEqual([seen.time, seen.updateTime, seen.status], [START + 4000, START + 4000, 'FILLED']);
  assert.equal(exchange.journal().at(-1)?.at, START);

  exchange.apply({ do: 'clock', with: { skewMs: 5001 } });
  assert.equal((await order(BUY)).parsed.code, 700003, 'out of recvWindow');
  exchange.apply({ do: 'clock', with: { skewMs: -1000 } });
  assert.equal((await order(BUY)).parsed.code, 700003, 'a second ahead');
  exchange.apply({ do: 'clock', with: { skewMs: 0 } });
  assert.equal((await order(BUY)).status, 200);
});

test('a state without what was added later is opened with the defaults', async () => {
  const { exchange } = openBench();
  await openBench().order(BUY);
  const { world: _, limits: __, late: ___, accountEvents: ____, ...old } = exchange.snapshot();

  const { order } = openBench({ state: JSON.parse(JSON.stringify(old)) });

  assert.equal((await order(BUY)).status, 200);
});
