import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { acknowledgeInvoke } from './bindings.ts';
import { withLogicalId } from './logical-id.ts';

export interface SchedulesProps {
  readonly reconcileOrders: IFunction;
}

/** What runs by the clock. A missed run is never made up for: the next one does the same work. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { reconcileOrders }: SchedulesProps) {
    super(scope, id);
    const role = withLogicalId(
      new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') }),
      'ScheduleRole',
    );
    acknowledgeInvoke(role, Stack.of(this), reconcileOrders);
    withLogicalId(
      new Schedule(this, 'ReconcileOrders', {
        description: 'Settles every order whose outcome is unknown',
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        target: new LambdaInvoke(reconcileOrders, {
          role,
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
        }),
      }),
      'ReconcileSchedule',
    );
  }
}
