import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTransferStore } from '../../lib/dynamo/transfers.ts';
import { NOON } from '../support/contract-domain.ts';
import { makeTables, openStore, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

onEveryEngine((engine) => {
  test('transfers are kept once each and listed by their time', async (t) => {
    const { dynamo } = await openStore(t, engine);
    const [name = ''] = await makeTables(engine, ['Balances']);
    const store = createTransferStore(dynamo, name);
    const at = (time: number) => ({
      id: `${new Date(time).toISOString()} USDT DEPOSIT 100 250 0`,
      asset: 'USDT',
      amount: '100',
      cause: 'DEPOSIT',
      time,
    });

    for (const time of [NOON + 5, NOON, NOON + 5, NOON + 9]) await store.save(at(time), soon());

    assert.deepEqual(await store.between(NOON, NOON + 5, soon()), [at(NOON), at(NOON + 5)]);
    assert.deepEqual(await store.between(NOON + 1, NOON + 4, soon()), []);
  });
});
