import { readFileSync, writeFileSync } from 'node:fs';
import type { CandleResults } from './candles.ts';
import type { ColdStartResults } from './cold-start.ts';
import type { OrderResults } from './orders.ts';
import type { Ratio } from './statistics.ts';
import type { StreamResults } from './stream.ts';
import type { DelayResults } from './stream-delay.ts';
import type { WebhookResults } from './webhook.ts';

const README = new URL('../../README.md', import.meta.url);
const RESULTS = new URL('results.json', import.meta.url);
const BEGIN = '<!-- npm run bench writes from here -->';
const END = '<!-- to here -->';

/** What can be measured by itself. */
export const PARTS = ['orders', 'coldStart', 'webhook', 'candles', 'stream', 'delay'] as const;
export type Part = (typeof PARTS)[number];
export const isPart = (text: string): text is Part => PARTS.some((part) => part === text);

/** Figures of the parts that were measured. */
export interface Results {
  readonly node: string;
  readonly ccxt: string;
  readonly orders?: OrderResults | undefined;
  readonly coldStart?: ColdStartResults | undefined;
  readonly webhook?: WebhookResults | undefined;
  readonly candles?: CandleResults | undefined;
  readonly stream?: StreamResults | undefined;
  readonly delay?: DelayResults | undefined;
}

interface Target {
  readonly what: string;
  readonly most?: number;
  readonly least?: number;
  readonly is: number | undefined;
}

/** What is aimed at, and whether this run came up to it. */
export const targetsOf = ({ orders, coldStart, candles, stream }: Results) => {
  const prices = stream?.prices ?? [];
  const [fewest] = prices;
  const targets: readonly Target[] = [
    { what: 'CPU per order, of ccxt', most: 0.333, is: orders?.cpuOfCcxt.median },
    { what: 'latency of an order, of bare undici', most: 1.25, is: orders?.latencyOfUndici.median },
    { what: 'cold start to the first answer, of ccxt', most: 0.333, is: coldStart?.firstOfCcxt.median },
    {
      what: 'cold start to the first answer, of an empty handler',
      most: 2.5,
      is: coldStart?.firstOfEmpty.median,
    },
    { what: 'bytes of the bundle', most: 1_000_000, is: coldStart?.contenders.ours.bytes },
    { what: 'CPU per candle, of ccxt', most: 0.333, is: candles?.cpuOfCcxt.median },
    { what: 'backfill of a year of 1m, s', most: 25, is: candles?.year.seconds },
    { what: 'frames per CPU-second, of ccxt.pro', least: 5, is: stream?.rateOfCcxt.median },
    { what: 'frames per CPU-second, of bare ws', least: 0.5, is: stream?.rateOfWs.median },
    {
      what: 'CPU per frame of the most prices, of the fewest',
      most: 1.5,
      is: fewest && Math.max(...prices.map(({ cpu }) => cpu)) / fewest.cpu,
    },
  ];
  return targets.flatMap((target) => {
    const { is, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = target;
    return is === undefined ? [] : [{ ...target, is, met: is <= most && is >= least }];
  });
};

/** Keeps the results beside those of the parts that were not measured now, and puts all tables into the README. */
export const keep = (fresh: Results): void => {
  const kept: Results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const results: Results = { ...kept, ...JSON.parse(JSON.stringify(fresh)) };
  writeFileSync(RESULTS, `${JSON.stringify({ ...results, targets: targetsOf(results) }, null, 2)}\n`);
  const readme = readFileSync(README, 'utf8');
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error('the README has no place for the tables');
  writeFileSync(
    README,
    `${readme.slice(0, from + BEGIN.length)}\n\n${tablesOf(results)}\n\n${readme.slice(to)}`,
  );
};

const table = (...rows: readonly (readonly (string | number)[])[]): string => {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

const spread = ({ median, least, most }: Ratio): string => `${median} (${least} to ${most})`;

/** The tables as Markdown. */
export const tablesOf = ({ ccxt, ...results }: Results): string =>
  [
    results.orders && ordersTable(results.orders, ccxt),
    results.coldStart && coldStartTable(results.coldStart, ccxt),
    results.webhook && webhookTable(results.webhook),
    results.candles && candlesTable(results.candles, ccxt),
    results.stream && streamTable(results.stream, ccxt),
    results.delay && delayTable(results.delay),
  ]
    .filter((made) => made !== undefined)
    .join('\n\n');

const ordersTable = (orders: OrderResults, version: string): string => {
  const { ours, ccxt, undici } = orders.contenders;
  return [
    table(
      ['One signed order, request to parsed acknowledgement', 'ours', `ccxt ${version}`, 'bare undici'],
      ['CPU, µs', ours.cpu, ccxt.cpu, undici.cpu],
      ['latency p50, ms', ours.p50, ccxt.p50, undici.p50],
      ['latency p99, ms', ours.p99, ccxt.p99, undici.p99],
      ['allocated, KiB', ours.allocated, ccxt.allocated, undici.allocated],
      ['memory of the process after the run, MiB', ours.rss, ccxt.rss, undici.rss],
    ),
    `Of ccxt's: CPU ${spread(orders.cpuOfCcxt)}, latency ${spread(orders.latencyOfCcxt)}. ` +
      `Of bare undici's: CPU ${spread(orders.cpuOfUndici)}, latency ${spread(orders.latencyOfUndici)}.`,
  ].join('\n\n');
};

const coldStartTable = (coldStart: ColdStartResults, version: string): string => {
  const { ours, ccxt, empty } = coldStart.contenders;
  return [
    table(
      ['Cold start of `place-order`, from the start of the process', 'ours', `ccxt ${version}`, 'empty'],
      ['ready for the first event, ms', ours.init, ccxt.init, empty.init],
      ['first alert answered, ms', ours.first, ccxt.first, empty.first],
      ['of these with their fills, %', ours.complete * 100, '–', '–'],
      ['bundle, bytes', ours.bytes, ccxt.bytes, empty.bytes],
    ),
    `To the first answer: ${spread(coldStart.firstOfCcxt)} of ccxt's, ${spread(coldStart.firstOfEmpty)} of the empty ` +
      `handler's. Until ready: ${spread(coldStart.initOfCcxt)} and ${spread(coldStart.initOfEmpty)}.`,
  ].join('\n\n');
};

const webhookTable = (webhook: WebhookResults): string =>
  table(
    ['Webhook through the local stack', 'senders', 'requests/s', 'of one sender', 'p50 ms', 'p99 ms'],
    ...webhook.rows.map(({ what, senders, perSecond = '–', growth = '–', p50, p99 }) => [
      what,
      senders,
      perSecond,
      growth,
      p50,
      p99,
    ]),
  );

const candlesTable = ({ size, cpu, cpuOfCcxt, year }: CandleResults, version: string): string =>
  [
    table(
      ['Candles', 'ours, ready to store', `ccxt ${version}, fetched only`],
      ['CPU per candle, µs', cpu.ours, cpu.ccxt],
    ),
    `Of ccxt's: ${spread(cpuOfCcxt)}. A backfill of ${size.days} days of 1m (${year.candles} candles) from a simulator without limits ` +
      `into the embedded engine takes ${year.seconds} s; memory is ${year.rssHalf} MiB half way and ${year.rss} MiB at the end.`,
  ].join('\n\n');

const streamTable = ({ size, contenders, prices, ...rates }: StreamResults, version: string): string => {
  const { ours, ccxt, ws } = contenders;
  const perSecond = ({ cpu }: { readonly cpu: number }): number => Math.round(1_000_000 / cpu);
  return [
    table(
      [
        `Stream of ${size.symbols} symbols, ten with their order book`,
        'ours',
        `ccxt.pro ${version}`,
        'bare ws',
      ],
      ['frames per CPU-second', perSecond(ours), perSecond(ccxt), perSecond(ws)],
      ['CPU per frame, µs', ours.cpu, ccxt.cpu, ws.cpu],
      ['allocated per frame, bytes', ours.allocated, ccxt.allocated, ws.allocated],
      ['memory of the process after the run, MiB', ours.rss, ccxt.rss, ws.rss],
    ),
    `Frames per CPU-second: ${spread(rates.rateOfCcxt)} times ccxt.pro's, ${spread(rates.rateOfWs)} times those of bare ws, ` +
      'which decodes nothing.',
    table(
      ['Last prices of so many symbols', 'CPU per frame, µs', 'allocated per frame, bytes', 'memory, MiB'],
      ...prices.map(({ symbols, cpu, allocated, rss }) => [symbols, cpu, allocated, rss]),
    ),
  ].join('\n\n');
};

const delayTable = ({ cancelled, filled }: DelayResults): string =>
  table(
    ['From the frame that tells of an order to the order in the store', 'p50 ms', 'p99 ms'],
    ['cancelled', cancelled.p50, cancelled.p99],
    ['filled, its trades read first', filled.p50, filled.p99],
  );
