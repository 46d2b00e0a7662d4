import { readFileSync } from 'node:fs';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { realAssembly } from '../support/local-stack.ts';
import { benchCandles } from './candles.ts';
import { benchColdStarts } from './cold-start.ts';
import { installPeers } from './install.ts';
import { benchOrders } from './orders.ts';
import { keep, type Results, tablesOf, targetsOf } from './report.ts';
import { benchWebhook } from './webhook.ts';

// `npm run bench`. With `-- --quick` everything runs once, too shortly to mean anything, and nothing is kept.
const quick = process.argv.includes('--quick');
const SIZES = quick
  ? {
      orders: { rounds: 1, orders: 200, warmUp: 20 },
      coldStarts: { rounds: 1, starts: 1 },
      webhook: { rounds: 1, alerts: 20, warmUp: 5 },
      candles: { rounds: 1, pages: 20, warmUp: 5, days: 5 },
    }
  : {
      orders: { rounds: 5, orders: 2_000, warmUp: 200 },
      coldStarts: { rounds: 5, starts: 10 },
      webhook: { rounds: 3, alerts: 300, warmUp: 50 },
      candles: { rounds: 5, pages: 300, warmUp: 100, days: 365 },
    };

installPeers();
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const folder = temporaryFolder();
const assembly = await realAssembly();
try {
  const results: Results = {
    node: process.version,
    ccxt: dependencies.ccxt,
    orders: await benchOrders(SIZES.orders, folder),
    coldStart: await benchColdStarts(SIZES.coldStarts, assembly, folder),
    webhook: await benchWebhook(SIZES.webhook, assembly),
    candles: await benchCandles(SIZES.candles, folder),
  };
  console.log(tablesOf(results));
  console.table(targetsOf(results));
  if (!quick) keep(results);
} finally {
  removeFolder(assembly);
  removeFolder(folder);
}
