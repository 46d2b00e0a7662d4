import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { withLogicalId } from './logical-id.ts';

/** Where runs end that could not be started, came too late or failed: nothing is run again from here, it is looked at. */
export class FailedRuns extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, `${id}Queue`);
    this.queue = withLogicalId(
      new Queue(this, 'Resource', {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      id,
    );
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'It is itself the dead-letter queue, of schedules and of asynchronous invocations; nothing takes from it.',
    });
  }
}
