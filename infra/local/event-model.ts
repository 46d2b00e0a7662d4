import * as z from 'zod';
import { StartError } from './start-error.ts';
import type { ReadAll, Resource } from './template.ts';

const Queue = z.looseObject({
  FifoQueue: z.boolean().default(false),
  ContentBasedDeduplication: z.boolean().default(false),
  VisibilityTimeout: z.coerce.number().default(30),
  MessageRetentionPeriod: z.coerce.number().default(345_600),
  DelaySeconds: z.literal(0, 'delayed queues are not understood').optional(),
  RedrivePolicy: z
    .looseObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() })
    .optional(),
});

const Subscription = z.looseObject({ Protocol: z.string(), TopicArn: z.string(), Endpoint: z.string() });

/** Strict: a setting that would be passed over here would show its effect only after a deployment. */
const Mapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().optional(),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).default('TRIM_HORIZON'),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRecordAgeInSeconds: z.coerce.number().default(-1),
  MaximumRetryAttempts: z.coerce.number().default(-1),
  Tags: z.unknown().optional(),
});

export interface QueueModel {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly contentDeduplication: boolean;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  /** Where messages go that were taken out so often without being deleted. */
  readonly redrive: { readonly arn: string; readonly maxReceives: number } | undefined;
}

export interface TopicModel {
  readonly arn: string;
  /** Names of the functions that have subscribed. */
  readonly functions: readonly string[];
  /** Addresses that have. */
  readonly emails: readonly string[];
}

interface MappingModel {
  readonly name: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** Whether the function says which of a batch failed. */
  readonly partial: boolean;
}

export interface StreamMapping extends MappingModel {
  readonly table: string;
  readonly fromLatest: boolean;
  readonly bisect: boolean;
  /** Undefined: as long as the stream keeps them. */
  readonly maxAgeSeconds: number | undefined;
  /** Undefined: without end. */
  readonly maxRetries: number | undefined;
}

export interface QueueMapping extends MappingModel {
  readonly queue: string;
}

export interface EventModel {
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
  readonly streamMappings: readonly StreamMapping[];
  readonly queueMappings: readonly QueueMapping[];
}

/** How the template is read. */
export interface Reading {
  /** All resources of a type, with their properties resolved and checked. */
  readonly all: ReadAll;
  readonly ref: (resource: Resource) => string;
  readonly arn: (resource: Resource) => string;
  /** Table whose stream has this ARN. */
  readonly tableOfStream: (arn: string) => string | undefined;
  /** Name of the function that a name or ARN leads to. */
  readonly nameOfArn: (target: string, user: string) => string;
  /** Whether a service may invoke a function. */
  readonly mayInvoke: (service: string, functionName: string) => boolean;
}

/** What sends events to functions by itself: streams, queues and topics. */
export const eventModelOf = (reading: Reading): EventModel => {
  const { all, ref, arn, nameOfArn } = reading;
  const queues = all('AWS::SQS::Queue', Queue).map((resource): QueueModel => {
    const { read } = resource;
    const redrive = read.RedrivePolicy;
    return {
      name: resource.logicalId,
      url: ref(resource),
      arn: arn(resource),
      fifo: read.FifoQueue,
      contentDeduplication: read.ContentBasedDeduplication,
      visibilitySeconds: read.VisibilityTimeout,
      retentionSeconds: read.MessageRetentionPeriod,
      redrive: redrive && { arn: redrive.deadLetterTargetArn, maxReceives: redrive.maxReceiveCount },
    };
  });

  const subscriptions = all('AWS::SNS::Subscription', Subscription);
  const topics = all('AWS::SNS::Topic', z.looseObject({})).map((topic): TopicModel => {
    const topicArn = ref(topic);
    const to = (protocol: string) =>
      subscriptions.filter(({ read }) => read.TopicArn === topicArn && read.Protocol === protocol);
    const functions = to('lambda').map(({ logicalId, read }) => nameOfArn(read.Endpoint, logicalId));
    for (const name of functions) {
      if (!reading.mayInvoke('sns.amazonaws.com', name))
        throw new StartError(
          `Topic ${topic.logicalId} may not invoke ${name}: the template has no permission for it.`,
        );
    }
    return { arn: topicArn, functions, emails: to('email').map(({ read }) => read.Endpoint) };
  });

  const streamMappings: StreamMapping[] = [];
  const queueMappings: QueueMapping[] = [];
  for (const { logicalId, read } of all('AWS::Lambda::EventSourceMapping', Mapping)) {
    if (!read.Enabled) continue;
    const common = {
      name: logicalId,
      functionName: nameOfArn(read.FunctionName, logicalId),
      partial: read.FunctionResponseTypes.length > 0,
    };
    const table = reading.tableOfStream(read.EventSourceArn);
    const queue = queues.find((each) => each.arn === read.EventSourceArn);
    if (table !== undefined) {
      const { MaximumRecordAgeInSeconds: age, MaximumRetryAttempts: retries } = read;
      streamMappings.push({
        ...common,
        table,
        batchSize: read.BatchSize ?? 100,
        fromLatest: read.StartingPosition === 'LATEST',
        bisect: read.BisectBatchOnFunctionError,
        maxAgeSeconds: age < 0 ? undefined : age,
        maxRetries: retries < 0 ? undefined : retries,
      });
    } else if (queue) {
      queueMappings.push({ ...common, queue: queue.name, batchSize: read.BatchSize ?? 10 });
    } else {
      throw new StartError(
        `${logicalId} follows ${read.EventSourceArn}, which is no stream or queue of the template.`,
      );
    }
  }
  return { queues, topics, streamMappings, queueMappings };
};
