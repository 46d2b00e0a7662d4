import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit, type Change, observe } from '../../lib/domain/ledger.ts';
import { clientOrderIdOf, type Facts } from '../../lib/domain/order-record.ts';
import { anOrder, DAY, NOON, newToken, reserve, someRules } from '../support/contract-domain.ts';
import { openStore, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

const ID = 'maaaaaaaaaaaaaaaaaaaaaaaaa';
const KEYS = { id: ID, strategy: 'ema-cross', symbol: 'SOLUSDT' };

/** Write units of the whole way, as the less generous of the engines counts them; the bill follows. */
const MOST_WRITE_UNITS = 39;

onEveryEngine((engine) => {
  test('an order goes from its alert to settled in three reads, three writes and a ticket', async (t) => {
    const store = await openStore(t, engine, { capacity: true });
    const { ledger, pace, proxy } = store;
    await ledger.saveRules([someRules()], soon());
    const { day } = await ledger.ensureStrategy('ema-cross', soon());
    proxy.forget();
    const write = async (change: Change | 'refresh' | undefined) => {
      assert.ok(change && change !== 'refresh');
      assert.deepEqual(await ledger.commit(change, { ...soon(), token: newToken() }), { kind: 'committed' });
    };
    const shown = async (facts: Omit<Facts, 'exchangeOrderId'>, trade: boolean) => {
      const { order, lane } = await ledger.read(KEYS, soon());
      assert.ok(order);
      await write(
        observe(
          { order, lane },
          {
            at: NOON + 80,
            facts: [[1, { exchangeOrderId: 'C02__1', ...facts }]],
            assets: { base: 'SOL', quote: 'USDT' },
            trades: trade
              ? [
                  {
                    symbol: 'SOLUSDT',
                    tradeId: 'T1',
                    exchangeOrderId: 'C02__1',
                    clientOrderId: clientOrderIdOf(ID, 1),
                    side: 'buy',
                    price: '142.5',
                    quantity: '1.5',
                    quoteQuantity: '213.75',
                    commission: '0.1',
                    commissionAsset: 'USDT',
                    maker: false,
                    time: NOON,
                    attempt: 1,
                  },
                ]
              : [],
          },
        ),
      );
    };

    const [{ lane }] = await Promise.all([
      ledger.read(KEYS, soon()),
      pace.ticket(Date.now() + 1_000, soon()),
    ]);
    const asked = anOrder({
      id: ID,
      version: 0,
      asked: `{"strategy":"ema-cross","comment":"${'x'.repeat(200)}"}`,
    });
    await write(
      admit(
        { order: asked, lane },
        {
          kind: 'admitted',
          at: NOON,
          nonce: 'n'.repeat(22),
          signedAt: NOON,
          until: NOON + 6_000,
          day,
          plan: { side: 'buy', type: 'market', quantity: '1.5', notional: '214', notes: [] },
        },
        reserve({ id: ID, strategy: 'ema-cross' }, { notional: '214', day }),
        undefined,
      ),
    );
    await shown({ cumQty: '0', cumQuote: '0', status: 'NEW', terminal: false }, false);
    await shown({ cumQty: '1.5', cumQuote: '213.75', status: 'FILLED', terminal: true }, true);

    assert.deepEqual(proxy.counts(), { BatchGetItem: 3, TransactWriteItems: 3, UpdateItem: 1 });
    assert.equal((await ledger.order(ID, soon()))?.settled, true);
    assert.deepEqual(await ledger.unsettled(soon()), []);
    const [record] = await ledger.strategies(soon());
    assert.deepEqual(
      [record?.dayOrders, record?.dayNotional, record?.reserved, record?.inFlight],
      [1, '213.75', '0', {}],
    );
    const units = (operation: string) =>
      proxy.calls.filter((call) => call.operation === operation).map((call) => call.units ?? 0);
    const written = [...units('TransactWriteItems'), ...units('UpdateItem')].reduce((a, b) => a + b, 0);
    t.diagnostic(
      `${engine.name}: write units ${units('TransactWriteItems').join(' + ')} and a ticket of ${units('UpdateItem')}; read units ${units('BatchGetItem').join(' + ')}`,
    );
    assert.ok(written > 0 && written <= MOST_WRITE_UNITS, `${written} write units`);
  });

  test('an alert that is delivered again costs one read', async (t) => {
    const store = await openStore(t, engine, { capacity: true });
    const order = anOrder({ state: 'submitting', day: DAY });
    await store.ledger.commit({ order }, { ...soon(), token: newToken() });
    store.proxy.forget();

    const { order: stored } = await store.ledger.read({ ...KEYS, id: order.id }, soon());

    assert.deepEqual(stored, order);
    assert.deepEqual(store.proxy.counts(), { BatchGetItem: 1 });
    assert.equal(store.proxy.overlap(), 1);
  });
});
