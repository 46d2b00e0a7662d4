import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Local, startLocal } from '../support/local-stack.ts';

const CLI = fileURLToPath(new URL('../../lib/cli/candles.ts', import.meta.url));
const HOUR = 3_600_000;

describe('candles on the running stack', () => {
  let local: Local;
  const now = Date.now();
  const iso = (time: number): string => new Date(time).toISOString();
  const from = now - (now % HOUR) - 30 * HOUR;
  const to = from + 5 * HOUR;

  before(async () => {
    local = await startLocal({ runsOthers: true });
  });
  after(() => local.stop());

  const get = async (query: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${local.url}/candles?${query}`, {
      headers: { authorization: `Bearer ${local.readToken}`, ...headers },
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
  const candles = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = {
        ...{ PATH: process.env.PATH, CANDLES_URL: local.url, DYNAMODB_ENDPOINT: local.engine.endpoint },
        MEXC_REST_URL: local.exchange.restUrl,
      };
      execFile(process.execPath, [CLI, ...args], { env }, (error, out, err) =>
        resolve({ code: Number(error?.code ?? 0), out, err }),
      );
    });

  test('the schedule pulls what is closed, and the next run has nothing to do but what closed since', async () => {
    const first = JSON.parse((await local.invoke('pull-klines', {})).payload);
    const second = JSON.parse((await local.invoke('pull-klines', {})).payload);
    const day = JSON.parse(
      (await get(`symbol=SOLUSDT&interval=1m&from=${Date.now() - 86_400_000}&to=${Date.now()}`)).text,
    );

    assert.deepEqual([first.done, first.failed, first.later], [2, [], []], JSON.stringify(first));
    assert.ok(day.rows.length >= 1_000, `${day.rows.length}`);
    assert.ok(second.done === 2 && second.written <= 4, JSON.stringify(second));
  });

  test('a backfill from the command line is read back by pages, as JSON and as CSV', async () => {
    const filled = await candles('backfill', 'METALUSDT', '1m', iso(from), iso(to));
    assert.equal(filled.code, 0, filled.err);
    assert.match(filled.err, /\[#{30}\] 100 %.* candles\/s .*left/);
    assert.match(filled.err, /\d+ candles written; holes: \d+ no-trades/);

    const query = `symbol=METALUSDT&interval=1m&from=${from}&to=${to}`;
    const one = JSON.parse((await get(`${query}&limit=200`)).text);
    const two = JSON.parse((await get(`${query}&limit=200&cursor=${one.next}`)).text);
    const whole = JSON.parse((await get(query)).text);
    const rows = [...one.rows, ...two.rows];

    assert.deepEqual(whole.rows, rows);
    assert.equal(two.next, undefined);
    const slotsIn = ({ from: a, to: b }: { from: string; to: string }) =>
      (Date.parse(b) - Date.parse(a)) / 60_000;
    const holes = whole.holes.reduce(
      (sum: number, hole: { from: string; to: string }) => sum + slotsIn(hole),
      0,
    );
    assert.equal(rows.length + holes, 300);
    assert.ok(whole.holes.every(({ label }: { label: string }) => label === 'no-trades'));
    assert.deepEqual(
      rows[0].map((each: unknown) => typeof each),
      ['number', ...Array.from({ length: 6 }, () => 'string')],
    );

    const csv = await get(query, { accept: 'text/csv' });
    assert.equal(csv.type, 'text/csv; charset=utf-8');
    const exported = await candles('export', 'METALUSDT', '1m', iso(from), iso(to));
    assert.equal(csv.text, exported.out);
    assert.equal(csv.text.trim().split('\r\n')[1], rows[0].join(','));
    const lines = (await candles('export', 'METALUSDT', '1m', iso(from), iso(to), '--format', 'ndjson')).out;
    const parsed = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(parsed.filter(({ openTime }) => openTime).length, rows.length);
    assert.deepEqual(parsed.filter(({ label }) => label).length >= whole.holes.length, true);
  });

  test('what is stored is listed, and verified against the exchange', async () => {
    const listed = await candles('list');
    const verified = await candles('verify');

    assert.match(listed.out, /^SOLUSDT 1m listed \S+Z to \S+Z$/m);
    assert.equal(verified.code, 0, verified.out + verified.err);
    assert.match(verified.out, /^SOLUSDT 1m .*"problems":0/m);
  });

  test('what cannot be right is refused with what would be', async () => {
    for (const [query, path, message] of [
      ['symbol=SOLUSDT&interval=1h', 'interval', /use 60m/],
      ['symbol=sol-usdt&interval=1m', 'symbol', /use SOLUSDT/],
      ['interval=1m', 'symbol', /is missing/],
      [`symbol=SOLUSDT&interval=1m&from=${to}&to=${from}`, 'from', /is not before to/],
      ['symbol=SOLUSDT&interval=1m&limit=0', 'limit', /./],
      ['symbol=SOLUSDT&interval=1m&form=1', 'form', /symbol, interval, from, to, limit and cursor are/],
      [`symbol=SOLUSDT&interval=1m&from=${from}&to=${to}&cursor=7`, 'cursor', /"next"/],
    ] as const) {
      const { status, text } = await get(query);
      const [detail] = JSON.parse(text).error.details;
      assert.deepEqual([status, detail.path], [422, path], text);
      assert.match(detail.message, message);
    }
    const wrong = await candles('backfill', 'SOLUSDT', '1h', iso(from), iso(to));
    assert.deepEqual([wrong.code, wrong.out], [1, '']);
    assert.match(wrong.err, /interval: the exchange has no 1h: use 60m/);
    const unknown = await candles('backfill', 'NONEUSDT', '1m', iso(from), iso(to));
    assert.match(unknown.err, /does not know NONEUSDT/);
  });
});
