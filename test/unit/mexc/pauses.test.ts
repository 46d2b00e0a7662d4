import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../../lib/mexc/answer.ts';
import { createPauses, type OnPause } from '../../../lib/mexc/pauses.ts';
import { failure, REQUEST, serve, soon, TERMS } from './support.ts';
import { virtualTime } from './virtual-time.ts';

const T = 1_700_000_000_000;
const MINUTE = 60_000;
const PRICE = { body: { symbol: 'MXUSDT', price: '1' } };

/** Answers that arrive `took` ms after they were asked for; each says how long the pause lasts from now. */
const setUp = (onPause?: OnPause) => {
  const time = virtualTime(T);
  let pausedUntil = 0;
  const limiter = {
    pause: (until: number) => {
      const isLater = until > pausedUntil;
      pausedUntil = Math.max(pausedUntil, until);
      return isLater;
    },
  };
  const pauses = createPauses(limiter, time, onPause);
  const answered = async (status: number, text = '', retryAfter?: string, took = 10) => {
    const answer = {
      kind: 'answer' as const,
      status,
      text,
      ...(retryAfter !== undefined && { retryAfter }),
      sentAt: time.now() - took,
      receivedAt: time.now(),
    };
    const judged = await pauses.heed(answer, judge(answer, []), { deadline: time.now() + 100 });
    return judged.ok ? undefined : judged.failure.retryAfterMs;
  };
  return { time, answered, pausedUntil: () => pausedUntil };
};

test('a refusal without Retry-After costs ten seconds, doubled up to ten minutes while they go on', async () => {
  const { time, answered } = setUp();
  const lengths: (number | undefined)[] = [];
  for (let n = 0; n < 8; n += 1) {
    const ms = await answered(429);
    lengths.push(ms);
    time.jump((ms ?? 0) + 20);
  }

  assert.deepEqual(
    lengths,
    [10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1_000),
  );
});

test('an answer that is good ends the doubling, unless it was asked for before the refusal', async () => {
  const { time, answered } = setUp();
  await answered(429);
  time.jump(10_020);
  await answered(429);

  time.jump(5);
  await answered(200, '{}');
  time.jump(20_020);
  assert.equal(await answered(510), 40_000);
  time.jump(40_020);
  await answered(200, '{}');
  assert.equal(await answered(429), 10_000);
});

test('refusals of requests that were under way together are one', async () => {
  const { time, answered, pausedUntil } = setUp();
  await answered(429);

  for (let n = 0; n < 5; n += 1) {
    time.jump(1);
    assert.equal(await answered(429), 10_000 - n - 1);
  }

  assert.equal(pausedUntil(), T + 10_000);
});

test('Retry-After is obeyed, whichever answer carries it', async () => {
  const { answered, pausedUntil } = setUp();

  assert.equal(await answered(429, '', '3'), 3_000);
  assert.equal(await answered(429, '', '3.5'), 3_500);
  assert.equal(await answered(429, '', new Date(T + 4_000).toUTCString()), 4_000);
  assert.equal(await answered(200, '{"code":510,"msg":"x"}', '7'), 7_000);
  assert.equal(await answered(503, '{"code":510,"msg":"x"}', '8'), 8_000);
  assert.equal(await answered(418, '', '120'), 120_000);
  assert.equal(await answered(403, '<html>', '5'), MINUTE);
  assert.equal(await answered(403, '<html>', '90'), 90_000);
  assert.equal(pausedUntil(), T + 120_000);
});

test('a ban without Retry-After lasts ten minutes, a bare 403 one', async () => {
  const { answered } = setUp();

  assert.equal(await answered(403, '<html>denied</html>'), MINUTE);
  assert.equal(await answered(403, '{"code":1020}'), MINUTE);
  assert.equal(await answered(418), 10 * MINUTE);
});

test('a refusal that is about something else asks for no pause', async () => {
  const { answered, pausedUntil } = setUp();

  for (const [status, text] of [
    [403, '{"code":700006,"msg":"x"}'],
    [400, '{"code":30004,"msg":"x"}'],
    [503, '<html>'],
    [401, ''],
  ] as const) {
    assert.equal(await answered(status, text), undefined);
  }

  assert.equal(pausedUntil(), 0);
});

test('each pause is reported once, with its reason; a report that fails changes nothing', async () => {
  const told: unknown[] = [];
  const { time, answered } = setUp(async (until, { why, deadline }) => {
    told.push([until - T, why, deadline - T]);
    throw new Error('no store');
  });

  await answered(429);
  time.jump(1);
  await answered(429);
  await answered(418);

  assert.deepEqual(told, [
    [10_000, 'rate', 100],
    [10 * MINUTE + 1, 'ban', 101],
  ]);
});

describe('after a 429', () => {
  for (const [what, call] of [
    ['a read', (client) => failure(client.lastPrice('MXUSDT', soon()))],
    [
      'a cancel',
      (client) => failure(client.cancelOrder({ symbol: 'A', by: { clientOrderId: 'a' } }, soon())),
    ],
    ['an order', async (client) => client.sendOrder(await client.signOrder(REQUEST, TERMS), soon())],
  ] as const satisfies [
    string,
    (client: Awaited<ReturnType<typeof serve>>['client']) => Promise<unknown>,
  ][]) {
    test(`to ${what}, nothing of the process leaves any more, and others are told before the call ends`, async () => {
      const told: number[] = [];
      const onPause: OnPause = async (until) => {
        await new Promise(setImmediate);
        told.push(until);
      };
      const { client, calls } = await serve([{ status: 429, headers: { 'retry-after': '7' } }, PRICE], {
        onPause,
      });
      const before = Date.now();

      await call(client);
      assert.equal(told.length, 1);
      assert.ok((told[0] ?? 0) >= before + 7_000);

      const signed = await client.signOrder(REQUEST, TERMS);
      assert.deepEqual(await client.sendOrder(signed, soon()), { kind: 'unsent', reason: 'paused' });
      const error = await failure(client.lastPrice('MXUSDT', soon()));
      assert.deepEqual([error.code, error.retryable], ['paused', true]);
      assert.ok((error.retryAfterMs ?? 0) > 5_000);
      assert.equal(calls().length, 1);
    });
  }
});

test('a bare 403 to an order leaves its outcome unknown, and stops the process', async () => {
  const { client, calls } = await serve([{ status: 403, body: '<html>' }]);

  const outcome = await client.sendOrder(await client.signOrder(REQUEST, TERMS), soon());

  assert.deepEqual([outcome.kind, (await failure(client.balances(soon()))).code], ['unknown', 'paused']);
  assert.equal(calls().length, 1);
});
