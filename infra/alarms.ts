import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName } from '../lib/runtime/metric-names.ts';
import { withLogicalId } from './logical-id.ts';

/** What an alarm is about. */
interface Watched {
  readonly placeOrder: IFunction;
  readonly apiId: string;
  readonly accessLog: ILogGroup;
  readonly failedRuns: IQueue;
  /** Absent without channels. */
  readonly noticesAside: IQueue | undefined;
  readonly stream: boolean;
  /** Whether some strategy says how often it expects an alert. */
  readonly alertsExpected: boolean;
  readonly snapshotEveryMinutes: number;
  readonly pullEveryMinutes: number;
}

export interface AlarmsProps extends Watched {
  /** Is told when an alarm goes off, and when it is over. */
  readonly topic: ITopic;
}

interface AlarmSpec {
  readonly metric: IMetric;
  /** Alarm from this value on; `atMost`: down to it. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Periods in a row. @default 1 */
  readonly periods?: number;
  readonly missing: TreatMissingData;
  /** Who suffers, and of what. One line, as every messenger shows it. */
  readonly who: string;
  /** What to do first. One line. */
  readonly first: string;
}

/** One of our own metrics. */
export const own = (metricName: MetricName, statistic: string, period = Duration.minutes(1)): Metric =>
  new Metric({ namespace: METRIC_NAMESPACE, metricName, statistic, period });

const FIVE_MINUTES = Duration.minutes(5);
/** Where the sections are that the alarms lead to; each is named after its alarm. */
const RUNBOOK = 'infra/runbook.md';
/** Longest line that every messenger shows whole. */
const LONGEST_LINE = 160;

/** The section of an alarm in the runbook; alarms that differ by a number share one. */
const anchorOf = (alarm: string): string =>
  alarm
    .replace(/\d+$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

/** Every alarm. None exists without a sentence on who suffers, a first step and a section in the runbook. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { topic, ...watched }: AlarmsProps) {
    super(scope, id);
    this.#countThrottles(watched.accessLog);
    const action = new SnsAction(topic);
    this.all = Object.entries({ ...tradingAlarms(watched), ...webhookAlarms(watched), ...keyAlarms() }).map(
      ([name, spec]) => {
        const alarm = withLogicalId(new Alarm(this, name, propsOf(name, spec)), `${name}Alarm`);
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
        return alarm;
      },
    );
  }

  /** What API Gateway refuses itself reaches no function, and no metric of its own tells it from our 429. */
  #countThrottles(accessLog: ILogGroup): void {
    const filter = new MetricFilter(this, 'GatewayThrottles', {
      logGroup: accessLog,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.status', '=', '429'),
        FilterPattern.stringValue('$.integrationLatency', '=', '-'),
      ),
      metricNamespace: METRIC_NAMESPACE,
      metricName: 'GatewayThrottles' satisfies MetricName,
      metricValue: '1',
    });
    withLogicalId(filter, 'GatewayThrottles');
  }
}

const propsOf = (name: string, { metric, atLeast, atMost, periods = 1, missing, who, first }: AlarmSpec) => {
  const lines = [who, first, `${RUNBOOK}#${anchorOf(name)}`];
  if (lines.some((line) => line.length > LONGEST_LINE)) throw new Error(`${name} says too much in one line`);
  return {
    metric,
    threshold: atLeast ?? atMost ?? 0,
    comparisonOperator:
      atMost === undefined
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: missing,
    alarmDescription: lines.join('\n'),
  };
};

const tradingAlarms = (watched: Watched): Record<string, AlarmSpec> => ({
  UnknownOrders: {
    metric: own('UnknownOrderAge', Stats.MAXIMUM),
    atLeast: 240,
    // A reconciler that says nothing has an alarm of its own; until it speaks again nothing is over.
    missing: TreatMissingData.IGNORE,
    who: 'The trader: an order may be on the book or not, and its money stays reserved until that is known.',
    first: 'Look whether MEXC answers, then at GET /orders?state=unknown.',
  },
  ReconcilerSilent: {
    metric: own('UnknownOrderAge', Stats.SAMPLE_COUNT, FIVE_MINUTES),
    atMost: 0,
    // It speaks every minute: silence is the very thing that is looked for.
    missing: TreatMissingData.BREACHING,
    who: 'The trader: nobody settles orders, cancels what expires or watches the limits.',
    first: 'Read the latest errors in the log of reconcile-orders; its schedule must be enabled.',
  },
  UnexplainedBalance: {
    metric: own(
      'UnexplainedBalance',
      Stats.MAXIMUM,
      Duration.minutes(Math.max(30, 2 * watched.snapshotEveryMinutes)),
    ),
    atLeast: 1,
    // Two slots without a snapshot: then nothing is proven either.
    missing: TreatMissingData.BREACHING,
    who: 'The trader: coins came or went that no order, transfer or fee explains, or no snapshot is taken.',
    first: 'If you did not move them yourself: delete the API keys on MEXC, then ask why.',
  },
  CandleHoles: {
    metric: own('CandleHoles', Stats.MINIMUM, Duration.minutes(Math.max(30, 3 * watched.pullEveryMinutes))),
    atLeast: 1,
    // No run at all leaves the largest hole.
    missing: TreatMissingData.BREACHING,
    who: 'Whoever reads candles: some are missing, and every pull for half an hour has failed to bring them.',
    first: 'Look in the log of pull-klines which series is behind, and why.',
  },
  FailedRuns: {
    // Sent, not visible: every further failure is told, and nobody has to empty the queue to end the alarm.
    metric: watched.failedRuns.metricNumberOfMessagesSent({ statistic: Stats.SUM, period: FIVE_MINUTES }),
    atLeast: 1,
    // A queue that is not used has no data.
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: a run failed or came too late. The next one makes up for it; several in a row do not.',
    first: 'Read a message of the queue FailedRuns: it names the function and the error.',
  },
  LambdaThrottled: {
    // Of the whole account: its concurrency is shared, whoever uses it up.
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Throttles',
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    }),
    atLeast: 1,
    // Without a request there is nothing to throttle.
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: functions of the account were refused to start; alerts may have been answered with 503.',
    first: 'Compare concurrent executions with the quota of the account; a new one has ten in all.',
  },
  ...(watched.stream && {
    StreamSilent: {
      metric: own('StreamAge', Stats.MAXIMUM),
      atLeast: 60,
      periods: 3,
      // Said by the reconciler, from the first heartbeat on: none means that the task never came up.
      missing: TreatMissingData.BREACHING,
      who: 'The trader: fills are seen up to a minute later, by polling; nothing is lost.',
      first: 'Look whether the task of the service runs, and at its latest log lines.',
    },
  }),
  ...(watched.alertsExpected && {
    AlertsOverdue: {
      metric: own('OverdueAlerts', Stats.MAXIMUM),
      atLeast: 1,
      // Said by the reconciler, which has an alarm of its own.
      missing: TreatMissingData.IGNORE,
      who: 'The trader: a strategy that should have sent an alert has sent none; it may trade no more.',
      first: 'See in the log of reconcile-orders which one, then whether its alert is active in TradingView.',
    },
  }),
  ...(watched.noticesAside && {
    NoticesAside: {
      metric: watched.noticesAside.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: FIVE_MINUTES,
      }),
      atLeast: 1,
      // After six idle hours a queue says nothing; what lies in it still lies there.
      missing: TreatMissingData.IGNORE,
      who: 'The owner: messages of a channel could not be delivered and were put aside.',
      first: 'Look at the entry of the channel in NotifySecret, or whether the e-mail address has confirmed.',
    },
  }),
});

/** Without requests there are no failures: silence is fine for all of these. */
const webhookAlarms = ({ placeOrder, apiId }: Watched): Record<string, AlarmSpec> => ({
  WebhookErrors: {
    metric: new Metric({
      namespace: 'AWS/ApiGateway',
      metricName: '5xx',
      dimensionsMap: { ApiId: apiId },
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    }),
    // One alert that fails is delivered again three times.
    atLeast: 3,
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: alerts were answered with 5xx; nothing was sent for them, and TradingView gives up soon.',
    first: 'Read the latest errors in the log of place-order: a missing secret, a throttle, a timeout.',
  },
  WebhookThrottled: {
    metric: own('GatewayThrottles', Stats.SUM),
    atLeast: 1,
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: API Gateway turned requests away (25 a second); an alert among them is lost.',
    first: 'See in the access log who sends so much.',
  },
  WebhookSlow: {
    metric: placeOrder.metricDuration({ statistic: Stats.percentile(99), period: FIVE_MINUTES }),
    atLeast: 2_500,
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: alerts take longer than the 3 s that TradingView waits; it then counts them as failed.',
    first: 'Compare the latency of MEXC (`ms` of "order sent") with that of DynamoDB on the dashboard.',
  },
  RefusedAlerts: {
    metric: own('RefusedAlerts', Stats.SUM, FIVE_MINUTES),
    atLeast: 20,
    missing: TreatMissingData.NOT_BREACHING,
    who: 'The trader: many alerts are refused; a template, a limit or a token is wrong, or a stranger tries.',
    first: 'See GET /orders?state=refused for the reason; if there is none, the access log for 401.',
  },
});

/** Heads-up, then three calls to act. The exchange's own button to renew a key is there for its last five days only. */
const keyAlarms = (): Record<string, AlarmSpec> =>
  Object.fromEntries(
    [14, 5, 3, 1].map((days): [string, AlarmSpec] => [
      `KeyExpires${days}`,
      {
        metric: own('KeyDaysLeft', Stats.MINIMUM, Duration.days(1)),
        atMost: days,
        // It is asked for once a day, and not while the exchange does not answer.
        missing: TreatMissingData.IGNORE,
        who: `The trader: an API key ends in ${days} day${days === 1 ? '' : 's'} or less, or is refused already; without it nothing trades.`,
        first:
          days > 5
            ? "Heads-up: MEXC's renewal button appears 5 days before the end. A key bound to an address never expires."
            : 'Renew it on MEXC (the button appears 5 days before the end), or bind it to an address: then it never expires.',
      },
    ]),
  );
