import { numberAt } from '../../../lib/domain/candle-interval.ts';
import { createCandleStore } from '../../../lib/dynamo/candle-store.ts';
import { createDynamo } from '../../../lib/dynamo/client.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { backfillCandles } from '../../../lib/usecases/backfill-candles.ts';
import { unlimitedSource } from './candle-session.ts';

// Backfills days of 1m candles into a table, and prints seconds and memory: half way and at the end.
const [url = '', endpoint = '', days = ''] = process.argv.slice(2);
process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
process.env.AWS_REGION = 'local';
process.env.AWS_ACCESS_KEY_ID = 'local';
process.env.AWS_SECRET_ACCESS_KEY = 'local';

const DAY = 86_400_000;
const MIB = 2 ** 20;
const { source, close } = unlimitedSource(url);
const none = '';
const tables = { orders: none, strategies: none, positions: none, symbols: none, fills: none, control: none };
const store = createCandleStore(createDynamo(tables, systemClock), 'Candles');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const candling = { store, source, clock: systemClock, log };

const fill = async (from: number, to: number): Promise<number> => {
  const range = { first: numberAt('1m', from), end: numberAt('1m', to) };
  const task = { series: { symbol: 'SOLUSDT', interval: '1m' as const }, range };
  const { written, cursor } = await backfillCandles(task, candling, { deadline: Date.now() + 600_000 });
  if (cursor !== undefined) throw new Error('not done in time');
  return written;
};

const run = async (): Promise<void> => {
  const end = Date.now() - (Date.now() % DAY);
  const middle = end - Math.floor(Number(days) / 2) * DAY;
  const started = performance.now();
  const first = await fill(end - Number(days) * DAY, middle);
  const half = process.memoryUsage().rss;
  const candles = first + (await fill(middle, end));
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    JSON.stringify({ candles, seconds, rssHalf: half / MIB, rss: process.memoryUsage().rss / MIB }),
  );
};
void run().finally(close);
