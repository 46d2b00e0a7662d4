import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Config, candlePart, readConfig } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

describe('pull-klines, deployed', () => {
  let template: Template;
  before(() => {
    const outdir = temporaryFolder();
    process.on('exit', () => removeFolder(outdir));
    const config = Config.parse({ candles: { everyMinutes: 1 } });
    template = Template.fromStack(new MexcServerless(new App({ outdir }), 'mexc-serverless', { config }));
  });

  /** Tables on which the function has a right of this kind. */
  const tablesOf = (right: RegExp): string[] => {
    const statements = Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) =>
        Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === 'PullKlinesRole'),
      )
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().some((action: string) => right.test(action)));
    const ids = statements.flatMap(({ Resource }) =>
      [...JSON.stringify(Resource).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, id = '']) => id),
    );
    return [...new Set(ids)].toSorted();
  };

  test('writes candles and the shared budget, and reads no secret', () => {
    assert.deepEqual(tablesOf(/dynamodb:(Put|Update|BatchWrite|Delete)/), ['Candles', 'Control']);
    assert.deepEqual(tablesOf(/secretsmanager/), []);
  });

  test('runs as often as the configuration says', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Description: 'Brings all candles up to date',
      ScheduleExpression: 'rate(1 minute)',
    });
  });
});

describe('the candles of the configuration', () => {
  const candles = (context: object) => candlePart(readConfig({ context }));

  test('are 1m of all its symbols, unless it says otherwise', () => {
    const { symbols, intervals, everyMinutes } = candles({ symbols: ['SOLUSDT', 'XRPUSDT'] });

    assert.deepEqual([symbols, intervals, everyMinutes], [['SOLUSDT', 'XRPUSDT'], ['1m'], 5]);
    assert.deepEqual(candles({ candles: { symbols: ['BTCUSDT'] } }).symbols, ['BTCUSDT']);
  });

  test('are refused where the exchange has no such interval', () => {
    assert.throws(
      () => readConfig({ context: { candles: { intervals: ['1h'] } } }),
      /candles\.intervals\.0: the exchange has no 1h: use 60m/,
    );
  });
});
