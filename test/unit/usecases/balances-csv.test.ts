import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { balancesCsv, positionsCsv, profitCsv } from '../../../lib/usecases/balances-csv.ts';
import { snapshotView } from '../../../lib/usecases/read-balances.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const row = (key: string, realised: string) => ({ key, realised, feesValue: '0', volume: '1', trades: 1 });

describe('tables for a spreadsheet', () => {
  test('formulas are defused, in names, in notes and behind quotes; negative amounts stay numbers', () => {
    const names = [
      '=1+1',
      '+A1',
      '-A1',
      '@SUM(A1)',
      '\tx',
      '\rx',
      '=HYPERLINK("http://x","y")',
      '-1.5',
      '- 1',
    ];
    const lines = profitCsv({ by: 'strategy', profit: names.map((name) => row(name, '-12.5')) });
    assert.deepEqual(lines.split('\r\n').slice(1, -1), [
      "'=1+1,-12.5,0,1,1",
      "'+A1,-12.5,0,1,1",
      "'-A1,-12.5,0,1,1",
      "'@SUM(A1),-12.5,0,1,1",
      "'\tx,-12.5,0,1,1",
      '"\'\rx",-12.5,0,1,1',
      '"\'=HYPERLINK(""http://x"",""y"")",-12.5,0,1,1',
      '-1.5,-12.5,0,1,1',
      "'- 1,-12.5,0,1,1",
    ]);
  });

  test('a position of a strategy that is named like a formula', () => {
    const position = { strategy: '=cmd', symbol: 'SOLUSDT', quantity: '1', cost: '2', averagePrice: '2' };
    const rest = { fees: {}, adopted: undefined, openOrders: [], waiting: [], sending: undefined };
    const all = { ...position, ...rest, realised: '-3' };
    assert.match(positionsCsv({ positions: [all] }), /\r\n'=cmd,SOLUSDT,1,2,2,-3\r\n$/);
  });

  test('a remainder stands beside its asset, also where nothing of it is left', () => {
    const remainder = { id: '1-MX', asset: 'MX', amount: '-5', from: NOON, to: NOON };
    const view = snapshotView({
      slot: NOON,
      takenFrom: NOON,
      takenTo: NOON,
      origin: NOON,
      quote: 'USDT',
      assets: { USDT: { free: '1', locked: '0' }, MX: { free: '0', locked: '0', price: '2', value: '0' } },
      total: '1',
      unpriced: [],
      counted: {},
      traded: {},
      open: [{ ...remainder, state: 'unexplained' }],
      closed: [],
      peak: '1',
      drawdownPercent: '0',
      version: 1,
    });
    const lines = balancesCsv({ balances: [view] }).split('\r\n');
    assert.equal(lines[2], '2026-11-22T12:00:00.000Z,MX,0,0,2,0,USDT,1,-5');
  });
});
