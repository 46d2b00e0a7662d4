import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Config } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

describe("the operator's control, deployed", () => {
  let template: Template;
  before(() => {
    const outdir = temporaryFolder();
    process.on('exit', () => removeFolder(outdir));
    template = Template.fromStack(
      new MexcServerless(new App({ outdir }), 'mexc-serverless', { config: Config.parse({}) }),
    );
  });

  /** What the function may do, as `<action> <logical id>`. */
  const rights = (): string[] =>
    Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) =>
        Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === 'OperatorControlRole'),
      )
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .flatMap(({ Action, Resource }) => {
        const named = JSON.stringify(Resource).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g);
        const ids = new Set([...named].map(([, id]) => id));
        return [Action].flat().flatMap((action: string) => [...ids].map((id) => `${action} ${id}`));
      });

  test('writes modes, lanes, its own item and what is explained, and nothing of orders, fills and rules', () => {
    assert.deepEqual(
      rights()
        .filter((right) => /dynamodb:(Put|Update)/.test(right))
        .toSorted(),
      ['Balances', 'Control', 'Positions', 'Strategies']
        .flatMap((table) => [`dynamodb:PutItem ${table}`, `dynamodb:UpdateItem ${table}`])
        .toSorted(),
    );
  });

  test('has no key of the exchange, and may invoke the reconciler only', () => {
    const of = (action: string) =>
      rights()
        .filter((right) => right.startsWith(action))
        .map((right) => right.split(' ')[1])
        .toSorted();

    assert.deepEqual(of('secretsmanager:GetSecretValue'), ['AdminToken', 'WebhookTokens']);
    assert.deepEqual(of('lambda:InvokeFunction'), ['ReconcileOrders']);
  });

  test('ends before API Gateway gives up on it', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 29,
      Tags: [{ Key: 'deployable', Value: 'control' }],
    });
  });
});
