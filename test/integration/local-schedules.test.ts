import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRun } from '../../infra/local/schedule-expression.ts';
import { scheduledEvent, startSchedules } from '../../infra/local/schedules.ts';

const after = (expression: string, from: string): string =>
  new Date(nextRun(expression)(Date.parse(from))).toISOString();

test('the next run of rate and cron expressions', () => {
  const cases: [string, string, string][] = [
    ['rate(1 minute)', '2026-11-22T10:00:30.000Z', '2026-11-22T10:01:30.000Z'],
    ['rate(5 minutes)', '2026-11-22T10:00:00.000Z', '2026-11-22T10:05:00.000Z'],
    ['rate(2 days)', '2026-11-22T10:00:00.000Z', '2026-11-24T10:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-11-22T10:15:00.000Z', '2026-11-22T10:30:00.000Z'],
    ['cron(5 8 ? * MON-FRI *)', '2026-11-21T09:00:00.000Z', '2026-11-23T08:05:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? *)', '2026-11-22T10:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ];

  for (const [expression, from, expected] of cases)
    assert.equal(after(expression, from), expected, expression);
});

test('what is not understood stops the start with the expression', () => {
  for (const expression of [
    'at(2026-11-22T10:00:00)',
    'rate(0 minutes)',
    'cron(0 0 L * ? *)',
    'cron(99 * * * ? *)',
    'cron(* * *)',
  ]) {
    assert.throws(
      () => nextRun(expression),
      (error) => error instanceof Error && error.message.includes(expression),
    );
  }
});

test('a schedule invokes its function at every turn until it is stopped', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-22T10:00:00.000Z') });
  const runs: string[] = [];
  const stop = startSchedules(
    [{ name: 'Every', expression: 'rate(1 minute)', functionName: 'reconcile-orders', input: undefined }],
    {
      invokeAsync: (name, payload) => runs.push(`${name} ${JSON.parse(payload).time}`),
    },
  );

  for (let minute = 0; minute < 3; minute += 1) t.mock.timers.tick(60_000);
  stop();
  t.mock.timers.tick(600_000);

  assert.deepEqual(
    runs,
    [1, 2, 3].map((minute) => `reconcile-orders 2026-11-22T10:0${minute}:00Z`),
  );
});

test('an input of the schedule is what the function gets', () => {
  const schedule = { name: 'S', expression: 'rate(1 minute)', functionName: 'f', input: '{"a":1}' };

  assert.equal(scheduledEvent(schedule, 0), '{"a":1}');
});
