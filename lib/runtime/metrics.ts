import { METRIC_NAMESPACE, METRICS, type MetricName } from './metric-names.ts';

/** What is to be said of each metric; `undefined`: nothing. */
export type MetricValues = Readonly<Partial<Record<MetricName, number | undefined>>>;

/**
 * Says values of metrics as one line of CloudWatch's embedded metric format: Lambda and awslogs hand the line on as it is, and
 * CloudWatch Logs takes the metrics out of any log group. By hand, since a library for it would carry place-order over its limit.
 * @param at epoch ms
 * @param write takes the line. Not the console, which Lambda would put into an envelope that is not looked into
 */
export const emitMetrics = (
  values: MetricValues,
  at: number,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): void => {
  const known = named(values);
  if (known.length === 0) return;
  const Metrics = known.map(([Name]) => ({ Name, Unit: METRICS[Name].unit }));
  const description = { Namespace: METRIC_NAMESPACE, Dimensions: [[]], Metrics };
  const line = { _aws: { Timestamp: at, CloudWatchMetrics: [description] }, ...Object.fromEntries(known) };
  write(`${JSON.stringify(line)}\n`);
};

const isName = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

const named = (values: MetricValues): readonly (readonly [MetricName, number])[] =>
  Object.entries(values).flatMap(([name, value]) =>
    isName(name) && value !== undefined && Number.isFinite(value) ? [[name, value] as const] : [],
  );
