import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  canonicalText,
  credentialsOf,
  isTest,
  keyCandidate,
  MAX_BODY_BYTES,
  type RawAlert,
  readBody,
  readJson,
  storableText,
  timeOf,
} from '../../../lib/domain/alert-body.ts';
import { always } from './alert-support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rawOf = (text: string): RawAlert => {
  const json = readJson(text);
  assert.ok(json.ok);
  return json.raw;
};

test('A body of 8192 bytes is read, one more byte is too large', () => {
  const exact = readBody({ contentType: undefined, body: bytes('x'.repeat(MAX_BODY_BYTES)) });
  const over = readBody({ contentType: undefined, body: bytes('x'.repeat(MAX_BODY_BYTES + 1)) });

  assert.ok(exact.ok);
  assert.deepEqual([over.ok, !over.ok && over.status, !over.ok && over.code], [false, 413, 'too_large']);
});

test('JSON, plain text with any parameters and no content type are read, in any case', () => {
  const types = [
    undefined,
    '',
    'application/json',
    'Application/JSON; Charset=UTF-8',
    'text/plain;charset=x;a=b',
    ' TEXT/PLAIN ',
  ];
  for (const contentType of types) {
    assert.ok(readBody({ contentType, body: bytes('{}') }).ok, String(contentType));
  }
});

test('A leading byte order mark is dropped, any other stays', () => {
  const body = readBody({ contentType: undefined, body: bytes('\ufeff\ufeff{}') });

  assert.deepEqual(body, { ok: true, text: '\ufeff{}' });
});

test('Bytes that are not UTF-8 are a fault, never replaced', () => {
  const body = readBody({ contentType: undefined, body: new Uint8Array([0x7b, 0xc3, 0x28, 0x7d]) });

  assert.equal(!body.ok && body.status, 400);
  assert.equal(!body.ok && body.code, 'not_json');
});

test('A fault in the JSON names line and column, and nothing of the body', () => {
  const json = readJson('{\n  "token": "demo-token",\n  "percent": "100",\n}');

  assert.ok(!json.ok);
  assert.equal(
    json.message,
    "The body is not valid JSON: line 4, column 1. The alert's message field must hold the JSON template: one JSON object.",
  );
});

test('No fault shows a piece of the body, whatever the body is', () => {
  always(
    fc.property(fc.string({ minLength: 5, unit: 'grapheme' }), fc.boolean(), (text, quoted) => {
      const json = readJson(quoted ? `{"token":"${text}",}` : text);
      if (json.ok) return;

      const where = json.message.replace(/line \d+, column \d+/, 'a place');
      assert.ok(
        [
          "The body is not valid JSON: a place. The alert's message field must hold the JSON template: one JSON object.",
          "The body is JSON, but not an object. The alert's message field must hold the JSON template: one JSON object.",
        ].includes(where),
      );
    }),
  );
});

test('The token comes from the body or from the header, and two that differ are none', () => {
  const both = '{"strategy":" demo ","token":" t-1 "}';
  const without = '{"strategy":"demo"}';

  assert.deepEqual(credentialsOf(rawOf(both), undefined), { strategy: 'demo', token: 't-1' });
  assert.deepEqual(credentialsOf(rawOf(both), 'bearer  t-1 '), { strategy: 'demo', token: 't-1' });
  assert.deepEqual(credentialsOf(rawOf(both), 'Bearer t-2'), { strategy: 'demo' });
  assert.deepEqual(credentialsOf(rawOf(both), 'Basic abc'), { strategy: 'demo', token: 't-1' });
  assert.deepEqual(credentialsOf(rawOf(without), 'Bearer t-2'), { strategy: 'demo', token: 't-2' });
  assert.deepEqual(credentialsOf(rawOf('{"token":null}'), 'Bearer t-2'), { token: 't-2' });
  assert.deepEqual(credentialsOf(rawOf('{"token":5}'), 'Bearer t-2'), {});
  assert.deepEqual(credentialsOf(rawOf(without), 'Bearer'), { strategy: 'demo' });
  assert.deepEqual(credentialsOf(rawOf('{"strategy":["demo"],"token":""}'), undefined), {});
});

test('Credentials given twice count only when they are the same', () => {
  assert.deepEqual(credentialsOf(rawOf('{"token":"a","token":"a","strategy":"s"}'), undefined), {
    strategy: 's',
    token: 'a',
  });
  assert.deepEqual(
    credentialsOf(rawOf('{"token":"a","token":"b","strategy":"s","strategy":"t"}'), undefined),
    {},
  );
});

test('The canonical text leaves out the token, however often it is given, and nothing else', () => {
  const raw = rawOf('{"token":"a","b":1.0,"token":"c","a":{"token":"inner"}}');

  assert.equal(canonicalText(raw), '{"a":{"token":"inner"},"b":1.0}');
});

test('An alert with a repeated key has another canonical text than the corrected one', () => {
  const corrected = canonicalText(rawOf('{"action":"sell"}'));

  assert.notEqual(canonicalText(rawOf('{"action":"buy","action":"sell"}')), corrected);
  assert.notEqual(canonicalText(rawOf('{"action":"sell","action":"sell"}')), corrected);
});

test('What is stored shows the token nowhere, not as a key and not inside a text', () => {
  const raw = rawOf(
    '{"strategy":"demo","token":"s3cret-x","comment":"my s3cret-x","s3cret-x":["s3cret-x",{"a":"\\u00733cret-x"}]}',
  );

  const text = storableText(raw, ['s3cret-x']);

  assert.ok(!text.includes('s3cret'));
  assert.equal(
    text,
    '{"comment":"my (not shown)","(not shown)":["(not shown)",{"a":"(not shown)"}],"strategy":"demo"}',
  );
});

test('The id is the key when it is a valid one', () => {
  const cases: [string, string | undefined][] = [
    ['{"id":" a|1 "}', 'a|1'],
    [`{"id":"${'\u{1f600}'.repeat(128)}"}`, '\u{1f600}'.repeat(128)],
    ['{"id":1.50}', '1.50'],
    [`{"id":"${'x'.repeat(129)}"}`, undefined],
    ['{"id":""}', undefined],
    ['{"id":null}', undefined],
    ['{"id":"{{strategy.order.id}}"}', undefined],
    ['{"id":"a","id":"a"}', undefined],
    ['{"id":"\\ud800"}', undefined],
    ['{"id":true}', undefined],
    ['{}', undefined],
  ];
  for (const [body, key] of cases) assert.equal(keyCandidate(rawOf(body)), key, body);
});

test('Only the word true makes a test alert', () => {
  assert.equal(isTest(rawOf('{"test":true}')), true);
  for (const value of ['false', '"true"', '1', 'null'])
    assert.equal(isTest(rawOf(`{"test":${value}}`)), false);
  assert.equal(isTest(rawOf('{}')), false);
});

test('The time of an alert is known before the rest is read, if it can be read at all', () => {
  assert.equal(timeOf(rawOf('{"time":"2026-11-22T10:00:00Z","symbol":5}')), Date.UTC(2026, 10, 22, 10));
  for (const body of [
    '{}',
    '{"time":null}',
    '{"time":"soon"}',
    '{"time":1795341600000,"time":1795341600000}',
  ]) {
    assert.equal(timeOf(rawOf(body)), undefined, body);
  }
});
