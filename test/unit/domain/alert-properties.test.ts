import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type AlertReading, type AlertSettings, readAlert } from '../../../lib/domain/alert.ts';
import { canonicalText, readJson, storableText } from '../../../lib/domain/alert-body.ts';
import { ALERT_KEYS } from '../../../lib/domain/alert-keys.ts';
import { always } from './alert-support.ts';

const settings: AlertSettings = { symbolAliases: {}, shortAs: 'flat', undated: false };
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
const pathsOf = (reading: AlertReading): string[] =>
  reading.ok ? [] : reading.problems.map(({ path }) => path);

const value = fc.oneof(
  fc.constantFrom(
    'SOLUSDT',
    'buy',
    'target',
    'limit',
    '50',
    '-1',
    'NaN',
    '1e400',
    '',
    '{{close}}',
    '2026-11-22T10:00:00Z',
    '5%',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ALERT_KEYS) },
  fc.constantFrom('__proto__', 'ticker', 'stopLoss'),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const good = fc.constantFrom(
  { ...buy },
  { ...buy, quoteQuantity: '1e1', type: 'limit', price: '1.10' },
  { ...buy, action: 'target', quoteQuantity: undefined, targetQuantity: '-3' },
);
/** Good alerts with some fields replaced: near enough to right that both outcomes are common. */
const alertLike = fc
  .tuple(good, fc.array(fc.tuple(key, value), { maxLength: 3 }))
  .map(([alert, changes]) => JSON.stringify({ ...alert, ...Object.fromEntries(changes) }));

test('Whatever an object holds, it is read or refused, never both and never with a number that is none', () => {
  const outcomes = new Set<boolean>();
  always(
    fc.property(alertLike, fc.constantFrom('flat', 'refuse'), fc.boolean(), (text, shortAs, undated) => {
      const reading = readingOf(text, { shortAs, undated });

      outcomes.add(reading.ok);
      if (!reading.ok) {
        assert.ok(reading.problems.length > 0);
        return;
      }
      const { quantity, quoteQuantity, percent, price, signalPrice, targetPercent, targetQuantity } =
        reading.alert;
      for (const amount of [quantity, quoteQuantity, percent, price, signalPrice, targetPercent]) {
        assert.match(amount ?? '0', /^\d+(\.\d*[1-9])?$/);
      }
      assert.match(targetQuantity ?? '0', /^-?\d+(\.\d*[1-9])?$/);
      assert.ok(Number.isSafeInteger(reading.alert.time ?? 0));
    }),
    { numRuns: 3000 },
  );
  assert.deepEqual(outcomes, new Set([true, false]));
});

test('The order of keys changes neither the reading nor the canonical text', () => {
  const sorted = (paths: string[]): string[] => paths.toSorted();
  always(
    fc.property(alertLike, (text) => {
      const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()));
      const [one, other] = [readJson(text), readJson(turned)];
      assert.ok(one.ok && other.ok);

      assert.equal(canonicalText(one.raw), canonicalText(other.raw));
      assert.deepEqual(sorted(pathsOf(readingOf(text))), sorted(pathsOf(readingOf(turned))));
    }),
  );
});

test('What is stored of a good alert reads as the same alert', () => {
  always(
    fc.property(alertLike, (text) => {
      const json = readJson(text);
      const reading = readingOf(text);
      if (!reading.ok || !json.ok) return;

      assert.deepEqual(readingOf(storableText(json.raw, ['demo-token'])), reading);
    }),
  );
});

test('No path and no message holds a piece of the token, wherever it was written', () => {
  const tokens = fc.stringMatching(/^[A-Z0-9]{12,20}$/).filter((token) => /[0-9]{2}/.test(token));
  const places = fc.constantFrom(
    (token: string) => ({ [token]: 'x' }),
    (token: string) => ({ [`pre${token.slice(0, 8)}post`.toLowerCase()]: 'x' }),
    (token: string) => ({ info: { [token]: [] } }),
    (token: string) => ({ symbol: `${token}/USDT` }),
    (token: string) => ({ symbol: `${token.toLowerCase()}.P` }),
    (token: string) => ({ symbol: token }),
    ...[
      'time',
      'id',
      'sequence',
      'action',
      'marketPosition',
      'type',
      'quantity',
      'price',
      'test',
      'comment',
    ].map((field) => (token: string) => ({ [field]: `${token}` })),
    (token: string) => ({ info: { a: `-${token}-` } }),
  );
  always(
    fc.property(tokens, places, (token, place) => {
      const fields = { ...buy, token, ...place(token) };

      const reading = readingOf(JSON.stringify(fields), {}, [token]);

      assert.ok(!reading.ok);
      const shown = JSON.stringify(reading.problems).toLowerCase();
      for (let at = 0; at + 6 <= token.length; at += 1) {
        assert.ok(!shown.includes(token.slice(at, at + 6).toLowerCase()), shown);
      }
    }),
  );
});

test('The names of unknown keys are shown bounded, without anything invisible', () => {
  always(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      fc.pre(!ALERT_KEYS.some((known) => known === name));

      const [path = ''] = pathsOf(readingOf(JSON.stringify(Object.fromEntries([[name, 1]]))));

      assert.doesNotMatch(path, /[\p{C}\p{Zl}\p{Zp}]/u);
      assert.ok([...path].length <= 64 * 10 + 1);
    }),
  );
});
