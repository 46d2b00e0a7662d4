import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalJson, type Json, parseJson, positionOf } from '../../../lib/domain/alert-json.ts';
import { always } from './alert-support.ts';

/** What JSON.parse would make of it: the last of repeated keys wins, numbers become binary. */
const asParsed = (value: Json): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (value.kind === 'number') return Number(value.source);
  if (value.kind === 'array') return value.items.map(asParsed);
  return Object.fromEntries(value.members.map(([key, member]) => [key, asParsed(member)]));
};

const parsedByEngine = (text: string): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

const fragment = fc.constantFrom(
  ...'{}[],:"\\ \n\t\r0123456789.-+eEuabfnrtl/\u0000\u001f\u2028é\ud800',
  ...[
    'true',
    'false',
    'null',
    '"a":',
    '"\\u0041"',
    '"\\ud800"',
    '-0',
    '1.5e+3',
    '\ufeff',
    '__proto__',
    '{"a":1}',
  ],
);
const jsonLike = fc.oneof(
  fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join('')),
  fc.json(),
  fc
    .tuple(fc.json(), fc.nat(), fc.nat(3), fragment)
    .map(
      ([text, at, gone, put]) =>
        text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + gone),
    ),
);

test('Exactly what the engine takes as JSON is taken, with the same values', () => {
  always(
    fc.property(jsonLike, (text) => {
      const engine = parsedByEngine(text);
      const ours = parseJson(text);

      assert.equal(ours.ok, engine !== undefined);
      if (ours.ok) assert.deepEqual(asParsed(ours.value), engine?.value);
    }),
    { numRuns: 5000 },
  );
});

test('A fault is reported at the first place that cannot be mended by what follows', () => {
  always(
    fc.property(jsonLike, (text) => {
      const whole = parseJson(text);
      if (whole.ok) return;

      const cut = parseJson(text.slice(0, whole.offset + 1));

      assert.deepEqual(cut, whole);
    }),
    { numRuns: 2000 },
  );
});

test('Numbers keep the text they were written as, in their place', () => {
  const number = fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,40})?([eE][+-]?\d{1,5})?$/);
  always(
    fc.property(fc.array(number), (sources) => {
      const text = `[${sources.join(',')}]`;

      const parsed = parseJson(text);

      assert.ok(parsed.ok);
      assert.equal(canonicalJson(parsed.value), text);
    }),
  );
});

test('The canonical form does not depend on the order of keys or on blanks, at any depth', () => {
  const shuffled = (value: unknown, order: (keys: string[]) => string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => shuffled(item, order));
    if (typeof value !== 'object' || value === null) return value;
    const members = new Map(Object.entries(value));
    return Object.fromEntries(
      order([...members.keys()]).map((key) => [key, shuffled(members.get(key), order)]),
    );
  };
  const canonical = (value: unknown, indent: number): string => {
    const parsed = parseJson(JSON.stringify(value, null, indent));
    assert.ok(parsed.ok);
    return canonicalJson(parsed.value);
  };
  always(
    fc.property(
      fc.object({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.constant(null)] }),
      (value) => {
        assert.equal(
          canonical(value, 0),
          canonical(
            shuffled(value, (keys) => keys.reverse()),
            2,
          ),
        );
      },
    ),
  );
});

test('Keys are sorted by code point, and repeated keys stay in their order', () => {
  const parsed = parseJson(
    '{ "\u{1f600}": 1, "\uffff": 2, "b": [1.50, {"y": true, "x": null}], "a": 3, "a": 2 }',
  );

  assert.ok(parsed.ok);
  assert.equal(
    canonicalJson(parsed.value),
    '{"a":3,"a":2,"b":[1.50,{"x":null,"y":true}],"\uffff":2,"\u{1f600}":1}',
  );
});

test('Keys that mean something to JavaScript are only keys', () => {
  const text = '{"__proto__":{"polluted":true},"constructor":1,"toString":2}';

  const parsed = parseJson(text);

  assert.ok(parsed.ok);
  assert.equal(canonicalJson(parsed.value), text);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('Nesting as deep as bodies can be is read and written without a stack', () => {
  const depth = 100_000;
  for (const text of [
    '['.repeat(depth) + ']'.repeat(depth),
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  ]) {
    const parsed = parseJson(text);

    assert.ok(parsed.ok);
    assert.equal(canonicalJson(parsed.value), text);
  }
});

test('A position counts lines and characters as an editor does', () => {
  const text = '{\r\n "a": "\u{1f600}é" x\n}';

  assert.deepEqual(positionOf(text, text.indexOf('x')), { line: 2, column: 12 });
  assert.deepEqual(positionOf('', 0), { line: 1, column: 1 });
  assert.deepEqual(positionOf('\r\r', 2), { line: 3, column: 1 });
});
