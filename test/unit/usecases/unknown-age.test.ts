import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { open } from '../../support/account-steps.ts';

const Report = z.object({ unsettled: z.int(), unknownSeconds: z.int().optional() });

test('A run tells for how long the oldest unknown order has been so, and nothing when there is none', async (t) => {
  const { time, market, alert, reconcile } = await open(t);
  const report = async (woken = false) => Report.parse(await time.finish(reconcile(woken)));
  assert.equal((await report()).unknownSeconds, 0);
  market.faults.add({ kind: 'drop-before', match: { method: 'POST', path: '/api/v3/order', times: 1 } });
  const reads = ['/api/v3/order', '/api/v3/openOrders', '/api/v3/allOrders'];
  const until = time.now() + 400_000;
  for (const path of reads) market.faults.add({ kind: 'html', match: { method: 'GET', path, to: until } });

  const { body } = await time.finish(
    alert('demo', { symbol: 'SOLUSDT', action: 'buy', quantity: '0.2', type: 'limit', price: '140' }),
  );
  assert.match(JSON.stringify(body), /"state":"unknown"/);
  const sent = time.now();
  await time.playTo(sent + 240_000);

  const { unknownSeconds = 0, unsettled } = await report();
  assert.equal(unsettled, 1);
  const told = (time.now() - sent) / 1_000;
  assert.ok(Math.abs(unknownSeconds - told) < 10, `${unknownSeconds} s of ${told} s`);

  await time.playTo(until + 1_000);
  assert.deepEqual(await report(), { unsettled: 0, unknownSeconds: 0 });
});
