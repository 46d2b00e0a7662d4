import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { config } from '../../infra/config-check.ts';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { run } from '../support/command-line.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const fileOf = (t: TestContext, content: unknown): string => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const path = join(folder, 'config.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const check = (t: TestContext, content: unknown, ...args: string[]) =>
  run(config, ['check', fileOf(t, content), ...(args.length > 0 ? args : ['--offline'])]);

test('says what a configuration means, limits and what is off included', async (t) => {
  const { status, out } = await check(t, {
    symbols: ['SOLUSDT'],
    strategies: { trend: { symbols: ['SOLUSDT'], maxOrderNotional: 250, triggers: { maxDailyLoss: 40 } } },
    candles: { intervals: ['1m', '60m'], everyMinutes: 1 },
  });

  assert.equal(status, 0);
  assert.match(out, /Strategy trend\n {2}trades SOLUSDT\n/);
  assert.match(out, /an order at most 250, a day at most 100000 in 1000 orders/);
  assert.match(out, /a loss of 40 a day/);
  assert.match(out, /1m, 60m of all symbols, pulled every minute/);
  assert.match(out, /Off\n {2}the stream .*\n {2}e-mail for alarms/);
});

const WRONG: readonly (readonly [what: string, content: unknown, sentence: RegExp])[] = [
  [
    'a symbol spelt as elsewhere',
    { symbols: ['sol/usdt'] },
    /symbols\.0: must be spelt .*; did you mean SOLUSDT\?/,
  ],
  [
    'a misspelt symbol',
    { strategies: { a: { symbols: ['SOLUSTD'] } } },
    /strategies\.a\.symbols\.0: SOLUSTD ends with nothing .*; did you mean SOLUSDT\?/,
  ],
  ['a symbol of the futures', { symbols: ['SOLUSDT.P'] }, /symbols\.0: .*did you mean SOLUSDT\?/],
  [
    'an interval by another name',
    { candles: { intervals: ['1h'] } },
    /candles\.intervals\.0: the exchange has no 1h: use 60m/,
  ],
  [
    'an unknown interval',
    { candles: { intervals: ['2m'] } },
    /candles\.intervals\.0: the exchange has no 2m; its intervals are 1m/,
  ],
  [
    'a misspelt limit',
    { strategies: { a: { maxOrderNotionl: 5 } } },
    /strategies\.a: maxOrderNotionl is not a setting; did you mean maxOrderNotional\?/,
  ],
  [
    'a limit below its least',
    { strategies: { a: { maxOrdersPerDay: 0 } } },
    /strategies\.a\.maxOrdersPerDay: must be at least 1/,
  ],
  [
    'a limit of another kind',
    { strategies: { a: { maxOpenOrders: 'many' } } },
    /strategies\.a\.maxOpenOrders: must be a number/,
  ],
  ['an unknown key', { symbol: ['SOLUSDT'] }, /it: symbol is not a setting; did you mean symbols\?/],
  [
    'a key in the wrong place',
    { intervals: ['1m'] },
    /it: intervals is not a setting; it belongs to candles/,
  ],
  ['a negative budget', { budget: { monthlyUsd: -5 } }, /budget\.monthlyUsd: must be above 0/],
  [
    'a misspelt messenger',
    { notifications: { channels: { me: { kind: 'telegramm' } } } },
    /telegramm is not known: .*did you mean telegram\?/,
  ],
  [
    'a misspelt event',
    { notifications: { channels: { me: { kind: 'slack', events: ['fillled'] } } } },
    /did you mean filled\?/,
  ],
  ['no JSON', '{"symbols": [}', /is not JSON/],
];
for (const [what, content, sentence] of WRONG)
  test(`${what} is exit code 1 and a sentence`, async (t) => {
    const { status, out, err } = await check(t, content);

    assert.deepEqual([status, out], [1, '']);
    assert.match(err, sentence);
    assert.equal(err.split('\n').length, 1);
  });

test('everything that is wrong is said at once, a line each', async (t) => {
  const { err } = await check(t, {
    symbols: ['solusdt'],
    strategies: { a: { maxOpenOrders: 0, undatd: true } },
  });

  assert.equal(err.split('\n').length, 3, err);
});

test('symbols are compared with those of the exchange where it answers', async (t) => {
  const exchange = createExchange({ seed: 'config', clock: systemClock });
  const { url, close } = await listen(exchange);
  t.after(close);

  const known = await check(t, { symbols: ['SOLUSDT', 'BTCUSDT'] }, '--exchange', url);
  const unknown = await check(t, { symbols: ['SOLLUSDT'] }, '--exchange', url);
  const nobody = await check(t, { symbols: ['SOLLUSDT'] }, '--exchange', 'http://127.0.0.1:9');

  assert.deepEqual([known.status, unknown.status, nobody.status], [0, 1, 0]);
  assert.match(unknown.err, /symbols\.0: the exchange has no SOLLUSDT; did you mean SOLUSDT\?/);
  assert.match(nobody.err, /were not compared/);
});

test('the configuration of cdk.json is checked without a file; wrong usage is exit code 2', async () => {
  assert.equal((await run(config, ['check', '--offline'])).status, 0);
  assert.equal((await run(config, ['chek'])).status, 2);
  assert.equal((await run(config, [])).status, 2);
});
