import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFrame } from '../../../lib/mexc/stream/mapper.ts';
import { frameOf } from '../../support/stream-frames.ts';
import { klineFrame, orderFrame, RECEIVED, read, whyNot } from './mapper-support.ts';

test('messages of retired channels are known as such, and a message that is not known is not guessed', () => {
  for (const body of [
    { publicDeals: { eventType: 'x' } },
    { publicIncreaseDepths: { version: '1' } },
    { publicBookTicker: { bidPrice: '1' } },
    { publicIncreaseDepthsBatch: { eventType: 'x' } },
  ]) {
    assert.match(whyNot({ channel: 'spot@public.deals.v3.api.pb@MXUSDT', ...body }), /retired/);
  }
  assert.match(whyNot({ channel: 'x', somethingNew: { eventType: 'x' } }), /known/);
  assert.deepEqual(read({ channel: 'only@a@channel' }), {
    kind: 'undecodable',
    channel: 'only@a@channel',
    why: 'no message that is known',
  });
});

test('a frame that does not name its symbol is about the one in its channel', () => {
  const { symbol, ...rest } = klineFrame({});
  const item = read(rest);
  assert.ok(item.kind === 'candle' && item.symbol === 'BTCUSDT');
});

test('a frame that does not say when it was sent has the time at which it came', () => {
  const { createTime, ...rest } = klineFrame({});
  const item = read(rest);
  assert.ok(item.kind === 'candle' && item.at === RECEIVED);
});

test('fields that are not known are skipped, wherever they stand', () => {
  const frame = frameOf(orderFrame({}));
  // Field 2047, one of each wire type, before and after everything else.
  const unknown = [
    [0xf8, 0x7f, 0x96, 0x01],
    [0xf9, 0x7f, 1, 2, 3, 4, 5, 6, 7, 8],
    [0xfa, 0x7f, 2, 9, 9],
    [0xfd, 0x7f, 1, 2, 3, 4],
  ].map((bytes) => Uint8Array.from(bytes));

  for (const extra of unknown) {
    assert.deepEqual(readFrame(Buffer.concat([extra, frame, extra]), RECEIVED), readFrame(frame, RECEIVED));
  }
});

test('whole numbers beyond what a number holds exactly are refused, not rounded', () => {
  assert.match(whyNot({ ...orderFrame({}), sendTime: 2 ** 60 }), /out of range/);
  assert.equal(read({ ...orderFrame({}), sendTime: Number.MAX_SAFE_INTEGER }).kind, 'order');
});

test('a frame cut anywhere is undecodable', () => {
  const frame = frameOf(orderFrame({}));
  for (let length = 0; length < frame.length; length += 1) {
    assert.equal(readFrame(frame.subarray(0, length), RECEIVED).item.kind, 'undecodable', `at ${length}`);
  }
});

test('bytes of any kind never raise an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readFrame(bytes, RECEIVED);
      readFrame(Buffer.from(bytes), RECEIVED);
    }),
    { numRuns: 500 },
  );
  const frame = frameOf(klineFrame({}));
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.nat(255), (place, byte) => {
      const broken = Uint8Array.from(frame);
      broken[place] = byte;
      const { item } = readFrame(broken, RECEIVED);
      if (item.kind === 'candle') assert.match(item.candle.open, /^\d+(\.\d+)?$/);
    }),
    { numRuns: 500 },
  );
});

test('amounts of any notation that answers may have come out plain', () => {
  const price = (text: string) => {
    const item = read({
      channel: 'c',
      symbol: 'MXUSDT',
      publicMiniTicker: { symbol: 'MXUSDT', price: text },
    });
    return item.kind === 'prices' ? item.prices.get('MXUSDT') : item.kind;
  };

  for (const [text, plain] of [
    ['1', '1'],
    ['10', '10'],
    ['0.00', '0'],
    ['1.10', '1.1'],
    ['100.000', '100'],
    ['007.50', '7.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e-7', '0.0000001'],
    ['-0.50', '-0.5'],
    ['0.1234567890123456789012345678901234567890', '0.123456789012345678901234567890123456789'],
  ] as const) {
    assert.equal(price(text), plain, text);
  }
  for (const text of ['', '-', '.', '1.2.3', '1,5', 'NaN', '0x10', '１']) {
    assert.equal(price(text), 'undecodable', text);
  }
});
