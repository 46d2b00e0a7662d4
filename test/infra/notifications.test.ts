import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Config } from '../../infra/config.ts';
import { FailedRuns } from '../../infra/failed-runs.ts';
import { Notifications } from '../../infra/notifications.ts';
import { Tables } from '../../infra/tables.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const folders: string[] = [];
process.on('exit', () => folders.forEach(removeFolder));

/** The construct beside the tables it follows: the rest of the stack has nothing to do with it. */
const build = (notifications: object) => {
  const outdir = temporaryFolder();
  folders.push(outdir);
  const app = new App({ outdir });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'mexc-serverless');
  new Notifications(stack, 'Notifications', {
    functions: new URL('../../functions/', import.meta.url),
    settings: Config.parse({ notifications }).notifications,
    tables: new Tables(stack, 'Tables'),
    failures: new FailedRuns(stack, 'FailedRuns').queue,
  });
  return { app, template: Template.fromStack(stack) };
};

const CHANNELS = { phone: { kind: 'telegram' }, desk: { kind: 'slack', events: ['filled'] } };
const LETTERS = { letters: { kind: 'email', address: 'me@example.com', events: ['filled'] } };

test('without channels notify is there and hears nothing, and e-mail hears of alarms', () => {
  const { template } = build({ email: 'me@example.com' });

  template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
  assert.deepEqual(Object.keys(template.findResources('AWS::SQS::Queue')), ['FailedRuns']);
  template.allResourcesProperties('AWS::DynamoDB::Table', { StreamSpecification: Match.absent() });
  template.resourceCountIs('AWS::SNS::Topic', 1);
  template.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'me@example.com',
    TopicArn: { Ref: 'AlarmTopic' },
  });
  assert.deepEqual(Object.keys(template.findResources('AWS::Lambda::Function')), ['Notify']);
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
});

describe('two channels', () => {
  let template: Template;
  before(() => {
    const built = build({ channels: CHANNELS });
    template = built.template;
    built.app.synth(); // The AWS Solutions pack has no findings.
  });

  test('have a queue each, in order, encrypted, with one place for what cannot be delivered', () => {
    assert.deepEqual(Object.keys(template.findResources('AWS::SQS::Queue')).sort(), [
      'DeskNotices',
      'FailedRuns',
      'NoticesAside',
      'PhoneNotices',
    ]);
    template.allResourcesProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { FifoQueue: true }, 3);
    for (const id of ['DeskNotices', 'PhoneNotices']) {
      assert.deepEqual(
        template.findResources('AWS::SQS::Queue')[id]?.Properties.RedrivePolicy.deadLetterTargetArn,
        { 'Fn::GetAtt': ['NoticesAside', 'Arn'] },
      );
    }
  });

  test('are emptied one message at a time, each by itself', () => {
    for (const [id, queue] of [
      ['DeskToSender', 'DeskNotices'],
      ['PhoneToSender', 'PhoneNotices'],
    ]) {
      assert.deepEqual(template.findResources('AWS::Lambda::EventSourceMapping')[id ?? '']?.Properties, {
        BatchSize: 1,
        EventSourceArn: { 'Fn::GetAtt': [queue, 'Arn'] },
        FunctionName: { Ref: 'SendNotice' },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
    }
  });

  test('are told of every write of orders and strategies for a day, whatever fails, and of alarms', () => {
    for (const table of ['Orders', 'Strategies']) {
      assert.deepEqual(
        template.findResources('AWS::DynamoDB::Table')[table]?.Properties.StreamSpecification,
        { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      );
      template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        EventSourceArn: { 'Fn::GetAtt': [table, 'StreamArn'] },
        FunctionName: { Ref: 'Notify' },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRecordAgeInSeconds: 86_400,
      });
    }
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'lambda',
      Endpoint: { 'Fn::GetAtt': ['Notify', 'Arn'] },
    });
  });

  test('wait for their messengers in a function that may nothing else', () => {
    const stream = [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ];
    const take = [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ];
    const log = ['logs:CreateLogStream', 'logs:PutLogEvents'];

    assert.deepEqual(rightsOf('NotifyRole'), {
      'NotifyLog.Arn': log,
      'FailedRuns.Arn': ['sqs:SendMessage'],
      'PhoneNotices.Arn': ['sqs:SendMessage'],
      'DeskNotices.Arn': ['sqs:SendMessage'],
      'Orders.StreamArn': stream,
      'Strategies.StreamArn': stream,
    });
    assert.deepEqual(rightsOf('SendNoticeRole'), {
      'SendNoticeLog.Arn': log,
      'PhoneNotices.Arn': take,
      'DeskNotices.Arn': take,
      'NoticesAside.Arn': ['sqs:SendMessage'],
      NotifySecret: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    });
  });

  test("let the account's alarms and budgets publish, and nobody without TLS", () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ],
      },
    });
  });

  test('have a secret without any value, which stays', () => {
    const secret = template.findResources('AWS::SecretsManager::Secret').NotifySecret;

    assert.equal(secret?.DeletionPolicy, 'Retain');
    assert.deepEqual(Object.keys(secret?.Properties ?? {}), ['Description']);
  });

  const rightsOf = (role: string) => rightsIn(template, role);
});

describe('a channel that is e-mail', () => {
  let template: Template;
  before(() => {
    const built = build({ channels: LETTERS });
    template = built.template;
    built.app.synth();
  });

  test('is a topic of its own that its address has subscribed to, and that the sender alone may publish to', () => {
    assert.deepEqual(Object.keys(template.findResources('AWS::SNS::Topic')).sort(), [
      'AlarmTopic',
      'LettersMail',
    ]);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'me@example.com',
      TopicArn: { Ref: 'LettersMail' },
    });
    assert.deepEqual(rightsIn(template, 'SendNoticeRole').LettersMail, ['sns:Publish']);
    assert.equal(rightsIn(template, 'NotifyRole').LettersMail, undefined);
    const variables =
      template.findResources('AWS::Lambda::Function').SendNotice?.Properties.Environment.Variables;
    assert.deepEqual(variables.CHANNEL_TOPICS, {
      'Fn::Join': ['', ['{"letters":"', { Ref: 'LettersMail' }, '"}']],
    });
  });
});

const rightsIn = (template: Template, role: string): Record<string, string[]> => {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  const own = policies.filter(({ Properties }) =>
    Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role),
  );
  const statements = own.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return Object.fromEntries(
    statements.flatMap(({ Action, Resource }) =>
      [Resource]
        .flat()
        .map((resource) => [resource.Ref ?? resource['Fn::GetAtt'].join('.'), [Action].flat().sort()]),
    ),
  );
};
