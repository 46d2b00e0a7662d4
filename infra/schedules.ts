import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeInvoke } from './bindings.ts';
import { withLogicalId } from './logical-id.ts';

export interface SchedulesProps {
  readonly reconcileOrders: IFunction;
  readonly snapshotBalances: IFunction;
  readonly snapshotEveryMinutes: number;
  readonly pullKlines: IFunction;
  readonly pullEveryMinutes: number;
  /** Takes what could not be started in time. */
  readonly failures: Queue;
}

/** What runs by the clock. A missed run is never made up for: the next one does the same work. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    const { reconcileOrders, snapshotBalances, snapshotEveryMinutes } = props;
    const { pullKlines, pullEveryMinutes, failures } = props;
    super(scope, id);
    const role = withLogicalId(
      new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') }),
      'ScheduleRole',
    );
    const every = (name: string, what: string, minutes: number, target: IFunction): void => {
      acknowledgeInvoke(role, Stack.of(this), target);
      withLogicalId(
        new Schedule(this, name, {
          description: what,
          schedule: ScheduleExpression.rate(Duration.minutes(minutes)),
          target: new LambdaInvoke(target, {
            role,
            retryAttempts: 0,
            maxEventAge: Duration.seconds(60),
            deadLetterQueue: failures,
          }),
        }),
        `${name}Schedule`,
      );
    };
    every('Reconcile', 'Settles every order whose outcome is unknown', 1, reconcileOrders);
    every(
      'Snapshot',
      'Values the account and proves that nothing is missing',
      snapshotEveryMinutes,
      snapshotBalances,
    );
    every('PullKlines', 'Brings all candles up to date', pullEveryMinutes, pullKlines);
  }
}
