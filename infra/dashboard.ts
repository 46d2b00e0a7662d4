import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
  PeriodOverride,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS, type MetricName } from '../lib/runtime/metric-names.ts';
import { own } from './alarms.ts';
import type { PublicApi } from './http-api.ts';
import { withLogicalId } from './logical-id.ts';
import type { NodeFunction } from './node-function.ts';
import type { Tables } from './tables.ts';

export interface DashboardProps {
  readonly alarms: readonly Alarm[];
  readonly api: PublicApi;
  readonly placeOrder: NodeFunction<unknown>;
  readonly reconcileOrders: NodeFunction<unknown>;
  readonly functions: readonly NodeFunction<unknown>[];
  readonly tables: Tables;
  readonly queues: readonly IQueue[];
  /** Absent without a stream. */
  readonly stream: FargateService | undefined;
}

/** Of the 24 columns. */
const THIRD = 8;
const HALF = 12;
const ALL = 24;
const HEIGHT = 6;
const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);

/** How each of our own metrics is best looked at. */
const STATISTIC: Readonly<Record<MetricName, string>> = {
  UnknownOrderAge: Stats.MAXIMUM,
  OverdueAlerts: Stats.MAXIMUM,
  StreamAge: Stats.MAXIMUM,
  KeyDaysLeft: Stats.MINIMUM,
  CandleHoles: Stats.MAXIMUM,
  UnexplainedBalance: Stats.MAXIMUM,
  Equity: Stats.AVERAGE,
  WeightUsed: Stats.SUM,
  RefusedAlerts: Stats.SUM,
  GatewayThrottles: Stats.SUM,
};

/** The one page to look at: how trading does on top, what it runs on below. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, `${id}Widgets`);
    withLogicalId(
      new Dashboard(this, 'Resource', {
        defaultInterval: Duration.days(1),
        // A period of a day for the key would otherwise be shortened with the others.
        periodOverride: PeriodOverride.INHERIT,
        widgets: [
          [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: ALL, height: 4 })],
          [heading('Trading')],
          ...trading(props),
          [heading('Resources')],
          ...resources(props),
        ],
      }),
      id,
    );
  }
}

const heading = (text: string): IWidget => new TextWidget({ markdown: `## ${text}`, width: ALL, height: 1 });

const graph = (title: string, left: readonly IMetric[], width = THIRD): GraphWidget =>
  new GraphWidget({ title, left: [...left], width, height: HEIGHT, leftYAxis: { min: 0 } });

/** One of our own metrics, under what it means. */
const ours = (name: MetricName, title: string, period = FIVE_MINUTES, limit?: number): GraphWidget =>
  new GraphWidget({
    title,
    left: [own(name, STATISTIC[name], period).with({ label: METRICS[name].meaning })],
    width: THIRD,
    height: HEIGHT,
    // Worth is looked at for its changes; everything else for its distance from nothing.
    ...(name !== 'Equity' && { leftYAxis: { min: 0, ...(name === 'KeyDaysLeft' && { max: 100 }) } }),
    ...(limit !== undefined && { leftAnnotations: [{ value: limit, label: 'limit', color: Color.RED }] }),
  });

const trading = ({ placeOrder, reconcileOrders, api }: DashboardProps): IWidget[][] => [
  [
    new LogQueryWidget({
      title: 'Orders by the state they came into',
      logGroupNames: [placeOrder.logGroup.logGroupName, reconcileOrders.logGroup.logGroupName],
      queryLines: ["filter message = 'orders came into a state'", 'stats sum(count) as orders by state'],
      view: LogQueryVisualizationType.BAR,
      width: THIRD,
      height: HEIGHT,
    }),
    ours('UnknownOrderAge', 'Oldest unknown order, s', FIVE_MINUTES, 240),
    new LogQueryWidget({
      title: 'Webhook latency as the alerting tool sees it, ms',
      logGroupNames: [api.accessLog.logGroupName],
      queryLines: [
        "filter routeKey = 'POST /webhook'",
        'stats pct(latency, 50) as p50, pct(latency, 99) as p99, max(latency) as longest by bin(15m)',
      ],
      view: LogQueryVisualizationType.LINE,
      width: THIRD,
      height: HEIGHT,
    }),
  ],
  [
    ours('StreamAge', "Age of the stream's heartbeat, s", FIVE_MINUTES, 60),
    ours('CandleHoles', 'Missing candles'),
    ours('Equity', 'Equity', Duration.minutes(15)),
  ],
  [
    // What the shared budget hands out: 270 in eleven seconds.
    ours('WeightUsed', 'Weight used in a minute', Duration.minutes(1), 1_470),
    ours('RefusedAlerts', 'Refused alerts'),
    ours('GatewayThrottles', 'Requests turned away by API Gateway'),
  ],
  [
    ours('UnexplainedBalance', 'Unexplained changes of the balance', Duration.minutes(15)),
    ours('KeyDaysLeft', 'Days that the keys have left', Duration.days(1), 5),
    ours('OverdueAlerts', 'Strategies whose alert is overdue'),
  ],
  [
    new LogQueryWidget({
      title: 'Latest warnings and errors',
      logGroupNames: [placeOrder.logGroup.logGroupName, reconcileOrders.logGroup.logGroupName],
      queryLines: [
        'fields @timestamp, level, service, message, order, strategy, reason, error',
        "filter level in ['WARN', 'ERROR']",
        'sort @timestamp desc',
        'limit 50',
      ],
      width: ALL,
      height: HEIGHT,
    }),
  ],
];

const resources = ({ functions, tables, queues, api, stream }: DashboardProps): IWidget[][] => {
  const of = (each: (one: IFunction) => Metric): IMetric[] =>
    functions.map((one) => each(one.function).with({ label: one.deployable }));
  const gateway = (metricName: string): Metric =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: api.apiId },
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    });
  const all = Object.entries(tables).filter((entry): entry is [string, Table] => entry[1] instanceof Table);
  const used = (each: (table: ITable) => Metric): IMetric[] =>
    all.map(([name, table]) => each(table).with({ label: name, statistic: Stats.SUM, period: HOUR }));
  return [
    [
      graph(
        'Invocations',
        of((one) => one.metricInvocations()),
      ),
      graph(
        'Errors',
        of((one) => one.metricErrors()),
      ),
      graph(
        'Duration, longest, ms',
        of((one) => one.metricDuration({ statistic: Stats.MAXIMUM })),
      ),
    ],
    [
      graph(
        'Throttles',
        of((one) => one.metricThrottles()),
      ),
      graph('API Gateway', [gateway('Count'), gateway('4xx'), gateway('5xx')]),
      graph(
        'Messages in dead-letter queues',
        queues.map((queue) => queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM })),
      ),
    ],
    [
      graph(
        'Read units an hour',
        used((table) => table.metricConsumedReadCapacityUnits()),
        HALF,
      ),
      graph(
        'Write units an hour',
        used((table) => table.metricConsumedWriteCapacityUnits()),
        HALF,
      ),
    ],
    ...(stream
      ? [
          [
            graph('Stream task, CPU %', [stream.metricCpuUtilization()], HALF),
            graph('Stream task, memory %', [stream.metricMemoryUtilization()], HALF),
          ],
        ]
      : []),
  ];
};
