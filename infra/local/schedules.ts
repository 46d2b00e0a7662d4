import { randomUUID } from 'node:crypto';
import { ACCOUNT, arnOf, REGION } from './aws.ts';
import type { LambdaService } from './lambda-service.ts';
import { nextRun } from './schedule-expression.ts';
import type { ScheduleModel } from './stack-model.ts';

/** What EventBridge Scheduler sends to a function when the schedule has no input of its own. */
export const scheduledEvent = ({ name, input }: ScheduleModel, at: number): string =>
  input ??
  JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ACCOUNT,
    time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [arnOf('scheduler', `schedule/default/${name}`)],
    detail: '{}',
  });

const LONGEST_TIMER = 2_000_000_000;

/**
 * Runs the schedules of the template by the clock; the answer stops them. As on AWS, a run starts whether or not the
 * one before has ended.
 */
export const startSchedules = (
  schedules: readonly ScheduleModel[],
  lambda: Pick<LambdaService, 'invokeAsync'>,
): (() => void) => {
  const timers = new Map<string, NodeJS.Timeout>();
  for (const schedule of schedules) {
    const next = nextRun(schedule.expression);
    const arm = (due: number): void => {
      const pause = Math.max(0, Math.min(due - Date.now(), LONGEST_TIMER));
      const timer = setTimeout(() => {
        if (Date.now() < due) return arm(due);
        lambda.invokeAsync(schedule.functionName, scheduledEvent(schedule, due));
        // After a sleep of the machine the missed runs are not made up for.
        arm(Math.max(next(due), Date.now()));
      }, pause);
      timers.set(schedule.name, timer.unref());
    };
    arm(next(Date.now()));
  }
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };
};
