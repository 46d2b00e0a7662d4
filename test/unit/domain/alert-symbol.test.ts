import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readSymbol } from '../../../lib/domain/alert-symbol.ts';
import { always } from './alert-support.ts';

const none = { symbolAliases: {}, secrets: [] };
const refusalOf = (text: string, secrets: readonly string[] = []): string => {
  const read = readSymbol(text, { symbolAliases: {}, secrets });
  return read.ok ? `read as ${read.value.symbol}` : read.message;
};

test("The exchange's spelling is read with and without its name, in any ASCII case and any script", () => {
  const cases = [
    ['SOLUSDT', 'SOLUSDT'],
    [' mexc:solusdt ', 'SOLUSDT'],
    ['Mexc:SolUsdt', 'SOLUSDT'],
    ['币安人生usdt', '币安人生USDT'],
    ['1000SATSUSDT', '1000SATSUSDT'],
    ['PERPUSDT', 'PERPUSDT'],
  ];
  for (const [text = '', symbol] of cases) {
    assert.deepEqual(readSymbol(text, none), { ok: true, value: { symbol, aliased: false } });
  }
});

test('Only ASCII letters change their case: other letters are other symbols', () => {
  // the Kelvin sign and the long s become k and s elsewhere
  for (const text of ['ſOLUSDT', '\u212aUSDT']) assert.ok(!readSymbol(text, none).ok);
  assert.deepEqual(readSymbol('éusdt', none), { ok: true, value: { symbol: 'éUSDT', aliased: false } });
});

test('Aliases of the strategy come first, on the trimmed text, in any ASCII case', () => {
  const settings = { symbolAliases: { 'BINANCE:SOLUSDT.P': 'SOLUSDT', ETHUSDT: 'ETHUSDC' }, secrets: [] };

  assert.deepEqual(readSymbol(' binance:solusdt.p ', settings), {
    ok: true,
    value: { symbol: 'SOLUSDT', aliased: true },
  });
  assert.deepEqual(readSymbol('ethusdt', settings), {
    ok: true,
    value: { symbol: 'ETHUSDC', aliased: true },
  });
  assert.ok(!readSymbol('constructor:x', settings).ok);
  assert.ok(!readSymbol('BINANCE:SOLUSDT', settings).ok);
});

test('Every other spelling is refused with the one to use', () => {
  const spellings = [
    'SOL/USDT',
    'sol-usdt',
    'SOL_USDT',
    'SOL USDT',
    'SOLUSDT_SPBL',
    'SOL\u200bUSDT',
    'ＳＯＬＵＳＤＴ',
  ];
  for (const text of spellings) assert.match(refusalOf(text), /use SOLUSDT$/, text);
});

test('A perpetual is never taken for spot, and the setting that allows it is named', () => {
  const spellings = [
    'SOLUSDT.P',
    'MEXC:SOLUSDT.P',
    'BYBIT:SOLUSDT.P',
    'SOLUSDTPERP',
    'SOLUSDT-PERP',
    'SOL/USDT:USDT',
    'SOL-USDT-SWAP',
    'SOLUSDT_UMCBL',
  ];
  for (const text of spellings) {
    assert.match(refusalOf(text), /perpetual.*this trades spot.*use SOLUSDT,.*symbolAliases/, text);
  }
});

test("Another exchange's chart is refused, and the setting that allows it is named", () => {
  assert.match(refusalOf('BINANCE:SOLUSDT'), /another exchange.*use SOLUSDT,.*symbolAliases/);
  assert.match(refusalOf('{"symbol":"SOLUSDT"}'), /not spelled as on MEXC: use the exchange's spelling/);
});

test('A refusal shows no more of the text than letters and digits, and no piece of a secret', () => {
  always(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
      assert.match(refusalOf(text), /^[\p{L}\p{M}\p{N} ,:;'.{}()-]+$/u);
    }),
  );
  assert.match(refusalOf('sol/abcdef', ['xabcdefx']), /such as SOLUSDT$/);
});
