import * as z from 'zod';
import type { Assembly } from './assembly.ts';
import { ACCOUNT, arnOf } from './aws.ts';
import { type ContainerModel, containerModelsOf } from './container-model.ts';
import { type EventModel, eventModelOf } from './event-model.ts';
import { requireContract, requireQueues, requireTables } from './require-contract.ts';
import { StartError } from './start-error.ts';
import { type Resource, resolver } from './template.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const Index = z.object({
  IndexName: z.string(),
  KeySchema,
  Projection: z.object({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});

export const TableProperties = z.looseObject({
  KeySchema,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z.array(Index).default([]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']) })
    .optional(),
});

const FunctionProperties = z.looseObject({
  Code: z.object({ S3Key: z.string() }).loose(),
  Handler: z.string(),
  Runtime: z.literal('nodejs24.x'),
  MemorySize: z.coerce.number().default(128),
  Timeout: z.coerce.number().default(3),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).default({ Variables: {} }),
  LoggingConfig: z
    .looseObject({
      LogFormat: z.enum(['JSON', 'Text']).default('Text'),
      ApplicationLogLevel: z.string().optional(),
    })
    .prefault({}),
});

const EventInvokeConfig = z.looseObject({
  FunctionName: z.string(),
  MaximumEventAgeInSeconds: z.coerce.number().default(21_600),
  MaximumRetryAttempts: z.coerce.number().default(2),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() })
    .default({}),
});

const Permission = z.looseObject({ FunctionName: z.string(), Principal: z.string() });
const Integration = z.looseObject({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
const Route = z.looseObject({ RouteKey: z.string(), Target: z.string() });
const Stage = z.looseObject({ StageName: z.literal('$default', 'only a $default stage is understood') });
const Schedule = z.looseObject({
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.looseObject({
    Arn: z.string(),
    Input: z.string().optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  }),
});

export interface TableModel {
  readonly name: string;
  readonly properties: z.output<typeof TableProperties>;
}

export interface FunctionModel {
  readonly logicalId: string;
  /** Name of the deployable, e.g. place-order; also its local physical name. */
  readonly name: string;
  readonly folder: string;
  readonly handler: string;
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFormat: 'JSON' | 'Text';
  readonly logLevel: string | undefined;
  /** What happens to an event of an asynchronous invocation. */
  readonly events: {
    readonly maxAgeSeconds: number;
    readonly maxRetries: number;
    /** ARN of the queue for what was given up. */
    readonly failures?: string | undefined;
  };
}

export interface RouteModel {
  readonly routeKey: string;
  readonly functionName: string;
}

export interface ScheduleModel {
  readonly name: string;
  readonly expression: string;
  readonly functionName: string;
  readonly input: string | undefined;
  /** ARN of the queue for what cannot be started. Here everything can be. */
  readonly deadLetters?: string | undefined;
}

/** The template in the words of the local run, every reference resolved. */
export interface StackModel {
  readonly tables: readonly TableModel[];
  readonly secrets: readonly { readonly logicalId: string; readonly name: string }[];
  readonly functions: readonly FunctionModel[];
  readonly routes: readonly RouteModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly events: EventModel;
  readonly containers: readonly ContainerModel[];
}

const Tags = z.array(z.object({ Key: z.string(), Value: z.string() }));

/** What a function is called here: its deployable's name, else its logical id. */
const deployableOf = ({ logicalId, properties }: Resource): string => {
  const tags = Tags.safeParse(properties.Tags);
  return (tags.success && tags.data.find(({ Key }) => Key === 'deployable')?.Value) || logicalId;
};

/** What stands for a resource here. Tables keep their logical id as name, so that the database reads like the template. */
const physicalId = (resource: Resource): string => {
  const { logicalId, type } = resource;
  if (type === 'AWS::Lambda::Function') return deployableOf(resource);
  if (type === 'AWS::SecretsManager::Secret') return arnOf('secretsmanager', `secret:${logicalId}-local0`);
  if (type === 'AWS::SNS::Topic') return arnOf('sns', logicalId);
  return logicalId;
};

/** As AWS names a queue of which the template gives no name. */
const queueNameOf = ({ logicalId, properties }: Resource): string =>
  properties.FifoQueue === true ? `${logicalId}.fifo` : logicalId;

const streamArnOf = (table: string): string => arnOf('dynamodb', `table/${table}/stream/local`);

const arn = (resource: Resource): string => {
  const { type } = resource;
  if (type === 'AWS::Lambda::Function') return arnOf('lambda', `function:${physicalId(resource)}`);
  if (type === 'AWS::DynamoDB::Table') return arnOf('dynamodb', `table/${physicalId(resource)}`);
  if (type === 'AWS::SQS::Queue') return arnOf('sqs', queueNameOf(resource));
  if (type === 'AWS::SNS::Topic') return physicalId(resource);
  return arnOf('local', `${type}/${physicalId(resource)}`);
};

/**
 * Reads an assembly as the local run sees it.
 * @param apiEndpoint where the HTTP API and AWS's own operations are served
 * @throws StartError naming what the contract misses, or what cannot be understood
 */
export const modelOf = (
  { template, assetFolder, imageFolder }: Assembly,
  apiEndpoint: string,
): StackModel => {
  const ref = (resource: Resource): string =>
    resource.type === 'AWS::SQS::Queue'
      ? `${apiEndpoint}/${ACCOUNT}/${queueNameOf(resource)}`
      : physicalId(resource);
  const resolve = resolver(template, {
    ref,
    attribute: (resource, name) => {
      const { type } = resource;
      if (name === 'Arn') return arn(resource);
      if (type === 'AWS::DynamoDB::Table' && name === 'StreamArn') return streamArnOf(physicalId(resource));
      // Network parts do not exist here: what names them is not used.
      if (type.startsWith('AWS::EC2::')) return `${resource.logicalId}.${name}`;
      return type === 'AWS::ApiGatewayV2::Api' && name === 'ApiEndpoint' ? apiEndpoint : undefined;
    },
  });
  const all = <Schema extends z.ZodType>(
    type: string,
    schema: Schema,
  ): (Resource & { read: z.output<Schema> })[] =>
    template.resources
      .filter((resource) => resource.type === type)
      .map((resource) => {
        const parsed = schema.safeParse(resolve(resource.properties));
        if (!parsed.success)
          throw new StartError(
            `${resource.logicalId} (${type}) is not understood here: ${issues(parsed.error)}.`,
          );
        return { ...resource, read: parsed.data };
      });

  requireTables(template.resources);
  const tables = all('AWS::DynamoDB::Table', TableProperties).map((table) => ({
    name: physicalId(table),
    properties: table.read,
  }));
  const secrets = all('AWS::SecretsManager::Secret', z.looseObject({})).map((secret) => ({
    logicalId: secret.logicalId,
    name: physicalId(secret),
  }));

  const eventConfigs = new Map(
    all('AWS::Lambda::EventInvokeConfig', EventInvokeConfig).map(({ read }) => [read.FunctionName, read]),
  );
  const functions = all('AWS::Lambda::Function', FunctionProperties).map((resource): FunctionModel => {
    const { read, logicalId } = resource;
    const name = physicalId(resource);
    const events = eventConfigs.get(name);
    return {
      logicalId,
      name,
      folder: assetFolder(read.Code.S3Key),
      handler: read.Handler,
      memorySize: read.MemorySize,
      timeoutSeconds: read.Timeout,
      environment: read.Environment.Variables,
      logFormat: read.LoggingConfig.LogFormat,
      logLevel: read.LoggingConfig.ApplicationLogLevel,
      events: {
        maxAgeSeconds: events?.MaximumEventAgeInSeconds ?? 21_600,
        maxRetries: events?.MaximumRetryAttempts ?? 2,
        failures: events?.DestinationConfig.OnFailure?.Destination,
      },
    };
  });
  const nameOfArn = (target: string, user: string): string => {
    const found = functions.find(
      ({ name }) => target === name || target === arnOf('lambda', `function:${name}`),
    );
    if (!found) throw new StartError(`${user} does not lead to a function of the template.`);
    return found.name;
  };

  all('AWS::ApiGatewayV2::Stage', Stage);
  const integrations = new Map(
    all('AWS::ApiGatewayV2::Integration', Integration).map(({ logicalId, read }) => [
      `integrations/${logicalId}`,
      read,
    ]),
  );
  const permitted = new Set(
    all('AWS::Lambda::Permission', Permission).map(
      ({ logicalId, read }) => `${read.Principal} ${nameOfArn(read.FunctionName, logicalId)}`,
    ),
  );
  const routes = all('AWS::ApiGatewayV2::Route', Route).map(({ read: { RouteKey, Target } }): RouteModel => {
    const functionName = nameOfArn(integrations.get(Target)?.IntegrationUri ?? '', `Route ${RouteKey}`);
    if (!permitted.has(`apigateway.amazonaws.com ${functionName}`)) {
      throw new StartError(
        `Route ${RouteKey} may not invoke ${functionName}: the template has no permission for it.`,
      );
    }
    return { routeKey: RouteKey, functionName };
  });

  const schedules = all('AWS::Scheduler::Schedule', Schedule)
    .filter(({ read }) => read.State === 'ENABLED')
    .map(
      ({ logicalId, read }): ScheduleModel => ({
        name: logicalId,
        expression: read.ScheduleExpression,
        functionName: nameOfArn(read.Target.Arn, `Schedule ${logicalId}`),
        input: read.Target.Input,
        deadLetters: read.Target.DeadLetterConfig?.Arn,
      }),
    );

  const events = eventModelOf({
    all,
    ref,
    arn,
    nameOfArn,
    tableOfStream: (stream) =>
      tables.find(({ name, properties }) => properties.StreamSpecification && streamArnOf(name) === stream)
        ?.name,
    mayInvoke: (service, functionName) => permitted.has(`${service} ${functionName}`),
  });

  const containers = containerModelsOf(all, imageFolder);
  const model = { tables, secrets, functions, routes, schedules, events, containers };
  requireContract(model);
  requireQueues(model);
  return model;
};

const issues = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
