import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCandleRows } from '../../../lib/mexc/candle-rows.ts';
import { parseExactJson } from '../../../lib/mexc/exact-json.ts';

const T = 1_767_204_300_000;
const read = (text: string, from = 0, to = Number.MAX_SAFE_INTEGER) =>
  readCandleRows(parseExactJson(text), from, to);
const row = (openTime: number, more = ''): string =>
  `[${openTime},"87667.2","87904.15","87635.56","87868.15","72.17327432",${openTime + 60_000},"6339710.08"${more}]`;

test('a row of the reference is read as it stands there', () => {
  assert.deepEqual(read(`[${row(T)}]`), [
    {
      openTime: T,
      closeTime: T + 60_000,
      open: '87667.2',
      high: '87904.15',
      low: '87635.56',
      close: '87868.15',
      volume: '72.17327432',
      quoteVolume: '6339710.08',
    },
  ]);
});

test('decimals in any notation become plain, without zeros at their end', () => {
  const [candle] = read(`[[${T},"1.50","2.000","0.10","1e-7",100,${T + 1},"0.0"]]`);

  const { open, high, low, close, volume, quoteVolume } = candle!;
  assert.deepEqual(
    [open, high, low, close, volume, quoteVolume],
    ['1.5', '2', '0.1', '0.0000001', '100', '0'],
  );
});

test('rows out of range, doubled or out of order come out in order, each once, the last word counting', () => {
  const newer = row(T).replace('87667.2', '1');
  const text = `[${row(T + 60_000)},${row(T - 60_000)},${row(T)},${newer},${row(T + 120_000, ',"more"')}]`;

  const rows = read(text, T, T + 60_000);

  assert.deepEqual(
    rows.map(({ openTime, open }) => [openTime - T, open]),
    [
      [0, '1'],
      [60_000, '87667.2'],
    ],
  );
});

test('an answer that is no candles is refused whole', () => {
  for (const text of [
    '{}',
    '[1]',
    '[[1,2]]',
    `[${row(T).replace('"87667.2"', '"x"')}]`,
    `[${row(T).replace('"87667.2"', 'null')}]`,
  ])
    assert.throws(() => read(text), { code: 'unreadable' }, text);
  assert.throws(() => read(`[[${T},"1","1","1","1","1",${T},"1"]]`), { code: 'unreadable' });
});
