import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Config } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { METRIC_NAMESPACE, METRICS } from '../../lib/runtime/metric-names.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const EVERYTHING = {
  strategies: { trend: { expectAlertEvery: 60 } },
  stream: { enabled: true },
  budget: { monthlyUsd: 20 },
  notifications: { channels: { phone: { kind: 'telegram' } } },
};

const synthesize = (config: object): Template => {
  const outdir = temporaryFolder();
  process.on('exit', () => removeFolder(outdir));
  const functions = new URL('../support/local-functions/', import.meta.url);
  return Template.fromStack(
    new MexcServerless(new App({ outdir }), 'mexc-serverless', { config: Config.parse(config), functions }),
  );
};

/** Sections of the runbook by their names, as a link names them. */
const sections = (): Map<string, string> => {
  const text = readFileSync(new URL('../../infra/runbook.md', import.meta.url), 'utf8');
  const parts = text.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
};

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly TreatMissingData: string;
  readonly Namespace?: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly object[];
  readonly Threshold: number;
  readonly Period: number;
}

const alarmsOf = (template: Template): Record<string, AlarmProperties> =>
  Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/Alarm$/, ''),
      Properties,
    ]),
  );

describe('with everything switched on', () => {
  let template: Template;
  let alarms: Record<string, AlarmProperties>;
  before(() => {
    template = synthesize(EVERYTHING);
    alarms = alarmsOf(template);
  });

  test('every alarm says who suffers, what to do first and where more of it stands, in lines that messengers show', () => {
    for (const [name, { AlarmDescription }] of Object.entries(alarms)) {
      const [who = '', first = '', link = '', ...rest] = AlarmDescription.split('\n');
      assert.match(who, /^(The (trader|owner)|Whoever .*):? /, name);
      assert.ok(first.length > 20 && first.length <= 160 && who.length <= 160, name);
      assert.match(link, /^infra\/runbook\.md#[a-z-]+$/, name);
      assert.deepEqual(rest, []);
    }
  });

  test('every alarm has its section of the runbook, and every section its alarm', () => {
    const linked = new Set(
      Object.values(alarms).map(({ AlarmDescription }) => AlarmDescription.split('#').at(-1) ?? ''),
    );

    assert.deepEqual([...sections().keys()].sort(), [...linked, 'budget'].sort());
    template.resourceCountIs('AWS::Budgets::Budget', 1);
    for (const [name, text] of sections())
      for (const part of ['Description', 'Investigation', 'Resolution'])
        assert.match(text, new RegExp(`^\\*\\*${part}\\.\\*\\* `, 'm'), name);
  });

  test('every link inside the runbook leads to a section', () => {
    for (const text of sections().values())
      for (const [, anchor = ''] of text.matchAll(/\]\(#([\w-]+)\)/g))
        assert.ok(sections().has(anchor), anchor);
  });

  test('alarms tell the topic when they go off and when they are over, and say what silence means', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
    });
    const silent = Object.entries(alarms)
      .filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching')
      .map(([name]) => name);
    assert.deepEqual(silent.sort(), [
      'CandleHoles',
      'ReconcilerSilent',
      'StreamSilent',
      'UnexplainedBalance',
    ]);
    for (const { TreatMissingData } of Object.values(alarms)) assert.notEqual(TreatMissingData, undefined);
  });

  test('the metrics are at most ten, have no dimension, and are all looked at', () => {
    const names = Object.keys(METRICS);
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    const used = Object.values(alarms).filter(({ Namespace }) => Namespace === METRIC_NAMESPACE);
    const shown = [...body.matchAll(new RegExp(`${METRIC_NAMESPACE}\\W+(\\w+)`, 'g'))].map(
      ([, name]) => name,
    );
    const filters = Object.values(template.findResources('AWS::Logs::MetricFilter')).flatMap(
      ({ Properties }) => Properties.MetricTransformations,
    );

    assert.ok(names.length <= 10);
    for (const { Dimensions, MetricName } of used) {
      assert.equal(Dimensions, undefined);
      assert.ok(names.includes(MetricName), MetricName);
    }
    assert.deepEqual(shown.sort(), names.toSorted());
    assert.deepEqual(
      filters.map(({ MetricName, MetricNamespace, Dimensions }) => [MetricNamespace, MetricName, Dimensions]),
      [[METRIC_NAMESPACE, 'GatewayThrottles', undefined]],
    );
  });

  test('only the answers of API Gateway itself count as throttled, not our own 429', () => {
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ ($.status = "429") && ($.integrationLatency = "-") }',
      LogGroupName: { Ref: 'AccessLog' },
    });
    const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
    const format = JSON.parse(stage?.Properties.AccessLogSettings.Format);
    assert.equal(format.status, '$context.status');
    assert.equal(format.integrationLatency, '$context.integrationLatency');
  });

  test('the budget is told to the topic at four fifths, when it is spent, and when it is going to be', () => {
    const [budget] = Object.values(template.findResources('AWS::Budgets::Budget'));

    assert.deepEqual(budget?.Properties.Budget.BudgetLimit, { Amount: 20, Unit: 'USD' });
    const told = budget?.Properties.NotificationsWithSubscribers;
    assert.deepEqual(
      told.map(
        ({ Notification: { NotificationType, Threshold } }: { Notification: Record<string, unknown> }) => [
          NotificationType,
          Threshold,
        ],
      ),
      [
        ['ACTUAL', 80],
        ['ACTUAL', 100],
        ['FORECASTED', 100],
      ],
    );
    for (const { Subscribers } of told)
      assert.deepEqual(Subscribers, [{ SubscriptionType: 'SNS', Address: { Ref: 'AlarmTopic' } }]);
  });
});

describe('by default', () => {
  test('there is no alarm for what is switched off, and none for money', () => {
    const template = synthesize({});
    const alarms = alarmsOf(template);

    for (const absent of ['StreamSilent', 'AlertsOverdue', 'NoticesAside'])
      assert.equal(alarms[absent], undefined);
    template.resourceCountIs('AWS::Budgets::Budget', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    assert.deepEqual(
      [alarms.UnknownOrders?.Threshold, alarms.UnexplainedBalance?.Period, alarms.CandleHoles?.Period],
      [240, 1_800, 1_800],
    );
  });

  test('alarms on rare runs wait for two of them', () => {
    const alarms = alarmsOf(synthesize({ snapshots: { everyMinutes: 60 }, candles: { everyMinutes: 60 } }));

    assert.deepEqual([alarms.UnexplainedBalance?.Period, alarms.CandleHoles?.Period], [7_200, 10_800]);
  });
});
