import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkAge, readTime } from '../../../lib/domain/alert-time.ts';
import { always } from './alert-support.ts';

const NOW = Date.UTC(2026, 10, 22, 10, 0, 7, 345);

test('ISO 8601 with seconds and zone is read, and epoch milliseconds as number or text', () => {
  const noon = Date.UTC(2026, 10, 22, 10, 0, 0);
  const texts: [string, number][] = [
    ['2026-11-22T10:00:00Z', noon],
    [' 2026-11-22T19:00:00+09:00 ', noon],
    ['2026-11-22T04:30:00-05:30', noon],
    ['2026-11-22T10:00:00.5Z', noon + 500],
    ['2026-11-22T10:00:00.123456789Z', noon + 123],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    [String(noon), noon],
  ];
  for (const [text, time] of texts) assert.deepEqual(readTime(text), { ok: true, value: time }, text);
  assert.deepEqual(readTime({ kind: 'number', source: String(noon) }), { ok: true, value: noon });
  assert.deepEqual(readTime({ kind: 'number', source: '1.7953416e12' }), {
    ok: true,
    value: 1_795_341_600_000,
  });
});

test('Every moment written as ISO 8601 is read back to the millisecond, in every zone', () => {
  const date = fc.date({
    min: new Date('1970-01-01T00:00:00Z'),
    max: new Date('2999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  always(
    fc.property(date, fc.integer({ min: -839, max: 839 }), (moment, offset) => {
      const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
      const minutes = Math.abs(offset);
      const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

      assert.deepEqual(readTime(`${local}${offset < 0 ? '-' : '+'}${zone}`), {
        ok: true,
        value: moment.getTime(),
      });
    }),
  );
});

test('Dates that no calendar has are refused, never rolled over', () => {
  for (const text of [
    '2026-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-00-10T10:00:00Z',
  ]) {
    assert.deepEqual(readTime(text), { ok: false, message: 'is no time of the calendar' });
  }
});

test('Epoch seconds are refused with a hint', () => {
  for (const source of ['1795341600', '1795341600.5']) {
    const read = readTime({ kind: 'number', source });

    assert.match(read.ok ? '' : read.message, /epoch seconds: give epoch milliseconds/);
  }
});

test('An alert may be as old as the limit and 10 s ahead, and not a millisecond more', () => {
  assert.equal(checkAge(NOW - 60_000, NOW, 60), undefined);
  assert.equal(checkAge(NOW + 10_000, NOW, 60), undefined);
  assert.equal(checkAge(NOW - 60_001, NOW, 60)?.path, 'time');
  assert.equal(checkAge(NOW + 10_001, NOW, 60)?.path, 'time');
});

test('A stale alert is told its age, the limit and what belongs into time', () => {
  const message = (age: number, limit: number) => checkAge(NOW - age, NOW, limit)?.message ?? '';

  assert.match(
    message(4 * 3_600_000, 60),
    /^the alert is 4 hours old, and the limit is 60 seconds; .*\{\{timenow\}\}/,
  );
  assert.match(message(60_001, 60), /is 61 seconds old/);
  assert.match(message(26 * 3_600_000 + 1, 300), /is 1 day 2 hours old, and the limit is 5 minutes/);
  assert.match(message(119 * 60_000, 60), /is 1 hour 59 minutes old/);
});

test('A whole minute is named as the time of a bar', () => {
  const minute = Date.UTC(2026, 10, 22, 6);

  assert.match(
    checkAge(minute, NOW, 60)?.message ?? '',
    /\{\{time\}\}, the opening of a bar: .*\{\{timenow\}\}/,
  );
  assert.doesNotMatch(checkAge(minute + 1000, NOW, 60)?.message ?? '', /\{\{time\}\}/);
  assert.match(checkAge(NOW - 7345 + 3_600_000, NOW, 60)?.message ?? '', /ahead of now.*\{\{timenow\}\}/);
  assert.match(checkAge(NOW + 3_600_000, NOW, 60)?.message ?? '', /1 hour ahead.*10 seconds.*clock is wrong/);
});
