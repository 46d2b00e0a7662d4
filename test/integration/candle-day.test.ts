import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { numberAt, openOf } from '../../lib/domain/candle-interval.ts';
import { type CandleRange, holesIn, isCandle, type Series, slotAt } from '../../lib/domain/candle-window.ts';
import type { CandleInterval } from '../../lib/domain/exchange.ts';
import type { SymbolSetup } from '../../lib/simulator/symbols.ts';
import { pullKlines } from '../../lib/usecases/pull-klines.ts';
import { windowsIn } from '../../lib/usecases/read-candles.ts';
import { chanceOf } from '../simulation/chance.ts';
import { askTruth, type CandleWorld, openCandleWorld } from '../support/candle-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-22T00:00:00Z');
const END = START + 24 * HOUR;
/** Minutes between two runs. */
const EVERY = 60;
const INTERVALS: readonly CandleInterval[] = ['1m', '5m', '60m'];
/** The series begin two hours before the day. */
const DEPTH = 120;

const LATE = 'LATEUSDT';
const GONE = 'GONEUSDT';
const PAUSED = 'HALTUSDT';
const BROKEN = 'BROKENUSDT';
const LISTED_AT = START + 7 * HOUR + 13 * MINUTE;
const GONE_AT = START + 9 * HOUR + 20 * MINUTE;
const PAUSED_AT = START + 6 * HOUR;
const RESUMED_AT = START + 8 * HOUR;
const BROKEN_AT = START + 22 * HOUR;

const coin = (symbol: string, hidden: SymbolSetup['hidden'] = {}, n = 0): SymbolSetup => ({
  symbol,
  baseAsset: symbol.replace('USDT', ''),
  lastPrice: n < 3 ? '87650.00' : '142.50',
  baseAssetPrecision: n < 3 ? 8 : 3,
  quotePrecision: 2,
  quoteAssetPrecision: 2,
  hidden,
});

/** Some are traded every minute, most now and then, two hardly ever. */
const COINS: readonly SymbolSetup[] = [
  ...Array.from({ length: 46 }, (_, n) =>
    coin(`C${n}USDT`, { quietShare: n < 20 ? 0 : n < 44 ? (n - 19) / 50 : 0.97 }, n),
  ),
  coin(LATE, { listedAt: LISTED_AT }, 9),
  coin(GONE, {}, 9),
  coin(PAUSED, {}, 9),
  coin(BROKEN, {}, 9),
];

const SERIES: readonly Series[] = COINS.flatMap(({ symbol }) =>
  INTERVALS.map((interval) => ({ symbol, interval })),
);

/** What happens to the exchange and its market on that day. */
const arrange = ({ exchange, timeline }: CandleWorld): void => {
  const klines = { path: '/api/v3/klines' };
  const outage = { from: START + 3 * HOUR, to: START + 4 * HOUR + 10 * MINUTE };
  exchange.faults.add({ kind: 'html', match: { ...klines, ...outage } });
  exchange.faults.add({ kind: 'html', match: { ...klines, symbol: BROKEN, from: BROKEN_AT } });
  exchange.faults.add({ kind: 'limit', match: { ...klines, probability: 0.002 }, retryAfter: 3 });
  exchange.faults.add({ kind: 'drop-before', match: { ...klines, probability: 0.01 } });
  exchange.faults.add({ kind: 'garbage', match: { ...klines, probability: 0.005 }, executed: false });
  const market = (symbol: string, status: '1' | '2' | '3', offlineAt: number | null): void =>
    void exchange.apply({ do: 'rules', with: { symbol, status, hidden: { offlineAt } } });
  timeline.at(GONE_AT, () => market(GONE, '3', GONE_AT));
  timeline.at(PAUSED_AT, () => market(PAUSED, '2', PAUSED_AT));
  timeline.at(RESUMED_AT, () => {
    for (let openTime = PAUSED_AT; openTime < RESUMED_AT; openTime += MINUTE)
      exchange.apply({ do: 'candle', with: { symbol: PAUSED, openTime, bar: null } });
    market(PAUSED, '1', null);
  });
  // The exchange changes its mind about the latest minute that was read, again and again.
  for (let n = 1; n < 24; n += 1) {
    const openTime = START + n * HOUR;
    const bar = { open: '150', high: '151', low: '149', close: '150.5', base: '7', quote: '1050' };
    timeline.at(openTime + 30 * MINUTE, () => {
      exchange.apply({ do: 'candle', with: { symbol: `C${n % 20}USDT`, openTime, bar } });
    });
  }
};

describe('a day of fifty symbols in three intervals, with outages, refusals and killed runs', () => {
  let world: CandleWorld;
  let truth: ReturnType<typeof askTruth>;
  let killed = 0;
  const calls = { runs: 0, later: 0, failed: 0 };

  before(async () => {
    world = await openCandleWorld({ seed: 5, start: START, symbols: COINS });
    world.exchange.apply({ do: 'candleForm', with: { strayRows: 3 } });
    arrange(world);
    const chance = chanceOf('runs');
    for (let at = START + MINUTE; at <= END; at += EVERY * MINUTE) {
      await world.reach(at + 5_000);
      for (let again = true; again; ) {
        const draws = chance.stream(calls.runs);
        const victim = draws.happens(0.4) ? draws.whole(5, 400) : Number.POSITIVE_INFINITY;
        let gates = 0;
        const stops = () => {
          gates += 1;
          return gates === victim ? ({ kind: 'kill' } as const) : undefined;
        };
        const process = world.process({ offset: draws.whole(-4_000, 4_000), stops });
        const deadline = process.clock.now() + 60_000;
        const run = pullKlines({ series: SERIES, depth: DEPTH }, process.candling, { deadline });
        const ended = run.then((summary) => summary);
        const dead = new Promise<undefined>((resolve) => {
          const look = (): void => {
            if (process.isDead()) resolve(undefined);
            else world.timeline.at(world.timeline.now() + 1_000, look);
          };
          look();
        });
        const summary = await world.until(Promise.race([ended, dead]));
        process.end();
        calls.runs += 1;
        killed += summary ? 0 : 1;
        calls.later += summary?.later.length ?? 0;
        calls.failed += summary?.failed.length ?? 0;
        again = summary !== undefined && summary.later.length > 0 && world.timeline.now() < at + 20 * MINUTE;
      }
    }
    truth = askTruth(world);
  });

  /** What was asked for twice by the end of the day, and has a candle after it: before that nothing is proven. */
  const rangeOf = (series: Series): CandleRange => {
    const { symbol, interval } = series;
    const range = { first: numberAt(interval, START), end: numberAt(interval, END - 2 * EVERY * MINUTE) };
    if (symbol === GONE || symbol === BROKEN) return range;
    return { ...range, end: Math.max(range.first, ...truth(series, range).keys()) };
  };

  test('every slot is labelled by its true cause, and every candle is the exchange’s own', async (t) => {
    const matrix: Record<string, number> = {};
    const wrong: string[] = [];
    let revisions = 0;
    for (const series of SERIES) {
      const range = rangeOf(series);
      const candles = truth(series, range);
      const windows = await world.until(
        windowsIn(series, range, world.store, { deadline: Number.MAX_SAFE_INTEGER }),
      );
      const record = await world.until(world.store.series(series, { deadline: Number.MAX_SAFE_INTEGER }));
      for (const window of windows.values()) revisions += window.revisions;
      for (let number = range.first; number < range.end; number += 1) {
        const slot = slotAt(windows, number);
        const one = { first: number, end: number + 1 };
        const [hole] = holesIn(windows, series.interval, one, END, record);
        const label = hole?.label ?? 'candle';
        const cause = causeOf(series, number, candles.has(number));
        matrix[`${cause} → ${label}`] = (matrix[`${cause} → ${label}`] ?? 0) + 1;
        const row = isCandle(slot)
          ? [slot.open, slot.high, slot.low, slot.close, slot.volume, slot.quoteVolume]
          : undefined;
        const isRight = cause === label && (!row || String(row) === String(candles.get(number)));
        if (!isRight)
          wrong.push(`${series.symbol} ${series.interval} ${at(series, number)} is ${cause}, not ${label}`);
      }
    }
    t.diagnostic(JSON.stringify({ ...matrix, ...calls, killed, revisions }));
    assert.deepEqual(
      wrong.filter((_, n) => n % Math.ceil(wrong.length / 10) === 0),
      [],
      `${wrong.length} of them`,
    );
    for (const cause of ['candle', 'no-trades', 'not-listed', 'fetch-failed'])
      assert.ok((matrix[`${cause} → ${cause}`] ?? 0) > 50, cause);
    assert.ok(revisions >= 10, `${revisions} revisions`);
    assert.ok(killed >= 5 && calls.failed > 50, JSON.stringify({ killed, ...calls }));
  });

  const at = ({ interval }: Series, number: number): string =>
    new Date(openOf(interval, number)).toISOString();

  const causeOf = ({ symbol, interval }: Series, number: number, isThere: boolean): string => {
    const opens = openOf(interval, number);
    if (symbol === BROKEN && openOf(interval, number + 1) > BROKEN_AT - EVERY * MINUTE + 90_000)
      return 'fetch-failed';
    if (isThere) return 'candle';
    if (symbol === GONE && opens >= GONE_AT) return 'not-listed';
    if (symbol === LATE && opens < LISTED_AT) return 'not-listed';
    return 'no-trades';
  };
});
