import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Snapshot } from '../../../lib/domain/snapshot.ts';
import { BadQueryError } from '../../../lib/usecases/query.ts';
import { readEquity } from '../../../lib/usecases/read-equity.ts';
import { readSequences } from '../../../lib/usecases/read-sequences.ts';
import { anOrder } from '../../support/builders.ts';

const OPTIONS = { deadline: Number.MAX_SAFE_INTEGER };
const NOW = Date.parse('2026-11-22T10:00:00Z');

describe('the equity curve', () => {
  const snapshot = (slot: number): Snapshot => ({
    slot,
    takenFrom: slot,
    takenTo: slot,
    origin: 0,
    quote: 'USDT',
    assets: {},
    total: String(slot),
    unpriced: [],
    counted: {},
    traded: {},
    open: [],
    closed: [],
    peak: '1',
    drawdownPercent: '0.5',
    version: 1,
  });
  const holding = (count: number) => ({
    between: () =>
      Promise.resolve({ snapshots: Array.from({ length: count }, (_, n) => snapshot(n)), more: false }),
  });

  test('has no more points than a screen, and always the newest', async () => {
    const { rows, quote } = await readEquity({}, holding(10_000), NOW, OPTIONS);

    assert.ok(rows.length > 500 && rows.length <= 600, `${rows.length}`);
    assert.deepEqual([rows.at(-1), quote], [[9_999, '9999', '0.5'], 'USDT']);
  });

  test('is empty before the first snapshot, and refuses a span it does not know', async () => {
    assert.deepEqual(await readEquity({ days: '31' }, holding(0), NOW, OPTIONS), {
      quote: undefined,
      rows: [],
    });
    await assert.rejects(readEquity({ days: '32' }, holding(0), NOW, OPTIONS), BadQueryError);
    await assert.rejects(readEquity({ from: '1' }, holding(0), NOW, OPTIONS), BadQueryError);
  });
});

test('missing and repeated sequence numbers are named, alerts without one are only counted', async () => {
  const orders = [9, 9, 8, undefined, 4, 2].map((sequence, n) =>
    anOrder({ id: `m${n}`, ...(sequence !== undefined && { sequence }) }),
  );
  const reader = { orders: () => Promise.resolve({ orders, more: false }) };

  assert.deepEqual(await readSequences({ strategy: 'demo' }, reader, OPTIONS), {
    strategy: 'demo',
    alerts: 6,
    numbered: 5,
    first: 2,
    last: 9,
    missing: [
      { from: 3, to: 3 },
      { from: 5, to: 7 },
    ],
    repeated: [9],
  });
  await assert.rejects(readSequences({}, reader, OPTIONS), BadQueryError);
});
