import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLimiter } from '../../../lib/mexc/limiter.ts';
import { needOf, ORDER_CALL, TEST_ORDER } from '../../../lib/mexc/weights.ts';
import { leftAfter, setUp, T, useUp } from './limiter-support.ts';

const ORDER = '/api/v3/order';
const RULES = '/api/v3/exchangeInfo';
const ACCOUNT = '/api/v3/account';
const SAMPLES = needOf('/api/v3/time', 3);

test('with an idle budget a call leaves at once, without a timer', () => {
  const noTimer = () => assert.fail('a timer was set');
  const limiter = createLimiter({ clock: { now: () => T }, setTimer: noTimer });

  assert.equal(limiter.take(needOf(ORDER), { deadline: T + 1, priority: 'bulk' }), undefined);
  assert.equal(limiter.take(ORDER_CALL, { deadline: T + 1, priority: 'cancel' }), undefined);
  assert.equal(limiter.placing(ORDER_CALL), true);
});

/** So many times this. */
const times = (count: number, at: number): number[] => Array.from({ length: count }, () => at);

test('eight reads leave together, and another for each that left 1250 ms ago', async () => {
  const { time, ask, asked } = setUp();
  for (let n = 0; n < 10; n += 1) ask(ORDER);
  await time.advance(2_000);
  for (let n = 0; n < 8; n += 1) ask(ORDER);

  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [
    ...times(8, 0),
    ...times(2, 1250),
    ...times(6, 2000),
    ...times(2, 2500),
  ]);
  assert.equal(time.timers(), 0);
});

test('heavy reads leave until they weigh 270 together, and again twelve seconds later', async () => {
  const { time, ask, asked } = setUp();
  for (let n = 0; n < 13; n += 1) ask(RULES);

  await time.advance(20_000);

  assert.deepEqual(leftAfter(asked), [...times(8, 0), ...times(2, 1250), ...times(3, 12_000)]);
});

test('two accounts leave within 1250 ms, and others pass the third meanwhile', async () => {
  const { time, ask, asked } = setUp();
  for (const path of [ACCOUNT, ACCOUNT, ACCOUNT, ORDER] as const) ask(path);

  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [0, 0, 1250, 0]);
});

test('cancels and placements share ten calls a second; the reads are not held up by them', async () => {
  const { time, ask, place } = setUp();
  for (let n = 0; n < 8; n += 1) place();
  await time.advance(300);

  const cancels = [ask(ORDER_CALL), ask(ORDER_CALL), ask(ORDER_CALL)];
  const read = ask(ORDER);
  await time.advance(5_000);

  assert.deepEqual(leftAfter([...cancels, read]), [300, 300, 1000, 300]);
});

test('placements never wait; more of them than ten a second, and test orders, take the place of reads', async () => {
  const { time, ask, asked, place } = setUp();
  for (let n = 0; n < 13; n += 1) assert.equal(place(), true);
  assert.equal(place(TEST_ORDER), true);

  for (let n = 0; n < 5; n += 1) ask(ORDER);
  await time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [...times(4, 0), 1250]);
});

test('however many placements came, reads go on within two seconds', async () => {
  const { time, ask, asked, place } = setUp();
  for (let n = 0; n < 1_000; n += 1) place();

  ask(ORDER);
  await time.advance(20_000);

  assert.deepEqual(leftAfter(asked), [1250]);
});

test('the samples of one measurement leave together, when there is room for all', async () => {
  const harness = setUp();
  await useUp(harness);

  const asked = [harness.ask(SAMPLES), harness.ask(ORDER)];
  await harness.time.advance(5_000);

  assert.deepEqual(leftAfter(asked), [1450, 1550]);
});

test('who has to wait goes by priority, then by arrival', async () => {
  const harness = setUp();
  await useUp(harness);
  const { time, ask } = harness;
  const waiting = [
    ask(ORDER, 9_000, 'bulk'),
    ask(ORDER, 9_000, 'listing'),
    ask(ORDER, 9_000, 'evidence'),
    ask(ORDER, 9_000, 'entry'),
    ask(ORDER, 9_000, 'evidence'),
    ask(ORDER, 9_000, 'reduction'),
    ask(ORDER, 9_000, 'cancel'),
  ];

  await time.advance(5_000);

  assert.deepEqual(leftAfter(waiting), [1850, 1750, 1550, 1450, 1650, 1350, 1250]);
});

describe('a call whose turn cannot come before its deadline', () => {
  test('is refused at once, and told when to come again', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, ask } = harness;

    const late = ask(ORDER, 469);
    const timely = ask(ORDER, 470);
    await time.settle();

    assert.deepEqual([late.refusedAt, timely.refusedAt], [T + 800, undefined]);
    assert.deepEqual(
      [late.error?.code, late.error?.retryable, late.error?.retryAfterMs],
      ['budget', true, 450],
    );
  });

  test('is refused as soon as others take its turn, and leaves it to them', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, ask } = harness;
    const listing = ask(ORDER, 500, 'listing');
    const bulk = ask(ORDER, 600, 'bulk');
    await time.advance(50);

    const entry = ask(ORDER, 1_000, 'entry');
    await time.advance(5_000);

    assert.equal(listing.refusedAt, T + 850);
    assert.deepEqual(leftAfter([entry, bulk]), [1250, 1350]);
  });

  test('is not sent by a process that slept over it', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, ask } = harness;
    const [stale, fresh] = [ask(ORDER, 500), ask(ORDER, 90_000)];

    time.jump(60_000);
    await time.advance(1_000);

    assert.deepEqual([stale.error?.code, stale.leftAt, fresh.leftAt], ['budget', undefined, T + 60_800]);
  });
});

describe('a read that is only worth making soon', () => {
  test('leaves within its time or fails at once', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, ask } = harness;

    const [now, tooSoon, soon] = [
      ask(ORDER, 9_000, 'evidence', 0),
      ask(ORDER, 9_000, 'evidence', 449),
      ask(ORDER, 9_000, 'evidence', 450),
    ];
    await time.settle();
    assert.deepEqual([now.refusedAt, tooSoon.refusedAt, soon.refusedAt], [T + 800, T + 800, undefined]);
    assert.deepEqual([now.error?.code, now.error?.retryAfterMs], ['budget', 450]);
    await time.advance(5_000);

    assert.deepEqual(leftAfter([now, tooSoon, soon]), [undefined, undefined, 1250]);
  });

  test('has its own chance beside others that came with it', async () => {
    const harness = setUp();
    await useUp(harness);

    const asked = Array.from({ length: 5 }, () => harness.ask(ORDER, 9_000, 'evidence', 650));
    await harness.time.advance(5_000);

    assert.deepEqual(leftAfter(asked), [1250, 1350, 1450, undefined, undefined]);
    assert.deepEqual(
      asked.slice(3).map(({ refusedAt }) => refusedAt),
      [T + 800, T + 800],
    );
  });

  test('leaves its turn to a better one that comes before it', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, ask } = harness;
    const impatient = ask(ORDER, 9_000, 'evidence', 500);
    await time.advance(50);

    const entry = ask(ORDER, 9_000, 'entry');
    const reduction = ask(ORDER, 9_000, 'reduction', 449);
    await time.advance(5_000);

    assert.deepEqual([impatient.refusedAt, impatient.error?.code], [T + 850, 'budget']);
    assert.deepEqual(leftAfter([entry, reduction]), [1350, 1250]);
  });

  test('does not pass its equals', async () => {
    const harness = setUp();
    await useUp(harness);
    const equal = harness.ask(ORDER);

    const impatient = harness.ask(ORDER, 9_000, 'evidence', 549);
    await harness.time.advance(5_000);

    assert.deepEqual([leftAfter([equal]), impatient.refusedAt], [[1250], T + 800]);
  });

  test('passes who waits for the account alone', async () => {
    const { time, ask } = setUp();
    for (const path of [ACCOUNT, ACCOUNT, ACCOUNT] as const) ask(path);
    await time.advance(500);

    const impatient = ask(ORDER, 9_000, 'bulk', 0);
    await time.settle();

    assert.equal(impatient.leftAt, T + 500);
  });
});

test('a clock that is set back stops nothing', async () => {
  const { time, ask, place } = setUp();
  for (const path of [ACCOUNT, ACCOUNT] as const) ask(path);
  for (let n = 0; n < 10; n += 1) ask(RULES);
  for (let n = 0; n < 12; n += 1) place();
  await time.advance(1_250);

  time.jump(-3_600_000);
  const after = [ask(ORDER), ask(ORDER_CALL)];
  await time.advance(1_000);
  after.push(ask(ACCOUNT));

  assert.deepEqual(leftAfter(after), [-3_598_750, -3_598_750, -3_597_750]);
});

describe('a pause', () => {
  test('stops everything until it is over', async () => {
    const { time, limiter, ask, place } = setUp();
    assert.equal(limiter.pause(T + 5_000), true);
    assert.equal(limiter.pause(T + 4_000), false);

    const calls = [ask(ORDER), ask(ORDER_CALL), ask(ACCOUNT)];
    const hopeless = ask(ORDER, 5_000);
    await time.settle();
    assert.deepEqual([hopeless.error?.code, hopeless.error?.retryAfterMs], ['paused', 5_000]);
    assert.equal(place(), false);
    await time.advance(5_000);
    assert.equal(place(), true);
    await time.advance(1_000);

    assert.deepEqual(leftAfter(calls), [5_000, 5_000, 5_000]);
  });

  test('that begins refuses at once who cannot wait for its end', async () => {
    const harness = setUp();
    await useUp(harness);
    const { time, limiter, ask } = harness;
    const [short, long] = [ask(ORDER, 3_000), ask(ORDER, 60_000)];
    await time.advance(100);

    limiter.pause(T + 10_000);
    await time.advance(20_000);

    assert.deepEqual([short.refusedAt, short.error?.code], [T + 900, 'paused']);
    assert.deepEqual(leftAfter([long]), [10_000]);
  });
});
