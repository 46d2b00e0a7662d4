import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate, resolver } from '../../infra/local/template.ts';

/** What Fn::Sub replaces: a name between braces after a dollar sign. */
const placeholder = (name: string): string => `$\{${name}}`;

const parse = (Resources: Record<string, unknown>) =>
  parseTemplate({ Resources, Parameters: { Size: { Default: 'large' } } });

const resolve = resolver(parse({ Orders: { Type: 'AWS::DynamoDB::Table' } }), {
  ref: ({ logicalId }) => `${logicalId}-ref`,
  attribute: ({ logicalId }, name) => (name === 'Arn' ? `arn:${logicalId}:table` : undefined),
});

test('references resolve wherever they are nested', () => {
  const cases: [unknown, unknown][] = [
    [{ Ref: 'Orders' }, 'Orders-ref'],
    [{ Ref: 'Size' }, 'large'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ 'Fn::GetAtt': ['Orders', 'Arn'] }, 'arn:Orders:table'],
    [{ 'Fn::GetAtt': 'Orders.Arn' }, 'arn:Orders:table'],
    [
      { 'Fn::Join': ['/', ['a', { Ref: 'Orders' }, { 'Fn::GetAtt': ['Orders', 'Arn'] }]] },
      'a/Orders-ref/arn:Orders:table',
    ],
    [{ 'Fn::Select': ['1', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Orders', 'Arn'] }] }] }, 'Orders'],
    [
      { 'Fn::Sub': ['Orders', 'Orders.Arn', 'AWS::Partition', '!Kept'].map(placeholder).join('-') },
      `Orders-ref-arn:Orders:table-aws-${placeholder('Kept')}`,
    ],
    [
      { 'Fn::Sub': [`${placeholder('Here')}/${placeholder('Orders')}`, { Here: { Ref: 'Size' } }] },
      'large/Orders-ref',
    ],
    [
      { deep: [{ list: { Ref: 'Orders' } }], plain: 1 },
      { deep: [{ list: 'Orders-ref' }], plain: 1 },
    ],
  ];

  for (const [value, expected] of cases) assert.deepEqual(resolve(value), expected);
});

test('a reference that leads nowhere, and a function that is not understood, are named', () => {
  assert.throws(() => resolve({ Ref: 'Fills' }), /refers to Fills, which it does not define/);
  assert.throws(
    () => resolve({ 'Fn::GetAtt': ['Orders', 'StreamArn'] }),
    /Orders\.StreamArn is not understood/,
  );
  assert.throws(() => resolve({ 'Fn::Cidr': [] }), /Fn::Cidr, which is not understood/);
});

test('a resource of an unknown type stops the start with its name and type', () => {
  const withStream = {
    Orders: { Type: 'AWS::DynamoDB::Table' },
    Alerts: { Type: 'AWS::Kinesis::Stream' },
    Pipe: { Type: 'AWS::Pipes::Pipe' },
  };

  assert.throws(() => parse(withStream), /Alerts \(AWS::Kinesis::Stream\), Pipe \(AWS::Pipes::Pipe\)/);
});

test('only what needs AWS itself is skipped', () => {
  const skipped = [
    'AWS::IAM::Role',
    'AWS::Logs::LogGroup',
    'AWS::CloudWatch::Alarm',
    'AWS::SNS::TopicPolicy',
    'AWS::SQS::QueuePolicy',
    'AWS::EC2::VPC',
    'AWS::CDK::Metadata',
  ];
  const refused = ['AWS::Events::Rule', 'AWS::S3::BucketPolicy', 'Custom::Anything', 'AWS::EC2::Instance'];

  for (const Type of skipped) assert.doesNotThrow(() => parse({ It: { Type } }));
  for (const Type of refused) assert.throws(() => parse({ It: { Type } }), new RegExp(`It \\(${Type}\\)`));
});

test('an understood resource under a condition is not taken for granted', () => {
  assert.throws(
    () => parse({ Orders: { Type: 'AWS::DynamoDB::Table', Condition: 'Sometimes' } }),
    /Orders exists under a condition/,
  );
});
