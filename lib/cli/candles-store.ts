import { readInterval } from '../domain/candle-interval.ts';
import type { StoredSeries } from '../domain/candle-ports.ts';
import { type AskedCandles, readCandleRequest, readSymbol } from '../domain/candle-request.ts';
import type { Series } from '../domain/candle-window.ts';
import { AppError } from '../domain/errors.ts';
import { createExchangeClock } from '../domain/exchange-time.ts';
import type { Log } from '../domain/ports.ts';
import { createCandleStore } from '../dynamo/candle-store.ts';
import { createDynamo } from '../dynamo/client.ts';
import { createCandleSource } from '../mexc/candle-source.ts';
import { openSession } from '../mexc/session.ts';
import { systemClock } from '../runtime/clock.ts';
import { exportCandles, listSeries } from '../usecases/export-candles.ts';
import { type VerifyTask, verifySeries } from '../usecases/verify-candles.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whoever sits before it decides how long it may take. */
const FOREVER = { deadline: Date.now() + 7 * 86_400_000 };

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const openStore = (environment: Environment) => {
  if (environment.DYNAMODB_ENDPOINT) {
    process.env.AWS_ENDPOINT_URL_DYNAMODB = environment.DYNAMODB_ENDPOINT;
    process.env.AWS_REGION ??= 'local';
    process.env.AWS_ACCESS_KEY_ID ??= 'local';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  }
  const none = '';
  const tables = {
    orders: none,
    strategies: none,
    positions: none,
    symbols: none,
    fills: none,
    control: none,
  };
  return createCandleStore(createDynamo(tables, systemClock), environment.CANDLES_TABLE ?? 'Candles');
};

/** Candles as text. @returns exit status */
export const runExport = async (
  asked: AskedCandles,
  format: string,
  environment: Environment,
): Promise<number> => {
  if (format !== 'csv' && format !== 'ndjson')
    throw new AppError('invalid', `there is no format ${format}: use csv or ndjson`);
  const { series, range } = readCandleRequest(asked, Date.now());
  for await (const text of exportCandles(series, range, format, openStore(environment), FOREVER))
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  return 0;
};

/** A line per series. @returns exit status */
export const runList = async (environment: Environment, json: boolean): Promise<number> => {
  for (const series of await listSeries(openStore(environment), FOREVER)) {
    const { symbol, interval, state, stretches } = series;
    if (json) {
      process.stdout.write(`${JSON.stringify(series)}\n`);
      continue;
    }
    const shown = stretches.map(({ from, to }) => `${from} to ${to}`).join(', ');
    process.stdout.write(`${symbol} ${interval} ${state} ${shown}\n`);
  }
  return 0;
};

/** Every problem on a line, then what was counted. @returns exit status: 0 when nothing is wrong, or is not any more */
export const runVerify = async (
  asked: AskedCandles,
  task: VerifyTask,
  environment: Environment,
  json: boolean,
): Promise<number> => {
  if (!Number.isInteger(task.sample) || task.sample < 0)
    throw new AppError('invalid', 'sample: must be a whole number, e.g. 10');
  const store = openStore(environment);
  const exchangeClock = createExchangeClock(systemClock.now);
  const session = openSession({
    baseUrl: environment.MEXC_REST_URL ?? 'https://api.mexc.com',
    credentials: () => Promise.reject(new AppError('no_key', 'candles need no key')),
    clock: systemClock,
    exchangeClock,
  });
  const candling = {
    store,
    source: createCandleSource(session, exchangeClock),
    clock: systemClock,
    log: SILENT,
  };
  const stored = await store.allSeries(FOREVER);
  let wrong = 0;
  for (const series of wanted(asked, stored)) {
    const record = stored.find((each) => each.kind === 'series' && isSame(each.record, series));
    const known = record?.kind === 'series' ? record.record : undefined;
    const { problems, ...counts } = await verifySeries(series, known, task, candling, FOREVER);
    const name = `${series.symbol} ${series.interval}`;
    wrong += problems.filter(({ repaired }) => !repaired).length;
    if (json) {
      process.stdout.write(`${JSON.stringify({ ...series, ...counts, problems })}\n`);
      continue;
    }
    for (const { window, problem, repaired } of problems)
      process.stdout.write(`${name} ${window ?? ''} ${problem}${repaired ? ' (repaired)' : ''}\n`);
    process.stdout.write(`${name} ${JSON.stringify({ ...counts, problems: problems.length })}\n`);
  }
  await session.close();
  return wrong === 0 ? 0 : 1;
};

const isSame = (a: Series, b: Series): boolean => a.symbol === b.symbol && a.interval === b.interval;

const wanted = ({ symbol, interval }: AskedCandles, stored: readonly StoredSeries[]): readonly Series[] => {
  const all = stored.map((each) => (each.kind === 'series' ? each.record : each.series));
  if (symbol === undefined) return all;
  const named = readSymbol(symbol);
  if (interval !== undefined) return [{ symbol: named, interval: readInterval(interval) }];
  return all.filter((each) => each.symbol === named);
};
