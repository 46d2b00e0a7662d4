import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamState } from '../../../lib/domain/stream-state.ts';
import { type Watched, watchRun } from '../../../lib/usecases/watch-run.ts';
import { NOW } from '../../support/builders.ts';

const MINUTE = 60_000;

interface World {
  /** Minutes between alerts, by strategy. */
  readonly expected?: Readonly<Record<string, number>>;
  /** When the latest alert came, by strategy. */
  readonly latest?: Readonly<Record<string, number>>;
  readonly stream?: StreamState | Error;
  readonly keyDays?: number;
}

const world = ({ expected = {}, latest = {}, stream, keyDays }: World) => {
  const notes = new Map<string, string>();
  const lines: string[] = [];
  const look = (now = NOW): Promise<Watched> =>
    watchRun(
      {
        options: { deadline: now + 10_000 },
        guarded: async (what, part) => {
          try {
            return await part();
          } catch {
            lines.push(`failed: ${what}`);
            return undefined;
          }
        },
        trading: {
          clock: { now: () => now, sleep: async () => {} },
          log: {
            info: () => {},
            warn: (message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
            error: () => {},
          },
          ledger: {
            control: async () => {
              if (stream instanceof Error) throw stream;
              return { mode: 'ACTIVE', pauseUntil: 0, lastTicket: 0, ...(stream && { stream }) };
            },
          },
        },
      },
      {
        expected: new Map(Object.entries(expected)),
        latestAlert: async (strategy) => latest[strategy],
        notes: {
          read: async (name) => notes.get(name),
          write: async (name, text) => void notes.set(name, text),
        },
        keyDays: async () => keyDays,
      },
    );
  return { look, lines };
};

const heartbeat = (age: number, live = true): StreamState => ({
  at: NOW - age,
  live,
  prices: {},
  balances: {},
});

test('A strategy whose latest alert is older than it may be is overdue, and named in the log', async () => {
  const { look, lines } = world({
    expected: { hourly: 60, daily: 1_440 },
    latest: { hourly: NOW - 61 * MINUTE, daily: NOW - 61 * MINUTE },
  });

  assert.deepEqual(await look(), { overdue: 1 });
  assert.deepEqual(lines, [
    'the next alert of a strategy is overdue {"strategy":"hourly","expectAlertEvery":60,"minutesSinceTheLast":61}',
  ]);
});

test('An alert in time is not overdue, to the minute', async () => {
  const { look } = world({ expected: { hourly: 60 }, latest: { hourly: NOW - 60 * MINUTE } });

  assert.deepEqual(await look(), { overdue: 0 });
  assert.deepEqual(await look(NOW + 1), { overdue: 1 });
});

test('A strategy that never had an alert is waited for from the first look on', async () => {
  const { look } = world({ expected: { fresh: 60 } });

  assert.deepEqual(await look(), { overdue: 0 });
  assert.deepEqual(await look(NOW + 60 * MINUTE), { overdue: 0 });
  assert.deepEqual(await look(NOW + 61 * MINUTE), { overdue: 1 });
});

test('Where no alert is expected, no stream ever ran and no key is due, nothing is said', async () => {
  assert.deepEqual(await world({}).look(), {});
});

test("The stream's age is that of its heartbeat; one that does not follow the account counts as two minutes old", async () => {
  assert.deepEqual(await world({ stream: heartbeat(7_400) }).look(), { streamSeconds: 7 });
  assert.deepEqual(await world({ stream: heartbeat(7_400, false) }).look(), { streamSeconds: 120 });
  assert.deepEqual(await world({ stream: heartbeat(600_000, false) }).look(), { streamSeconds: 600 });
});

test('What cannot be found out is left out, and holds up nothing else', async () => {
  const { look, lines } = world({
    expected: { hourly: 60 },
    latest: { hourly: NOW },
    stream: new Error('no store'),
    keyDays: 12,
  });

  assert.deepEqual(await look(), { overdue: 0, keyDays: 12 });
  assert.deepEqual(lines, ['failed: look at the stream']);
});
