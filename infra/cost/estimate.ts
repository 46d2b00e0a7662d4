import { type Config, ConfigError } from '../config.ts';
import { ALWAYS_FREE, PRICES, PRICES_OF, type PriceName, REGIONS, type Region } from './prices.ts';
import { floodOf, type Invocations, type Quantities, quantitiesOf } from './quantities.ts';
import { HOURS, resourcesIn } from './resources.ts';
import { REFUSED, UNAUTHORIZED } from './work.ts';

/** One line of the bill. */
interface Item {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
  readonly usd: number;
  /** The same after the always-free tier. */
  readonly afterFree: number;
  /** Whether the price was found on a published page. */
  readonly confirmed: boolean;
}

export interface Estimate {
  readonly region: Region;
  readonly pricesOf: string;
  readonly items: readonly Item[];
  /** USD a month. */
  readonly total: number;
  readonly afterFree: number;
  /** USD on top, at the throttle of the webhook, free tier already used up. */
  readonly flood: {
    readonly perSecond: number;
    /** Anybody, without a token. */
    readonly day: number;
    readonly month: number;
    /** With a token that leaked; limits refuse the orders. */
    readonly tokenDay: number;
    readonly tokenMonth: number;
  };
  /** After the always-free tier, against the configuration's budget. */
  readonly aboveBudget: boolean;
}

interface Line {
  readonly service: string;
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
}

const DAY = 86_400;
const MONTH = HOURS * 3_600;

/** What a configuration costs a month. @param template as it was synthesized */
export const estimate = (config: Config, template: unknown, region: Region): Estimate => {
  const resources = resourcesIn(template);
  const quantities = quantitiesOf(config, resources);
  const items = priced(linesOf(quantities), region, ALWAYS_FREE);
  const total = totalOf(items, 'usd');
  const afterFree = totalOf(items, 'afterFree');
  const flood = (kind: typeof REFUSED, seconds: number): number =>
    totalOf(priced(floodLines(floodOf(kind, resources, seconds)), region, {}), 'usd');
  return {
    region,
    pricesOf: PRICES_OF,
    items,
    total,
    afterFree,
    flood: {
      perSecond: resources.webhookRate,
      day: flood(UNAUTHORIZED, DAY),
      month: flood(UNAUTHORIZED, MONTH),
      tokenDay: flood(REFUSED, DAY),
      tokenMonth: flood(REFUSED, MONTH),
    },
    aboveBudget: config.budget !== undefined && afterFree > config.budget.monthlyUsd,
  };
};

const totalOf = (items: readonly Item[], which: 'usd' | 'afterFree'): number =>
  items.reduce((sum, item) => sum + item[which], 0);

/** Free amounts are used up from the first line on. */
const priced = (
  lines: readonly Line[],
  region: Region,
  free: Readonly<Partial<Record<PriceName, number>>>,
): Item[] => {
  const left: Partial<Record<PriceName, number>> = { ...free };
  return lines
    .filter(({ quantity }) => quantity > 0)
    .map((line) => {
      const { usd, confirmed } = PRICES[region][line.price];
      const covered = Math.min(left[line.price] ?? 0, line.quantity);
      left[line.price] = (left[line.price] ?? 0) - covered;
      return { ...line, usd: line.quantity * usd, afterFree: (line.quantity - covered) * usd, confirmed };
    });
};

const byDeployable = (all: readonly Invocations[]): Map<string, { count: number; gbSeconds: number }> => {
  const sums = new Map<string, { count: number; gbSeconds: number }>();
  for (const { deployable, perMonth, gbSeconds, isPart } of all) {
    if (deployable === 'stream') continue;
    const sum = sums.get(deployable) ?? { count: 0, gbSeconds: 0 };
    sums.set(deployable, {
      count: sum.count + (isPart ? 0 : perMonth),
      gbSeconds: sum.gbSeconds + gbSeconds,
    });
  }
  return sums;
};

const functionLines = (invocations: readonly Invocations[]): Line[] =>
  [...byDeployable(invocations)].flatMap(([name, { count, gbSeconds }]) => [
    { service: 'Lambda', what: `${name}, requests`, price: 'lambdaRequest', quantity: count } as const,
    { service: 'Lambda', what: `${name}, GB-s`, price: 'lambdaGbSecond', quantity: gbSeconds } as const,
  ]);

const tableLines = (invocations: readonly Invocations[]): Line[] => {
  const purposes = [...new Set(invocations.map(({ purpose }) => purpose))];
  return purposes.flatMap((purpose) => {
    const own = invocations.filter((each) => each.purpose === purpose);
    const sum = (units: 'reads' | 'writes') =>
      own.reduce((all, each) => all + each.perMonth * each[units], 0);
    return [
      {
        service: 'DynamoDB',
        what: `${purpose}, write units`,
        price: 'dynamoWrite',
        quantity: sum('writes'),
      } as const,
      {
        service: 'DynamoDB',
        what: `${purpose}, read units`,
        price: 'dynamoRead',
        quantity: sum('reads'),
      } as const,
    ];
  });
};

const linesOf = (quantities: Quantities): Line[] => {
  const { task } = quantities;
  const [cpu, memory] = task?.spot
    ? (['fargateSpotCpuHour', 'fargateSpotGbHour'] as const)
    : (['fargateCpuHour', 'fargateGbHour'] as const);
  return [
    ...functionLines(quantities.invocations),
    { service: 'API Gateway', what: 'requests', price: 'httpRequest', quantity: quantities.httpRequests },
    ...tableLines(quantities.invocations),
    {
      service: 'DynamoDB',
      what: 'GB stored, after a year',
      price: 'dynamoGbMonth',
      quantity: quantities.storedGb,
    },
    {
      service: 'DynamoDB',
      what: 'GB of backups, after a year',
      price: 'dynamoBackupGbMonth',
      quantity: quantities.storedGb,
    },
    {
      service: 'Scheduler',
      what: 'runs',
      price: 'schedulerInvocation',
      quantity: quantities.schedulerInvocations,
    },
    { service: 'Secrets Manager', what: 'secrets', price: 'secretMonth', quantity: quantities.secrets },
    { service: 'Secrets Manager', what: 'calls', price: 'secretCall', quantity: quantities.secretCalls },
    { service: 'CloudWatch', what: 'metrics', price: 'metricMonth', quantity: quantities.metrics },
    { service: 'CloudWatch', what: 'metrics of alarms', price: 'alarmMonth', quantity: quantities.alarms },
    { service: 'CloudWatch', what: 'dashboards', price: 'dashboardMonth', quantity: quantities.dashboards },
    { service: 'CloudWatch', what: 'GB of log', price: 'logGb', quantity: quantities.logGb },
    {
      service: 'CloudWatch',
      what: 'GB of log kept a month',
      price: 'logGbMonth',
      quantity: quantities.logGb,
    },
    { service: 'SQS', what: 'requests', price: 'sqsFifoRequest', quantity: quantities.queueRequests },
    {
      service: 'Fargate',
      what: 'vCPU hours',
      price: cpu,
      quantity: quantities.taskHours * (task?.cpus ?? 0),
    },
    { service: 'Fargate', what: 'GB hours', price: memory, quantity: quantities.taskHours * (task?.gb ?? 0) },
    { service: 'ECR', what: 'GB of the image', price: 'ecrGbMonth', quantity: quantities.imageGb },
    { service: 'EC2', what: 'NAT instance, hours', price: 'natInstanceHour', quantity: quantities.natHours },
    { service: 'EC2', what: 'GB of its disk', price: 'diskGbMonth', quantity: quantities.diskGb },
    { service: 'VPC', what: 'public IPv4, hours', price: 'ipv4Hour', quantity: quantities.ipv4Hours },
    { service: 'Transfer', what: 'GB to the internet', price: 'transferGb', quantity: quantities.transferGb },
  ];
};

const floodLines = ({ invocations, httpRequests, logGb, transferGb }: ReturnType<typeof floodOf>): Line[] => [
  ...functionLines(invocations),
  { service: 'API Gateway', what: 'requests', price: 'httpRequest', quantity: httpRequests },
  ...tableLines(invocations),
  { service: 'CloudWatch', what: 'GB of log', price: 'logGb', quantity: logGb },
  { service: 'CloudWatch', what: 'GB of log kept a month', price: 'logGbMonth', quantity: logGb },
  { service: 'Transfer', what: 'GB to the internet', price: 'transferGb', quantity: transferGb },
];

/** @throws ConfigError when it is above the configuration's budget */
export const withinBudget = ({ budget }: Config, result: Estimate): Estimate => {
  if (!budget || !result.aboveBudget) return result;
  throw new ConfigError(
    `The estimate of ${usd(result.afterFree)} USD a month is above the budget of ${usd(budget.monthlyUsd)} (budget.monthlyUsd). npm run cost says what for.`,
  );
};

/** The one line that every synthesis prints. */
export const inOneLine = ({ region, total, afterFree, pricesOf }: Estimate): string =>
  `Estimated cost: ${usd(afterFree)} USD a month after the always-free tier, ${usd(total)} without it (${region}, prices of ${pricesOf}; npm run cost says what for).`;

/** @returns a table, the totals, and the worst case of a flood */
export const inLines = (result: Estimate, budget: number | undefined): string[] => {
  const { items, region, pricesOf, total, afterFree, flood } = result;
  const rows = items.map((item) => [
    item.service,
    item.what,
    amount(item.quantity),
    usd(item.usd),
    usd(item.afterFree),
    item.confirmed ? '' : '*',
  ]);
  const head = ['', 'a month', 'quantity', 'USD', 'after free', ''];
  const all = [head, ...rows, ['Total', '', '', usd(total), usd(afterFree), '']];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < 2 || column > 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    ...all.map(line),
    '',
    `Prices of ${region}, ${pricesOf}; * was not found on a published page. After free: what AWS never charges an account for is taken off.`,
    `A flood of ${flood.perSecond} requests a second at the webhook, the most that is let through, costs on top: ${usd(flood.day)} USD a day, ${usd(flood.month)} a month; with a token that leaked ${usd(flood.tokenDay)} a day, ${usd(flood.tokenMonth)} a month.`,
    ...(budget === undefined
      ? []
      : [
          `The budget is ${usd(budget)} USD a month: ${result.aboveBudget ? 'the estimate is above it' : 'kept'}.`,
        ]),
  ];
};

const usd = (value: number): string => value.toFixed(2);

const amount = (value: number): string =>
  value >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** The prices to use for a region: those of the recommended one where it has none here. */
export const regionOf = (name: string | undefined): Region =>
  REGIONS.find((region) => region === name) ?? 'ap-northeast-1';
