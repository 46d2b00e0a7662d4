import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStateReader } from '../../lib/dynamo/state-reader.ts';
import { listFills } from '../../lib/usecases/read-fills.ts';
import { aLane, anOrder, NOON, newToken } from '../support/contract-domain.ts';
import { openStore, type Store, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';
import { ALL, LANES, MINUTE, namesOf, pagesOf } from '../support/fill-listing.ts';

const filled = async (store: Store): Promise<void> => {
  for (const { strategy, symbol } of LANES) {
    const fills = ALL.filter((fill) => fill.strategy === strategy && fill.symbol === symbol);
    const lane = aLane({ strategy, symbol, fillCount: fills.length });
    const order = anOrder({ id: `m${strategy}${symbol}`, strategy, symbol });
    const result = await store.ledger.commit({ order, lane, fills }, { ...soon(), token: newToken() });
    assert.deepEqual(result, { kind: 'committed' });
  }
};

onEveryEngine((engine) => {
  test('a listing of fills has every fill of a time once, in the order of its lane', async (t) => {
    const store = await openStore(t, engine);
    await filled(store);
    const reader = createStateReader(store.dynamo);
    const [from, to] = [NOON + 30 * MINUTE, NOON + 100 * MINUTE];
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const list = (query: object) => (cursor: string | undefined) =>
      listFills({ ...query, cursor }, reader, soon());

    assert.deepEqual((await pagesOf(list({}))).flat(), namesOf(ALL));
    assert.deepEqual((await pagesOf(list({ strategy: 'a', limit: '5' }))).flat(), namesOf(ALL.slice(0, 24)));
    assert.deepEqual(
      (await pagesOf(list({ ...range, limit: '4' }))).flat(),
      namesOf(ALL.filter(({ time }) => time >= from && time < to)),
    );
  });

  describe('what the store cuts into pages', () => {
    test('is read to the limit that was asked for', async (t) => {
      const store = await openStore(t, engine);
      await filled(store);
      // A page of the store ends at 1 MB; here it ends after two items.
      const rewrite = (body: Readonly<Record<string, unknown>>) => ({ ...body, Limit: 2 });
      store.proxy.always('Query', { kind: 'rewrite', rewrite });
      const [lane] = LANES;
      assert.ok(lane);

      const fills = await createStateReader(store.dynamo).fillsAfter(lane, { after: 3, limit: 7 }, soon());

      assert.deepEqual(
        fills.slice(0, 7).map(({ n }) => n),
        [4, 5, 6, 7, 8, 9, 10],
      );
    });
  });
});
