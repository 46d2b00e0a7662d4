import { seriesOf } from '../../lib/domain/settings.ts';
import { METRICS } from '../../lib/runtime/metric-names.ts';
import type { Config } from '../config.ts';
import { HOURS, type Resources } from './resources.ts';
import {
  ALERT,
  COLD_MS,
  gbSecondsOf,
  idleRun,
  pull,
  refresh,
  SEEN_AGAIN,
  snapshot,
  type Work,
} from './work.ts';

interface Kind {
  readonly what: string;
  readonly deployable: string;
  /** What its table units are for. */
  readonly purpose: 'orders' | 'reconciliation' | 'candles' | 'balances' | 'stream';
  readonly perMonth: number;
  /** Billed beside the work itself. @default 0 */
  readonly ms?: number;
  /** Part of an invocation that another kind counts. @default false */
  readonly isPart?: boolean;
}

/** Invocations of one kind, or parts of them. */
export interface Invocations extends Omit<Kind, 'ms'>, Work {
  readonly isPart: boolean;
  readonly gbSeconds: number;
}

const LENGTHS: Readonly<Record<string, number>> = {
  ...{
    '1m': 1,
    '5m': 5,
    '15m': 15,
    '30m': 30,
    '60m': 60,
    '4h': 240,
    '1d': 1_440,
    '1W': 10_080,
    '1M': 43_800,
  },
};

/** What lies in the tables after a year, and what a month adds. */
const CANDLE_BYTES = 19;
const ORDER_BYTES = 12_000;
const SNAPSHOT_BYTES = 700;
const MONTHS = 12;

/** Writes of tables that are followed, for each order: of the order and of its strategy. */
const STREAM_BATCHES = 6;
const MESSENGER_MS = 300;
/** Lambda asks a queue with five requests at a time, each of which waits twenty seconds. */
const POLLS_PER_MONTH = 5 * 3 * 60 * HOURS;
/** Send, receive, delete. */
const REQUESTS_PER_MESSAGE = 3;
/** The stream's state is written every ten seconds: the account, and a price for each symbol. */
const STATE_EVERY_S = 10;
const stateBytes = (symbols: number): number => 400 + 25 * symbols;
/** Secrets are read again after five minutes by a process that lives on. */
const SECRET_EVERY_MINUTES = 5;
const ACCESS_LOG_BYTES = 430;
/** A request to the exchange with its share of the connection. */
const REQUEST_BYTES = 1_000;
const ANSWER_BYTES = 2_000;
/** The image of the task in the registry, compressed. */
const IMAGE_GB = 0.09;
const NAT_DISK_GB = 8;

/** Everything that is billed, a month. */
export interface Quantities {
  readonly invocations: readonly Invocations[];
  readonly httpRequests: number;
  /** GB in the tables after a year of this. */
  readonly storedGb: number;
  readonly schedulerInvocations: number;
  readonly secrets: number;
  readonly secretCalls: number;
  readonly metrics: number;
  readonly alarms: number;
  readonly dashboards: number;
  readonly logGb: number;
  readonly queueRequests: number;
  readonly transferGb: number;
  readonly ipv4Hours: number;
  readonly taskHours: number;
  readonly task: Resources['task'];
  readonly imageGb: number;
  readonly natHours: number;
  readonly diskGb: number;
}

/** How much of everything a configuration takes in a month of 730 hours. @param resources of its template */
export const quantitiesOf = (config: Config, resources: Resources): Quantities => {
  const symbols = config.symbols.length;
  const { alertsPerMonth } = config.expected;
  const minutes = seriesOf(config.candles, config.symbols).map(({ interval }) => LENGTHS[interval] ?? 1);
  const channels = Object.keys(config.notifications.channels).length;
  const memoryOf = (deployable: string): number => resources.memory.get(deployable) ?? 0;
  const runsOf = (deployable: string): number => resources.runs.get(deployable) ?? 0;
  const many = (kind: Kind, work: Partial<Work>): Invocations => {
    const { ms = 0, isPart = false, ...named } = kind;
    const whole = { exchange: 0, tables: 0, reads: 0, writes: 0, log: 0, ...work };
    const gbSeconds = kind.perMonth * gbSecondsOf(whole, memoryOf(kind.deployable), isPart ? undefined : ms);
    return { ...named, ...whole, isPart, gbSeconds };
  };
  const reconciles = { deployable: 'reconcile-orders', purpose: 'reconciliation' } as const;
  const invocations: Invocations[] = [
    many(
      { what: 'alerts', deployable: 'place-order', purpose: 'orders', perMonth: alertsPerMonth, ms: COLD_MS },
      ALERT,
    ),
    many({ what: 'runs', ...reconciles, perMonth: runsOf('reconcile-orders') }, idleRun(symbols)),
    many({ what: 'orders seen again', ...reconciles, perMonth: alertsPerMonth, isPart: true }, SEEN_AGAIN),
    many({ what: 'refreshes of the rules', ...reconciles, perMonth: HOURS, isPart: true }, refresh(symbols)),
    many(
      { what: 'pulls', deployable: 'pull-klines', purpose: 'candles', perMonth: runsOf('pull-klines') },
      pull(minutes, config.candles.everyMinutes),
    ),
    many(
      {
        ...{ what: 'snapshots', deployable: 'snapshot-balances', purpose: 'balances' },
        ...{ perMonth: runsOf('snapshot-balances'), ms: COLD_MS },
      },
      snapshot(symbols),
    ),
  ];
  if (channels > 0) {
    const told = {
      deployable: 'notify',
      purpose: 'orders',
      perMonth: alertsPerMonth * STREAM_BATCHES,
    } as const;
    const sent = {
      deployable: 'send-notice',
      purpose: 'orders',
      perMonth: alertsPerMonth * channels,
    } as const;
    invocations.push(
      many({ what: 'writes to tell of', ...told }, { tables: channels }),
      many({ what: 'messages', ...sent, ms: MESSENGER_MS }, { tables: 2 }),
    );
  }
  const { task } = resources;
  if (task) {
    const states = {
      deployable: 'stream',
      purpose: 'stream',
      perMonth: (HOURS * 3_600) / STATE_EVERY_S,
    } as const;
    const writes = Math.ceil(stateBytes(symbols) / 1_024);
    // The task is billed by the hour, not by what it does.
    invocations.push({ ...many({ what: 'states', ...states }, { tables: 1, writes }), gbSeconds: 0 });
  }
  const log =
    invocations.reduce((sum, each) => sum + each.perMonth * each.log, 0) + alertsPerMonth * ACCESS_LOG_BYTES;
  const exchange = invocations.reduce((sum, each) => sum + each.perMonth * each.exchange, 0);
  const candles = minutes.reduce((sum, length) => sum + (HOURS * 60) / length, 0);
  const stored =
    MONTHS *
    (candles * CANDLE_BYTES + alertsPerMonth * ORDER_BYTES + runsOf('snapshot-balances') * SNAPSHOT_BYTES);
  const scheduled = [...resources.runs.values()].reduce((sum, each) => sum + each, 0);
  const always = (HOURS * 60) / SECRET_EVERY_MINUTES;
  return {
    invocations,
    httpRequests: alertsPerMonth,
    storedGb: stored / 1e9,
    schedulerInvocations: scheduled,
    secrets: resources.secrets,
    // The reconciler, each snapshot, two by each alert, and the task.
    secretCalls: always + runsOf('snapshot-balances') + 2 * alertsPerMonth + (task ? always : 0),
    metrics: Object.keys(METRICS).length,
    alarms: resources.alarms,
    dashboards: resources.dashboards,
    logGb: log / 1e9,
    queueRequests:
      resources.polledQueues * POLLS_PER_MONTH + alertsPerMonth * channels * REQUESTS_PER_MESSAGE,
    transferGb: (exchange * REQUEST_BYTES + alertsPerMonth * ANSWER_BYTES) / 1e9,
    ipv4Hours: HOURS * ((task ? 1 : 0) + resources.natInstances),
    taskHours: task ? HOURS : 0,
    task,
    imageGb: task ? IMAGE_GB : 0,
    natHours: HOURS * resources.natInstances,
    diskGb: NAT_DISK_GB * resources.natInstances,
  };
};

/** What requests at the throttle take, so many seconds long. @param kind of the requests */
export const floodOf = (
  kind: Work,
  { webhookRate, memory }: Pick<Resources, 'webhookRate' | 'memory'>,
  seconds: number,
): Pick<Quantities, 'invocations' | 'httpRequests' | 'logGb' | 'transferGb'> => {
  const requests = webhookRate * seconds;
  const invocation: Invocations = {
    ...{
      what: 'flood',
      deployable: 'place-order',
      purpose: 'orders',
      perMonth: requests,
      isPart: false,
      ...kind,
    },
    gbSeconds: requests * gbSecondsOf(kind, memory.get('place-order') ?? 0, 0),
  };
  return {
    invocations: [invocation],
    httpRequests: requests,
    logGb: (requests * (kind.log + ACCESS_LOG_BYTES)) / 1e9,
    transferGb: (requests * ANSWER_BYTES) / 1e9,
  };
};
