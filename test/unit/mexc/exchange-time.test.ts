import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransientError, UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import {
  BY_ID,
  clientFor,
  failure,
  manualClock,
  ORDER,
  parametersOf,
  serve,
  soon,
  startServer,
} from './support.ts';

test('without an estimate a signed read measures the clock first', async () => {
  const { client, calls, times, exchangeClock } = await serve([{ body: ORDER }], { synchronised: false });

  await client.findOrder(BY_ID, soon());

  assert.ok(times.length >= 1);
  assert.equal(calls().length, 1);
  assert.equal(exchangeClock.estimate()?.own, true);
});

test('after a refused timestamp a read forgets the clock, measures, and signs afresh, once', async () => {
  for (const code of [700003, 10073]) {
    const refused = { status: 400, body: { code, msg: 'x' } };
    const { client, calls, times, exchangeClock } = await serve([refused, { body: ORDER }], {
      synchronised: false,
    });
    exchangeClock.adopt({ offset: -60_000, uncertainty: 0, measuredAt: Date.now(), own: true });

    assert.equal((await client.findOrder(BY_ID, soon()))?.status, 'FILLED');

    assert.equal(calls().length, 2);
    assert.ok(times.length >= 1);
    const [first, second] = calls().map((call) => Number(parametersOf(call).get('timestamp')));
    assert.ok(second! - first! > 50_000);
    assert.ok(Math.abs(exchangeClock.estimate()!.offset) < 1000);
  }
});

test('a timestamp that is refused again is an error', async () => {
  const { client, calls } = await serve([{ status: 400, body: { code: 700003, msg: 'x' } }]);

  const error = await failure(client.balances(soon()));

  assert.equal(error.code, '700003');
  assert.equal(calls().length, 2);
});

test('a clock that one sample does not tell well is measured again, and the shortest round trip wins', async () => {
  const delays = [250, 1];
  const server = await startServer((_request, index) => ({
    body: { serverTime: Date.now() + 5000 },
    delayMs: delays[index] ?? 0,
  }));
  const { client, exchangeClock } = clientFor(server.url, { synchronised: false });

  const estimate = await client.measureTime(soon());

  assert.equal(server.requests.length, 2);
  assert.ok(estimate.own && estimate.uncertainty < 25, String(estimate.uncertainty));
  assert.ok(Math.abs(estimate.offset - 5000) <= estimate.uncertainty);
  assert.deepEqual(exchangeClock.estimate(), estimate);
});

test('one quick sample is enough', async () => {
  const server = await startServer(() => ({ body: { serverTime: Date.now() } }));

  await clientFor(server.url, { synchronised: false }).client.measureTime(soon());

  assert.equal(server.requests.length, 1);
});

test('with little time left one sample has to do', async () => {
  const server = await startServer(() => ({ body: { serverTime: `${Date.now()}` }, delayMs: 220 }));
  const { client } = clientFor(server.url, { synchronised: false });

  await client.measureTime(soon(500));

  assert.equal(server.requests.length, 1);
});

test('a sample that fails is made up for; without any the failure is thrown', async () => {
  const flaky = await startServer((_request, index) =>
    index === 0 ? { status: 500, body: '' } : { body: { serverTime: Date.now() } },
  );
  assert.equal((await clientFor(flaky.url, { synchronised: false }).client.measureTime(soon())).own, true);

  const broken = await startServer(() => ({ body: { serverTime: null } }));
  await assert.rejects(
    clientFor(broken.url, { synchronised: false }).client.measureTime(soon()),
    UnknownOutcomeError,
  );
});

test('a sample across a clock that was set back is not believed', async () => {
  const clock = manualClock(1_000_000);
  const server = await startServer((_request, index) => {
    if (index < 3) clock.advance(-5000);
    return { body: { serverTime: 1_000_000 } };
  });
  const { client, exchangeClock } = clientFor(server.url, { clock, synchronised: false });

  await assert.rejects(client.measureTime({ deadline: 2_000_000 }), TransientError);

  assert.equal(exchangeClock.estimate(), undefined);
});
