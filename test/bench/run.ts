import { readFileSync } from 'node:fs';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { realAssembly } from '../support/local-stack.ts';
import { benchCandles } from './candles.ts';
import { benchColdStarts } from './cold-start.ts';
import { installPeers } from './install.ts';
import { benchOrders } from './orders.ts';
import { isPart, keep, PARTS, type Part, type Results, tablesOf, targetsOf } from './report.ts';
import { benchStream } from './stream.ts';
import { benchDelay } from './stream-delay.ts';
import { benchWebhook } from './webhook.ts';

// `npm run bench`, or some parts of it: `npm run bench -- stream candles`. With `-- --quick` everything runs once, too shortly
// to mean anything, and nothing is kept.
const quick = process.argv.includes('--quick');
const SIZES = quick
  ? {
      orders: { rounds: 1, orders: 200, warmUp: 20 },
      coldStarts: { rounds: 1, starts: 1 },
      webhook: { rounds: 1, alerts: 20, warmUp: 5 },
      candles: { rounds: 1, pages: 20, warmUp: 5, days: 5 },
      stream: { rounds: 1, frames: 20_000, warmUp: 2_000, symbols: 50 },
      delays: 3,
    }
  : {
      orders: { rounds: 5, orders: 2_000, warmUp: 200 },
      coldStarts: { rounds: 5, starts: 10 },
      webhook: { rounds: 3, alerts: 300, warmUp: 50 },
      candles: { rounds: 5, pages: 300, warmUp: 100, days: 365 },
      stream: { rounds: 5, frames: 200_000, warmUp: 50_000, symbols: 50 },
      delays: 100,
    };

const parts = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = parts.filter((part) => !isPart(part));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);
const measured = async <Result>(part: Part, measure: () => Promise<Result>): Promise<Result | undefined> =>
  parts.length === 0 || parts.includes(part) ? await measure() : undefined;

installPeers();
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const folder = temporaryFolder();
const assembly = await realAssembly();
try {
  const fresh: Results = {
    node: process.version,
    ccxt: dependencies.ccxt,
    orders: await measured('orders', () => benchOrders(SIZES.orders, folder)),
    coldStart: await measured('coldStart', () => benchColdStarts(SIZES.coldStarts, assembly, folder)),
    webhook: await measured('webhook', () => benchWebhook(SIZES.webhook, assembly)),
    candles: await measured('candles', () => benchCandles(SIZES.candles, folder)),
    stream: await measured('stream', () => benchStream(SIZES.stream, folder)),
    delay: await measured('delay', () => benchDelay(SIZES.delays, assembly, folder)),
  };
  console.log(tablesOf(fresh));
  console.table(targetsOf(fresh));
  if (!quick) keep(fresh);
} finally {
  removeFolder(assembly);
  removeFolder(folder);
}
