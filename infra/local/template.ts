import * as z from 'zod';
import { ACCOUNT, REGION } from './aws.ts';
import { StartError } from './start-error.ts';

const ResourceJson = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});

const TemplateJson = z.looseObject({
  Resources: z.record(z.string(), ResourceJson),
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
});

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Record<string, unknown>;
}

/** Reads all resources of a type, every reference resolved. @throws StartError naming what is not understood of one */
export type ReadAll = <Schema extends z.ZodType>(
  type: string,
  schema: Schema,
) => readonly (Resource & { readonly read: z.output<Schema> })[];

export interface Template {
  readonly resources: readonly Resource[];
  readonly parameters: ReadonlyMap<string, unknown>;
}

/** Types that the local run carries out. */
const UNDERSTOOD = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::Table',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
]);

/** Types that have nothing to do here: what needs AWS itself, and the CDK's own note about itself. */
const SKIPPED = new Set([
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::ECS::Cluster',
  'AWS::ECS::ClusterCapacityProviderAssociations',
  'AWS::EC2::EIP',
  'AWS::EC2::EIPAssociation',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);

/**
 * Reads a synthesized template.
 * @throws StartError naming logical id and type of every resource that can neither be run here nor be skipped
 */
export const parseTemplate = (json: unknown): Template => {
  const { Resources, Parameters } = TemplateJson.parse(json);
  const all = Object.entries(Resources);
  const unknown = all.filter(([, { Type }]) => !UNDERSTOOD.has(Type) && !SKIPPED.has(Type));
  if (unknown.length > 0) {
    const names = unknown.map(([id, { Type }]) => `${id} (${Type})`).join(', ');
    throw new StartError(
      `The template has what cannot be run here: ${names}. See UNDERSTOOD in infra/local/template.ts.`,
    );
  }
  const conditional = all.find(([, { Type, Condition }]) => Condition && UNDERSTOOD.has(Type));
  if (conditional)
    throw new StartError(`${conditional[0]} exists under a condition only, which is not understood here.`);
  return {
    resources: all.map(([logicalId, { Type, Properties }]) => ({
      logicalId,
      type: Type,
      properties: Properties,
    })),
    parameters: new Map(Object.entries(Parameters).map(([name, { Default }]) => [name, Default])),
  };
};

/** What stands for the resources once they exist here. */
export interface Physical {
  ref(resource: Resource): string;
  attribute(resource: Resource, name: string): string | undefined;
}

const PSEUDO: Record<string, string> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/mexc-serverless/local`,
  'AWS::StackName': 'mexc-serverless',
  'AWS::URLSuffix': 'amazonaws.com',
};

const Name = z.string();
const Path = z.union([z.string().transform((text) => text.split('.')), z.array(z.string())]);
const Join = z.tuple([z.string(), z.array(z.unknown())]);
const Select = z.tuple([z.coerce.number().int(), z.unknown()]);
const Split = z.tuple([z.string(), z.unknown()]);
const Sub = z.union([
  z.string().transform((text) => ({ text, names: {} })),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]).transform(([text, names]) => ({ text, names })),
]);

/** Makes a function that replaces the intrinsic functions in a value by what they stand for. */
export const resolver = (
  { resources, parameters }: Template,
  physical: Physical,
): ((value: unknown) => unknown) => {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));

  const find = (id: string): Resource => {
    const resource = byId.get(id);
    if (!resource) throw new StartError(`The template refers to ${id}, which it does not define.`);
    return resource;
  };
  const ref = (name: string): unknown => {
    if (Object.hasOwn(PSEUDO, name)) return PSEUDO[name];
    return parameters.has(name) ? parameters.get(name) : physical.ref(find(name));
  };
  const attribute = ([id = '', ...rest]: string[]): string => {
    const value = physical.attribute(find(id), rest.join('.'));
    if (value === undefined) throw new StartError(`${id}.${rest.join('.')} is not understood here.`);
    return value;
  };
  const substitute = (text: string, names: Record<string, unknown>): string =>
    text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(names, name)) return String(resolve(names[name]));
      return String(name.includes('.') ? attribute(name.split('.')) : ref(name));
    });

  const list = (value: unknown): unknown[] => z.array(z.unknown()).parse(resolve(value));

  const intrinsics: Record<string, (argument: unknown) => unknown> = {
    Ref: (argument) => ref(Name.parse(argument)),
    'Fn::GetAtt': (argument) => attribute(Path.parse(argument)),
    'Fn::Join': (argument) => {
      const [separator, parts] = Join.parse(argument);
      return parts.map(resolve).join(separator);
    },
    'Fn::Select': (argument) => {
      const [index, values] = Select.parse(argument);
      return list(values)[index];
    },
    'Fn::Split': (argument) => {
      const [separator, text] = Split.parse(argument);
      return String(resolve(text)).split(separator);
    },
    'Fn::Sub': (argument) => {
      const { text, names } = Sub.parse(argument);
      return substitute(text, names);
    },
  };

  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
      const intrinsic = intrinsics[first[0]];
      if (!intrinsic) throw new StartError(`The template uses ${first[0]}, which is not understood here.`);
      return intrinsic(first[1]);
    }
    return Object.fromEntries(entries.map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve;
};
