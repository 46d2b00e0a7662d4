import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy, Size, Stack, Tags, Validations } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Binding } from './bindings.ts';
import { withImage } from './bundle.ts';
import { withLogicalId } from './logical-id.ts';

const HEALTH_PORT = 8080;
/** `node` alone, since the image has no other program that could ask. */
const HEALTH_CHECK = `fetch('http://127.0.0.1:${HEALTH_PORT}/health').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))`;

export interface StreamServiceProps<Environment> {
  /** Folder of the entry points. */
  readonly functions: URL;
  /** The part of the configuration it is bundled with. */
  readonly config: object;
  /** Every variable of its schema but the port, with the right that belongs to it. */
  readonly environment: { readonly [Variable in Exclude<keyof Environment, 'HEALTH_PORT'>]: Binding };
  /** Run on spare capacity, at a third of the price: it may be moved with two minutes' notice. */
  readonly spot: boolean;
}

/** The one task that keeps a connection: the exchange's stream. A second one runs beside it only while one replaces another. */
export class StreamService<Environment> extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: StreamServiceProps<Environment>) {
    super(scope, `${id}Service`);
    const logGroup = withLogicalId(
      new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }),
      `${id}Log`,
    );
    const vpc = this.#network(id);
    const cluster = withLogicalId(
      // Container Insights would cost more than the task itself; what matters is in our own metrics.
      new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.DISABLED }),
      `${id}Cluster`,
    );
    const role = withLogicalId(
      new Role(this, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
      `${id}Role`,
    );
    const environment: Record<string, string> = { HEALTH_PORT: String(HEALTH_PORT) };
    for (const [variable, { value, grantTo }] of Object.entries<Binding>(props.environment)) {
      environment[variable] = value;
      grantTo?.(role, Stack.of(this));
    }

    const task = withLogicalId(
      new FargateTaskDefinition(this, 'Task', {
        cpu: 256,
        memoryLimitMiB: 512,
        runtimePlatform: {
          cpuArchitecture: CpuArchitecture.ARM64,
          operatingSystemFamily: OperatingSystemFamily.LINUX,
        },
        taskRole: role,
      }),
      `${id}Task`,
    );
    const entry = fileURLToPath(new URL('stream.ts', props.functions));
    withImage(entry, props.config, (folder) =>
      task.addContainer('stream', {
        image: ContainerImage.fromAsset(folder),
        environment,
        // A log that stands still must not hold up what is logged.
        logging: LogDriver.awsLogs({
          logGroup,
          streamPrefix: 'stream',
          mode: AwsLogDriverMode.NON_BLOCKING,
          maxBufferSize: Size.mebibytes(4),
        }),
        portMappings: [{ containerPort: HEALTH_PORT }],
        readonlyRootFilesystem: true,
        stopTimeout: Duration.seconds(30),
        healthCheck: {
          command: ['CMD', 'node', '--eval', HEALTH_CHECK],
          interval: Duration.seconds(15),
          retries: 4,
          startPeriod: Duration.seconds(60),
        },
      }),
    );

    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      allowAllOutbound: false,
      description: 'Out to the exchange and to AWS over TLS, nothing in',
    });
    securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'TLS');
    this.service = withLogicalId(
      new FargateService(this, 'Service', {
        cluster,
        taskDefinition: task,
        desiredCount: 1,
        minHealthyPercent: 100,
        maxHealthyPercent: 200,
        circuitBreaker: { rollback: true },
        assignPublicIp: true,
        vpcSubnets: { subnetType: SubnetType.PUBLIC },
        securityGroups: [securityGroup],
        capacityProviderStrategies: [
          { capacityProvider: props.spot ? 'FARGATE_SPOT' : 'FARGATE', weight: 1 },
        ],
      }),
      id,
    );
    if (props.spot) cluster.enableFargateCapacityProviders();
    Tags.of(task).add('deployable', 'stream');
    Tags.of(this.service).add('deployable', 'stream');
    Validations.of(task).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'The variables hold names of tables, secrets and functions, never a value of a secret.',
    });
    Validations.of(task.obtainExecutionRole()).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken, which fetching the image needs, names no resource.',
    });
    Validations.of(cluster).acknowledge({
      id: 'AwsSolutions-ECS4',
      reason:
        'Container Insights costs more than the one task; its health, heartbeat and log are watched instead.',
    });
  }

  /** Two public subnets and no NAT gateway: the task calls out and nobody calls in. */
  #network(id: string): Vpc {
    const vpc = withLogicalId(
      new Vpc(this, 'Vpc', {
        maxAzs: 2,
        natGateways: 0,
        subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 }],
        // The default group is used by nothing; emptying it would take a function of its own.
        restrictDefaultSecurityGroup: false,
      }),
      `${id}Vpc`,
    );
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason:
        'One task that accepts no connection; flow logs of its few TLS connections out would tell nothing.',
    });
    return vpc;
  }
}
