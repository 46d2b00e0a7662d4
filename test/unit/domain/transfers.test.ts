import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Remainder } from '../../../lib/domain/snapshot.ts';
import { recognise, type Transfer, transferOf } from '../../../lib/domain/transfers.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const QUARTER = 900_000;

const remainder = (own: Partial<Remainder> = {}): Remainder => ({
  id: `${NOON}-USDT`,
  asset: 'USDT',
  amount: '100',
  from: NOON - QUARTER,
  to: NOON,
  state: 'unexplained',
  ...own,
});

const transfer = (amount: string, time: number, own: Partial<Transfer> = {}): Transfer => ({
  id: `${time} ${amount}`,
  asset: 'USDT',
  amount,
  cause: 'DEPOSIT',
  time,
  ...own,
});

const explained = (remainders: readonly Remainder[], transfers: readonly Transfer[]) =>
  recognise(remainders, transfers).map((each) => each.transfers.map(({ amount }) => amount));

describe('what the stream told of the balance', () => {
  const told = (cause: string, free: string, locked = '0') =>
    transferOf({
      kind: 'balance',
      balance: { asset: 'USDT', free: '250', locked: '0' },
      cause,
      change: { free, locked },
      at: NOON,
    });

  test('a deposit and a withdrawal are transfers, with their sign', () => {
    assert.deepEqual([told('DEPOSIT', '100.50')?.amount, told('WITHDRAW', '-40')?.amount], ['100.5', '-40']);
  });

  test('what orders do, and coins that were only locked, are none', () => {
    assert.deepEqual(
      [told('ENTRUST', '-15'), told('TRADE_FEE', '-0.1'), told('WITHDRAW', '-40', '40')],
      [undefined, undefined, undefined],
    );
  });

  test('the same event told twice is one; two equal deposits are two', () => {
    const next = transferOf({
      kind: 'balance',
      balance: { asset: 'USDT', free: '350', locked: '0' },
      cause: 'DEPOSIT',
      change: { free: '100', locked: '0' },
      at: NOON,
    });
    assert.equal(told('DEPOSIT', '100')?.id, told('DEPOSIT', '100')?.id);
    assert.notEqual(told('DEPOSIT', '100')?.id, next?.id);
  });
});

describe('a remainder', () => {
  test('is explained by the transfers of its period, to the last decimal', () => {
    const both = [transfer('60.000000001', NOON - 60_000), transfer('39.999999999', NOON - 30_000)];
    assert.deepEqual(explained([remainder()], both), [['60.000000001', '39.999999999']]);
    assert.deepEqual(explained([remainder({ amount: '100.000000001' })], both), []);
  });

  test('is not explained by another asset, nor by a transfer of another period', () => {
    assert.deepEqual(explained([remainder()], [transfer('100', NOON - 60_000, { asset: 'SOL' })]), []);
    assert.deepEqual(explained([remainder()], [transfer('100', NOON + 60_000)]), []);
  });

  test('leaves a transfer at the border out where that makes it exact, and each explains only once', () => {
    const next = remainder({ id: 'next', amount: '7', from: NOON, to: NOON + QUARTER });
    const transfers = [transfer('100', NOON - 60_000), transfer('7', NOON - 500)];
    assert.deepEqual(explained([remainder(), next], transfers), [['100'], ['7']]);
    assert.deepEqual(explained([next, { ...next, id: 'again' }], [transfer('7', NOON + 60_000)]), [['7']]);
  });

  test('stays open while something beside a transfer is missing', () => {
    assert.deepEqual(explained([remainder({ amount: '90' })], [transfer('100', NOON - 60_000)]), []);
  });
});
