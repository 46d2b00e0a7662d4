import { CONTRACT } from './contract.ts';
import type { StackModel } from './stack-model.ts';
import { StartError } from './start-error.ts';
import type { Resource } from './template.ts';

/** Before anything is resolved: a missing table is better named as such than as a reference that leads nowhere. */
export const requireTables = (resources: readonly Resource[]): void => {
  for (const name of CONTRACT.tables) {
    if (!resources.some(({ logicalId, type }) => logicalId === name && type === 'AWS::DynamoDB::Table')) {
      throw new StartError(`The template has no table ${name}.`);
    }
  }
};

/** What the design promises. @throws StartError naming what is missing */
export const requireContract = ({ functions, routes, schedules }: StackModel): void => {
  for (const deployable of CONTRACT.deployables) {
    if (!functions.some(({ name }) => name === deployable))
      throw new StartError(`The template has no function ${deployable}.`);
  }
  for (const wanted of CONTRACT.routes) {
    if (!routes.some(({ routeKey }) => routeKey === wanted))
      throw new StartError(`The template has no route ${wanted}.`);
  }
  for (const wanted of CONTRACT.scheduled) {
    if (!schedules.some(({ functionName }) => functionName === wanted))
      throw new StartError(`The template has no schedule for ${wanted}.`);
  }
};

/** Where functions and schedules put what they gave up. @throws StartError when that is no queue of the template */
export const requireQueues = ({ functions, schedules, events }: StackModel): void => {
  const used = [
    ...functions.map(({ logicalId, events: { failures } }) => [logicalId, failures] as const),
    ...schedules.map(({ name, deadLetters }) => [name, deadLetters] as const),
  ];
  for (const [user, arn] of used) {
    if (arn !== undefined && !events.queues.some((queue) => queue.arn === arn))
      throw new StartError(`${user} gives up to ${arn}, which is no queue of the template.`);
  }
};
