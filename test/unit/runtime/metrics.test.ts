import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from '../../../lib/runtime/metric-names.ts';
import { emitMetrics, type MetricValues } from '../../../lib/runtime/metrics.ts';
import { meterWeight } from '../../../lib/runtime/weight-meter.ts';

const NOW = Date.UTC(2026, 10, 22, 10);

const emitted = (values: MetricValues): string[] => {
  const lines: string[] = [];
  emitMetrics(values, NOW, (line) => void lines.push(line));
  return lines;
};

test('Values are one line that CloudWatch takes metrics out of, without any dimension', () => {
  const [line = '', ...more] = emitted({ Equity: 1234.5, UnexplainedBalance: 0 });

  assert.deepEqual(more, []);
  assert.ok(line.endsWith('}\n'));
  assert.deepEqual(JSON.parse(line), {
    _aws: {
      Timestamp: NOW,
      CloudWatchMetrics: [
        {
          Namespace: 'MexcServerless',
          Dimensions: [[]],
          Metrics: [
            { Name: 'Equity', Unit: 'None' },
            { Name: 'UnexplainedBalance', Unit: 'Count' },
          ],
        },
      ],
    },
    Equity: 1234.5,
    UnexplainedBalance: 0,
  });
});

test('What is not known is not said, and nothing at all is no line', () => {
  assert.deepEqual(emitted({}), []);
  assert.deepEqual(emitted({ Equity: undefined, StreamAge: Number.NaN }), []);
  assert.equal(JSON.parse(emitted({ Equity: undefined, StreamAge: 3 })[0] ?? '').StreamAge, 3);
});

test('There are at most ten metrics, each with a meaning', () => {
  assert.ok(Object.keys(METRICS).length <= 10);
  for (const { from, meaning } of Object.values(METRICS)) assert.ok(from.length > 0 && meaning.length > 0);
});

test('The meter counts what was granted, calls times weight, and starts anew each time it is read', async () => {
  const grants = [NOW, undefined, NOW + 1];
  const meter = meterWeight({ take: async () => grants.shift() });
  const take = (calls: number, weight: number) =>
    meter.budget.take({ calls, weight, account: false }, NOW, { deadline: NOW });

  assert.deepEqual([await take(2, 10), await take(1, 25), await take(1, 1)], [NOW, undefined, NOW + 1]);

  assert.equal(meter.taken(), 21);
  assert.equal(meter.taken(), undefined);
});
