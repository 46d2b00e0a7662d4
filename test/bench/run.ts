import { writeFileSync } from 'node:fs';
import { removeFolder } from '../support/local-folders.ts';
import { realAssembly, startLocal } from '../support/local-stack.ts';
import { alertOf, deliver } from '../support/webhook.ts';

// The webhook through the whole local stack: HTTP, runtime client, bundle, DynamoDB engine, simulator. Test alerts, because
// they take every step of an order but the pace of ten a second.
const WARM_UP = 50;
const ALERTS = 300;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Sends each body once, `senders` at a time. @returns ms of each answer, sorted, and the answers per second */
const measure = async (url: string, bodies: readonly string[], senders: number) => {
  const waiting = [...bodies];
  const times: number[] = [];
  const started = performance.now();
  const sender = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const sent = performance.now();
      const { status, text } = await deliver({ url }, body);
      if (status !== 200) throw new Error(`answered ${status}: ${text}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const perSecond = bodies.length / ((performance.now() - started) / 1_000);
  return { perSecond, sorted: times.sort((a, b) => a - b) };
};

const assembly = await realAssembly();
const local = await startLocal({ assembly });
try {
  let made = 0;
  const fresh = (count: number): string[] =>
    Array.from({ length: count }, () => {
      made += 1;
      return alertOf({ quoteQuantity: '5', test: true, id: `bench-${made}` });
    });
  await measure(local.url, fresh(WARM_UP), 10);

  const rows = [];
  for (const senders of [1, 10]) {
    const bodies = fresh(ALERTS);
    for (const [what, result] of [
      ['new alert', await measure(local.url, bodies, senders)],
      ['repeat of a stored alert', await measure(local.url, bodies, senders)],
    ] as const) {
      rows.push({
        what,
        senders,
        'requests/s': Math.round(result.perSecond),
        'p50 ms': Math.round(percentile(result.sorted, 0.5)),
        'p99 ms': Math.round(percentile(result.sorted, 0.99)),
      });
    }
  }
  console.table(rows);
  writeFileSync(
    new URL('results.json', import.meta.url),
    `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`,
  );
} finally {
  await local.stop();
  removeFolder(assembly);
}
