/** When the prices were looked up. AWS changes them rarely, and mostly downwards. */
export const PRICES_OF = '2026-11-22';

export const REGIONS = ['ap-northeast-1', 'us-east-1'] as const;
export type Region = (typeof REGIONS)[number];

interface Price {
  /** USD for one unit. */
  readonly usd: number;
  readonly source: string;
  /** Whether a published page says this number; otherwise it is from memory of the page, or derived. */
  readonly confirmed: boolean;
}

const said = (usd: number, source: string): Price => ({ usd, source, confirmed: true });
/** From memory, or derived as the note says: look at the page before a decision hangs on it. */
const unsure = (usd: number, source: string, _note?: string): Price => ({ usd, source, confirmed: false });

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const DYNAMO = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const SCHEDULER = 'https://aws.amazon.com/eventbridge/pricing/';
const SECRETS = 'https://aws.amazon.com/secrets-manager/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const SQS = 'https://aws.amazon.com/sqs/pricing/';
const SNS = 'https://aws.amazon.com/sns/pricing/';
const FARGATE = 'https://aws.amazon.com/fargate/pricing/';
const VPC = 'https://aws.amazon.com/vpc/pricing/';
const ECR = 'https://aws.amazon.com/ecr/pricing/';
const EC2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const EBS = 'https://aws.amazon.com/ebs/pricing/';

const MILLION = 1e6;

/** Prices that are the same in both regions. */
const EVERYWHERE = {
  /** A request. */
  lambdaRequest: said(0.2 / MILLION, LAMBDA),
  /** A GB-second on Arm, first tier. */
  lambdaGbSecond: unsure(0.0000133334, LAMBDA, 'a fifth below the 0.0000166667 of x86'),
  /** An invocation by a schedule. */
  schedulerInvocation: said(1 / MILLION, SCHEDULER),
  /** A secret for a month. */
  secretMonth: unsure(0.4, SECRETS),
  secretCall: unsure(0.05 / 10_000, SECRETS),
  /** A custom metric for a month. */
  metricMonth: said(0.3, CLOUDWATCH),
  /** A metric that an alarm looks at, for a month. */
  alarmMonth: unsure(0.1, CLOUDWATCH),
  dashboardMonth: said(3, CLOUDWATCH),
  sqsFifoRequest: unsure(0.5 / MILLION, SQS),
  sqsRequest: unsure(0.4 / MILLION, SQS),
  snsPublish: unsure(0.5 / MILLION, SNS),
  snsEmail: unsure(2 / 100_000, SNS),
  /** A public IPv4 address for an hour. */
  ipv4Hour: said(0.005, VPC),
  /** A GB of images for a month. */
  ecrGbMonth: unsure(0.1, ECR),
} as const satisfies Record<string, Price>;

interface Regional {
  /** A request of an HTTP API, of 512 KB at most. */
  readonly httpRequest: Price;
  readonly dynamoWrite: Price;
  readonly dynamoRead: Price;
  readonly dynamoGbMonth: Price;
  /** A GB of continuous backups for a month. */
  readonly dynamoBackupGbMonth: Price;
  /** A GB of log that comes in. */
  readonly logGb: Price;
  readonly logGbMonth: Price;
  /** Fargate on Arm, an hour. */
  readonly fargateCpuHour: Price;
  readonly fargateGbHour: Price;
  /** The same on spare capacity. */
  readonly fargateSpotCpuHour: Price;
  readonly fargateSpotGbHour: Price;
  /** A t4g.nano for an hour. */
  readonly natInstanceHour: Price;
  readonly diskGbMonth: Price;
  /** A GB to the internet. */
  readonly transferGb: Price;
}

type Prices = typeof EVERYWHERE & Regional;

const JAMASAKURA = 'https://jamasakura.com/wp/2022/10/aws-nat-instance1';

/** Every price of the estimate. The one place to change when AWS changes one. */
export const PRICES: Readonly<Record<Region, Prices>> = {
  'ap-northeast-1': {
    ...EVERYWHERE,
    httpRequest: unsure(1.29 / MILLION, GATEWAY),
    dynamoWrite: unsure(0.715 / MILLION, DYNAMO, 'half of 1.4269 since November 2024'),
    dynamoRead: unsure(0.1425 / MILLION, DYNAMO, 'half of 0.285 since November 2024'),
    dynamoGbMonth: unsure(0.285, DYNAMO),
    dynamoBackupGbMonth: unsure(0.228, DYNAMO),
    logGb: said(0.77, 'https://www.clyr.co.jp/posts/aws-fargate-pricing-breakdown-estimate-tips-3920'),
    logGbMonth: unsure(0.033, CLOUDWATCH),
    fargateCpuHour: unsure(0.04045, FARGATE, 'a fifth below the 0.05056 of x86'),
    fargateGbHour: unsure(0.00442, FARGATE, 'a fifth below the 0.005536 of x86'),
    fargateSpotCpuHour: unsure(0.0162, FARGATE, 'moves; about a third'),
    fargateSpotGbHour: unsure(0.00177, FARGATE, 'moves; about a third'),
    natInstanceHour: said(0.0054, JAMASAKURA),
    diskGbMonth: unsure(0.096, EBS),
    transferGb: said(0.114, JAMASAKURA),
  },
  'us-east-1': {
    ...EVERYWHERE,
    httpRequest: said(
      1 / MILLION,
      'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html',
    ),
    dynamoWrite: said(0.625 / MILLION, 'https://airbyte.com/data-engineering-resources/dynamodb-pricing'),
    dynamoRead: said(0.125 / MILLION, 'https://airbyte.com/data-engineering-resources/dynamodb-pricing'),
    dynamoGbMonth: unsure(0.25, DYNAMO),
    dynamoBackupGbMonth: unsure(0.2, DYNAMO),
    logGb: said(0.5, CLOUDWATCH),
    logGbMonth: unsure(0.03, CLOUDWATCH),
    fargateCpuHour: said(0.03238, 'https://vantage.sh/blog/fargate-pricing'),
    fargateGbHour: said(0.00356, 'https://vantage.sh/blog/fargate-pricing'),
    fargateSpotCpuHour: unsure(0.0113, FARGATE, 'moves; about a third'),
    fargateSpotGbHour: unsure(0.00125, FARGATE, 'moves; about a third'),
    natInstanceHour: unsure(0.0042, EC2),
    diskGbMonth: unsure(0.08, EBS),
    transferGb: unsure(0.09, EC2),
  },
};

export type PriceName = keyof Prices;

/**
 * What AWS does not charge an account for, month after month, for as long as it exists: shared by everything in the account.
 * What is free in the first year only (API Gateway, EC2, images) is not here.
 */
export const ALWAYS_FREE: Readonly<Partial<Record<PriceName, number>>> = {
  lambdaRequest: MILLION,
  lambdaGbSecond: 400_000,
  dynamoGbMonth: 25,
  schedulerInvocation: 14 * MILLION,
  metricMonth: 10,
  alarmMonth: 10,
  dashboardMonth: 3,
  logGb: 5,
  sqsFifoRequest: MILLION,
  snsPublish: MILLION,
  snsEmail: 1_000,
  transferGb: 100,
};
