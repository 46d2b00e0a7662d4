import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { Config, ConfigError } from '../../infra/config.ts';
import {
  type Estimate,
  estimate,
  inLines,
  inOneLine,
  regionOf,
  withinBudget,
} from '../../infra/cost/estimate.ts';
import { cost } from '../../infra/cost/main.ts';
import { ALWAYS_FREE, PRICES, REGIONS } from '../../infra/cost/prices.ts';
import { synthesize } from '../../infra/local/synth.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { run } from '../support/command-line.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

/** The profile of the design: fifty symbols, 1m candles, a snapshot a quarter, 1,000 alerts. */
const PROFILE = { symbols: Array.from({ length: 50 }, (_, n) => `C${n}USDT`), strategies: { demo: {} } };

/** With stand-ins for the functions, which changes nothing that is billed. */
const estimateOf = (t: TestContext, more: object): Estimate => {
  const outdir = temporaryFolder();
  t.after(() => removeFolder(outdir));
  const config = Config.parse({ ...PROFILE, ...more });
  const app = new App({ outdir, context: { '@aws-cdk/core:validateAgainstDefaultRules': false } });
  const functions = new URL('../support/local-functions/', import.meta.url);
  const stack = new MexcServerless(app, 'mexc-serverless', { config, functions });
  return estimate(config, app.synth().getStackArtifact(stack.artifactId).template, 'ap-northeast-1');
};

const of = ({ items }: Estimate, service: string, what: string) =>
  items.find((item) => item.service === service && item.what === what);

test('the profile costs less than 5 USD a month, and less than 20 with the stream, after the always-free tier', (t) => {
  const plain = estimateOf(t, {});
  const streaming = estimateOf(t, { stream: { enabled: true } });

  t.diagnostic(`${plain.afterFree.toFixed(2)} and ${streaming.afterFree.toFixed(2)} USD`);
  assert.ok(plain.afterFree < 5, `${plain.afterFree}`);
  assert.ok(streaming.afterFree < 20, `${streaming.afterFree}`);
  assert.ok(plain.total > plain.afterFree);
  assert.equal(of(streaming, 'VPC', 'public IPv4, hours')?.quantity, 730);
  assert.equal(of(streaming, 'Fargate', 'vCPU hours')?.quantity, 730 / 4);
  assert.equal(of(plain, 'Fargate', 'vCPU hours'), undefined);
});

test('what the configuration asks for more often, or more of, costs more', (t) => {
  const plain = estimateOf(t, {});
  const busy = estimateOf(t, {
    candles: { everyMinutes: 1 },
    snapshots: { everyMinutes: 5 },
    expected: { alertsPerMonth: 100_000 },
    notifications: { channels: { phone: { kind: 'slack' } } },
  });

  for (const [service, what, times] of [
    ['Lambda', 'pull-klines, requests', 5],
    ['Lambda', 'snapshot-balances, requests', 3],
    ['API Gateway', 'requests', 100],
    ['DynamoDB', 'orders, write units', 100],
  ] as const)
    assert.equal(of(busy, service, what)?.quantity, times * (of(plain, service, what)?.quantity ?? 0), what);
  assert.ok((of(busy, 'SQS', 'requests')?.quantity ?? 0) > 500_000);
  assert.equal(of(busy, 'Secrets Manager', 'secrets')?.quantity, 6);
});

test('what is free is taken off once, whatever uses it', (t) => {
  const { items } = estimateOf(t, { expected: { alertsPerMonth: 5_000_000 } });

  for (const [price, free] of Object.entries(ALWAYS_FREE)) {
    const lines = items.filter((item) => item.price === price);
    const saved = lines.reduce((sum, { usd, afterFree }) => sum + usd - afterFree, 0);
    const used = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const { usd } = lines.length > 0 ? PRICES['ap-northeast-1'][lines[0]!.price] : { usd: 0 };
    assert.ok(Math.abs(saved - Math.min(used, free) * usd) < 1e-6, price);
  }
});

test('a flood at the throttle of the webhook is bounded, and a leaked token is worse than none', (t) => {
  const { flood } = estimateOf(t, {});

  assert.equal(flood.perSecond, 25);
  assert.ok(flood.day > 1 && flood.day < 10, `${flood.day}`);
  assert.ok(flood.tokenDay > flood.day);
  assert.ok(Math.abs(flood.month / flood.day - 730 / 24) < 1e-9);
});

test('every price has a source, and every region the same prices', () => {
  for (const region of REGIONS) {
    for (const [name, { usd, source }] of Object.entries(PRICES[region])) {
      assert.ok(usd > 0, name);
      assert.match(source, /^https:\/\//, name);
    }
  }
  assert.deepEqual(
    [regionOf('us-east-1'), regionOf('eu-west-1'), regionOf(undefined)],
    ['us-east-1', 'ap-northeast-1', 'ap-northeast-1'],
  );
});

test('a table adds up, and one line says the sums', (t) => {
  const result = estimateOf(t, {});

  const lines = inLines(result, 20);

  assert.match(
    lines.find((line) => line.startsWith('Total')) ?? '',
    new RegExp(`${result.total.toFixed(2)} +${result.afterFree.toFixed(2)}$`),
  );
  assert.match(
    inOneLine(result),
    new RegExp(`${result.afterFree.toFixed(2)} USD a month .*${result.total.toFixed(2)} without`),
  );
  assert.match(lines.at(-1) ?? '', /budget is 20\.00 USD a month: kept/);
});

test('an estimate above the budget is an error that names both', (t) => {
  const config = Config.parse({ ...PROFILE, budget: { monthlyUsd: 1 } });

  assert.throws(
    () => withinBudget(config, estimateOf(t, { budget: { monthlyUsd: 1 } })),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /is above the budget of 1\.00/);
      return true;
    },
  );
});

const Printed = z.object({ total: z.number(), afterFree: z.number(), aboveBudget: z.boolean() });

test('a budget that is exceeded fails the synthesis, and npm run cost, which says what for', async (t) => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ budget: { monthlyUsd: 0.5 } }));

  await assert.rejects(
    synthesize({ outDir: join(folder, 'cdk.out'), config: path }),
    /above the budget of 0\.50/,
  );
  const { status, json } = await run(cost, [path, '--json']);

  assert.equal(status, 1);
  const { aboveBudget, total, afterFree } = Printed.parse(json());
  assert.ok(aboveBudget && total > afterFree);
});

test('a wrong configuration, a wrong region and help end as documented', async (t) => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ budget: { monthlyUsd: -5 } }));

  const wrong = await run(cost, [path]);

  assert.deepEqual([wrong.status, wrong.out], [1, '']);
  assert.match(wrong.err, /budget\.monthlyUsd: must be above 0/);
  assert.equal((await run(cost, ['--region', 'mars'])).status, 2);
  assert.equal((await run(cost, ['--help'])).status, 0);
});
