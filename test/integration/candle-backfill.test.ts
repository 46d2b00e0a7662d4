import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { numberAt, openOf } from '../../lib/domain/candle-interval.ts';
import { type CandleRange, isCandle, type Series, slotAt } from '../../lib/domain/candle-window.ts';
import { afterLeaving, mayLeaveAt, NOTHING_USED } from '../../lib/domain/read-budget.ts';
import { answerBackfill } from '../../lib/usecases/answer-backfill.ts';
import { windowsIn } from '../../lib/usecases/read-candles.ts';
import { backfill, COINS, lastDays, NOW } from '../support/candle-backfill.ts';
import { askTruth, type CandleWorld, openCandleWorld } from '../support/candle-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LONG = { deadline: Number.MAX_SAFE_INTEGER };

const kline = { path: '/api/v3/klines' };
const calls = (world: CandleWorld): number => world.exchange.journal(kline).length;

describe('a backfill', () => {
  let world: CandleWorld;
  let truth: ReturnType<typeof askTruth>;
  before(async () => {
    world = await openCandleWorld({ seed: 11, start: NOW, symbols: COINS });
    truth = askTruth(world);
  });

  const assertTrue = async (series: Series, range: CandleRange, first = range.first) => {
    const candles = truth(series, range);
    const windows = await world.until(windowsIn(series, range, world.store, LONG));
    for (let number = range.first; number < range.end; number += 1) {
      const slot = slotAt(windows, number);
      const label = candles.has(number) ? 'candle' : number < first ? 'not-listed' : 'no-trades';
      assert.equal(isCandle(slot) ? 'candle' : slot, label, `${series.symbol} ${openOf('1m', number)}`);
      if (isCandle(slot))
        assert.deepEqual(
          String([slot.open, slot.high, slot.low, slot.close, slot.volume, slot.quoteVolume]),
          String(candles.get(number)),
        );
    }
    return candles.size;
  };

  test('goes on after every kill, and has every candle of the exchange once it is done', async () => {
    const series: Series = { symbol: 'QUIETUSDT', interval: '1m' };
    const range = lastDays(3);

    const { killed } = await backfill(world, series, range, 5);

    assert.equal(killed, 5);
    await assertTrue(series, range);
  });

  test('that is repeated writes nothing, and asks for no candle', async () => {
    const series: Series = { symbol: 'SOLUSDT', interval: '1m' };
    const range = lastDays(2);
    const first = await backfill(world, series, range);
    assert.equal(first.written, await assertTrue(series, range));
    assert.deepEqual(first.holes, []);
    const asked = calls(world);

    const { written, requested } = await backfill(world, series, range);

    assert.deepEqual([written, requested, calls(world) - asked], [0, 2 * 1_440, 0]);
  });

  test('labels what was not listed yet, and what was hardly ever traded', async () => {
    for (const symbol of ['NEWUSDT', 'SELDOMUSDT']) {
      const series: Series = { symbol, interval: '1m' };
      const range = { ...lastDays(4), end: numberAt('1m', NOW - DAY / 2) };

      await backfill(world, series, range);

      await assertTrue(series, range, symbol === 'NEWUSDT' ? numberAt('1m', NOW - 2 * DAY - 1) + 1 : 0);
    }
  });

  test('needs no longer than the budget of reads dictates, and is never turned away', async (t) => {
    const series: Series = { symbol: 'SOLUSDT', interval: '1m' };
    const range = { first: numberAt('1m', NOW - 90 * DAY), end: numberAt('1m', NOW - 10 * DAY) };
    // What others used of the budget is none of its time.
    await world.reach(world.timeline.now() + 20_000);
    const started = world.timeline.now();
    const before = calls(world);

    await backfill(world, series, range);

    const made = calls(world) - before;
    let use = NOTHING_USED;
    let at = 0;
    for (let n = 0; n < Math.ceil((range.end - range.first) / 500); n += 1) {
      at = mayLeaveAt(use, { calls: 1, weight: 1, account: false }, at);
      use = afterLeaving(use, { calls: 1, weight: 1, account: false }, at);
    }
    const ratio = (world.timeline.now() - started) / at;
    t.diagnostic(`${made} calls, ${ratio.toFixed(3)} of the time that the budget dictates`);
    assert.ok(ratio <= 1.1, `${ratio}`);
    assert.equal(world.exchange.usage().refused, 0);
  });
});

describe('a backfill that cannot be right', () => {
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ['an unknown interval', { interval: '1h' }, /no 1h: use 60m/],
    ['an unknown symbol', { symbol: 'NONEUSDT' }, /does not know NONEUSDT: use a name of/],
    ['another spelling', { symbol: 'SOL/USDT' }, /use SOLUSDT/],
    [
      'from after to',
      { from: '2026-11-20', to: '2026-11-19' },
      /is not before to: use a from before 2026-11-19/,
    ],
    ['twenty years', { from: '2006-11-20', to: '2026-11-20' }, /more than 10 years before to: use 20/],
    ['a date in the future', { to: '2027-01-01' }, /lies in the future: use 2026-11-22/],
    ['no date', { from: 'yesterday' }, /yesterday is no moment: use 2025-01-01/],
    ['something more', { limit: '5' }, /limit/],
  ];

  for (const [name, patch, message] of cases) {
    test(`${name}: says what would be right and writes nothing`, async () => {
      const world = await openCandleWorld({ seed: 1, start: NOW, symbols: COINS });
      const process = world.process();
      const event = { symbol: 'SOLUSDT', interval: '1m', from: '2026-11-19', to: '2026-11-20', ...patch };

      const answer = answerBackfill(event, process.candling, { deadline: NOW + 60_000 });

      await assert.rejects(world.until(answer), { code: 'invalid', message });
      assert.deepEqual(world.dynamo.items('Candles'), []);
    });
  }
});
