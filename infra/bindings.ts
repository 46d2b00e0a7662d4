import { type Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** An environment variable together with the right to use what it names: one is never set without the other. */
export interface Binding {
  readonly value: string;
  readonly grantTo?: (role: IRole, stack: Stack) => void;
}

const READ = [
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:ConditionCheckItem',
];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'];

const tableBinding = (table: ITable, actions: string[]): Binding => ({
  value: table.tableName,
  grantTo: (role, stack) => {
    table.grant(role, ...actions);
    acknowledgeWildcard(
      role,
      stack,
      table.tableArn,
      '/index/*',
      'The indexes of one table: each is a view of items the role may read anyway.',
    );
  },
});

/** Read and write the items of a table; no right over the table itself or its stream. */
export const readWrite = (table: ITable): Binding => tableBinding(table, [...READ, ...WRITE]);

/** Read the items of a table. */
export const readOnly = (table: ITable): Binding => tableBinding(table, READ);

/** Read the value of a secret. The variable holds its name, never the value. */
export const secretName = (secret: ISecret): Binding => ({
  value: secret.secretArn,
  grantTo: (role) => {
    secret.grantRead(role);
  },
});

/** Invoke a function. */
export const invoke = (target: IFunction): Binding => ({
  value: target.functionName,
  grantTo: (role, stack) => {
    target.grantInvoke(role);
    acknowledgeInvoke(role, stack, target);
  },
});

/** A plain setting. */
export const setting = (value: string): Binding => ({ value });

/** `grantInvoke` names the function and any of its versions; there are no versions, and none of another function. */
export const acknowledgeInvoke = (role: IRole, stack: Stack, target: IFunction): void =>
  acknowledgeWildcard(
    role,
    stack,
    target.functionArn,
    ':*',
    'Versions and aliases of this one function, as the Lambda API requires.',
  );

const acknowledgeWildcard = (
  role: IRole,
  stack: Stack,
  arn: string,
  suffix: string,
  reason: string,
): void => {
  const reference: unknown = stack.resolve(arn);
  const id = logicalIdOf(reference);
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::<${id}.Arn>${suffix}]`, reason });
};

const logicalIdOf = (reference: unknown): string => {
  if (reference && typeof reference === 'object' && 'Fn::GetAtt' in reference) {
    const target = reference['Fn::GetAtt'];
    if (Array.isArray(target)) return String(target[0]);
  }
  throw new Error('an ARN of this stack was expected');
};
