import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Config } from '../../infra/config.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { DEFAULT, EVERYTHING, type Rights } from './rights.ts';

const synthesize = (config: object): Template => {
  const outdir = temporaryFolder();
  process.on('exit', () => removeFolder(outdir));
  const functions = new URL('../support/local-functions/', import.meta.url);
  return Template.fromStack(
    new MexcServerless(new App({ outdir }), 'mexc-serverless', { config: Config.parse(config), functions }),
  );
};

/** A resource in a word: its logical id with what follows it, or the ARN as it is written. */
const wordOf = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  if (typeof resource !== 'object' || resource === null) return assert.fail(String(resource));
  if ('Ref' in resource) return String(resource.Ref);
  if ('Fn::GetAtt' in resource && Array.isArray(resource['Fn::GetAtt'])) {
    const [id, attribute] = resource['Fn::GetAtt'];
    return attribute === 'Arn' ? id : `${id}.${attribute}`;
  }
  if ('Fn::Join' in resource && Array.isArray(resource['Fn::Join'])) {
    const [separator, parts] = resource['Fn::Join'];
    return parts.map(wordOf).join(separator);
  }
  if ('Fn::Sub' in resource) return String(resource['Fn::Sub']);
  return assert.fail(JSON.stringify(resource));
};

/** Everything that each role of the template may do. */
const rightsIn = (template: Template): Rights => {
  const roles = template.findResources('AWS::IAM::Role');
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return Object.fromEntries(
    Object.entries(roles).map(([role, { Properties }]) => {
      assert.equal(Properties.ManagedPolicyArns, undefined, `${role} has a policy that is not ours`);
      assert.equal(Properties.Policies, undefined);
      const statements = policies
        .filter((policy) => policy.Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
        .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
      const rights = new Map<string, string[]>();
      for (const { Effect, Action, Resource, NotAction, NotResource } of statements) {
        assert.deepEqual([Effect, NotAction, NotResource], ['Allow', undefined, undefined]);
        for (const word of [Resource].flat().map(wordOf))
          rights.set(word, [...(rights.get(word) ?? []), ...[Action].flat()]);
      }
      return [role, Object.fromEntries([...rights].map(([word, actions]) => [word, actions.toSorted()]))];
    }),
  );
};

const trustsIn = (template: Template): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.findResources('AWS::IAM::Role')).map(([role, { Properties }]) => {
      const statements = Properties.AssumeRolePolicyDocument.Statement;
      assert.equal(statements.length, 1);
      return [role, statements[0].Principal.Service];
    }),
  );

const sorted = (rights: Rights): Rights =>
  Object.fromEntries(
    Object.entries(rights).map(([role, each]) => [
      role,
      Object.fromEntries(Object.entries(each).map(([word, actions]) => [word, [...actions].sort()])),
    ]),
  );

const CONFIGURATIONS = [
  { name: 'by default', config: {}, rights: DEFAULT },
  {
    name: 'with everything switched on',
    config: {
      stream: { enabled: true },
      budget: { monthlyUsd: 20 },
      strategies: { trend: { expectAlertEvery: 60 } },
      notifications: {
        email: 'me@example.com',
        channels: { phone: { kind: 'telegram' }, letters: { kind: 'email', address: 'me@example.com' } },
      },
    },
    rights: EVERYTHING,
  },
];

for (const { name, config, rights } of CONFIGURATIONS) {
  test(`each role may do what the table says and nothing else, ${name}`, () => {
    const template = synthesize(config);

    assert.deepEqual(rightsIn(template), sorted(rights));
    for (const [role, service] of Object.entries(trustsIn(template)))
      assert.match(service, /^(lambda|scheduler|ecs-tasks)\.amazonaws\.com$/, role);
  });
}
