import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Local, startLocal } from '../support/local-stack.ts';
import { alertOf, deliver, readApi } from '../support/webhook.ts';

describe('the account, deployed', () => {
  let local: Local;
  before(async () => {
    local = await startLocal({ runsOthers: true });
  });
  after(() => local.stop());

  test('the schedule takes a snapshot at once; the same slot gets no other', async () => {
    await deliver(local, alertOf({ quoteQuantity: '50', id: 'after-the-snapshot' }));

    while ((await readApi(local, '/balances')).json.balances.length === 0);
    const again = JSON.parse((await local.invoke('snapshot-balances', {})).payload);

    const { json } = await readApi(local, '/balances');
    const [snapshot, ...more] = json.balances;
    assert.deepEqual(
      { written: again.written, slot: again.slot, total: again.total, more: more.length },
      { written: false, slot: snapshot.slot, total: snapshot.total, more: 0 },
    );
    assert.deepEqual([snapshot.assets.USDT.price, snapshot.unexplained, snapshot.unpriced], ['1', [], []]);
    assert.ok(Number(snapshot.total) > 0);
  });

  test('balances, positions and results come as CSV too', async () => {
    const csv = async (path: string) => {
      const headers = { authorization: `Bearer ${local.readToken}`, accept: 'text/csv' };
      const response = await fetch(`${local.url}${path}`, { headers });
      assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
      return (await response.text()).split('\r\n');
    };

    assert.equal((await csv('/balances'))[0], 'slot,asset,free,locked,price,value,quote,total,unexplained');
    assert.match((await csv('/positions'))[1] ?? '', /^demo,SOLUSDT,/);
    assert.equal((await csv('/profit?by=strategy'))[0], 'strategy,realised,feesValue,volume,trades');
  });

  test('a wrong question is answered with the parameter that is wrong', async () => {
    for (const [path, name] of [
      ['/balances?from=yesterday', 'from'],
      ['/balances?from=2026-11-22&to=2026-11-21', 'from'],
      ['/profit?by=week', 'by'],
      ['/profit?from=2020-01-01', 'from'],
      ['/balances?cursor=x', 'cursor'],
      ['/balances?cursor=e30', 'cursor'],
      [`/balances?cursor=${Buffer.from('{"slot":"x"}').toString('base64url')}`, 'cursor'],
      ['/orders?cursor=e30', 'cursor'],
      ['/balances?asset=SOL', 'asset'],
    ] as const) {
      const { status, json } = await readApi(local, path);
      assert.deepEqual([status, json.error.details[0].path], [422, name], path);
    }
  });
});
