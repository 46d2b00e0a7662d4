import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlertReading, type AlertSettings, readAlert } from '../../../lib/domain/alert.ts';
import { readJson } from '../../../lib/domain/alert-body.ts';

const settings: AlertSettings = { symbolAliases: {}, shortAs: 'flat', undated: false };
const TIME = Date.UTC(2026, 10, 22, 10);
const buy = {
  token: 'demo-token',
  strategy: 'demo',
  time: '2026-11-22T10:00:00Z',
  symbol: 'SOLUSDT',
  action: 'buy',
  quoteQuantity: '50',
};

const readingOf = (
  text: string,
  own: Partial<AlertSettings> = {},
  secrets = ['demo-token'],
): AlertReading => {
  const json = readJson(text);
  assert.ok(json.ok);
  return readAlert(json.raw, { ...settings, ...own }, secrets);
};
const read = (fields: object, own: Partial<AlertSettings> = {}): AlertReading =>
  readingOf(JSON.stringify({ ...buy, ...fields }), own);
const pathsOf = (reading: AlertReading): string[] =>
  reading.ok ? [] : reading.problems.map(({ path }) => path);
const messageOf = (reading: AlertReading): string =>
  reading.ok ? 'ok' : (reading.problems[0]?.message ?? '');
const withoutSize = { quoteQuantity: undefined };

test('An alert with every field is read into plain amounts and lower-case words', () => {
  const reading = readingOf(`{
    "token": "demo-token", "strategy": " demo ", "time": ${TIME}, "id": " a|1 ", "sequence": "17",
    "symbol": "mexc:solusdt", "action": "BUY", "marketPosition": "Long", "type": "LIMIT", "quantity": 1.50,
    "price": "1.385e2", "signalPrice": 142.40, "expireAfterSeconds": "600", "test": true,
    "info": {"interval": "15", "rsi": 28.410, "big": 1e400, "none": null, "empty": " ", "bar": "{{interval}}"},
    "comment": " {{strategy.order.comment}} "
  }`);

  assert.deepEqual(reading, {
    ok: true,
    alert: {
      strategy: 'demo',
      time: TIME,
      id: 'a|1',
      sequence: 17,
      symbol: 'SOLUSDT',
      action: 'buy',
      marketPosition: 'long',
      type: 'limit',
      quantity: '1.5',
      price: '138.5',
      signalPrice: '142.4',
      expireAfterSeconds: 600,
      test: true,
      info: { interval: '15', rsi: '28.410', big: '1e400', bar: '{{interval}}' },
      comment: '{{strategy.order.comment}}',
    },
    notes: [],
  });
});

test('Null is absent for every optional field, and empty text for the comment', () => {
  const absent = Object.fromEntries(
    ['id', 'sequence', 'marketPosition', 'type', 'quantity', 'percent', 'targetQuantity', 'targetPercent']
      .concat(['price', 'signalPrice', 'expireAfterSeconds', 'test', 'info', 'token'])
      .map((key) => [key, null]),
  );

  const reading = read({ ...absent, comment: '  ' });

  assert.deepEqual(reading, {
    ok: true,
    alert: {
      strategy: 'demo',
      time: TIME,
      symbol: 'SOLUSDT',
      action: 'buy',
      type: 'market',
      quoteQuantity: '50',
      test: false,
    },
    notes: [],
  });
});

test('Every size goes with its actions and types, exactly one at a time', () => {
  const limit = { type: 'limit', price: '138' };
  const good = [
    { action: 'buy', quantity: '1' },
    { action: 'buy', percent: '100' },
    { action: 'buy', quoteQuantity: '50', ...limit },
    { action: 'buy', percent: '10', ...limit },
    { action: 'sell', quantity: '1' },
    { action: 'sell', percent: '0.5' },
    { action: 'sell', quoteQuantity: '50', ...limit },
    { action: 'sell', quoteQuantity: '50', type: 'ioc', price: '138' },
    { action: 'sell', quantity: '1', marketPosition: 'flat' },
    { action: 'target', targetQuantity: '0' },
    { action: 'target', targetQuantity: '1', ...limit },
    { action: 'target', targetPercent: '0' },
    { action: 'target', targetPercent: '100' },
    { action: 'close' },
    { action: 'close', type: 'market', marketPosition: 'long', signalPrice: '140' },
    { action: 'cancel', marketPosition: 'flat' },
  ];
  for (const fields of good) assert.ok(read({ ...withoutSize, ...fields }).ok, JSON.stringify(fields));
});

test('Combinations of action and marketPosition are left to the intent', () => {
  for (const action of ['buy', 'sell']) {
    for (const marketPosition of ['long', 'flat', 'short']) {
      assert.ok(read({ ...withoutSize, action, marketPosition, quantity: '1' }, { shortAs: 'refuse' }).ok);
    }
  }
});

test('A negative target is kept as asked and noted under shortAs flat, and refused under refuse', () => {
  const short = { ...withoutSize, action: 'target', targetQuantity: '-1.50' };

  const flat = read(short);
  const refused = read(short, { shortAs: 'refuse' });

  assert.ok(flat.ok);
  assert.equal(flat.alert.targetQuantity, '-1.5');
  assert.deepEqual(flat.notes, ['a negative target is a short position: read as target 0']);
  assert.deepEqual(pathsOf(refused), ['targetQuantity']);
  assert.ok(read({ ...short, marketPosition: 'flat' }, { shortAs: 'refuse' }).ok);
  assert.ok(read({ ...short, targetQuantity: '-0' }, { shortAs: 'refuse' }).ok);
});

test('An alias of the symbol is noted', () => {
  const reading = read({ symbol: 'BINANCE:SOLUSDT' }, { symbolAliases: { 'binance:solusdt': 'SOLUSDT' } });

  assert.ok(reading.ok);
  assert.equal(reading.alert.symbol, 'SOLUSDT');
  assert.deepEqual(reading.notes, ['symbol read as SOLUSDT through symbolAliases']);
});

test('Without time an alert is read only for a strategy that is undated, and a given time must be right there too', () => {
  assert.deepEqual(pathsOf(read({ time: undefined })), ['time']);
  assert.ok(read({ time: undefined }, { undated: true }).ok);
  assert.ok(read({ time: null }, { undated: true }).ok);
  assert.deepEqual(pathsOf(read({ time: 'soon' }, { undated: true })), ['time']);
});

test('Problems name the right key and what does not exist on MEXC spot', () => {
  const unknown = (key: string): string => messageOf(readingOf(JSON.stringify({ ...buy, [key]: '1' })));
  const hints = {
    pair: 'symbol',
    instrument: 'symbol',
    order_action: 'action',
    contracts: 'quantity',
    base_quantity: 'quantity',
    notional: 'quoteQuantity',
    market_position: 'marketPosition',
    sentiment: 'marketPosition',
    passphrase: 'token',
    api_key: 'token',
    timestamp: 'time',
    ordType: 'type',
    limitPrice: 'price',
    close: 'signalPrice',
    alert_id: 'id',
    strategyName: 'strategy',
    QUANTITY: 'quantity',
    expire_after_seconds: 'expireAfterSeconds',
  };
  for (const [key, right] of Object.entries(hints)) {
    assert.ok(unknown(key).startsWith(`unknown key: use ${right}`), `${key}: ${unknown(key)}`);
  }
  for (const key of [
    'stopLoss',
    'take_profit',
    'trailingStop',
    'leverage',
    'marginType',
    'reduceOnly',
    'tp2',
  ]) {
    assert.equal(unknown(key), 'MEXC spot has no such order', key);
  }
});

test('A weak token that is the name of the strategy does not forbid the name elsewhere', () => {
  const json = JSON.stringify({ ...buy, strategy: 'ema-cross', token: 'ema-cross', id: 'ema-cross|1' });

  assert.ok(readingOf(json, {}, ['ema-cross']).ok);
});
