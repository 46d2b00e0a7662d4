import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Config } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const folders: string[] = [];
process.on('exit', () => folders.forEach(removeFolder));

const build = () => {
  const outdir = temporaryFolder();
  folders.push(outdir);
  const app = new App({ outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, outdir, stack: new MexcServerless(app, 'mexc-serverless', { config: Config.parse({}) }) };
};

describe('the template', () => {
  let template: Template;
  before(() => {
    template = Template.fromStack(build().stack);
  });

  test('keeps every table and its data, whatever happens to the stack', () => {
    const tables = template.findResources('AWS::DynamoDB::Table');

    assert.deepEqual(Object.keys(tables).sort(), [
      'Balances',
      'Candles',
      'Control',
      'Fills',
      'Orders',
      'Positions',
      'Profit',
      'Strategies',
      'Symbols',
    ]);
    template.allResources('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TableName: Match.absent(),
      }),
    });
  });

  test('creates secrets without any value, and keeps them', () => {
    template.allResources('AWS::SecretsManager::Secret', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({ SecretString: Match.absent(), GenerateSecretString: Match.absent() }),
    });
  });

  test('lets each function read its own secrets only', () => {
    assert.deepEqual(secretsOf('PlaceOrderRole'), ['TradeKey', 'WebhookTokens']);
    assert.deepEqual(secretsOf('ReconcileOrdersRole'), ['TradeKey']);
    assert.deepEqual(secretsOf('ReadStateRole'), ['ReadToken']);
  });

  test('lets read-state change nothing', () => {
    const actions = statementsOf('ReadStateRole').flatMap(({ Action }) => Action);

    assert.deepEqual(
      actions.filter((action) => /Put|Update|Delete|Write|Invoke/.test(action)),
      ['logs:PutLogEvents'],
    );
  });

  test('runs functions on Node 24 and ARM64, logging JSON, with a timeout that outlives their own budget', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', SystemLogLevel: 'WARN' }),
      ReservedConcurrentExecutions: Match.absent(),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.anyValue(),
      Timeout: 10,
      MemorySize: 1024,
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('never runs a reconcile twice nor late', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: 'ReconcileOrders' },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      Target: Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } }),
    });
  });

  test('logs neither headers nor bodies of requests, and throttles the webhook as designed', () => {
    const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));

    assert.doesNotMatch(stage?.Properties.AccessLogSettings.Format, /header|body|authorizer|queryString/i);
    assert.deepEqual(stage?.Properties.RouteSettings['POST /webhook'], {
      ThrottlingRateLimit: 25,
      ThrottlingBurstLimit: 500,
    });
  });

  const statementsOf = (role: string): { Action: string | string[]; Resource: unknown }[] =>
    Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .map(({ Action, Resource }) => ({ Action: [Action].flat(), Resource }));

  const secretsOf = (role: string): string[] =>
    statementsOf(role)
      .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) =>
        typeof resource === 'object' && resource && 'Ref' in resource ? String(resource.Ref) : '?',
      );
});

test('the AWS Solutions pack would have findings', () => {
  const { app, stack } = build();
  new Bucket(stack, 'Careless');
  assert.throws(() => app.synth(), /[Vv]alidation failed/);
});

test('two synthesized templates are the same, byte for byte, and the AWS Solutions pack has no findings', () => {
  const [one, two] = [build(), build()];
  for (const { app } of [one, two]) app.synth();

  for (const file of ['mexc-serverless.template.json', 'mexc-serverless.assets.json']) {
    assert.equal(readFileSync(join(one.outdir, file), 'utf8'), readFileSync(join(two.outdir, file), 'utf8'));
  }
});
