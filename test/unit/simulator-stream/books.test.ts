import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUY } from '../simulator/simulator-client.ts';
import { DEPTH, openStreams, type StreamBench } from './stream-bench.ts';
import type { Decoded } from './wire-schema.ts';

const rest = async ({ get }: StreamBench, target: string): Promise<Decoded> => (await get(target)).parsed;

/** The book of REST brought forward by the pushes, as section 11.5 wants it. */
function follow(snapshot: Decoded, pushes: Decoded[]): { bids: Decoded; asks: Decoded; version: number } {
  const bids = new Map<string, string>(snapshot.bids);
  const asks = new Map<string, string>(snapshot.asks);
  let version = snapshot.lastUpdateId;
  for (const { publicAggreDepths: change } of pushes) {
    if (Number(change.toVersion) <= version) continue;
    assert.ok(Number(change.fromVersion) <= version + 1, 'a gap');
    version = Number(change.toVersion);
    for (const [side, rows] of [
      [bids, change.bids ?? []],
      [asks, change.asks ?? []],
    ]) {
      for (const { price, quantity } of rows) {
        if (Number(quantity) === 0) side.delete(price);
        else side.set(price, quantity);
      }
    }
  }
  const sorted = (side: Map<string, string>) => [...side].sort((a, b) => Number(a[0]) - Number(b[0]));
  return { bids: sorted(bids).reverse(), asks: sorted(asks), version };
}

test('a local book kept by the differences is the book of REST, with no gap between versions', async () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(DEPTH);
  let snapshot: Decoded = null;
  for (let i = 0; i < 60; i++) {
    const price = (140 + (i % 9) * 0.3).toFixed(2);
    await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', quantity: '2', price });
    if (i % 7 === 0) bench.exchange.setPrice('SOLUSDT', (139 + (i % 5)).toFixed(2));
    if (i % 11 === 0) await bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });
    if (i === 25) bench.exchange.setBook('SOLUSDT', { bids: [['138.00', '9']], asks: [['150.00', '9']] });
    bench.pass(37 * (i % 6));
    if (i === 20) snapshot = await rest(bench, '/api/v3/depth?symbol=SOLUSDT&limit=5000');
  }
  bench.pass(100);

  const pushes = client.pushes();
  const book = follow(snapshot, pushes);
  const now = await rest(bench, '/api/v3/depth?symbol=SOLUSDT&limit=5000');
  assert.deepEqual(book, { bids: now.bids, asks: now.asks, version: now.lastUpdateId });
  assert.ok(pushes.length > 20 && pushes.length < now.lastUpdateId - 20_000_000_000, 'changes are gathered');
  pushes.forEach(({ publicAggreDepths: { fromVersion, toVersion } }, i) => {
    assert.ok(BigInt(toVersion) >= BigInt(fromVersion));
    if (i > 0) assert.equal(BigInt(fromVersion), BigInt(pushes[i - 1].publicAggreDepths.toVersion) + 1n);
  });
});

test('levels whose changes cancel out are named all the same, as they are again', async () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe(DEPTH);

  await bench.order(BUY);
  await bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });
  bench.clock.advance(100);

  const [{ publicAggreDepths: change }, ...more] = client.pushes();
  assert.deepEqual(more, []);
  assert.deepEqual([change.fromVersion, change.toVersion], ['20000000001', '20000000002']);
  assert.deepEqual([change.asks, change.bids], [undefined, [{ price: '140', quantity: '0' }]]);
});

test('the limited book comes whole after every change', async () => {
  const bench = openStreams();
  const client = bench.connect();
  client.subscribe('spot@public.limit.depth.v3.api.pb@SOLUSDT@5');

  bench.exchange.setPrice('SOLUSDT', '150.00');
  bench.clock.advance(100);
  bench.clock.advance(5000);

  const [{ publicLimitDepths: book }, ...more] = client.pushes();
  const now = await rest(bench, '/api/v3/depth?symbol=SOLUSDT&limit=5');
  const rows = (levels: Decoded[]) => levels.map(({ price, quantity }) => [price, quantity]);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [rows(book.bids), rows(book.asks), Number(book.version)],
    [now.bids, now.asks, now.lastUpdateId],
  );
});
