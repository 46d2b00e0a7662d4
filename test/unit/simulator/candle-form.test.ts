import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBench, START } from './simulator-client.ts';

type Row = [number, string, string, string, string, string, number, string];

const MINUTE = 60_000;
const OPENING = START - (START % MINUTE);

const openTimes = async (bench: ReturnType<typeof openBench>, from: number): Promise<number[]> => {
  const query = `symbol=SOLUSDT&interval=1m&startTime=${from}&limit=500`;
  const { parsed } = await bench.get(`/api/v3/klines?${query}`);
  return parsed.map(([openTime]: Row) => (openTime - from) / MINUTE);
};

test('stray rows come from before the start, and the first of the range comes twice', async () => {
  const bench = openBench();
  const from = OPENING - 3 * MINUTE;
  assert.deepEqual(await openTimes(bench, from), [0, 1, 2, 3]);

  bench.exchange.apply({ do: 'candleForm', with: { strayRows: 2 } });

  assert.deepEqual(await openTimes(bench, from), [-2, -1, 0, 0, 1, 2, 3]);
});

test('a symbol that was taken off has no candles from then on, and trades again once it is back', async () => {
  const bench = openBench();
  const off = (status: '1' | '3', offlineAt: number | null): void =>
    void bench.exchange.apply({ do: 'rules', with: { symbol: 'SOLUSDT', status, hidden: { offlineAt } } });
  const from = OPENING - 5 * MINUTE;

  off('3', OPENING - 2 * MINUTE);
  assert.deepEqual(await openTimes(bench, from), [0, 1, 2]);
  off('1', null);
  assert.deepEqual(await openTimes(bench, from), [0, 1, 2, 3, 4, 5]);
});
