import { fileURLToPath } from 'node:url';
import { type Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Binding } from './bindings.ts';
import { withBundle } from './bundle.ts';
import { withLogicalId } from './logical-id.ts';

export interface NodeFunctionProps<Environment> {
  /** Folder of the entry points. */
  readonly functions: URL;
  /** Name of the deployable, which is the base name of its file. */
  readonly deployable: string;
  readonly description: string;
  /** Every variable its schema in lib/runtime/env.ts asks for, with the right that belongs to it. */
  readonly environment: { readonly [Variable in keyof Environment]: Binding };
  /** The part of the configuration it is bundled with. @default none */
  readonly config?: object;
  /** Further files beside the bundle, by their path. @default none */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** After this it is killed, so it must be longer than its own budget. */
  readonly timeout: Duration;
  /** In MB; the CPU grows with it, 1769 MB being one core. @default 512 */
  readonly memorySize?: number;
  /**
   * For functions invoked asynchronously: an event is never run again after an error and is dropped when older.
   * @default Lambda's own, two retries and six hours
   */
  readonly dropEventsAfter?: Duration;
  /** Where an event of an asynchronous invocation goes that was given up. @default nowhere */
  readonly failures?: Queue;
}

/** A function on Node 24 and ARM64 with a role, a log group and a bundle of its own. */
export class NodeFunction<Environment> extends Construct {
  readonly function: LambdaFunction;
  readonly deployable: string;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: NodeFunctionProps<Environment>) {
    super(scope, `${id}Function`);
    this.deployable = props.deployable;
    const { deployable, environment, dropEventsAfter, failures } = props;

    this.logGroup = withLogicalId(
      new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }),
      `${id}Log`,
    );
    const role = withLogicalId(
      new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
      `${id}Role`,
    );
    this.logGroup.grantWrite(role);

    failures?.grant(role, 'sqs:SendMessage');

    const variables: Record<string, string> = {};
    for (const [variable, { value, grantTo }] of Object.entries<Binding>(environment)) {
      variables[variable] = value;
      grantTo?.(role, Stack.of(this));
    }

    const entry = fileURLToPath(new URL(`${deployable}.ts`, props.functions));
    const make = (folder: string): LambdaFunction =>
      withLogicalId(
        new LambdaFunction(this, 'Resource', {
          description: props.description,
          code: Code.fromAsset(folder),
          handler: 'index.handler',
          runtime: Runtime.NODEJS_24_X,
          architecture: Architecture.ARM_64,
          memorySize: props.memorySize ?? 512,
          timeout: props.timeout,
          environment: variables,
          role,
          logGroup: this.logGroup,
          loggingFormat: LoggingFormat.JSON,
          systemLogLevelV2: SystemLogLevel.WARN,
          ...(failures && { onFailure: { bind: () => ({ destination: failures.queueArn }) } }),
          ...(dropEventsAfter && { retryAttempts: 0, maxEventAge: dropEventsAfter }),
        }),
        id,
      );
    this.function = withBundle(entry, props.config, make, props.files);
    // The name people and the local run call it by; its physical name is generated.
    Tags.of(this.function).add('deployable', deployable);
  }
}
