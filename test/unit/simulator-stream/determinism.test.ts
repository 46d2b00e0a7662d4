import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExchange, manualClock } from '../../../lib/simulator/exchange.ts';
import { BUY, START } from '../simulator/simulator-client.ts';
import { DEPTH, KLINE, openStreams, type StreamBench } from './stream-bench.ts';

/** Half an hour of one account's trading; the same one with or without a stream. */
async function play(bench: StreamBench): Promise<void> {
  bench.exchange.faults.add({ match: { probability: 0.2 }, kind: 'drop-after' });
  for (let i = 0; i < 60; i++) {
    await bench.order({ ...BUY, price: (139 + (i % 6)).toFixed(2) });
    if (i % 5 === 0) bench.exchange.setPrice('SOLUSDT', (138 + (i % 8)).toFixed(2));
    if (i % 13 === 0) await bench.signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' });
    bench.pass(30_000);
  }
}

async function withStream(seed: string): Promise<{ digest: string; frames: number; trace: string }> {
  const bench = openStreams({ seed });
  const client = await bench.own();
  client.subscribe(DEPTH, KLINE, 'spot@public.aggre.deals.v3.api.pb@10ms@SOLUSDT');
  const { apply } = bench.exchange;
  apply({ do: 'streamFault', with: { kind: 'lose', match: { probability: 0.2 } } });
  apply({ do: 'streamFault', with: { kind: 'cut', match: { probability: 0.1 } } });
  apply({ do: 'streamFault', with: { kind: 'hold', match: { probability: 0.1 } } });
  apply({ do: 'streamFault', with: { kind: 'garbage', match: { probability: 0.05 } } });
  await play(bench);
  return { digest: client.digest(), frames: client.binaries.length, trace: bench.exchange.trace() };
}

test('the same seed and script give the same frames, byte for byte; another seed does not', async () => {
  const [one, same, other] = [await withStream('a'), await withStream('a'), await withStream('b')];

  assert.ok(one.frames > 300);
  assert.deepEqual(same, one);
  assert.notEqual(other.digest, one.digest);
});

test('a stream with faults moves nothing of what REST says', async () => {
  const run = async (streaming: boolean): Promise<[string, string]> => {
    const bench = openStreams({ seed: 'same' });
    await bench.listenKey();
    if (streaming) {
      bench.exchange.apply({ do: 'streamFault', with: { kind: 'lose', match: { probability: 0.5 } } });
      const listenKey = bench.exchange.snapshot().listenKeys[0]!.key;
      const client = bench.connect(listenKey);
      client.subscribe(DEPTH, KLINE, 'spot@private.orders.v3.api.pb');
    }
    await play(bench);
    return [bench.exchange.trace(), JSON.stringify(bench.exchange.truth())];
  };

  assert.deepEqual(await run(true), await run(false));
});

test('commands of the stream are recorded and replayed, and a snapshot keeps them', async () => {
  const bench = openStreams();
  const begun = bench.exchange.snapshot();
  const inputs: Parameters<typeof bench.exchange.replay>[0][] = [];
  bench.exchange.record((input) => inputs.push(JSON.parse(JSON.stringify(input))));
  bench.exchange.apply({ do: 'streamFault', with: { kind: 'expire-key', match: { nth: 2 }, ms: 1000 } });
  bench.exchange.apply({ do: 'streamForm', with: { newFields: false } });
  for (let i = 0; i < 3; i++) await bench.listenKey();
  bench.exchange.apply({ do: 'listenKeyExpired', with: { listenKey: await bench.listenKey() } });
  bench.exchange.apply({ do: 'connections', with: { how: 'close' } });

  const copy = createExchange({ seed: 'other', clock: manualClock(START), state: begun });
  for (const input of inputs) copy.replay(input);

  assert.deepEqual(copy.snapshot(), bench.exchange.snapshot());
  assert.deepEqual(
    copy.snapshot().listenKeys.map(({ expiresAt }) => expiresAt - START),
    [3_600_000, 1000, 3_600_000, 0],
  );
});

test('a state from before there was a stream is taken', () => {
  const { exchange } = openStreams();
  const { stream: _, ...older } = exchange.snapshot();

  const { stream } = createExchange({ seed: 'x', clock: manualClock(START), state: older }).snapshot();

  assert.deepEqual(stream.faults, []);
});

test('what handlers do in turn comes after what they were told', async () => {
  const bench = openStreams();
  const heard: string[] = [];
  const listenKey = await bench.listenKey();
  const connection = bench.exchange.stream.connect(
    { listenKey },
    {
      onText: (text) => void heard.push(JSON.parse(text).msg),
      onBinary: () => {
        heard.push('told');
        // The order is whole by now, its row there for a client that looks at once.
        if (bench.exchange.truth().orders.length === 1) void bench.step('POST', '/api/v3/order', BUY);
        heard.push('done');
      },
      onClose: () => assert.fail('closed'),
    },
  );
  connection?.receive('{"method":"SUBSCRIPTION","params":["spot@private.orders.v3.api.pb"]}');

  bench.step('POST', '/api/v3/order', BUY);

  assert.deepEqual(heard, ['spot@private.orders.v3.api.pb', 'told', 'done', 'told', 'done']);
});
