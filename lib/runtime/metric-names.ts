/** Where all metrics of this system are found. */
export const METRIC_NAMESPACE = 'MexcServerless';

interface MetricSpec {
  readonly unit: 'Count' | 'Seconds' | 'None';
  /** Who says it, and when. */
  readonly from: string;
  readonly meaning: string;
}

/**
 * Every metric of our own, ten at most: each name costs, and so would each value of a dimension, so none has one. What differs by
 * strategy, symbol or state stands in the log. No value is said where it is not known.
 */
export const METRICS = {
  UnknownOrderAge: {
    unit: 'Seconds',
    from: 'reconcile-orders, every run',
    meaning: 'for how long the oldest order of unknown outcome has been unknown; 0 without one',
  },
  OverdueAlerts: {
    unit: 'Count',
    from: 'reconcile-orders, every minute while a strategy has expectAlertEvery',
    meaning: 'strategies whose next alert is overdue',
  },
  StreamAge: {
    unit: 'Seconds',
    from: 'reconcile-orders, every minute once the stream has run',
    meaning: "age of the stream's heartbeat; one that does not follow the account counts as two minutes old",
  },
  KeyDaysLeft: {
    unit: 'None',
    from: 'reconcile-orders (trade key) and snapshot-balances (read key), once a day',
    meaning: 'days until the key expires; 0 when the exchange refuses it, 999 when it never expires',
  },
  CandleHoles: {
    unit: 'Count',
    from: 'pull-klines, every run',
    meaning:
      'candles that closed half an hour ago or more and are still missing, and series that were not brought up to date',
  },
  UnexplainedBalance: {
    unit: 'Count',
    from: 'snapshot-balances, every run',
    meaning: 'changes of the balance that nothing explains, and that are open',
  },
  Equity: {
    unit: 'None',
    from: 'snapshot-balances, every run',
    meaning: 'worth of the account in the quote currency of the configuration',
  },
  WeightUsed: {
    unit: 'Count',
    from: 'every function and task that reads from the exchange, after its run',
    meaning: "weight taken out of the exchange's read budget",
  },
  RefusedAlerts: {
    unit: 'Count',
    from: 'place-order, for every answer from 400 to 499',
    meaning: 'deliveries that were refused, whoever sent them',
  },
  GatewayThrottles: {
    unit: 'Count',
    from: 'a filter over the access log',
    meaning: 'requests that API Gateway itself answered with 429',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
