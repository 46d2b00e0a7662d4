import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnTable, StreamViewType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentOf } from '../lib/runtime/env.ts';
import type { NotifyEnv, SendNoticeEnv } from '../lib/runtime/notify-env.ts';
import { type Binding, secretName } from './bindings.ts';
import type { NotificationSettings } from './config.ts';
import { withLogicalId } from './logical-id.ts';
import { NodeFunction } from './node-function.ts';
import type { Tables } from './tables.ts';

/** Longest that a message waits for its messenger; `send-notice` gives up long before. */
const KEPT = Duration.days(14);
/** The most that SQS can count: only a message that breaks the function itself ever gets there. */
const MOST_RECEIVES = 1_000;
const SENDER_TIMEOUT = Duration.seconds(15);

const READ_STREAM = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
const TAKE_MESSAGES = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ChangeMessageVisibility',
];

export interface NotificationsProps {
  /** Folder of the entry points. */
  readonly functions: URL;
  readonly settings: NotificationSettings;
  readonly tables: Pick<Tables, 'orders' | 'strategies'>;
  /** Takes alarms that could not be queued. */
  readonly failures: Queue;
}

/**
 * Tells the owner what happened. `notify` follows the writes of orders and strategies and hears the alarms; it puts one message
 * per event and channel into that channel's own queue. `send-notice` empties the queues, each in order and by itself, so that a
 * messenger that is down holds up nothing but its own channel. Without channels `notify` is there and hears nothing.
 */
export class Notifications extends Construct {
  /** Where every alarm goes. */
  readonly alarms: Topic;
  /** What could not be delivered; empty while all is well. Absent without channels. */
  readonly aside: Queue | undefined;
  readonly functions: readonly NodeFunction<unknown>[];

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    const { functions, settings, tables, failures } = props;
    this.alarms = this.#topic();
    if (settings.email) this.alarms.addSubscription(new EmailSubscription(settings.email));
    const { channels } = settings;
    const names = Object.keys(channels);
    const aside = names.length > 0 ? this.#queue('NoticesAside') : undefined;
    this.aside = aside;
    const queues = names.map((name) => ({ name, queue: this.#queue(`${capitalized(name)}Notices`, aside) }));

    const notify = new NodeFunction<EnvironmentOf<typeof NotifyEnv>>(this, 'Notify', {
      functions,
      config: channels,
      deployable: 'notify',
      description: 'One message per event and channel',
      timeout: Duration.seconds(30),
      memorySize: 256,
      failures,
      environment: { CHANNEL_QUEUES: this.#addresses(queues, ['sqs:SendMessage']) },
    });
    this.functions = [notify];
    if (!aside) return;

    this.alarms.addSubscription(new LambdaSubscription(notify.function));
    this.#follow('OrdersToNotify', tables.orders, notify);
    this.#follow('StrategiesToNotify', tables.strategies, notify);

    const sendNotice = new NodeFunction<EnvironmentOf<typeof SendNoticeEnv>>(this, 'SendNotice', {
      functions,
      config: channels,
      deployable: 'send-notice',
      description: 'The messages of each channel to its messenger, in order',
      timeout: SENDER_TIMEOUT,
      memorySize: 256,
      environment: {
        CHANNEL_QUEUES: this.#addresses(queues, TAKE_MESSAGES),
        CHANNEL_TOPICS: this.#mailTopics(channels),
        NOTICES_ASIDE_QUEUE: {
          value: aside.queueUrl,
          grantTo: (role) => void aside.grant(role, 'sqs:SendMessage'),
        },
        NOTIFY_SECRET: secretName(this.#secret()),
      },
    });
    this.functions = [notify, sendNotice];
    for (const { name, queue } of queues) {
      const mapping = new EventSourceMapping(this, `${capitalized(name)}ToSender`, {
        target: sendNotice.function,
        eventSourceArn: queue.queueArn,
        // One at a time: in a batch, those behind a message that failed would lock its group longer than it asked for.
        batchSize: 1,
        reportBatchItemFailures: true,
      });
      // The rights come first: without them Lambda refuses the mapping.
      mapping.node.addDependency(sendNotice);
      withLogicalId(mapping, `${capitalized(name)}ToSender`);
    }
  }

  #topic(): Topic {
    const topic = withLogicalId(
      new Topic(this, 'Alarms', { displayName: 'mexc-serverless', enforceSSL: true }),
      'AlarmTopic',
    );
    // A policy of its own takes the place of the default one, under which the account's alarms could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'].map(
          (service) => new ServicePrincipal(service),
        ),
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  /** A topic for each channel that is e-mail, with its owner's address on it, and the right to publish there. */
  #mailTopics(channels: NotificationSettings['channels']): Binding {
    const topics = Object.entries(channels).flatMap(([name, channel]) => {
      if (channel.kind !== 'email') return [];
      const id = `${capitalized(name)}Mail`;
      const topic = new Topic(this, id, { displayName: 'mexc-serverless', enforceSSL: true });
      topic.addSubscription(new EmailSubscription(channel.address));
      return [{ name, topic: withLogicalId(topic, id) }];
    });
    return {
      value: Stack.of(this).toJsonString(
        Object.fromEntries(topics.map(({ name, topic }) => [name, topic.topicArn])),
      ),
      grantTo: (role) => {
        for (const { topic } of topics) topic.grantPublish(role);
      },
    };
  }

  #queue(id: string, aside?: Queue): Queue {
    return withLogicalId(
      new Queue(this, id, {
        fifo: true,
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: KEPT,
        // AWS's advice: six times what one try may take.
        visibilityTimeout: Duration.seconds(6 * SENDER_TIMEOUT.toSeconds()),
        removalPolicy: RemovalPolicy.DESTROY,
        ...(aside && { deadLetterQueue: { queue: aside, maxReceiveCount: MOST_RECEIVES } }),
      }),
      id,
    );
  }

  /** The channels' queues by name, with the right to do this with them. */
  #addresses(queues: readonly { name: string; queue: Queue }[], actions: readonly string[]): Binding {
    const urls = Object.fromEntries(queues.map(({ name, queue }) => [name, queue.queueUrl]));
    return {
      value: Stack.of(this).toJsonString(urls),
      grantTo: (role) => {
        for (const { queue } of queues) queue.grant(role, ...actions);
      },
    };
  }

  /** Every write of a table to `notify`, in order. A table has a stream only while it is followed. */
  #follow(id: string, table: Table, notify: NodeFunction<unknown>): void {
    const { role } = notify.function;
    const resource = table.node.defaultChild;
    if (!(resource instanceof CfnTable) || !role) throw new Error(`${id} needs a table and a role`);
    resource.streamSpecification = { streamViewType: StreamViewType.NEW_AND_OLD_IMAGES };
    const eventSourceArn = resource.attrStreamArn;
    // Not `grantStreamRead`, which lets the role list the streams of every table.
    Grant.addToPrincipal({ grantee: role, actions: READ_STREAM, resourceArns: [eventSourceArn] });
    const mapping = new EventSourceMapping(this, id, {
      target: notify.function,
      eventSourceArn,
      // LATEST may miss what is written while the mapping is being made or changed.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 25,
      maxRecordAge: Duration.hours(24),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
    });
    mapping.node.addDependency(notify);
    withLogicalId(mapping, id);
  }

  /** Made by hand, since `Secret` would generate a value: an empty one cannot be mistaken for an address. */
  #secret(): ISecret {
    const description =
      'Messengers by channel, {"name": {"botToken","chatId"}} for Telegram, {"name": {"url"}} for others';
    const secret = new CfnSecret(this, 'NotifySecret', { description });
    secret.overrideLogicalId('NotifySecret');
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Messengers give out tokens by hand only, so no rotation function could work. The operator rotates by writing a ' +
        'new value; the function takes it over without a deployment.',
    });
    new CfnOutput(Stack.of(this), 'NotifySecretName', { value: secret.ref, description });
    return Secret.fromSecretCompleteArn(this, 'NotifyByArn', secret.ref);
  }
}

const capitalized = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
