import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Big } from 'big.js';
import type { SymbolSetup } from '../../../lib/simulator/symbols.ts';
import { type Bench, openBench, START } from './simulator-client.ts';

type Row = [number, string, string, string, string, string, number, string];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The start of the minute in which the bench opens, 20.123 s before it. */
const OPENING = START - (START % MINUTE);

async function klines(bench: Bench, params: Record<string, string | number> = {}): Promise<Row[]> {
  const query = new URLSearchParams({ symbol: 'SOLUSDT', interval: '1m' });
  for (const [name, value] of Object.entries(params)) query.set(name, String(value));
  const { status, text, parsed } = await bench.get(`/api/v3/klines?${query}`);
  assert.equal(status, 200, text);
  return parsed;
}

async function refusal(bench: Bench, query: string): Promise<unknown[]> {
  const { status, parsed } = await bench.get(`/api/v3/klines?${query}`);
  return [status, parsed.code];
}

/** What a longer candle must be, made from its parts. */
function union(rows: readonly Row[]): string[] {
  const sum = (column: 5 | 7) => rows.reduce((total, row) => total.plus(row[column]), new Big(0)).toFixed();
  const sorted = (column: 2 | 3) => rows.map((row) => row[column]).toSorted((a, b) => new Big(a).cmp(b));
  return [rows[0]![1], sorted(2).at(-1)!, sorted(3)[0]!, rows.at(-1)![4], sum(5), sum(7)];
}

const withoutTimes = (row: Row) => [row[1], row[2], row[3], row[4], row[5], row[7]];
const openTimes = (rows: Row[]) => rows.map(([open]) => open);

/** One symbol on which strangers never trade: its candles are the tape alone. */
function quiet(more: Partial<SymbolSetup> = {}): SymbolSetup {
  return {
    symbol: 'SOLUSDT',
    baseAsset: 'SOL',
    lastPrice: '142.50',
    baseAssetPrecision: 3,
    quotePrecision: 2,
    quoteAssetPrecision: 2,
    hidden: { quietShare: 1 },
    ...more,
  };
}

test('a row has eight columns: times as numbers, all else as decimal text, closing where the next opens', async () => {
  const bench = openBench();

  const rows = await klines(bench, { limit: 3 });

  assert.equal(rows.length, 3);
  for (const [i, row] of rows.entries()) {
    assert.equal(row.length, 8);
    const [open, , high, low, , volume, close, quoteVolume] = row;
    assert.equal(open, OPENING + (i - 2) * MINUTE);
    assert.equal(close, open + MINUTE);
    for (const text of [row[1], high, low, row[4], volume, quoteVolume]) {
      assert.match(String(text), /^\d+(\.\d*[1-9])?$/);
    }
    for (const price of [row[1], row[4]]) {
      assert.ok(new Big(price).lte(high) && new Big(price).gte(low));
    }
    const average = new Big(quoteVolume).div(volume);
    assert.ok(average.lte(high) && average.gte(low), 'the average price lies between low and high');
  }
});

test('without bounds there are 500 rows, the last one still forming', async () => {
  const bench = openBench();

  const rows = await klines(bench);

  assert.equal(rows.length, 500);
  assert.equal(rows[0]![0], OPENING - 499 * MINUTE);
  const last = rows.at(-1)!;
  assert.deepEqual([last[0], last[6]], [OPENING, OPENING + MINUTE]);
  bench.clock.advance(39_000);
  const grown = (await klines(bench)).at(-1)!;
  assert.equal(grown[0], OPENING);
  assert.ok(new Big(grown[5]).gt(last[5]), 'the forming candle grows');
});

test('the limit is at most 500, and more is refused', async () => {
  const bench = openBench();

  assert.deepEqual(await refusal(bench, 'symbol=SOLUSDT&interval=1m&limit=501'), [400, 33333]);
  assert.deepEqual(await refusal(bench, 'symbol=SOLUSDT&interval=1m&limit=0'), [400, 33333]);
});

test('a wrong interval is -1121 like a wrong symbol, a missing one 44444, a descending range 400', async () => {
  const bench = openBench();

  for (const name of ['1h', '3m', '2h', '6h', '8h', '12h', '3d', '1w', '1D', 'Min1', 'toString', '']) {
    const query = `symbol=SOLUSDT&interval=${name}`;
    assert.deepEqual(await refusal(bench, query), [400, -1121], name);
  }
  assert.deepEqual(await refusal(bench, 'symbol=NOPE&interval=1m'), [400, -1121]);
  assert.deepEqual(await refusal(bench, 'symbol=SOLUSDT'), [400, 44444]);
  assert.deepEqual(await refusal(bench, 'interval=1m'), [400, 44444]);
  assert.deepEqual(await refusal(bench, 'symbol=SOLUSDT&interval=1m&startTime=1000&endTime=999'), [400, 400]);
});

test('a start gives the first rows from it, an end alone the last ones before it', async () => {
  const bench = openBench();
  const start = OPENING - 2 * HOUR;

  assert.deepEqual(
    openTimes(await klines(bench, { startTime: start + 1, limit: 2 })),
    [start + MINUTE, start + 2 * MINUTE],
    'a candle that opened before the start is not in the range',
  );
  assert.deepEqual(openTimes(await klines(bench, { endTime: start, limit: 2 })), [
    start - 2 * MINUTE,
    start - MINUTE,
  ]);
  assert.deepEqual(openTimes(await klines(bench, { startTime: start, endTime: start + 2 * MINUTE })), [
    start,
    start + MINUTE,
  ]);
});

test('a range of more than 500 candles is cut, and paging by time gives every row once', async () => {
  const bench = openBench();
  const start = OPENING - 1203 * MINUTE;

  const seen: number[] = [];
  for (let from = start; from < OPENING; from = seen.at(-1)! + MINUTE) {
    const page = await klines(bench, { startTime: from, endTime: OPENING });
    assert.ok(page.length <= 500);
    seen.push(...openTimes(page));
  }

  assert.deepEqual(
    seen,
    Array.from({ length: 1203 }, (_, i) => start + i * MINUTE),
  );
});

test('every longer candle is the union of its minutes', async () => {
  const bench = openBench();
  const lengths = { '5m': 5, '15m': 15, '30m': 30, '60m': 60, '4h': 240 };

  for (const [interval, minutes] of Object.entries(lengths)) {
    const [row] = await klines(bench, { interval, endTime: OPENING - DAY, limit: 1 });
    const parts = await klines(bench, { startTime: row![0], endTime: row![6] });
    assert.equal(parts.length, minutes, interval);
    assert.equal(row![6] - row![0], minutes * MINUTE);
    assert.deepEqual(withoutTimes(row!), union(parts), interval);
  }
});

test('days, weeks and months are the unions of their hours and days', async () => {
  const bench = openBench();
  for (const [interval, part] of [
    ['1d', '60m'],
    ['1W', '1d'],
    ['1M', '1d'],
  ] as const) {
    const [row] = await klines(bench, { interval, endTime: OPENING - 40 * DAY, limit: 1 });
    const parts = await klines(bench, { interval: part, startTime: row![0], endTime: row![6] });
    assert.deepEqual(withoutTimes(row!), union(parts), interval);
  }
});

test('days open at midnight UTC, weeks on Monday, months on the first; another hour can be set', async () => {
  const bench = openBench();
  const open = async (interval: string) => new Date((await klines(bench, { interval, limit: 1 }))[0]![0]);
  assert.equal(new Date(START).toISOString(), '2026-09-21T14:13:20.123Z');

  assert.equal((await open('4h')).toISOString(), '2026-09-21T12:00:00.000Z');
  assert.equal((await open('1d')).toISOString(), '2026-09-21T00:00:00.000Z');
  assert.equal((await open('1W')).toISOString(), '2026-09-21T00:00:00.000Z');
  assert.equal((await open('1W')).getUTCDay(), 1);
  assert.equal((await open('1M')).toISOString(), '2026-09-01T00:00:00.000Z');
  const [august] = await klines(bench, { interval: '1M', endTime: Date.UTC(2026, 8, 1), limit: 1 });
  assert.deepEqual([august![0], august![6]], [Date.UTC(2026, 7, 1), Date.UTC(2026, 8, 1)]);

  bench.exchange.apply({ do: 'candleForm', with: { dayOpensAt: -8 } });
  assert.equal((await open('1d')).toISOString(), '2026-09-20T16:00:00.000Z');
  assert.equal((await open('1M')).toISOString(), '2026-08-31T16:00:00.000Z');
  assert.equal((await open('60m')).toISOString(), '2026-09-21T14:00:00.000Z');
});

test('equal seeds give equal candles whatever was asked before, another seed others', async () => {
  const first = openBench();
  const second = openBench();
  await klines(second, { interval: '1M' });
  await klines(second, { startTime: OPENING - 9 * DAY });

  const asked = { startTime: OPENING - 30 * DAY, limit: 20 };
  assert.deepEqual(await klines(first, asked), await klines(second, asked));
  assert.notDeepEqual(await klines(first, asked), await klines(openBench({ seed: 'other' }), asked));
});

test('the past leads up to the opening price, and the last price is the close of the forming candle', async () => {
  const bench = openBench();
  const close = async () => (await klines(bench, { limit: 1 }))[0]![4];
  const rows = await klines(bench, { endTime: OPENING });

  assert.ok(new Big(rows.at(-1)![4]).minus('142.5').abs().lt('0.5'));
  assert.ok(new Set(rows.map((row) => row[4])).size > 50, 'prices moved before');
  assert.equal(await close(), '142.5');
  bench.exchange.setPrice('SOLUSDT', '150.25');
  assert.equal(await close(), '150.25');
  bench.clock.advance(3 * HOUR);
  assert.equal(await close(), '150.25', 'strangers go on trading at the last price');
  bench.exchange.trade('SOLUSDT', { price: '149.00', quantity: '2' });
  assert.equal(await close(), '149');
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '12000' });
  const { price } = (await bench.get('/api/v3/ticker/price?symbol=SOLUSDT')).parsed;
  assert.equal(await close(), price);
});

test('what happens on the exchange is in the candle of its minute, to the last digit', async () => {
  const bench = openBench({ symbols: [quiet()] });
  await bench.order({ symbol: 'SOLUSDT', side: 'BUY', type: 'MARKET', quantity: '2' });
  bench.exchange.trade('SOLUSDT', { price: '141.00', quantity: '1.5' });
  bench.clock.advance(MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '145.25', quantity: '3' });

  const rows = await klines(bench);

  assert.deepEqual(rows, [
    // 2 * 142.5 + 1.5 * 141
    [OPENING, '142.5', '142.5', '141', '141', '3.5', OPENING + MINUTE, '496.5'],
    [OPENING + MINUTE, '145.25', '145.25', '145.25', '145.25', '3', OPENING + 2 * MINUTE, '435.75'],
  ]);
  const [hour] = await klines(bench, { interval: '60m' });
  assert.deepEqual(withoutTimes(hour!), ['142.5', '145.25', '141', '145.25', '6.5', '932.25']);
});

test('a trade joins the strangers of its minute', async () => {
  const bench = openBench();
  bench.clock.advance(MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '160.00', quantity: '1000' });
  bench.clock.advance(MINUTE);
  const undisturbed = openBench();
  undisturbed.clock.advance(2 * MINUTE);
  const of = async (other: Bench) => (await klines(other, { startTime: OPENING + MINUTE, limit: 1 }))[0]!;

  const [before, after] = [await of(undisturbed), await of(bench)];

  assert.deepEqual([after[2], after[4]], ['160', '160']);
  assert.equal(new Big(after[5]).minus(before[5]).toFixed(), '1000');
});

test('a minute without trades has no row, or a flat one where that is set', async () => {
  const bench = openBench({ symbols: [quiet()] });
  bench.exchange.trade('SOLUSDT', { price: '141.00', quantity: '1' });
  bench.clock.advance(3 * MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '143.00', quantity: '1' });
  const from = { startTime: OPENING - MINUTE };

  assert.deepEqual(openTimes(await klines(bench, from)), [OPENING, OPENING + 3 * MINUTE]);
  assert.deepEqual(openTimes(await klines(bench, { limit: 2 })), [OPENING, OPENING + 3 * MINUTE]);

  bench.exchange.apply({ do: 'candleForm', with: { emptySpans: 'flat' } });
  const flat = await klines(bench, from);
  assert.deepEqual(
    flat.map((row) => [row[4], row[5]]),
    [
      ['142.5', '0'],
      ['141', '1'],
      ['141', '0'],
      ['141', '0'],
      ['143', '1'],
    ],
  );
  assert.deepEqual(await klines(bench, { limit: 5 }), flat);
});

test('on a thin symbol many minutes are empty, and the same ones in every answer', async () => {
  const bench = openBench();
  const from = { symbol: 'METALUSDT', startTime: OPENING - 400 * MINUTE, endTime: OPENING };

  const times = openTimes(await klines(bench, from));

  assert.ok(times.length > 150 && times.length < 330, `${times.length} of 400`);
  const half = await klines(bench, { ...from, startTime: OPENING - 200 * MINUTE });
  assert.deepEqual(
    openTimes(half),
    times.filter((time) => time >= OPENING - 200 * MINUTE),
  );
});

test('there are no candles before the listing, and the first candle of any length holds only what came after', async () => {
  const listedAt = OPENING - 100 * MINUTE;
  const bench = openBench({ symbols: [quiet({ hidden: { quietShare: 0, listedAt } })] });

  const minutes = await klines(bench);
  assert.equal(minutes.length, 101);
  assert.equal(minutes[0]![0], listedAt);
  assert.deepEqual(await klines(bench, { endTime: listedAt }), []);
  const [day] = await klines(bench, { interval: '1d' });
  assert.deepEqual(withoutTimes(day!), union(minutes));
});

test('no candle of the future exists', async () => {
  const bench = openBench();

  assert.deepEqual(openTimes(await klines(bench, { startTime: OPENING })), [OPENING]);
  assert.deepEqual(await klines(bench, { startTime: OPENING + MINUTE }), []);
});

test('a minute can be revised or taken out, and the longer candles follow', async () => {
  const bench = openBench();
  const openTime = OPENING - 10 * MINUTE;
  const around = { startTime: openTime - MINUTE, endTime: openTime + 2 * MINUTE };
  const bar = { open: '1', high: '999', low: '1', close: '2', base: '5', quote: '10' };

  bench.exchange.apply({ do: 'candle', with: { symbol: 'SOLUSDT', openTime, bar } });
  assert.deepEqual((await klines(bench, around))[1], [
    openTime,
    '1',
    '999',
    '1',
    '2',
    '5',
    openTime + MINUTE,
    '10',
  ]);
  assert.equal((await klines(bench, { interval: '1d', limit: 1 }))[0]![2], '999');

  bench.exchange.apply({ do: 'candle', with: { symbol: 'SOLUSDT', openTime, bar: null } });
  assert.equal((await klines(bench, around)).length, 2);
  assert.throws(() => bench.exchange.apply({ do: 'candle', with: { symbol: 'SOLUSDT', openTime: 5, bar } }));
});

test('candles are the same after a restart from a snapshot', async () => {
  const before = openBench();
  before.exchange.setPrice('SOLUSDT', '143.00');
  before.clock.advance(5 * MINUTE);
  before.exchange.apply({
    do: 'candle',
    with: { symbol: 'SOLUSDT', openTime: OPENING - HOUR, bar: null },
  });
  const after = openBench({ state: JSON.parse(JSON.stringify(before.exchange.snapshot())), seed: 'ignored' });
  after.clock.advance(5 * MINUTE);

  assert.deepEqual(await klines(after), await klines(before));
});

test('a print made after the clock was set back stands in its own minute', async () => {
  const bench = openBench({ symbols: [quiet()] });
  bench.clock.advance(5 * MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '144.00', quantity: '1' });
  bench.clock.advance(-3 * MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '141.00', quantity: '1' });
  assert.deepEqual(openTimes(await klines(bench)), [OPENING + 2 * MINUTE]);

  bench.clock.advance(3 * MINUTE);

  assert.deepEqual(openTimes(await klines(bench)), [OPENING + 2 * MINUTE, OPENING + 5 * MINUTE]);
  bench.clock.advance(-3 * MINUTE);
  bench.exchange.trade('SOLUSDT', { price: '139.00', quantity: '2' });
  bench.clock.advance(3 * MINUTE);
  const [changed] = await klines(bench);
  assert.deepEqual([changed![0], changed![4], changed![5]], [OPENING + 2 * MINUTE, '139', '3']);
});

test('reading market data moves no draw of the exchange', async () => {
  const bench = openBench();
  const before = bench.exchange.snapshot().rng;

  await klines(bench);
  await bench.get('/api/v3/trades?symbol=SOLUSDT');
  await bench.get('/api/v3/ticker/24hr');

  assert.equal(bench.exchange.snapshot().rng, before);
});
