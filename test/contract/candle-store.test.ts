import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SLOTS } from '../../lib/domain/candle-interval.ts';
import { mergeFetch } from '../../lib/domain/candle-merge.ts';
import type { CandleStore } from '../../lib/domain/candle-ports.ts';
import { newSeries } from '../../lib/domain/candle-series.ts';
import { type CandleWindow, emptyWindow, type Series, slotsText } from '../../lib/domain/candle-window.ts';
import { windowItem, windowKey } from '../../lib/dynamo/candle-items.ts';
import { createCandleStore } from '../../lib/dynamo/candle-store.ts';
import { learn } from '../../lib/usecases/learn-candles.ts';
import { aFetch, candlesFrom, FIRST, HOUR, TEN, WINDOW } from '../support/candle-builders.ts';
import { withBytes } from '../support/candle-memory.ts';
import { makeTables, openStore, soon } from '../support/contract-store.ts';
import { onEveryEngine } from '../support/engines.ts';

let made = 0;

onEveryEngine((engine) => {
  let tableMade: Promise<readonly string[]> | undefined;
  /** A series of its own on the table of all. */
  const open = async (t: TestContext, options: { readonly capacity?: boolean } = {}) => {
    const opened = await openStore(t, engine, options);
    const dynamo = engine.name === 'memory' ? withBytes(opened.dynamo) : opened.dynamo;
    tableMade ??= makeTables(engine, ['Candles']);
    const [table = ''] = await tableMade;
    made += 1;
    const series: Series = { symbol: `COIN${made}USDT`, interval: '1m' };
    return { ...opened, dynamo, table, series, store: createCandleStore(dynamo, table) };
  };
  const filled = (series: Series, patch: Parameters<typeof aFetch>[1] = {}): CandleWindow => {
    const window = mergeFetch(emptyWindow(series, WINDOW), aFetch(candlesFrom(-10, 70), patch));
    assert.ok(window);
    return window;
  };
  const read = async (store: CandleStore, series: Series) =>
    (await store.windows(series, [WINDOW], soon())).get(WINDOW);

  describe('the candle store', () => {
    test('gives back a window as it was written', async (t) => {
      const { store, series } = await open(t);
      const window = filled(series);

      assert.equal(await store.save(window, soon()), undefined);

      assert.deepEqual(await read(store, series), window);
      assert.deepEqual(await store.windows(series, [WINDOW - 1, WINDOW + 1], soon()), new Map());
    });

    test('refuses a window over another version, and says what lies there', async (t) => {
      const { store, series } = await open(t);
      const window = filled(series);
      const next = { ...window, version: 2, revisions: 1 };

      assert.deepEqual(await store.save(next, soon()), emptyWindow(series, WINDOW));
      await store.save(window, soon());
      assert.deepEqual(await store.save({ ...window, revisions: 5 }, soon()), window);
      assert.equal(await store.save(next, soon()), undefined);
      assert.deepEqual(await store.save(next, soon()), next);
    });

    test('loses no candle when two pulls, a backfill and a stream write one window at once', async (t) => {
      const { store, series } = await open(t);
      const parts = Array.from({ length: 12 }, (_, n) => [5 * n - 2, 5 * n + 5] as const);
      const writers = ['pull', 'pull', 'backfill', 'stream'] as const;

      await Promise.all(
        parts.map(([from, to], n) => {
          const by = writers[n % writers.length] ?? 'pull';
          const fetch = aFetch(candlesFrom(from, to), { by, asOf: TEN + 2 * HOUR + n });
          return learn(series, fetch, { first: FIRST, end: FIRST + SLOTS }, new Map(), { store }, soon());
        }),
      );

      const window = await read(store, series);
      assert.equal(window && slotsText(window.slots), 'c60');
      assert.deepEqual(window?.slots, filled(series).slots);
    });

    test('reads a range by queries, in order, and no other series', async (t) => {
      const { store, series, proxy } = await open(t);
      const other: Series = { ...series, interval: '5m' };
      for (const number of [WINDOW + 2, WINDOW, WINDOW + 1])
        await store.save({ ...filled(series), window: number, slots: emptyWindow(series, 0).slots }, soon());
      await store.save({ ...emptyWindow(other, 5), version: 1 }, soon());
      proxy.forget();

      const found = [];
      for await (const each of store.range(series, WINDOW, WINDOW + 1, soon()))
        found.push(each.kind === 'window' ? each.window.window : each.problem);

      assert.deepEqual(found, [WINDOW, WINDOW + 1]);
      assert.deepEqual(proxy.counts(), { Query: 1 });
    });

    test('tells a broken item from a window, and replaces exactly that one', async (t) => {
      const { store, series, dynamo, table } = await open(t);
      const item = windowItem(filled(series));
      const breaks: Record<string, unknown>[] = [
        { rows: flipped(item.rows, 20) },
        { rows: new Uint8Array() },
        { slots: 'c59n1' },
        { hash: 'AAAAAAAAAAAAAAAAAAAAAA' },
        { version: 7 },
        { revisions: 3 },
        { sealedAt: 5 },
        { check: 1 },
        { rows: undefined },
      ];
      for (const broken of breaks) {
        await dynamo.client.send(new PutCommand({ TableName: table, Item: { ...item, ...broken } }));
        await assert.rejects(read(store, series), { code: 'corrupt_item' }, JSON.stringify(broken));
        const [found] = await allOf(store.range(series, WINDOW, WINDOW, soon()));
        assert.equal(found?.kind, 'broken');
        if (found?.kind !== 'broken') continue;
        assert.equal(found.name, windowKey(series, WINDOW).start);

        assert.equal(await store.replace(filled(series), { ...found.seen, hash: 'other' }, soon()), false);
        assert.equal(await store.replace(filled(series), found.seen, soon()), true);
        assert.deepEqual((await read(store, series))?.slots, filled(series).slots);
      }
    });

    test('has the same hash for the same candles, whoever wrote them and how often', async (t) => {
      const { store, series } = await open(t);
      await store.save(filled(series), soon());
      const [one] = await allOf(store.range(series, WINDOW, WINDOW, soon()));
      await store.save({ ...filled(series), version: 2, sealed: { by: 'pull', at: 7 } }, soon());
      const [two] = await allOf(store.range(series, WINDOW, WINDOW, soon()));

      assert.ok(one?.kind === 'window' && two?.kind === 'window');
      assert.equal(one.hash, two.hash);
    });

    test('keeps a record of every series', async (t) => {
      const { store, series } = await open(t);
      const record = {
        ...newSeries(series),
        version: 1,
        open: WINDOW,
        stretches: [[3, 5] as const],
        since: 5,
      };

      assert.equal(await store.series(series, soon()), undefined);
      assert.equal(await store.saveSeries(record, soon()), true);
      assert.equal(await store.saveSeries(record, soon()), false);
      assert.equal(await store.saveSeries({ ...record, version: 2 }, soon()), true);

      assert.deepEqual(await store.series(series, soon()), { ...record, version: 2 });
      const all = await store.allSeries(soon());
      assert.deepEqual(
        all.filter((each) => each.kind === 'series' && each.record.symbol === series.symbol),
        [{ kind: 'series', record: { ...record, version: 2 } }],
      );
    });

    test('needs one write unit a window, even with volumes of eight decimals', async (t) => {
      const { store, series, proxy } = await open(t, { capacity: true });
      const volumes = candlesFrom(-10, 70).map((candle, n) => ({
        ...candle,
        volume: `${72 + n}.${17_327_432 + n * 7_919}`,
        quoteVolume: `${6_339_710 + n * 7_919}.${12_345_678 + n * 104_729}`,
      }));
      const window = mergeFetch(emptyWindow(series, WINDOW), aFetch(volumes));
      assert.ok(window);

      await store.save(window, soon());

      const units = proxy.calls.reduce((sum, call) => sum + (call.units ?? 0), 0);
      // The memory engine keeps bytes as text, which is longer.
      assert.ok(units === 1 || engine.name === 'memory', `${units} units`);
    });
  });
});

const allOf = async <Each>(items: AsyncIterable<Each>): Promise<Each[]> => {
  const all: Each[] = [];
  for await (const each of items) all.push(each);
  return all;
};

const flipped = (rows: unknown, bit: number): Uint8Array => {
  assert.ok(rows instanceof Uint8Array);
  return rows.map((byte, n) => (n === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
};
