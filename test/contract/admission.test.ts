import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import { queue } from '../../lib/domain/ledger.ts';
import { createMexcClient } from '../../lib/mexc/client.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { nonce } from '../../lib/runtime/random.ts';
import { admitOrder, type Draft } from '../../lib/usecases/admit-order.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import type { Trading } from '../../lib/usecases/trading.ts';
import { anAlert, anOrder, idOf, settings, solRules } from '../support/builders.ts';
import { openStore } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const within = () => ({ deadline: systemClock.now() + 10_000 });

/** An alert that needs no order, so nothing of the exchange: a buy that covers a short. */
const needless = (n: number): Draft => ({
  ...anOrder({ id: idOf(n), key: `k${n}`, digest: `d${n}`, arrival: n, version: 0 }),
  alert: anAlert({ marketPosition: 'flat', time: systemClock.now() }),
});

onEveryEngine((engine) => {
  test('an order that ends at its turn wakes the lane for the one that waits behind it', async (t) => {
    const store = await openStore(t, engine);
    const woken: string[] = [];
    const exchangeClock = createExchangeClock(systemClock.now);
    const exchange = createMexcClient({
      baseUrl: 'http://127.0.0.1:9',
      credentials: async () => ({ accessKey: 'none', secretKey: 'none' }),
      clock: systemClock,
      exchangeClock,
    });
    const trading: Trading = {
      clock: systemClock,
      exchange,
      exchangeClock,
      ledger: store.ledger,
      pace: store.pace,
      lease: store.lease,
      crowd: createCrowd(systemClock),
      waker: { wake: async ({ symbol }) => void woken.push(symbol) },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      nonce,
      random: Math.random,
      settingsOf: () => settings(),
    };
    await store.ledger.saveRules([solRules()], within());
    const [first, second] = [needless(1), needless(2)];
    for (const draft of [first, second]) {
      const { lane } = await store.ledger.read({ ...draft, symbol: draft.alert.symbol }, within());
      const change = queue({ order: draft, lane }, { at: systemClock.now(), reason: 'waits' });
      assert.equal((await store.ledger.commit(change!, { ...within(), token: nonce() })).kind, 'committed');
    }

    const behind = await admitOrder(second, trading, within());
    const ended = await admitOrder(first, trading, within());

    assert.deepEqual([behind.kind, ended.kind], ['waiting', 'ended']);
    assert.deepEqual(woken, ['SOLUSDT']);
    await admitOrder(second, trading, within());
    assert.deepEqual(woken, ['SOLUSDT'], 'nobody waits behind the last');
    await exchange.close();
  });
});
